//! Variables and secrets, and the options that use them.

use dingtalk_sandbox::seed::{CLIENT_ID, CLIENT_SECRET};
use nocobase_dingtalk::store::NewRole;
use serde_json::{Value, json};

use crate::support::roles::new_role;
use crate::support::{Answer, Browser, TestApp};

/// Somebody who may edit variables.
struct Keeper {
    app: TestApp,
    root: String,
}

impl Keeper {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let root = app.root_token().await;
        Self { app, root }
    }

    async fn get(&self, query: &str) -> Answer {
        let path = format!("/api/environmentVariables{query}");
        self.app.browser().get_as(&self.root, &path).await
    }

    async fn post(&self, query: &str, body: Value) -> Answer {
        let path = format!("/api/environmentVariables{query}");
        self.app.browser().post_as(&self.root, &path, body).await
    }

    async fn set(&self, name: &str, kind: &str, value: &str) {
        let body = json!({"name": name, "type": kind, "value": value});
        let answer = self.post(":create", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// Gives the DingTalk authenticator these options and a fresh browser.
    async fn configure(&self, options: Value) -> (Answer, Browser) {
        let path = "/api/authenticators:update?filterByTk=2";
        let body = json!({"options": options});
        let answer = self.app.browser().post_as(&self.root, path, body).await;
        (answer, self.app.browser())
    }
}

#[actix_web::test]
async fn a_variable_lives_from_create_to_destroy() {
    let keeper = Keeper::start().await;
    keeper.set("FOO", "default", "foo").await;
    keeper.set("SEC", "secret", "hunter2").await;
    let listed = keeper.get("").await;
    assert!(!listed.text.contains("hunter2"));
    let rows = listed.json();
    assert_eq!(rows["meta"], json!({"updated": false}));
    let row = |at: usize| {
        (
            rows["data"][at]["name"].clone(),
            rows["data"][at]["value"].clone(),
        )
    };
    assert_eq!(row(0), (json!("FOO"), json!("foo")));
    assert_eq!(row(1), (json!("SEC"), Value::Null));

    let updated = keeper
        .post(":update?filterByTk=FOO", json!({"value": "bar"}))
        .await;
    assert_eq!(updated.json()["data"][0]["value"], "bar");
    assert_eq!(
        keeper.get(":get?filterByTk=FOO").await.json()["data"]["value"],
        "bar"
    );
    assert_eq!(
        keeper.get(":get?filterByTk=foo").await.json()["data"],
        Value::Null
    );
    let path = ":destroy?filterByTk[]=FOO&filterByTk[]=SEC&filterByTk[]=NO";
    assert_eq!(
        keeper.post(path, json!({})).await.json(),
        json!({"data": 2})
    );
    assert_eq!(keeper.get("").await.json()["data"], json!([]));
}

#[actix_web::test]
async fn what_is_no_variable_is_refused() {
    let keeper = Keeper::start().await;
    keeper.set("FOO", "default", "foo").await;
    for (body, message) in [
        (json!({"name": "1-BAD"}), "name validation error"),
        (json!({"name": ""}), "name validation error"),
        (json!({"name": ["A"]}), "name validation error"),
        (json!({"value": "x"}), "name cannot be null"),
        (json!({"name": "FOO"}), "name already exists"),
        (json!({"name": "A", "type": "nope"}), "type is not valid"),
        (
            json!({"name": "A", "value": {"a": 1}}),
            "value is not valid",
        ),
        (
            json!({"name": "A", "value": "a\u{0}b"}),
            "value is not valid",
        ),
        (
            json!({"name": "A", "type": "secret"}),
            "value cannot be null",
        ),
    ] {
        let answer = keeper.post(":create", body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (400, message),
            "{body}"
        );
    }
    for action in [":update", ":destroy"] {
        assert_eq!(keeper.post(action, json!({"value": "x"})).await.status, 400);
    }
    let unknown = keeper
        .post(":update?filterByTk=NO", json!({"value": "x"}))
        .await;
    assert_eq!(unknown.json(), json!({"data": []}));
}

#[actix_web::test]
async fn nobody_reads_a_secret_again() {
    let keeper = Keeper::start().await;
    keeper.set("SEC", "secret", "hunter2").await;
    let name = ["SEC".to_owned()];
    let stored = keeper.app.store().environment_variables(&name).await;
    let stored = stored.unwrap().remove(0).value.unwrap();
    assert!(!stored.contains("hunter2"));

    // An attempt to read a secret by changing its kind, or by guessing.
    let changed = keeper
        .post(":update?filterByTk=SEC", json!({"type": "default"}))
        .await;
    assert_eq!(changed.status, 400, "{}", changed.text);
    let kept = keeper
        .post(":update?filterByTk=SEC", json!({"value": null}))
        .await;
    assert_eq!(kept.json()["data"][0]["value"], Value::Null);
    for path in [
        format!("?filter={{\"value\":\"{stored}\"}}"),
        format!(
            ":get?filter={{\"$or\":[{{\"value.$startsWith\":\"{}\"}}]}}",
            stored.chars().take(4).collect::<String>()
        ),
    ] {
        let found = keeper.get(&path).await.json()["data"].clone();
        assert!(
            found == json!([]) || found == Value::Null,
            "{path}: {found}"
        );
    }
    let one = keeper.get(":get?filterByTk=SEC").await;
    assert_eq!(one.json()["data"]["value"], Value::Null);
    // An attempt to read a secret through the answers about an authenticator.
    let (answer, mut visitor) = keeper
        .configure(json!({"clientId": "ding1", "clientSecret": "x",
            "note": "{{ $env.SEC }}", "public": {"note": "{{ $env.SEC }}"}}))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let public = visitor.get("/api/authenticators:publicList").await;
    for text in [answer.text, public.text] {
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[actix_web::test]
async fn who_is_signed_in_lists_and_who_may_configure_changes() {
    let keeper = Keeper::start().await;
    let body = json!({"username": "bob", "password": "pw"});
    keeper
        .app
        .browser()
        .post_as(&keeper.root, "/api/users:create", body)
        .await;
    let mut browser = keeper.app.browser();
    let bob = browser.sign_in_as("bob", "pw").await;
    let mut browser = keeper.app.browser();
    assert_eq!(
        browser.get("/api/environmentVariables").await.code(),
        "EMPTY_TOKEN"
    );
    assert_eq!(
        browser
            .get_as(&bob, "/api/environmentVariables")
            .await
            .status,
        200
    );
    for path in [
        ":get?filterByTk=A",
        ":create",
        ":update?filterByTk=A",
        ":destroy?filterByTk=A",
    ] {
        let path = format!("/api/environmentVariables{path}");
        let answer = browser.post_as(&bob, &path, json!({"name": "A"})).await;
        assert_eq!(answer.status, 403, "{path}");
    }
}

#[actix_web::test]
async fn credentials_may_stand_in_variables() {
    let keeper = Keeper::start().await;
    let options = json!({"clientId": "{{ $env.DING_ID }}", "clientSecret": "{{$env.DING_SECRET}}",
        "public": {"autoSignup": true}});
    let (answer, mut browser) = keeper.configure(options).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    // The variable is not set yet, and nobody is sent to DingTalk with an incomplete address.
    let refused = browser.try_begin(Value::Null).await;
    assert_eq!(refused.code(), "DINGTALK_MISCONFIGURED", "{}", refused.text);

    keeper.set("DING_ID", "default", CLIENT_ID).await;
    keeper.set("DING_SECRET", "secret", CLIENT_SECRET).await;
    let person = "zhangwei";
    let signed_in = browser.sign_in(&keeper.app.sandbox, person).await;
    assert!(signed_in.session().is_some(), "{}", signed_in.text);

    // Whoever configures authenticators sees the name of the secret.
    let path = "/api/authenticators:get?filterByTk=2";
    let row = keeper.app.browser().get_as(&keeper.root, path).await;
    assert_eq!(
        row.json()["data"]["options"]["clientSecret"],
        "{{$env.DING_SECRET}}"
    );
    assert!(!row.text.contains(CLIENT_SECRET));
}

#[actix_web::test]
async fn who_cannot_give_roles_leads_no_bound_account_to_other_people_by_a_variable() {
    let keeper = Keeper::start().await;
    keeper.set("CLIENT", "default", CLIENT_ID).await;
    keeper.set("OTHER", "default", "x").await;
    let options = json!({"clientId": "{{ $env.CLIENT }}", "clientSecret": CLIENT_SECRET});
    let (configured, _) = keeper.configure(options).await;
    assert_eq!(configured.status, 200, "{}", configured.text);
    let clerk = NewRole {
        strategy: None,
        ..new_role("clerk", json!(["pm.environment-variables"]), &json!([]))
    };
    keeper.app.store().create_role(clerk).await.unwrap();
    let post = async |token: &str, path: &str, body: Value| {
        let path = format!("/api/{path}");
        keeper.app.browser().post_as(token, &path, body).await
    };
    let clerk = json!({"username": "clerk", "password": "pw", "roles": ["clerk"]});
    let made = post(&keeper.root, "users:create", clerk).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let clerk = keeper.app.browser().sign_in_as("clerk", "pw").await;
    let update = |name: &str| format!("environmentVariables:update?filterByTk={name}");
    let other = json!({"value": "dingother"});
    let free = post(&clerk, &update("CLIENT"), other.clone()).await;
    assert_eq!(free.status, 200, "nobody is bound yet: {}", free.text);

    let bound = json!({"authenticator": "dingtalk", "userId": 1, "uuid": "user-lina"});
    let bound = post(&keeper.root, "usersAuthenticators:create", bound).await;
    assert_eq!(bound.status, 200, "{}", bound.text);
    for (token, name, status) in [
        (&clerk, "CLIENT", 403),
        (&clerk, "OTHER", 200),
        (&keeper.root, "CLIENT", 200),
    ] {
        let answer = post(token, &update(name), other.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{name}: {}", answer.text);
    }
    let removed = keeper.post(":destroy?filterByTk=CLIENT", json!({})).await;
    assert_eq!(removed.json()["data"], 1, "{}", removed.text);
    let again = json!({"name": "CLIENT", "value": "dingother"});
    let again = post(&clerk, "environmentVariables:create", again).await;
    assert_eq!(again.status, 403, "{}", again.text);
}
