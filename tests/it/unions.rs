//! Unions of roles: who may use them, and what they allow.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::roles::new_role;
use crate::support::{Answer, Browser, TestApp};

const CHECK: &str = "/api/roles:check";
const MODE: &str = "/api/roles:setSystemRoleMode";
const DEFAULT_ROLE: &str = "/api/users:setDefaultRole";

struct Office {
    app: TestApp,
    browser: Browser,
    root: String,
}

impl Office {
    async fn open() -> Self {
        let app = TestApp::start().await;
        let browser = app.browser();
        let root = app.root_token().await;
        Self { app, browser, root }
    }

    async fn set_mode(&mut self, mode: &str) {
        let answer = self
            .browser
            .post_as(&self.root, MODE, json!({"roleMode": mode}));
        assert_eq!(answer.await.json(), json!({}));
    }

    /// A new account with these roles, and its token.
    async fn person(&mut self, name: &str, roles: &[&str]) -> String {
        let body = json!({"username": name, "password": "pw", "roles": roles});
        let made = self
            .browser
            .post_as(&self.root, "/api/users:create", body)
            .await;
        assert_eq!(made.status, 200, "{}", made.text);
        let id = made.id();
        self.app.token_of(id).await
    }

    async fn role(&self, name: &'static str, snippets: Value, actions: Value) {
        let role = new_role(name, snippets, &actions);
        self.app.store().create_role(role).await.unwrap();
    }

    /// Sends a request with this role, from a browser without cookies.
    async fn ask_as(&self, token: &str, role: &str, path: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("x-role", role)];
        let mut browser = self.app.browser();
        browser.send(Method::GET, path, &headers, None).await
    }
}

#[actix_web::test]
async fn all_roles_act_together_where_the_mode_allows_it() {
    let mut office = Office::open().await;
    let root = office.root.clone();
    let one = office.ask_as(&root, "__union__", CHECK).await.json();
    assert_eq!(
        (&one["data"]["role"], &one["data"]["roleMode"]),
        (&json!("admin"), &json!("default"))
    );

    office.set_mode("allow-use-union").await;
    let all = office.ask_as(&root, "__union__", CHECK).await.json()["data"].clone();
    assert_eq!(all["roles"], json!(["admin", "member", "root"]));
    assert_eq!(
        (&all["role"], &all["roleMode"]),
        (&json!("__union__"), &json!("allow-use-union"))
    );
    assert_eq!(all["allowConfigure"], true);
    let snippets = all["snippets"].as_array().unwrap();
    assert!(snippets.contains(&json!("pm.*")) && !snippets.contains(&json!("!pm.*")));
    assert!(
        all["strategy"]["actions"]
            .as_array()
            .unwrap()
            .contains(&json!("destroy"))
    );
    // A single role can still be used, and what only root may do is allowed for a union with root.
    let member = office.ask_as(&root, "member", CHECK).await.json();
    assert_eq!(member["data"]["roles"], json!(["member"]));
    let tables = "/api/rolesUsers:list";
    assert_eq!(office.ask_as(&root, "__union__", tables).await.status, 200);
    assert_eq!(office.ask_as(&root, "admin", tables).await.status, 403);

    office.set_mode("only-use-union").await;
    for role in ["", "member", "nobody", "__union__"] {
        let all = office.ask_as(&root, role, CHECK).await.json();
        assert_eq!(all["data"]["role"], "__union__", "{role}");
    }
}

