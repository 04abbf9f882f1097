//! Generated requests over HTTP, on the database of the test run: whatever is sent, the server must
//! neither fail nor reveal its internals.
//!
//! Inputs that once failed are kept in `regressions` beside each file and are tried first.

mod bodies;
mod headers;
mod queries;

use std::fmt::Debug;

use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use reqwest::Response;
use serde_json::{Map, Value};

use crate::support::TestApp;

/// Texts that only an answer of a database, a library or a broken program contains.
const TELLTALES: [&str; 14] = [
    "sqlite",
    "sqlx",
    "postgres",
    "mysql",
    "mariadb",
    "select ",
    "constraint",
    "syntax error",
    "no such",
    "panicked",
    "thread '",
    ".rs:",
    "/src/",
    "os error",
];

/// Sends this many generated requests to one server.
#[expect(clippy::needless_pass_by_value, reason = "callers write it in place")]
fn try_all<S>(
    source: &'static str,
    cases: u32,
    app: impl AsyncFnOnce() -> TestApp,
    requests: S,
    send: impl AsyncFn(&TestApp, S::Value) -> Response,
) where
    S: Strategy<Value: Clone>,
{
    let config = Config {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        source_file: Some(source),
        // Shrinking sends requests, too, so it is limited.
        max_shrink_iters: 256,
        ..Config::default()
    };
    let system = actix_web::rt::System::new();
    let app = system.block_on(app());
    let outcome = TestRunner::new(config).run(&requests, |request| {
        system
            .block_on(async { judge(send(&app, request).await).await })
            .map_err(TestCaseError::fail)
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let alive = system.block_on(async { app.browser().get("/api/app:getInfo").await });
    assert_eq!(alive.status, 200);
}

/// What is wrong with an answer.
async fn judge(response: Response) -> Result<(), String> {
    let status = response.status();
    let text = response.text().await.map_err(|error| error.to_string())?;
    if status.is_server_error() {
        return Err(format!("{status}: {text}"));
    }
    if !status.is_client_error() {
        return Ok(());
    }
    let lower = text.to_lowercase();
    match TELLTALES.iter().find(|telltale| lower.contains(*telltale)) {
        Some(telltale) => Err(format!("{status} tells of «{telltale}»: {text}")),
        None => Ok(()),
    }
}

/// A strategy that often chooses one of these texts.
fn one_of(texts: &'static [&'static str]) -> BoxedStrategy<String> {
    proptest::sample::select(texts)
        .prop_map(str::to_owned)
        .boxed()
}

/// Texts that somebody chose, and random ones.
fn text() -> BoxedStrategy<String> {
    let known = one_of(&[
        "",
        "0",
        "1",
        "-1",
        "2147483648",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "1e309",
        "NaN",
        "true",
        "null",
        "\0",
        "a\0b",
        "%",
        "_",
        "!",
        "\\",
        "'",
        "\"",
        "' or 1=1 --",
        "2026-11-22T16:27:45.139Z",
        "0000-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2016-12-31T23:59:60Z",
        "root",
        "basic",
        "dingtalk",
        "\u{202e}nimda",
        "а\u{200b}dmin",
        "\u{feff}",
        "\u{10ffff}",
        "{}",
        "[]",
        "..",
        "../../etc/passwd",
        "7b0a4bd2-6c8f-4c1e-9f7e-0a7a1c1d0e11",
    ]);
    prop_oneof![
        4 => known,
        2 => any::<String>(),
        1 => "[0-9]{1,25}",
        1 => (".", 1..3000_usize).prop_map(|(text, times)| text.repeat(times)),
    ]
    .boxed()
}

/// Random JSON that also uses these keys.
fn json(keys: &'static [&'static str]) -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    let key = prop_oneof![8 => one_of(keys), 1 => text()];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        let fields = proptest::collection::vec((key.clone(), inner.clone()), 0..6);
        prop_oneof![
            proptest::collection::vec(inner, 0..6).prop_map(Value::from),
            fields.prop_map(|fields| Value::Object(Map::from_iter(fields))),
        ]
    })
    .boxed()
}

/// The response, or a panic that names the request.
fn sent<T: Debug>(response: reqwest::Result<Response>, what: T) -> Response {
    response.unwrap_or_else(|error| panic!("no answer to {what:?}: {error}"))
}
