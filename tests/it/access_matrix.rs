//! Who may call which action: a test of all actions in the table.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use nocobase_dingtalk::edge::Access;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, TestApp};

/// The least powerful kind of caller who may call an action. More powerful ones may, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Least {
    Anybody,
    Member,
    Admin,
    Root,
}

use Least::{Admin, Anybody, Member, Root};

/// The expected access. An action without a line here makes the test fail: add one that says who
/// may call it.
const EXPECTED: &[(&str, Least)] = &[
    ("apiKeys:create", Admin),
    ("apiKeys:destroy", Admin),
    ("apiKeys:list", Admin),
    ("app:clearCache", Root),
    ("app:getInfo", Anybody),
    ("app:getLang", Anybody),
    ("auth:changePassword", Member),
    ("auth:check", Member),
    ("auth:signIn", Anybody),
    ("auth:signOut", Member),
    ("auth:signUp", Anybody),
    ("auth:syncCookies", Member),
    ("authenticators.users:list", Admin),
    ("authenticators.users:remove", Admin),
    ("authenticators:create", Admin),
    ("authenticators:destroy", Admin),
    ("authenticators:get", Admin),
    ("authenticators:list", Admin),
    ("authenticators:listTypes", Admin),
    ("authenticators:move", Admin),
    ("authenticators:publicList", Anybody),
    ("authenticators:update", Admin),
    ("collections:listMeta", Member),
    ("dataSources:listEnabled", Member),
    ("desktopRoutes:listAccessible", Member),
    ("dingtalk:bind", Member),
    ("dingtalk:binding", Member),
    ("dingtalk:callback", Anybody),
    ("dingtalk:checkConnection", Admin),
    ("dingtalk:getAuthUrl", Anybody),
    ("dingtalk:inAppFailed", Anybody),
    ("dingtalk:inAppSignIn", Anybody),
    ("dingtalk:openapi", Anybody),
    ("dingtalk:optionsSchema", Admin),
    ("dingtalk:overview", Admin),
    ("dingtalk:redirect", Anybody),
    // Everybody may end their own sessions; the action itself checks who may end those of others.
    ("dingtalk:signOutEverywhere", Member),
    ("dingtalk:testConnection", Admin),
    ("dingtalk:unbind", Member),
    ("dingtalkAudit:export", Admin),
    ("dingtalkAudit:list", Admin),
    ("dingtalkDirectory:cancel", Admin),
    ("dingtalkDirectory:departments", Admin),
    ("dingtalkDirectory:destroySource", Admin),
    ("dingtalkDirectory:findings", Admin),
    ("dingtalkDirectory:members", Admin),
    ("dingtalkDirectory:optionsSchema", Admin),
    ("dingtalkDirectory:preview", Admin),
    ("dingtalkDirectory:run", Admin),
    ("dingtalkDirectory:runs", Admin),
    ("dingtalkDirectory:saveSource", Admin),
    ("dingtalkDirectory:sources", Admin),
    ("dingtalkMessages:channels", Admin),
    ("dingtalkMessages:list", Admin),
    ("dingtalkMessages:messageSchema", Member),
    ("dingtalkMessages:optionsSchema", Admin),
    ("dingtalkMessages:saveChannel", Admin),
    ("dingtalkMessages:send", Admin),
    ("dingtalkMessages:sendTest", Admin),
    ("dingtalkPeople:accounts", Admin),
    ("dingtalkPeople:bind", Admin),
    ("dingtalkPeople:endSessions", Admin),
    ("dingtalkPeople:list", Admin),
    ("dingtalkPeople:unbind", Admin),
    ("environmentVariables:create", Admin),
    ("environmentVariables:destroy", Admin),
    ("environmentVariables:get", Admin),
    // It lists names, and values that are not secret.
    ("environmentVariables:list", Member),
    ("environmentVariables:update", Admin),
    ("flowModels:findOne", Member),
    ("flowModels:save", Member),
    ("issuedTokens:list", Root),
    ("pm:add", Admin),
    ("pm:disable", Admin),
    ("pm:enable", Admin),
    ("pm:get", Admin),
    ("pm:list", Admin),
    ("pm:listEnabled", Anybody),
    ("pm:listEnabledV2", Anybody),
    ("pm:remove", Admin),
    ("pm:update", Admin),
    ("roles:check", Member),
    ("roles:list", Admin),
    ("roles:setSystemRoleMode", Admin),
    ("rolesUsers:list", Root),
    ("systemSettings:get", Anybody),
    ("systemSettings:list", Root),
    ("systemSettings:put", Admin),
    ("systemSettings:update", Admin),
    ("tokenBlacklist:list", Root),
    ("tokenControlConfig:get", Admin),
    ("tokenControlConfig:list", Admin),
    ("tokenControlConfig:update", Admin),
    ("uiSchemaTemplates:list", Member),
    ("uiSchemas:getJsonSchema", Member),
    ("users.roles:add", Admin),
    ("users.roles:get", Admin),
    ("users.roles:list", Admin),
    ("users.roles:remove", Admin),
    ("users.roles:set", Admin),
    ("users:create", Admin),
    ("users:destroy", Admin),
    // A member sees only their own account.
    ("users:get", Member),
    ("users:getSystemSettings", Member),
    ("users:list", Member),
    ("users:setDefaultRole", Member),
    ("users:update", Admin),
    ("users:updateLang", Member),
    ("users:updateProfile", Member),
    ("users:updateSystemSettings", Admin),
    ("usersAuthenticators:create", Root),
    ("usersAuthenticators:destroy", Root),
    ("usersAuthenticators:get", Root),
    ("usersAuthenticators:list", Root),
    ("usersAuthenticators:update", Root),
];