#[actix_web::test]
async fn a_denial_of_one_role_takes_nothing_from_another() {
    let mut office = Office::open().await;
    office.set_mode("allow-use-union").await;
    office
        .role("keeper", json!(["pm.*", "!pm.users"]), json!(["view"]))
        .await;
    office
        .role(
            "writer",
            json!(["!pm", "!pm.*", "!ui.*"]),
            json!(["view:own", "update"]),
        )
        .await;
    let both = office.person("both", &["keeper", "writer"]).await;
    let list = "/api/authenticators:list";
    assert_eq!(office.ask_as(&both, "keeper", list).await.status, 200);
    assert_eq!(office.ask_as(&both, "writer", list).await.status, 403);
    assert_eq!(office.ask_as(&both, "__union__", list).await.status, 200);
    let users = office
        .ask_as(&both, "__union__", "/api/users:list")
        .await
        .json();
    assert_eq!(users["meta"]["count"], 2, "the wider of both views");
    let users = office
        .ask_as(&both, "writer", "/api/users:list")
        .await
        .json();
    assert_eq!(users["meta"]["count"], 0);

    // What none of the roles allows, their union does not allow either: accounts need the area
    // `pm.users`.
    let bearer = format!("Bearer {both}");
    let headers = [("authorization", bearer.as_str()), ("x-role", "__union__")];
    let change = Some(json!({"nickname": "x"}));
    let path = "/api/users:update?filterByTk=2";
    let refused = office
        .app
        .browser()
        .send(Method::POST, path, &headers, change)
        .await;
    assert_eq!(
        (refused.status.as_u16(), refused.message().as_str()),
        (403, "No permissions")
    );
    for path in [
        "/api/pm:list",
        "/api/rolesUsers:list",
        "/api/issuedTokens:list",
    ] {
        assert_eq!(
            office.ask_as(&both, "__union__", path).await.status,
            403,
            "{path}"
        );
    }
    let shown = office.ask_as(&both, "__union__", CHECK).await.json()["data"].clone();
    assert_eq!(
        shown["strategy"],
        json!({"actions": ["view", "view:own", "update"]})
    );
    let snippets = shown["snippets"].as_array().unwrap();
    assert!(snippets.contains(&json!("!pm.users")) && !snippets.contains(&json!("!pm.*")));
}

#[actix_web::test]
async fn the_union_can_be_chosen_for_good() {
    let mut office = Office::open().await;
    office.set_mode("allow-use-union").await;
    let token = office.person("two", &["admin", "member"]).await;
    let mut browser = office.app.browser();
    for _ in 0..2 {
        let chosen = browser
            .post_as(&token, DEFAULT_ROLE, json!({"roleName": "__union__"}))
            .await;
        assert_eq!(chosen.json(), json!({"data": "ok"}));
    }
    assert_eq!(
        office.ask_as(&token, "", CHECK).await.json()["data"]["role"],
        "__union__"
    );
    // The union is not a role: it is in no list, and assigning roles does not remove it.
    let roles = browser.get_as(&token, "/api/auth:check").await.json()["data"]["roles"].clone();
    let names: Vec<_> = roles
        .as_array()
        .unwrap()
        .iter()
        .map(|role| role["name"].clone())
        .collect();
    assert_eq!(names, [json!("admin"), json!("member")]);
    let path = "/api/users/2/roles:set";
    office
        .browser
        .post_as(&office.root, path, json!(["member"]))
        .await;
    let left = office.ask_as(&token, "", CHECK).await.json()["data"].clone();
    assert_eq!(
        (&left["role"], &left["roles"]),
        (&json!("__union__"), &json!(["member"]))
    );
    let one = "/api/users/2/roles/member";
    let one = office.browser.get_as(&office.root, one).await.json();
    assert_eq!(one["data"]["rolesUsers"]["roleName"], "member");
    for no_role in ["__union__", "admin"] {
        let path = format!("/api/users/2/roles/{no_role}");
        let none = office.browser.get_as(&office.root, &path).await.json();
        assert_eq!(none, json!({"data": null}));
    }
    // A new session begins with the union.
    let mut fresh = office.app.browser();
    fresh.sign_in_as("two", "pw").await;
    assert_eq!(fresh.cookies["nb_role_main"].1, "__union__");

    office.set_mode("default").await;
    assert_eq!(
        office.ask_as(&token, "", CHECK).await.json()["data"]["role"],
        "member"
    );
    office.set_mode("allow-use-union").await;
    browser
        .post_as(&token, DEFAULT_ROLE, json!({"roleName": "member"}))
        .await;
    assert_eq!(
        office.ask_as(&token, "", CHECK).await.json()["data"]["role"],
        "member"
    );
}

