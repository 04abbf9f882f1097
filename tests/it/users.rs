//! Accounts, as administrators manage them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::roles::new_role;
use crate::support::{Answer, Browser, TestApp};

/// The root account, and somebody with the admin role (id 2).
struct Office {
    app: TestApp,
    browser: Browser,
    root: String,
    admin: String,
}

impl Office {
    async fn open() -> Self {
        let app = TestApp::start().await;
        let mut browser = app.browser();
        let root = app.root_token().await;
        let body =
            json!({"username": "ada", "nickname": "Ada", "password": "pw", "roles": ["admin"]});
        let answer = browser.post_as(&root, "/api/users:create", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let admin = browser.sign_in_as("ada", "pw").await;
        Self {
            app,
            browser,
            root,
            admin,
        }
    }

    async fn root_post(&mut self, path: &str, body: Value) -> Answer {
        // The browser has no cookies, because one would choose the role.
        self.app.browser().post_as(&self.root, path, body).await
    }

    async fn admin_post(&mut self, path: &str, body: Value) -> Answer {
        self.app.browser().post_as(&self.admin, path, body).await
    }

    /// Creates a role for accounts, without the settings area of roles.
    async fn create_desk(&self) {
        let actions = json!(["create", "view", "update", "destroy"]);
        let desk = new_role("desk", json!(["pm.users"]), &actions);
        self.app.store().create_role(desk).await.unwrap();
    }

    /// The accounts with which whoever has this token may do something, by action.
    async fn allowed_actions(&self, token: &str) -> Value {
        let bearer = format!("Bearer {token}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("x-with-acl-meta", "true"),
        ];
        let mut browser = self.app.browser();
        let listed = browser.send(Method::GET, "/api/users:list", &headers, None);
        listed.await.json()["meta"]["allowedActions"].clone()
    }

    async fn roles_of(&mut self, id: i64) -> Vec<String> {
        let answer = self
            .app
            .browser()
            .get_as(&self.root, &format!("/api/users/{id}/roles"))
            .await;
        let rows = answer.json()["data"].as_array().unwrap().clone();
        rows.iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[actix_web::test]
async fn an_account_lives_from_create_to_destroy() {
    let mut office = Office::open().await;
    let body = json!({
        "username": "bob", "nickname": "Bob", "email": "bob@x.io", "phone": "13800000002",
        "password": "pw", "id": 99, "createdById": 7, "resetToken": "x",
    });
    let created = office.admin_post("/api/users:create", body).await;
    let row = created.json()["data"].clone();
    assert_eq!(
        (&row["id"], &row["createdById"]),
        (&json!(3), &json!(2)),
        "{}",
        created.text
    );
    for hidden in ["password", "resetToken", "sort", "roles"] {
        assert!(row.get(hidden).is_none(), "{hidden}");
    }
    assert_eq!(office.roles_of(3).await, ["member"]);
    let bob = office.browser.sign_in_as("bob", "pw").await;

    let changed = json!({"nickname": "Robert", "phone": "", "password": "new", "appLang": "zh-CN"});
    let updated = office
        .admin_post("/api/users:update?filterByTk=3", changed)
        .await;
    let row = updated.json()["data"][0].clone();
    assert_eq!(
        (&row["nickname"], &row["phone"], &row["appLang"]),
        (&json!("Robert"), &Value::Null, &json!("zh-CN"))
    );
    assert_eq!(row["username"], "bob", "what is not sent stays");
    assert!(row["passwordChangeTz"].is_i64());
    assert_eq!(
        office
            .app
            .browser()
            .get_as(&bob, "/api/auth:check")
            .await
            .code(),
        "INVALID_TOKEN"
    );
    office.app.clock.advance(chrono::TimeDelta::seconds(1));
    let bob = office.browser.sign_in_as("bob", "new").await;

    let path = "/api/users:destroy?filterByTk[]=3&filterByTk[]=99";
    assert_eq!(
        office.admin_post(path, json!({})).await.json(),
        json!({"data": 1})
    );
    assert_eq!(
        office
            .app
            .browser()
            .get_as(&bob, "/api/auth:check")
            .await
            .code(),
        "NOT_EXIST_USER"
    );
    assert_eq!(office.roles_of(3).await, [""; 0]);
}

#[actix_web::test]
async fn values_that_are_taken_are_named_and_nothing_is_half_written() {
    let mut office = Office::open().await;
    let body = json!({"username": "bob", "email": "b@x.io", "phone": "1"});
    office.root_post("/api/users:create", body).await;
    for (body, message) in [
        (json!({"username": "bob"}), "Username already exists"),
        (
            json!({"username": "c", "email": "b@x.io"}),
            "Email already exists",
        ),
        (
            json!({"username": "c", "phone": "1"}),
            "Phone already exists",
        ),
    ] {
        let created = office.root_post("/api/users:create", body.clone()).await;
        assert_eq!(
            (created.status.as_u16(), created.message().as_str()),
            (400, message),
            "{body}"
        );
        let updated = office
            .root_post("/api/users:update?filterByTk=2", body)
            .await;
        assert_eq!(
            (updated.status.as_u16(), updated.message().as_str()),
            (400, message)
        );
    }
    let ada = office
        .app
        .browser()
        .get_as(&office.root, "/api/users/2")
        .await
        .json();
    assert_eq!(
        (&ada["data"]["username"], &ada["data"]["email"]),
        (&json!("ada"), &Value::Null)
    );
    assert_eq!(office.app.count_users().await, 3);
    for body in [
        json!({"username": ["x"]}),
        json!({"roles": "admin"}),
        json!({"nickname": "n".repeat(256)}),
        json!({"email": {"$ne": 1}}),
    ] {
        assert_eq!(
            office
                .root_post("/api/users:create", body.clone())
                .await
                .status,
            400,
            "{body}"
        );
    }
}

#[actix_web::test]
async fn nobody_becomes_root_by_the_grace_of_an_administrator() {
    let mut office = Office::open().await;
    for (path, body) in [
        (
            "/api/users:create",
            json!({"username": "x", "roles": ["root"]}),
        ),
        (
            "/api/users:update?filterByTk=2",
            json!({"roles": [{"name": "root"}]}),
        ),
        ("/api/users/2/roles:add", json!(["root"])),
        ("/api/users/2/roles:set", json!(["member", "root"])),
        (
            "/api/users:update?filterByTk=1",
            json!({"password": "mine"}),
        ),
        (
            "/api/users:update?filterByTk=1",
            json!({"email": "mine@x.io"}),
        ),
        ("/api/users:destroy?filterByTk=1", json!({})),
        ("/api/users/1/roles:set", json!(["member"])),
        ("/api/users/1/roles:remove", json!(["admin"])),
    ] {
        let answer = office.admin_post(path, body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (403, "No permissions"),
            "{path} {body}"
        );
    }
    assert_eq!(
        office
            .root_post("/api/users:destroy?filterByTk=1", json!({}))
            .await
            .status,
        403
    );
    assert_eq!(
        office
            .root_post("/api/users/1/roles:set", json!(["member"]))
            .await
            .status,
        200
    );
    assert_eq!(
        office.roles_of(1).await,
        ["member", "root"],
        "root cannot be lost either"
    );
    assert_eq!(office.roles_of(2).await, ["admin"]);
    let me = office.browser.sign_in_as("nocobase", "admin123").await;
    assert_eq!(
        office
            .app
            .browser()
            .get_as(&me, "/api/auth:check")
            .await
            .status,
        200
    );
}

#[actix_web::test]
async fn roles_are_given_and_taken_at_once() {
    let mut office = Office::open().await;
    let is_admin = async |office: &mut Office| {
        let answer = office
            .app
            .browser()
            .get_as(&office.admin, "/api/users")
            .await;
        answer.json()["meta"]["count"].as_u64().unwrap_or_default() > 0
    };
    assert!(is_admin(&mut office).await);
    for (action, names, expected) in [
        ("add", json!(["member"]), vec!["admin", "member"]),
        ("add", json!(["member", "nobody"]), vec!["admin", "member"]),
        ("remove", json!(["admin"]), vec!["member"]),
        ("set", json!([{"name": "admin"}]), vec!["admin"]),
        ("set", json!([]), vec![]),
    ] {
        let answer = office
            .root_post(&format!("/api/users/2/roles:{action}"), names.clone())
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (200, "{}"),
            "{action} {names}"
        );
        assert_eq!(office.roles_of(2).await, expected, "{action} {names}");
    }
    assert_eq!(
        office
            .app
            .browser()
            .get_as(&office.admin, "/api/auth:check")
            .await
            .code(),
        "USER_HAS_NO_ROLES_ERR"
    );
    let answer = office
        .root_post(
            "/api/users:update?filterByTk=2",
            json!({"roles": ["member"]}),
        )
        .await;
    assert_eq!(answer.json()["data"][0]["roles"][0]["name"], "member");
    assert!(
        !is_admin(&mut office).await,
        "a member sees no accounts of others"
    );
}

#[actix_web::test]
async fn members_see_nothing_and_change_nothing() {
    let mut office = Office::open().await;
    office
        .root_post("/api/users/2/roles:set", json!(["member"]))
        .await;
    let list = office
        .app
        .browser()
        .get_as(&office.admin, "/api/users")
        .await
        .json();
    assert_eq!(
        (&list["data"], &list["meta"]["count"]),
        (&json!([]), &json!(0))
    );
    for path in [
        "/api/users:get?filterByTk=1",
        "/api/users:get?filterByTk=2",
        "/api/users:get",
    ] {
        let answer = office.app.browser().get_as(&office.admin, path).await;
        assert_eq!(answer.json(), json!({"data": null}), "{path}");
    }
    for path in [
        "users:create",
        "users:update?filterByTk=2",
        "users:destroy?filterByTk=2",
        "users/2/roles:add",
        "users/2/roles:list",
        "roles:list",
    ] {
        let answer = office.admin_post(&format!("/api/{path}"), json!({})).await;
        assert_eq!(answer.status, 403, "{path}");
        let answer = office
            .browser
            .post(&format!("/api/{path}"), json!({}))
            .await;
        assert_eq!(answer.code(), "EMPTY_TOKEN", "{path}");
    }
}

#[actix_web::test]
async fn lists_show_what_is_asked_for_and_never_a_password() {
    let office = Office::open().await;
    let get = async |path: &str| office.app.browser().get_as(&office.admin, path).await;
    let fields = "fields[]=id&fields[]=password&fields[]=resetToken";
    assert_eq!(
        get(&format!("/api/users:get?filterByTk=1&{fields}"))
            .await
            .json(),
        json!({"data": {"id": 1}})
    );
    let with_roles = get("/api/users:get?filterByTk=2&appends[]=roles")
        .await
        .json();
    assert_eq!(with_roles["data"]["roles"][0]["name"], "admin");
    let sorted = get("/api/users?sort=-id&pageSize=1").await.json();
    assert_eq!(sorted["data"][0]["username"], "ada");
    // A value that can be compared can be guessed, character by character.
    for query in [
        "filter[password.$includes]=a",
        "sort=password",
        "filter[resetToken.$notEmpty]=1",
    ] {
        assert_eq!(
            get(&format!("/api/users?{query}")).await.status,
            400,
            "{query}"
        );
    }
    let roles = get("/api/roles").await.json();
    let names: Vec<_> = roles["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].clone())
        .collect();
    assert_eq!(names, ["admin", "member", "root"]);
}

#[actix_web::test]
async fn fifty_accounts_of_one_name_at_once_are_one() {
    let office = Office::open().await;
    let mut browsers: Vec<_> = (0..50).map(|_| office.app.browser()).collect();
    let body = json!({"username": "same"});
    let bearer = format!("Bearer {}", office.root);
    let headers = [("authorization", bearer.as_str())];
    let requests = browsers.iter_mut().map(|browser| {
        browser.send(
            Method::POST,
            "/api/users:create",
            &headers,
            Some(body.clone()),
        )
    });
    let answers = futures_util::future::join_all(requests).await;
    let created = answers.iter().filter(|answer| answer.status == 200).count();
    let refused = answers
        .iter()
        .filter(|answer| answer.message() == "Username already exists")
        .count();
    assert_eq!((created, refused), (1, 49));
}

#[actix_web::test]
async fn a_role_for_data_has_no_power_over_accounts() {
    use entity::role;
    use sea_orm::ActiveValue::Set;
    let mut office = Office::open().await;
    // A role for data: all actions, and no settings area.
    let changed = role::ActiveModel {
        name: Set("member".to_owned()),
        strategy: Set(Some(
            json!({"actions": ["create", "view", "update", "destroy"]}),
        )),
        ..Default::default()
    };
    office.app.write(changed).await;
    office
        .root_post("/api/users/2/roles:set", json!(["member"]))
        .await;
    for (path, body) in [
        (
            "/api/users:update?filterByTk=2",
            json!({"roles": ["admin"]}),
        ),
        (
            "/api/users:create",
            json!({"username": "x", "roles": ["admin"]}),
        ),
        ("/api/users:destroy?filterByTk=2", json!({})),
        ("/api/users/2/roles:add", json!(["admin"])),
    ] {
        assert_eq!(office.admin_post(path, body).await.status, 403, "{path}");
    }
    assert_eq!(office.roles_of(2).await, ["member"]);
}

#[actix_web::test]
async fn who_may_not_change_roles_gives_and_takes_no_power() {
    let mut office = Office::open().await;
    office.create_desk().await;
    let mut ids = Vec::new();
    for (username, role) in [("mia", "desk"), ("bob", "member")] {
        let body = json!({"username": username, "password": "pw", "roles": [role]});
        let created = office.root_post("/api/users:create", body).await;
        ids.push(created.id());
    }
    let (mia, bob) = (ids[0], ids[1]);
    let token = office.app.browser().sign_in_as("mia", "pw").await;
    let create = || "/api/users:create".to_owned();
    let update = |id: i64| format!("/api/users:update?filterByTk={id}");
    let destroy = |id: i64| format!("/api/users:destroy?filterByTk={id}");
    let admin = json!({"username": "eva", "roles": ["admin"]});
    let member = json!({"username": "eva", "roles": ["member"]});
    let same = json!({"nickname": "Bob", "roles": [{"name": "member"}]});
    for (path, body, status) in [
        (update(mia), json!({"roles": ["admin"]}), 403),
        (update(mia), json!({"roles": ["admin", "desk"]}), 403),
        (update(bob), json!({"roles": ["admin"]}), 403),
        (update(bob), json!({"roles": []}), 403),
        (create(), admin, 403),
        (update(2), json!({"password": "stolen"}), 403),
        (update(2), json!({"phone": "13800000002"}), 403),
        (destroy(2), json!({}), 403),
        // What a role for accounts is for. Clients send the roles with every change.
        (create(), member, 200),
        (update(mia), json!({"nickname": "Mia"}), 200),
        (update(bob), same, 200),
        (update(bob), json!({"password": "new"}), 200),
        (destroy(bob), json!({}), 200),
    ] {
        let answer = office.app.browser().post_as(&token, &path, body).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text);
    }
    assert_eq!(office.roles_of(mia).await, ["desk"]);
    office.app.browser().sign_in_as("ada", "pw").await;

    // Clients learn beforehand which accounts are left to others.
    let allowed = office.allowed_actions(&token).await;
    for action in ["update", "destroy"] {
        let keys = allowed[action].as_array().unwrap();
        assert!(keys.contains(&json!(mia)), "{allowed}");
        assert!(
            !keys.contains(&json!(1)) && !keys.contains(&json!(2)),
            "{allowed}"
        );
    }
}

#[actix_web::test]
async fn a_key_of_one_role_changes_no_account_of_its_owner_who_has_others() {
    let mut office = Office::open().await;
    office.create_desk().await;
    let ada = "/api/users:update?filterByTk=2";
    let both = json!({"roles": ["admin", "desk"]});
    let given = office.root_post(ada, both).await;
    assert_eq!(given.status, 200, "{}", given.text);
    let form = json!({"name": "k", "role": {"name": "desk"}, "expiresIn": "1d"});
    let made = office.admin_post("/api/apiKeys:create", form).await;
    let key = made.json()["data"]["token"].as_str().map(str::to_owned);
    let key = key.expect(&made.text);
    let bob = json!({"username": "bob", "password": "pw"});
    let bob = office.root_post("/api/users:create", bob).await;
    assert_eq!(bob.json()["data"]["id"], 3, "{}", bob.text);
    for (path, body, status) in [
        (ada, json!({"password": "stolen"}), 403),
        (ada, json!({"phone": "13800000002"}), 403),
        ("/api/users:destroy?filterByTk=2", json!({}), 403),
        (
            "/api/users:updateProfile",
            json!({"username": "ada", "email": "thief@corp.example"}),
            403,
        ),
        ("/api/users:updateLang", json!({"appLang": "zh-CN"}), 403),
        (
            "/api/users:setDefaultRole",
            json!({"roleName": "desk"}),
            403,
        ),
        ("/api/dingtalk:signOutEverywhere", json!({}), 403),
        ("/api/dingtalk:signOutEverywhere", json!({"userId": 2}), 403),
        // What the key is for.
        (
            "/api/users:update?filterByTk=3",
            json!({"password": "new"}),
            200,
        ),
    ] {
        let answer = office.app.browser().post_as(&key, path, body).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text);
    }
    let check = "/api/auth:check";
    let kept = office.app.browser().get_as(&office.admin, check).await;
    assert_eq!(kept.status, 200, "her session goes on: {}", kept.text);
    let kept = kept.json()["data"].clone();
    assert_eq!(
        (&kept["email"], &kept["appLang"]),
        (&Value::Null, &Value::Null)
    );
    office.app.browser().sign_in_as("ada", "pw").await;

    // Programs learn beforehand which accounts are left to others.
    let allowed = office.allowed_actions(&key).await;
    for action in ["update", "destroy"] {
        assert_eq!(allowed[action], json!([3]), "{allowed}");
    }
}

/// A condition about other rows could be answered by whether there is an answer.
#[actix_web::test]
async fn who_sees_accounts_of_their_own_asks_nothing_about_others() {
    let mut office = Office::open().await;
    let actions = json!(["create", "view:own"]);
    let desk = new_role("desk", json!(["pm.users"]), &actions);
    office.app.store().create_role(desk).await.unwrap();
    let clerk = json!({"username": "clerk", "password": "pw", "roles": ["desk"]});
    office.root_post("/api/users:create", clerk).await;
    let clerk = office.app.browser().sign_in_as("clerk", "pw").await;
    let body = json!({"username": "theirs", "password": "pw"});
    let mut browser = office.app.browser();
    let made = browser.post_as(&clerk, "/api/users:create", body).await;
    let theirs = made.id();
    let body = json!({"username": "hidden", "password": "pw"});
    let hidden = office.root_post("/api/users:create", body).await.id();
    for guess in ["hid", "nobody"] {
        let of_hidden = json!({"$and": [{"id": hidden}, {"username.$startsWith": guess}]});
        let filter = json!({"$or": [of_hidden, {"id": theirs}]});
        for (sort, action) in [("id", "get"), ("-id", "get"), ("-id", "list")] {
            let path = format!("/api/users:{action}?sort={sort}&filter={filter}");
            let told = office.app.browser().get_as(&clerk, &path).await;
            let data = told.json()["data"].clone();
            let row = if action == "list" { &data[0] } else { &data };
            assert_eq!(row["id"], theirs, "{guess} {sort} {action}: {}", told.text);
        }
    }
    let path = format!("/api/users:get/{hidden}");
    let told = office.app.browser().get_as(&clerk, &path).await;
    assert!(told.json()["data"].is_null(), "{}", told.text);
}
