//! Tests of the options: what is accepted, what is stored, and what people are told.

mod schema;

use super::*;
use serde_json::json;

fn with(key: &str, value: Value) -> Value {
    let mut options = json!({"clientId": "ding1", "clientSecret": "s"});
    options[key] = value;
    options
}

#[test]
fn the_defaults_are_the_strict_ones() {
    let options =
        DingTalkOptions::parse(&json!({"clientId": "ding1", "clientSecret": "s"})).unwrap();
    assert_eq!(options.bind_by, BindBy::UserId);
    assert_eq!(options.link_existing, LinkExisting::Phone);
    assert!(options.members_only);
    assert!(!options.link_administrators && !options.refresh_profile);
    assert!(!options.public.auto_signup);
    assert!(!options.rules().give_power());
    assert_eq!(options.corp_id(), None);
    assert_eq!(options.profile_fields, ProfileField::all());
}

#[test]
fn options_of_before_stay_valid() {
    for (key, value) in [
        ("bindBy", json!("userid")),
        ("bindBy", json!("unionid")),
        ("bindBy", json!("mobile")),
        ("linkExisting", json!("off")),
        ("corpId", json!("")),
        ("corpId", json!(null)),
        ("corpId", json!("dingcorp")),
        ("public", json!({"autoSignup": true, "other": 1})),
        ("unknown", json!({"kept": true})),
    ] {
        let options = with(key, value);
        assert!(DingTalkOptions::parse(&options).is_ok(), "{options}");
        assert!(problems_of(&options).is_empty(), "{options}");
    }
}

#[test]
fn what_is_wrong_is_named_without_its_value() {
    for (options, named) in [
        (json!({"clientId": "ding1"}), "clientSecret"),
        (with("clientSecret", json!(" ")), "clientSecret"),
        (with("clientId", json!("")), "clientId"),
        (with("clientSecret", json!({"hunter2": 1})), "clientSecret"),
        (
            with("public", json!({"autoSignup": "hunter2"})),
            "public.autoSignup",
        ),
        (with("public", json!("hunter2")), "public"),
        (json!("hunter2"), "clientId"),
    ] {
        let text = DingTalkOptions::parse(&options).unwrap_err().to_string();
        assert!(text.contains(named), "{options} gave {text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn each_wrong_value_is_refused_and_so_are_all_at_once() {
    let wrong = [
        ("clientId", json!("a".repeat(129)), "Client ID"),
        ("clientId", json!("ding 1"), "Client ID"),
        ("clientId", json!("钉钉"), "Client ID"),
        ("clientId", json!("https://open.dingtalk.com"), "Client ID"),
        ("clientSecret", json!("a".repeat(257)), "Client Secret"),
        ("clientSecret", json!("a secret"), "Client Secret"),
        ("clientSecret", json!("秘密"), "Client Secret"),
        ("corpId", json!("My Company"), "Corp ID"),
        ("corpId", json!(["a"]), "Corp ID"),
        ("bindBy", json!("email"), "Bind accounts by"),
        (
            "membersOnly",
            json!("yes"),
            "Members of the organization only",
        ),
        ("linkExisting", json!(true), "Link existing accounts"),
        (
            "emailDomains",
            json!("a@example.com"),
            "Email domains that link",
        ),
        (
            "emailDomains",
            json!("*.example.com"),
            "Email domains that link",
        ),
        ("newUserRoles", json!("root"), "Roles of new accounts"),
        (
            "profileFields",
            json!(["password"]),
            "Copied to new accounts",
        ),
        (
            "callbackOrigin",
            json!("http://example.com"),
            "Origin of the Redirect URL",
        ),
        (
            "callbackOrigin",
            json!("https://a@example.com"),
            "Origin of the Redirect URL",
        ),
        (
            "callbackOrigin",
            json!("https://example.com/x"),
            "Origin of the Redirect URL",
        ),
        (
            "callbackOrigin",
            json!("https://example.com?x"),
            "Origin of the Redirect URL",
        ),
        (
            "callbackOrigin",
            json!("javascript:alert(1)"),
            "Origin of the Redirect URL",
        ),
    ];
    let mut all = json!({});
    for (key, value, title) in &wrong {
        let mut options = with(key, value.clone());
        // With these choices every option has a meaning.
        if *key != "linkExisting" {
            options["linkExisting"] = json!("phoneOrEmail");
        }
        if *key != "emailDomains" {
            options["emailDomains"] = json!("example.com");
        }
        options["public"] = json!({"autoSignup": true});
        let problems = problems_of(&options);
        let titles: Vec<_> = problems.iter().map(|problem| problem.title).collect();
        assert_eq!(titles, [*title], "{key} {value}");
        all[*key] = value.clone();
    }
    all["linkExisting"] = json!("phoneOrEmail");
    all["public"] = json!({"autoSignup": true});
    assert_eq!(problems_of(&all).len(), 9);
}

#[test]
fn what_came_with_pasting_is_left_out() {
    let mut options = json!({
        "clientId": "\u{feff}ding１\u{200b}",
        "clientSecret": "\u{202d}s-_\u{202c}\n",
        "corpId": "\u{200e}ｄｉｎｇｃｏｒｐ\u{3000}",
        "linkExisting": "phoneOrEmail",
        "emailDomains": "a.example，\u{200b}b.example",
        "callbackOrigin": "https://noco.example.com\u{200f}",
    });
    let read = DingTalkOptions::parse(&options).unwrap();
    assert_eq!(read.client_id, "ding1");
    assert_eq!(read.client_secret(), "s-_");
    assert_eq!(read.corp_id(), Some("dingcorp"));
    assert_eq!(read.email_domains, ["a.example", "b.example"]);
    assert!(read.callback_origin.is_some());
    tidy(&mut options);
    assert_eq!(options["clientId"], "ding1");
    assert_eq!(options["corpId"], "dingcorp");
    let invisible = with("corpId", json!("\u{200b}"));
    assert_eq!(DingTalkOptions::parse(&invisible).unwrap().corp_id(), None);
}

#[test]
fn a_variable_may_stand_for_what_dingtalk_gives() {
    let options = json!({
        "clientId": "{{ $env.ID }}", "clientSecret": "{{ $env.SECRET }}", "corpId": "{{$env.CORP}}",
    });
    assert_eq!(problems_of(&options), []);
}

#[test]
fn linking_by_mailbox_needs_domains() {
    let mut options = with("linkExisting", json!("phoneOrEmail"));
    let problems = problems_of(&options);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].title, "Email domains that link");
    options["emailDomains"] = json!(" Example.com,, b.example.org ");
    let options = DingTalkOptions::parse(&options).unwrap();
    assert_eq!(options.email_domains, ["example.com", "b.example.org"]);
}

