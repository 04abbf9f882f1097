//! One person keeps one account, however their number and address are written.

use nocobase_dingtalk::store::NewUser;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, logs};

fn sign_up() -> Value {
    json!({"public": {"autoSignup": true}})
}

/// Signs somebody in and returns the id of their account.
async fn account_of(app: &TestApp, person: &str) -> i64 {
    let answer = app.browser().sign_in(&app.sandbox, person).await;
    let session = answer.session().unwrap_or_else(|| panic!("{answer:?}"));
    let token = session["token"].as_str().unwrap();
    let check = app.browser().get_as(token, "/api/auth:check").await;
    check.id()
}

#[actix_web::test]
async fn an_account_is_found_however_its_number_is_written() {
    let app = TestApp::with_options(sign_up()).await;
    for (person, mobile, written) in [
        ("zhangwei", "13900000001", "\u{202d}13900000001\u{202c}"),
        ("lina", "13900000002", "139\u{200b}0000\u{2011}0002"),
        (
            "chenjing",
            "13900000003",
            "＋８６　１３９００００\u{2013}０００３",
        ),
        ("sunhao", "13900000004", "'13900000004"),
        ("marie", "13900000005", "13900000005.0"),
    ] {
        let change = json!({"mobile": mobile, "stateCode": "86"});
        app.sandbox.change_person(person, change).await;
        let id = app.create_user(person, Some(written)).await;
        assert_eq!(account_of(&app, person).await, id, "{written:?}");
    }
}

#[actix_web::test]
async fn country_code_and_number_are_joined_when_they_agree() {
    let app = TestApp::with_options(sign_up()).await;
    for (person, country, mobile, written) in [
        ("zhangwei", "852", "852-51234567", "+85251234567"),
        ("lina", "86", "8613900000036", "13900000036"),
        ("chenjing", "86", "86-13912345678", "13912345678"),
        ("sunhao", "44", "07700900123", "+44 7700 900123"),
    ] {
        let change = json!({"mobile": mobile, "stateCode": country});
        app.sandbox.change_person(person, change).await;
        let id = app.create_user(person, Some(written)).await;
        assert_eq!(account_of(&app, person).await, id, "{country} {mobile}");
    }
    // An ambiguous number is ignored, and is not copied to the new account either.
    let change = json!({"mobile": "+65-91234567", "stateCode": "86"});
    app.sandbox.change_person("marie", change).await;
    let id = account_of(&app, "marie").await;
    let account = app.store().user(id).await.unwrap().unwrap();
    assert_eq!(account.phone, None);
    let hint = "the phone number that the organization keeps of them is not understood";
    let line = line_with(&[&format!("account {id} was made for"), hint]);
    assert!(!line.contains("91234567"), "{line}");
}

/// A line with all of these texts: other tests of this process cause lines that are alike.
fn line_with(texts: &[&str]) -> String {
    let logs = logs();
    let mut lines = logs.lines();
    let line = lines.find(|line| texts.iter().all(|text| line.contains(text)));
    line.unwrap_or_else(|| panic!("{texts:?}")).to_owned()
}

#[actix_web::test]
async fn a_second_account_beside_one_that_looks_like_it_is_told_to_the_administrator() {
    let app = TestApp::with_options(sign_up()).await;
    let change = json!({"mobile": "51234567", "stateCode": "852"});
    app.sandbox.change_person("lina", change).await;
    let unclear = app.create_user("Unclear", Some("852-51234567")).await;
    let other = app
        .create_user("Other country", Some("+65 5123 4567"))
        .await;
    app.create_user("Another number", Some("+852 5123 4568"))
        .await;
    let id = account_of(&app, "lina").await;
    assert!(![unclear, other].contains(&id));
    let line = line_with(&[&format!("account {id} was made for"), "user-lina"]);
    assert!(line.starts_with("WARN"), "{line}");
    for part in [
        format!("accounts [{unclear}, {other}]"),
        "\"userId\":\"user-lina\"".to_owned(),
        format!("remove account {id}"),
    ] {
        assert!(line.contains(&part), "{line}");
    }
    assert!(!line.contains("1234567"), "{line}");
}

#[actix_web::test]
async fn who_is_refused_though_an_account_looks_like_theirs_is_told_to_the_administrator() {
    let app = TestApp::start().await;
    let change = json!({"mobile": "51234567", "stateCode": "852"});
    app.sandbox.change_person("chenjing", change).await;
    let unclear = app.create_user("Unclear", Some("(852) 51234567")).await;
    let answer = app.browser().sign_in(&app.sandbox, "chenjing").await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_USER_NOT_FOUND"));
    let accounts = format!("accounts [{unclear}]");
    line_with(&["user-chenjing", "has no account here, though", &accounts]);
}

async fn with_address(app: &TestApp, username: &str, email: &str) -> i64 {
    let user = NewUser {
        username: Some(username.to_owned()),
        email: Some(email.to_owned()),
        ..NewUser::default()
    };
    app.store().create_user(user).await.unwrap().id
}

fn is_taken(answer: &Answer) {
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(answer.message(), "Email already exists", "{}", answer.text);
}