#[actix_web::test]
async fn a_key_stays_a_key_for_one_role() {
    let mut office = Office::open().await;
    let body = json!({"name": "k", "role": {"name": "member"}, "expiresIn": "1d"});
    let made = office
        .browser
        .post_as(&office.root, "/api/apiKeys:create", body)
        .await;
    let key = made.json()["data"]["token"].as_str().unwrap().to_owned();
    for mode in ["allow-use-union", "only-use-union"] {
        office.set_mode(mode).await;
        let check = office.ask_as(&key, "__union__", CHECK).await.json();
        assert_eq!(check["data"]["role"], "member", "{mode}");
    }
}

#[actix_web::test]
async fn who_keeps_roles_sets_the_mode() {
    let mut office = Office::open().await;
    let admin = office.person("admin", &["admin"]).await;
    let member = office.person("member", &["member"]).await;
    let body = || json!({"roleMode": "allow-use-union"});
    let mut browser = office.app.browser();
    let refused = browser.post_as(&member, MODE, body()).await;
    assert_eq!(
        (refused.status.as_u16(), refused.message().as_str()),
        (403, "No permissions")
    );
    assert_eq!(browser.post(MODE, body()).await.code(), "EMPTY_TOKEN");
    assert_eq!(
        browser.post_as(&admin, MODE, body()).await.json(),
        json!({})
    );
    for wrong in [
        json!({}),
        json!({"roleMode": "all"}),
        json!({"roleMode": null}),
    ] {
        let answer = browser.post_as(&admin, MODE, wrong).await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (400, "Invalid role mode")
        );
    }
    let settings = browser.get("/api/systemSettings:get").await.json();
    assert_eq!(settings["data"]["roleMode"], "allow-use-union");
}

#[actix_web::test]
async fn who_may_only_look_at_roles_unites_none() {
    let mut office = Office::open().await;
    let (look, write) = (json!(["view"]), json!(["view", "update"]));
    office.role("looker", json!(["pm.acl.roles"]), look).await;
    office.role("writer", json!([]), write).await;
    // United, her roles could give her any other.
    let mia = office.person("mia", &["looker", "writer"]).await;
    let bearer = format!("Bearer {mia}");
    for role in ["looker", "writer"] {
        let headers = [("authorization", bearer.as_str()), ("x-role", role)];
        let body = Some(json!({"roleMode": "only-use-union"}));
        let mut browser = office.app.browser();
        let refused = browser.send(Method::POST, MODE, &headers, body).await;
        assert_eq!(
            (refused.status.as_u16(), refused.message().as_str()),
            (403, "No permissions"),
            "{role}"
        );
    }
    let listed = office.ask_as(&mia, "looker", "/api/roles:list").await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    let settings = office.browser.get("/api/systemSettings:get").await.json();
    assert_ne!(settings["data"]["roleMode"], "only-use-union");
}

#[actix_web::test]
async fn a_remembered_union_is_left_in_the_browser() {
    let mut office = Office::open().await;
    let root = format!("Bearer {}", office.root);
    for (mode, role, cookie) in [
        ("default", "admin", true),
        ("allow-use-union", "__union__", false),
    ] {
        office.set_mode(mode).await;
        let headers = [
            ("authorization", root.as_str()),
            ("cookie", "nb_role_main=__union__"),
        ];
        let answer = office
            .app
            .browser()
            .send(Method::GET, CHECK, &headers, None)
            .await;
        assert_eq!(answer.json()["data"]["role"], role);
        assert_eq!(
            answer.header("set-cookie").contains("nb_role_main=admin"),
            cookie
        );
    }
}