#[test]
fn an_origin_is_https_or_this_machine() {
    for (text, origin) in [
        ("https://Example.com/", "https://example.com"),
        ("http://localhost:13000", "http://localhost:13000"),
        ("http://127.0.0.1:13000", "http://127.0.0.1:13000"),
        ("http://[::1]:13000", "http://[::1]:13000"),
    ] {
        let options = DingTalkOptions::parse(&with("callbackOrigin", json!(text))).unwrap();
        assert_eq!(options.callback_origin.unwrap().as_str(), origin);
    }
}

#[test]
fn what_has_no_meaning_is_not_complained_about_and_counts_for_nothing() {
    for (options, title) in [
        (
            with("emailDomains", json!("no domain")),
            "Email domains that link",
        ),
        (
            with("linkAdministrators", json!("yes")),
            "Also link administrators",
        ),
        (with("newUserRoles", json!("root")), "Roles of new accounts"),
    ] {
        let mut hidden = options.clone();
        hidden["linkExisting"] = json!("off");
        assert_eq!(problems_of(&hidden), [], "{hidden}");
        let read = DingTalkOptions::parse(&hidden).unwrap();
        assert!(read.email_domains.is_empty() && read.new_user_roles.is_empty());
        assert!(!read.link_administrators);
        let mut shown = options;
        shown["linkExisting"] = json!("phoneOrEmail");
        if shown["emailDomains"].is_null() {
            shown["emailDomains"] = json!("example.com");
        }
        shown["public"] = json!({"autoSignup": true});
        let titles: Vec<_> = problems_of(&shown).iter().map(|one| one.title).collect();
        assert_eq!(titles, [title]);
    }
}

#[test]
fn the_organization_is_needed_where_people_are_signed_in_inside_dingtalk() {
    let mut options = with("public", json!({"autoSignIn": true}));
    for missing in [Value::Null, json!(""), json!(" ")] {
        options["corpId"] = missing;
        let titles: Vec<_> = problems_of(&options).iter().map(|one| one.title).collect();
        assert_eq!(titles, ["Corp ID"]);
    }
    options["corpId"] = json!("dingcorp");
    assert_eq!(problems_of(&options), []);
    // The login page does not ask for it.
    let redirect = json!({"autoSignIn": true, "autoSignInBy": "redirect"});
    assert_eq!(problems_of(&with("public", redirect)), []);
    let mut linked = with("linkExisting", json!("phoneOrEmail"));
    for missing in [json!([]), json!(", ,")] {
        linked["emailDomains"] = missing;
        assert_eq!(problems_of(&linked).len(), 1, "{linked}");
    }
}