#[actix_web::test]
async fn an_address_is_taken_in_any_case() {
    let app = TestApp::with_options(sign_up()).await;
    let he_fan = with_address(&app, "hefan", "He.Fan@corp.example").await;
    // A sign-in through DingTalk: the address stays with the account that has it.
    let change = json!({"orgEmail": "he.fan@corp.example"});
    app.sandbox.change_person("lina", change).await;
    let lina = account_of(&app, "lina").await;
    assert_ne!(lina, he_fan);
    let account = app.store().user(lina).await.unwrap().unwrap();
    assert_eq!(account.email, None);

    // A sign-up with a password.
    let form = json!([{"field": "username", "show": true}, {"field": "email", "show": true, "required": true}]);
    app.set_password_options(json!({"public": {"allowSignUp": true, "signupForm": form}}))
        .await;
    let body = |email: &str| json!({"username": "eve", "email": email, "password": "pw", "confirm_password": "pw"});
    let taken = app
        .browser()
        .post("/api/auth:signUp", body("HE.FAN@CORP.EXAMPLE"))
        .await;
    is_taken(&taken);
    let other = app
        .browser()
        .post("/api/auth:signUp", body("Eve@corp.example"))
        .await;
    assert_eq!(other.status, 200, "{}", other.text);

    // One's own profile: a colleague's address is refused, one's own in other capitals is accepted.
    let mut browser = app.browser();
    let token = browser.sign_in_as("eve", "pw").await;
    let update = "/api/users:updateProfile";
    let profile = |email: &str| json!({"username": "eve", "email": email});
    is_taken(
        &browser
            .post_as(&token, update, profile("HE.FAN@corp.example"))
            .await,
    );
    let own = browser
        .post_as(&token, update, profile("EVE@corp.example"))
        .await;
    assert_eq!(own.status, 200, "{}", own.text);

    // Changes by administrators.
    let root = app.root_token().await;
    let write = async |path: String, values| app.browser().post_as(&root, &path, values).await;
    let values = json!({"username": "new", "email": "he.FAN@corp.example"});
    is_taken(&write("/api/users:create".to_owned(), values).await);
    let update = |id: i64| format!("/api/users:update?filterByTk={id}");
    is_taken(&write(update(lina), json!({"email": "he.fan@CORP.example"})).await);
    let own = write(update(he_fan), json!({"email": "he.fan@corp.example"})).await;
    assert_eq!(own.status, 200, "{}", own.text);
}

#[actix_web::test]
async fn an_address_finds_its_account_in_any_case() {
    let app = TestApp::start().await;
    let root = app.root_token().await;
    let body = json!({"username": "hefan", "email": "He.Fan@corp.example", "password": "pw"});
    app.browser()
        .post_as(&root, "/api/users:create", body)
        .await;
    for account in ["he.fan@corp.example", "HE.FAN@CORP.EXAMPLE"] {
        app.browser().sign_in_as(account, "pw").await;
    }
    // User names are distinguished as before.
    let body = Some(json!({"account": "HeFan", "password": "pw"}));
    let path = "/api/auth:signIn";
    let answer = app.browser().send(Method::POST, path, &[], body).await;
    assert_eq!(answer.status, 401);
}

/// Accounts from before, or from another program, may have such addresses.
#[actix_web::test]
async fn of_two_spellings_each_finds_its_own_and_a_third_nobody() {
    let app = TestApp::start().await;
    let one = with_address(&app, "one", "he.fan@corp.example").await;
    let other = app.create_user("other", None).await;
    let transaction = app.store().begin().await.unwrap();
    let mut row = transaction.lock_user(other).await.unwrap().unwrap();
    row.email = Some("He.Fan@corp.example".to_owned());
    if transaction.save_user(&row).await.is_err() {
        // This database treats them as equal.
        return;
    }
    transaction.commit().await.unwrap();
    let id = async |account: &str| {
        let found = app.store().user_by_account(account).await.unwrap();
        found.map(|user| user.id)
    };
    assert_eq!(id("he.fan@corp.example").await, Some(one));
    assert_eq!(id("He.Fan@corp.example").await, Some(other));
    assert_eq!(id("HE.FAN@corp.example").await, None);
    // Linking by mailbox does not choose between them.
    let options = json!({"linkExisting": "phoneOrEmail", "emailDomains": "corp.example"});
    let app = TestApp::with_options(options).await;
    let id = with_address(&app, "one", "He.Fan@corp.example").await;
    let change = json!({"orgEmail": "HE.FAN@corp.example", "mobile": null});
    app.sandbox.change_person("lina", change).await;
    assert_eq!(account_of(&app, "lina").await, id);
}

#[actix_web::test]
async fn capitals_do_not_multiply_guesses() {
    let app = TestApp::start().await;
    app.clock.stop();
    let root = app.root_token().await;
    let body = json!({"username": "hefan", "email": "he.fan@corp.example", "password": "pw"});
    app.browser()
        .post_as(&root, "/api/users:create", body)
        .await;
    let mut statuses = Vec::new();
    for at in 0..12 {
        let mut account = "he.fan@corp.example".to_owned();
        let letter = account.remove(at).to_ascii_uppercase();
        account.insert(at, letter);
        let body = Some(json!({"account": account, "password": "wrong"}));
        let path = "/api/auth:signIn";
        let answer = app.browser().send(Method::POST, path, &[], body).await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10..], [429; 2]);
}
