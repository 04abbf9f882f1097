//! Secrets are in no answer: of no action, for no role, with no query.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::user;
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

const SIGNING_SECRET: &str = "the-signing-secret-of-this-test";

/// A server with one secret of each kind.
struct Safe {
    app: TestApp,
    /// The name and value of each secret.
    secrets: Vec<(String, String)>,
    /// The callers: nobody, a member, an administrator, root.
    who: [Option<i64>; 4],
}

impl Safe {
    async fn fill() -> Self {
        let key = format!("--app-key={SIGNING_SECRET}");
        let options = json!({"public": {"autoSignup": true}});
        let app = TestApp::with_flags(&[&key], options).await;
        let mut browser = app.browser();
        let root = app.root_token().await;
        for role in ["member", "admin"] {
            let body =
                json!({"username": role, "password": format!("pw-of-{role}"), "roles": [role]});
            let made = app
                .browser()
                .post_as(&root, "/api/users:create", body)
                .await;
            assert_eq!(made.status, 200, "{}", made.text);
        }
        let body = json!({"name": "k", "role": {"name": "root"}, "expiresIn": "1d"});
        let made = browser.post_as(&root, "/api/apiKeys:create", body).await;
        let api_key = made.json()["data"]["token"].as_str().unwrap().to_owned();
        // Somebody has signed in through DingTalk, and another sign-in is pending.
        let mut lina = app.browser();
        let session = lina.sign_in(&app.sandbox, "lina").await.session().unwrap();
        let mut on_the_way = app.browser();
        on_the_way.begin(Value::Null).await;
        let mut secrets = vec![
            (
                "client secret",
                dingtalk_sandbox::seed::CLIENT_SECRET.to_owned(),
            ),
            ("signing secret", SIGNING_SECRET.to_owned()),
            ("API key", api_key),
            ("root's token", root),
            (
                "lina's token",
                session["token"].as_str().unwrap().to_owned(),
            ),
            (
                "sign-in cookie",
                on_the_way.cookies[&on_the_way.attempts()[0]].1.clone(),
            ),
            ("password", "pw-of-admin".to_owned()),
        ];
        let connection = app.database.connect().await;
        for row in user::Entity::find().all(&connection).await.unwrap() {
            secrets.extend(row.password.map(|hash| ("password hash", hash)));
            secrets.extend(row.reset_token.map(|token| ("reset token", token)));
        }
        connection.into_inner().close().await.unwrap();
        assert!(
            secrets
                .iter()
                .filter(|(name, _)| *name == "password hash")
                .count()
                >= 3
        );
        let secrets = secrets
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        Self {
            secrets: secrets.collect(),
            app,
            who: [None, Some(2), Some(3), Some(1)],
        }
    }

    async fn ask(
        &self,
        who: Option<i64>,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let app = &self.app.server.app;
        // Each request gets a session of its own, because one of the actions ends it.
        let mut headers = Vec::new();
        let authorization;
        if let Some(id) = who {
            let token = app.sessions.issue(&app.store, id, "basic").await.unwrap().0;
            authorization = format!("Bearer {token}");
            headers.push(("authorization", authorization.as_str()));
        }
        if who == Some(1) {
            headers.push(("x-role", "root"));
        }
        let answer = self.app.browser().send(method, path, &headers, body).await;
        if path.contains("signOutEverywhere") {
            // Tokens of the second in which all other sessions ended are refused, too, so the clock
            // moves on.
            self.app.clock.advance(TimeDelta::seconds(1));
        }
        answer
    }

    /// The secrets in an answer.
    fn told(&self, answer: &Answer) -> Vec<&str> {
        let headers = answer.headers.iter().map(|(name, value)| {
            format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()))
        });
        let all = headers.collect::<String>() + &answer.text;
        let told = self
            .secrets
            .iter()
            .filter(|(_, secret)| all.contains(secret.as_str()));
        told.map(|(name, _)| name.as_str()).collect()
    }
}

/// Requests for an action: without parameters, for each kind of key, and for hidden columns.
fn questions(resource: &str, action: &str) -> Vec<String> {
    let row = match resource.split_once('.') {
        Some(("users", name)) => format!("users/4/{name}"),
        Some((owner, name)) => format!("{owner}/dingtalk/{name}"),
        None => resource.to_owned(),
    };
    let keys = ["1", "4", "dingtalk"].map(|key| format!("filterByTk={key}"));
    let others = [
        "paginate=false&sort=-id&tree=true&filter={}",
        "fields=password,resetToken,options,token",
        "fields[]=options",
        "appends=options,password,roles,authenticators,createdBy&except=",
    ];
    let queries = keys.into_iter().chain(others.map(str::to_owned));
    queries
        .map(|query| format!("/api/{row}:{action}?{query}"))
        .collect()
}

/// Actions that change something are called after those that only read.
fn is_change(action: &str) -> bool {
    !["list", "get", "check", "find", "public"]
        .iter()
        .any(|word| action.starts_with(word))
}

#[actix_web::test]
async fn no_action_tells_a_secret() {
    let safe = Safe::fill().await;
    let routes = safe.app.server.opened.routes().iter();
    let actions: BTreeSet<_> = routes
        .map(|(resource, action, _)| (is_change(action), resource, action))
        .collect();
    assert!(actions.len() > 60);
    let mut told = Vec::new();
    for (change, resource, action) in actions {
        for who in safe.who {
            for path in questions(resource, action) {
                // Actions that change something are called once for each row, with values that
                // could make them answer with the whole row.
                let answer = if change {
                    let body = json!({"nickname": "x", "title": "x", "options": {}});
                    safe.ask(who, Method::POST, &path, Some(body)).await
                } else {
                    safe.ask(who, Method::GET, &path, None).await
                };
                assert!(
                    !answer.status.is_server_error(),
                    "{path} {who:?}: {}",
                    answer.text
                );
                let names = safe.told(&answer);
                if !names.is_empty() {
                    told.push(format!("{path} {who:?}: {names:?}"));
                }
            }
        }
    }
    assert!(told.is_empty(), "{told:#?}");
}
