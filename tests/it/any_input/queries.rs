//! The query language: `filter`, `sort`, `page`, `pageSize`, `fields`, `except`, `appends` and
//! `filterByTk`, in all their forms.

use proptest::prelude::*;
use reqwest::Response;
use url::form_urlencoded::Serializer;

use super::{json, one_of, sent, text, try_all};
use crate::support::TestApp;

const LISTS: &[&str] = &[
    "users:list",
    "users:get",
    "users/1/roles:list",
    "roles:list",
    "authenticators:list",
    "authenticators:get",
    "authenticators/basic/users:list",
    "rolesUsers:list",
    "usersAuthenticators:list",
    "issuedTokens:list",
    "tokenBlacklist:list",
    "tokenControlConfig:list",
    "tokenControlConfig:get",
    "apiKeys:list",
    "environmentVariables:list",
    "environmentVariables:get",
    "systemSettings:list",
    "systemSettings:get",
    "pm:list",
    "pm:get",
];

/// Columns of all these tables, including hidden ones, operators, and words that are neither.
const WORDS: &[&str] = &[
    "id",
    "username",
    "nickname",
    "password",
    "resetToken",
    "createdAt",
    "name",
    "enabled",
    "options",
    "snippets",
    "strategy",
    "sort",
    "default",
    "roleName",
    "userId",
    "uuid",
    "meta",
    "jti",
    "signInTime",
    "expiration",
    "config",
    "key",
    "$and",
    "$or",
    "$eq",
    "$ne",
    "$is",
    "$not",
    "$in",
    "$notIn",
    "$includes",
    "$notIncludes",
    "$startsWith",
    "$endsWith",
    "$gt",
    "$gte",
    "$lt",
    "$lte",
    "$empty",
    "$notEmpty",
    "$exists",
    "$nope",
    "id.$in",
    "createdAt.$gt",
    "nickname.$includes",
    "0",
    "7",
    "",
];

fn parameter() -> impl Strategy<Value = (String, String)> {
    let word = || prop_oneof![6 => one_of(WORDS), 1 => text()];
    let path = proptest::collection::vec(word(), 0..5);
    let bracketed = (
        one_of(&["filter", "sort", "fields", "except", "filterByTk", "a"]),
        path,
    )
        .prop_map(|(name, path)| {
            path.iter()
                .fold(name, |name, part| format!("{name}[{part}]"))
        });
    let plain = one_of(&[
        "filter",
        "sort",
        "page",
        "pageSize",
        "paginate",
        "fields",
        "except",
        "appends",
        "filterByTk",
        "tree",
        "locale",
    ]);
    let words = proptest::collection::vec(word(), 0..4).prop_map(|words| words.join(","));
    prop_oneof![
        3 => (Just("filter".to_owned()), json(WORDS).prop_map(|value| value.to_string())),
        3 => (bracketed, prop_oneof![word().boxed(), text()]),
        2 => (plain.clone(), words),
        2 => (plain, text()),
        1 => (one_of(&["page", "pageSize"]), any::<i64>().prop_map(|n| n.to_string())),
    ]
}

/// Queries as clients write them, and queries that nobody would write.
fn query() -> impl Strategy<Value = String> {
    let written = proptest::collection::vec(parameter(), 0..6)
        .prop_map(|pairs| Serializer::new(String::new()).extend_pairs(pairs).finish());
    prop_oneof![9 => written, 1 => "[\\[\\]&=%a-f0-9$+]{0,60}"]
}

async fn ask(app: &TestApp, token: &str, list: &str, query: &str) -> Response {
    // The HTTP client accepts addresses of up to 64 KiB.
    let query = query.get(..60_000).unwrap_or(query);
    let url = app.url(&format!("/api/{list}?{query}"));
    let request = app.browser().http().get(url).bearer_auth(token);
    sent(request.send().await, query)
}

#[test]
fn no_list_breaks() {
    let token = std::sync::OnceLock::new();
    try_all(
        file!(),
        128,
        async || {
            let app = TestApp::start().await;
            token.set(app.root_token().await).unwrap();
            app
        },
        (one_of(LISTS), query()),
        async |app, (list, query)| ask(app, token.get().unwrap(), &list, &query).await,
    );
}

/// Databases have limits of their own, and report them in their own words.
#[actix_web::test]
async fn no_question_is_too_large_for_the_database() {
    let app = TestApp::start().await;
    let token = app.root_token().await;
    let many = |item: &str, times: usize| vec![item; times].join(",");
    let filter = |text: &str| {
        Serializer::new(String::new())
            .append_pair("filter", text)
            .finish()
    };
    for query in [
        filter(&format!(r#"{{"$or":[{}]}}"#, many(r#"{"id":1}"#, 2000))),
        filter(&format!(r#"{{"$and":[{}]}}"#, many(r#"{"id":1}"#, 2000))),
        filter(&format!(
            r#"{{"$or":[{}]}}"#,
            many(r#"{"id.$in":[1,2,3]}"#, 700)
        )),
        filter(&format!(
            r#"{{"nickname.$includes":"{}"}}"#,
            "%".repeat(15_000)
        )),
        filter(&format!(
            r#"{{"nickname.$includes":"{}"}}"#,
            "a".repeat(55_000)
        )),
        format!("filter={{%22id%22:{{%22$in%22:[{}]}}}}", many("1", 30_000)),
        format!("sort={}", many("id", 15_000)),
        format!("sort={}", many("-nickname", 5_000)),
        format!("filterByTk[]={}", vec!["1"; 3000].join("&filterByTk[]=")),
    ] {
        for list in ["users:list", "users:get"] {
            let answer = ask(&app, &token, list, &query).await;
            let status = answer.status().as_u16();
            let text = answer.text().await.unwrap();
            let start = query.get(..60).unwrap_or(&query);
            assert!(
                matches!(status, 200 | 400),
                "{list} {start}: {status} {text}"
            );
        }
    }
}