/// An account of each kind.
struct People {
    app: TestApp,
    ids: [(Least, Option<i64>); 4],
}

impl People {
    async fn come() -> Self {
        let app = TestApp::start().await;
        let root = app.root_token().await;
        let mut ids = [
            (Anybody, None),
            (Member, None),
            (Admin, None),
            (Root, Some(1)),
        ];
        for (least, id) in &mut ids[1..3] {
            let role = format!("{least:?}").to_lowercase();
            let body = json!({"username": role, "password": "pw", "roles": [role]});
            let answer = app
                .browser()
                .post_as(&root, "/api/users:create", body)
                .await;
            *id = answer.json()["data"]["id"].as_i64();
            assert!(id.is_some(), "{}", answer.text);
        }
        Self { app, ids }
    }

    /// Each call gets a session of its own, because one of the actions ends it.
    async fn call(&self, who: Option<i64>, action: &str) -> Answer {
        let app = &self.app.server.app;
        let mut browser: Browser = self.app.browser();
        let path = path_of(action);
        let Some(id) = who else {
            return browser.post(&path, json!({})).await;
        };
        let token = app.sessions.issue(&app.store, id, "basic").await.unwrap().0;
        let authorization = format!("Bearer {token}");
        // Root also has the lesser roles, so the header names the role.
        let mut headers = vec![("authorization", authorization.as_str())];
        if id == 1 {
            headers.push(("x-role", "root"));
        }
        let answer = browser
            .send(Method::POST, &path, &headers, Some(json!({})))
            .await;
        if action == "dingtalk:signOutEverywhere" {
            // Tokens of the second in which all other sessions ended are refused, too, so the clock
            // moves on.
            self.app.clock.advance(TimeDelta::seconds(1));
        }
        answer
    }
}

/// The address of an action. For an association, it names some row.
fn path_of(action: &str) -> String {
    match action.split_once('.') {
        Some((owner, rest)) => format!("/api/{owner}/1/{rest}"),
        None => format!("/api/{action}"),
    }
}

/// Whether the answer refuses the caller.
fn is_refused(answer: &Answer) -> bool {
    let message = answer.message();
    match answer.status.as_u16() {
        401 => answer.code() == "EMPTY_TOKEN",
        403 => message == "No permissions",
        _ => false,
    }
}

fn actions(app: &TestApp) -> BTreeMap<String, Access> {
    let routes = app.server.opened.routes().iter();
    routes
        .map(|(resource, action, access)| (format!("{resource}:{action}"), access))
        .collect()
}

#[actix_web::test]
async fn each_action_is_open_to_whom_it_should_be_and_to_nobody_else() {
    let people = People::come().await;
    let expected: BTreeMap<_, _> = EXPECTED
        .iter()
        .map(|(action, least)| ((*action).to_owned(), *least))
        .collect();
    let known: Vec<_> = expected.keys().cloned().collect();
    let all: Vec<_> = actions(&people.app).into_keys().collect();
    assert_eq!(
        all, known,
        "an action has no line in this table, or a line no action"
    );
    let mut wrong = Vec::new();
    for (action, least) in &expected {
        for (who, id) in people.ids {
            let answer = people.call(id, action).await;
            assert!(
                !answer.status.is_server_error(),
                "{action} {who:?}: {}",
                answer.text
            );
            if is_refused(&answer) != (who < *least) {
                wrong.push(format!(
                    "{action} {who:?}: {} {}",
                    answer.status, answer.text
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A protected action with a bad token must not be answered as for an anonymous caller.
#[actix_web::test]
async fn a_bad_token_opens_no_protected_action() {
    let people = People::come().await;
    for (action, access) in actions(&people.app) {
        if access == Access::Public {
            continue;
        }
        let mut browser = people.app.browser();
        let answer = browser.post_as("bad", &path_of(&action), json!({})).await;
        assert_eq!(answer.code(), "INVALID_TOKEN", "{action}: {}", answer.text);
        assert_eq!(answer.json()["data"], Value::Null);
    }
}
