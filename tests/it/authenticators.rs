//! Configuring authenticators.

use dingtalk_sandbox::seed::CLIENT_SECRET;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Admin, Answer};

impl Admin {
    async fn get(&mut self, path: &str) -> Answer {
        self.browser
            .get_as(&self.token, &format!("/api/authenticators{path}"))
            .await
    }

    async fn post(&mut self, path: &str, body: Value) -> Answer {
        let path = format!("/api/authenticators{path}");
        self.browser.post_as(&self.token, &path, body).await
    }

    async fn names(&mut self, query: &str) -> Vec<String> {
        let answer = self.get(query).await;
        let rows = answer.json()["data"].clone();
        let rows = rows
            .as_array()
            .unwrap_or_else(|| panic!("{query}: {}", answer.text))
            .clone();
        rows.iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[actix_web::test]
async fn an_authenticator_lives_from_create_to_destroy() {
    let mut admin = Admin::start(json!({})).await;
    let body = json!({
        "name": "dt", "authType": "dingtalk", "title": "Ding", "enabled": true, "unknown": 1,
        "options": {"clientId": "ding1", "clientSecret": "hunter2", "public": {"autoSignup": true}},
    });
    let created = admin.post(":create", body).await;
    assert_eq!(created.status, 200, "{}", created.text);
    let row = created.json()["data"].clone();
    assert_eq!(
        (&row["id"], &row["description"], &row["createdById"]),
        (&json!(3), &json!(""), &json!(1))
    );
    assert!(row.get("sort").is_none() && row.get("unknown").is_none());
    assert!(!created.text.contains("hunter2"));

    let updated = admin
        .post(
            ":update?filterByTk=3",
            json!({"title": "DingTalk", "enabled": true}),
        )
        .await;
    assert_eq!(updated.json()["data"][0]["title"], "DingTalk");
    assert_eq!(
        updated.json()["data"][0]["options"]["clientId"],
        "ding1",
        "what is not sent stays"
    );
    let one = admin.get(":get/3").await.json();
    assert_eq!(one["data"]["title"], "DingTalk");
    assert_eq!(admin.get("/3").await.json(), one);
    let bearer = format!("Bearer {}", admin.token);
    let headers = [("authorization", bearer.as_str())];
    let gone = admin
        .browser
        .send(Method::DELETE, "/api/authenticators/3", &headers, None)
        .await;
    assert_eq!(gone.json(), json!({"data": 1}));
    assert_eq!(admin.get(":get/3").await.json(), json!({"data": null}));
    assert_eq!(
        admin.post(":destroy?filterByTk=3", json!({})).await.json(),
        json!({"data": 0})
    );
    assert_eq!(
        admin.post(":update?filterByTk=3", json!({})).await.json(),
        json!({"data": []})
    );
}

#[actix_web::test]
async fn a_secret_is_never_shown_and_its_mask_keeps_it() {
    let mut admin = Admin::start(json!({})).await;
    let row = admin.get(":get?filterByTk=2").await.json()["data"].clone();
    assert_eq!(row["options"]["clientSecret"], "********");
    // The web client sends the whole row back.
    let mut changed = row.clone();
    changed["title"] = json!("Ding");
    changed["options"]["public"] = json!({"autoSignup": true});
    let answer = admin.post(":update?filterByTk=2", changed).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answers = [answer, admin.get(":list").await, admin.get(":get/2").await];
    assert!(
        answers
            .iter()
            .all(|answer| !answer.text.contains(CLIENT_SECRET))
    );
    let mut person = admin.app.browser();
    assert!(
        person
            .sign_in(&admin.app.sandbox, "lina")
            .await
            .session()
            .is_some(),
        "the secret still works"
    );

    for (secret, status) in [
        (json!(""), 400),
        (json!(null), 400),
        (json!({"a": 1}), 400),
        (json!("new"), 200),
    ] {
        let mut changed = row.clone();
        changed["options"]["clientSecret"] = secret.clone();
        let answer = admin.post(":update?filterByTk=2", changed).await;
        assert_eq!(answer.status, status, "{secret}: {}", answer.text);
        if status == 400 {
            assert!(
                answer.message().starts_with("Client Secret "),
                "{}",
                answer.text
            );
        }
    }
    let masked = json!({"name": "x", "authType": "dingtalk", "options": {"clientId": "a", "clientSecret": "********"}});
    assert_eq!(
        admin.post(":create", masked).await.message(),
        "Client Secret is required"
    );
}

#[actix_web::test]
async fn wrong_values_are_named_all_at_once() {
    let mut admin = Admin::start(json!({})).await;
    let messages = |answer: &Answer| {
        let errors = answer.json()["errors"].clone();
        let errors = errors.as_array().unwrap().clone();
        errors
            .iter()
            .map(|error| error["message"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    for (body, expected) in [
        (
            json!({}),
            vec!["Name cannot be null", "Auth Type cannot be null"],
        ),
        (
            json!({"name": "basic", "authType": "Email/Password"}),
            vec!["Name already exists"],
        ),
        (
            json!({"name": "a", "authType": "b", "description": null}),
            vec!["Description cannot be null"],
        ),
        (
            json!({"name": "a", "authType": "b", "options": null}),
            vec!["options cannot be null"],
        ),
        (
            json!({"name": "a", "authType": "b", "options": "text"}),
            vec!["options is not valid"],
        ),
        (
            json!({"name": "a".repeat(256), "authType": "b"}),
            vec!["Name is not valid"],
        ),
        (
            json!({"name": ["a"], "authType": "b", "enabled": "yes"}),
            vec!["Name is not valid", "Enabled is not valid"],
        ),
        (
            json!({"name": "a", "authType": "dingtalk"}),
            vec!["Client ID is required", "Client Secret is required"],
        ),
    ] {
        let answer = admin.post(":create", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(messages(&answer), expected, "{body}");
    }
    let zh = format!("Bearer {}", admin.token);
    let headers = [("authorization", zh.as_str()), ("x-locale", "zh-CN")];
    let body = json!({"name": "basic", "authType": "x"});
    let answer = admin
        .browser
        .send(
            Method::POST,
            "/api/authenticators:create",
            &headers,
            Some(body),
        )
        .await;
    assert_eq!(answer.message(), "名称 字段值已存在");
    assert_eq!(
        admin.names(":list").await,
        ["basic", "dingtalk"],
        "nothing was half-written"
    );
}

#[actix_web::test]
async fn somebody_can_always_sign_in() {
    let mut admin = Admin::start(json!({})).await;
    let refused = "Please keep and enable at least one authenticator";
    assert_eq!(
        admin
            .post(":update?filterByTk=2", json!({"enabled": false}))
            .await
            .status,
        200
    );
    for (path, body) in [
        (":update?filterByTk=1", json!({"enabled": false})),
        (":destroy?filterByTk=1", json!({})),
        (":destroy?filterByTk[]=1&filterByTk[]=2", json!({})),
        (":update?filterByTk=1", json!({"authType": "nobody-knows"})),
    ] {
        let answer = admin.post(path, body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (400, refused),
            "{path}"
        );
    }
    assert_eq!(
        admin.names(":list").await,
        ["basic", "dingtalk"],
        "nothing was half-written"
    );
    for path in [":update", ":destroy"] {
        assert_eq!(admin.post(path, json!({})).await.status, 400);
    }
}

#[actix_web::test]
async fn what_is_bound_follows_its_authenticator() {
    let mut admin = Admin::start(json!({})).await;
    admin
        .app
        .create_user("Zhang Wei", Some("13800000001"))
        .await;
    admin
        .app
        .browser()
        .sign_in(&admin.app.sandbox, "zhangwei")
        .await
        .session()
        .unwrap();
    for path in ["/dingtalk/users", "/2/users"] {
        let bound = admin.get(path).await.json();
        assert_eq!(bound["data"][0]["nickname"], "Zhang Wei", "{path}");
        assert_eq!(
            bound["data"][0]["usersAuthenticators"]["uuid"],
            "user-zhangwei"
        );
        assert_eq!(bound["meta"]["count"], 1);
    }
    admin
        .post(":update?filterByTk=2", json!({"name": "ding"}))
        .await;
    assert_eq!(admin.get("/ding/users").await.json()["meta"]["count"], 1);
    admin.post(":destroy?filterByTk=2", json!({})).await;
    let left = admin
        .app
        .store()
        .bindings_of_subject("ding", "user-zhangwei")
        .await
        .unwrap();
    assert!(left.is_empty());
}

#[actix_web::test]
async fn dragging_changes_the_order_of_the_sign_in_page() {
    let mut admin = Admin::start(json!({})).await;
    for name in ["c", "d"] {
        let body = json!({"name": name, "authType": "Email/Password", "enabled": true});
        admin.post(":create", body).await;
    }
    for (query, expected) in [
        ("", ["basic", "dingtalk", "c", "d"]),
        ("sourceId=4&targetId=2", ["basic", "d", "dingtalk", "c"]),
        ("sourceId=1&targetId=2", ["d", "dingtalk", "basic", "c"]),
        ("sourceId=3&sticky=true", ["c", "d", "dingtalk", "basic"]),
        (
            "sourceId=3&targetId=1&method=insertAfter",
            ["d", "dingtalk", "basic", "c"],
        ),
        ("sourceId=3", ["d", "dingtalk", "basic", "c"]),
    ] {
        let answer = admin.post(&format!(":move?{query}"), json!({})).await;
        assert_eq!(answer.json(), json!({"data": "ok"}), "{query}");
        assert_eq!(admin.names(":list?sort=sort").await, expected, "{query}");
        let public = admin.get(":publicList").await.json()["data"].clone();
        let public: Vec<_> = public
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].clone())
            .collect();
        assert_eq!(public, expected);
    }
    assert_eq!(
        admin
            .post(":move?sourceId=99&targetId=1", json!({}))
            .await
            .status,
        400
    );
}

#[actix_web::test]
async fn lists_are_filtered_sorted_and_paged() {
    let mut admin = Admin::start(json!({})).await;
    for (name, title) in [("b-1", "b%1"), ("b_2", ""), ("b3", "")] {
        let row = json!({"name": name, "title": title, "authType": "Email/Password"});
        admin.post(":create", row).await;
    }
    for (query, expected) in [
        ("", vec!["basic", "dingtalk", "b-1", "b_2", "b3"]),
        ("?sort=-name&pageSize=2", vec!["dingtalk", "basic"]),
        ("?sort=-enabled,name&page=2&pageSize=3", vec!["b3", "b_2"]),
        ("?sort[]=-id&pageSize=1", vec!["b3"]),
        ("?page=0&pageSize=1", vec!["basic"]),
        ("?page=-3&pageSize=1", vec!["basic"]),
        ("?pageSize=0", vec![]),
        (
            "?pageSize=99999",
            vec!["basic", "dingtalk", "b-1", "b_2", "b3"],
        ),
        ("?filter[name]=basic", vec!["basic"]),
        ("?filter[enabled]=true", vec!["basic", "dingtalk"]),
        (r#"?filter={"name.$eq":"basic"}"#, vec!["basic"]),
        (
            r#"?filter={"id":{"$in":[1,2]},"name.$ne":"basic"}"#,
            vec!["dingtalk"],
        ),
        (r#"?filter={"id.$notIn":[1,2,3]}"#, vec!["b_2", "b3"]),
        (r#"?filter={"name.$includes":"_"}"#, vec!["b_2"]),
        (r#"?filter={"title.$includes":"%25"}"#, vec!["b-1"]),
        (
            r#"?filter={"$or":[{"id.$gt":4},{"id.$lt":2}]}"#,
            vec!["basic", "b3"],
        ),
        (
            r#"?filter={"title.$empty":true,"id.$lt":3}"#,
            vec!["basic", "dingtalk"],
        ),
        (
            r#"?filter={"$and":[{"id.$gt":1},{"id.$lt":3}]}"#,
            vec!["dingtalk"],
        ),
        (r#"?filter={"$or":[]}"#, vec![]),
    ] {
        assert_eq!(
            admin.names(&format!(":list{query}")).await,
            expected,
            "{query}"
        );
    }
    let page = admin.get("?page=2&pageSize=2").await.json();
    assert_eq!(
        page["meta"],
        json!({"count": 5, "page": 2, "pageSize": 2, "totalPage": 3})
    );
    let all = admin.get("?paginate=false").await.json();
    assert!(all.get("meta").is_none());
    let few = admin.get("?fields=id,name&pageSize=1").await.json();
    assert_eq!(few["data"], json!([{"id": 1, "name": "basic"}]));
    let most = admin.get("?except[]=options&pageSize=1").await.json();
    assert!(most["data"][0].get("options").is_none() && most["data"][0].get("name").is_some());
}

#[actix_web::test]
async fn no_question_gets_an_answer_of_the_database() {
    let mut admin = Admin::start(json!({})).await;
    for query in [
        "sort=nope",
        "sort=id;drop table users",
        "filter[nope]=1",
        "fields=nope",
        "page=abc",
        "pageSize=1e99",
        "filter={bad",
        "filter=[1]",
        "filter[id]=abc",
        "filter[id][$nope]=1",
        "filter[options]=x",
        "filter[options][$includes]=secret",
        "sort=options",
        "filter[id]=99999999999999999999",
        r#"filter={"id":{"$eq":{"a":1}}}"#,
        r#"filter={"name":{"$includes":1}}"#,
        r#"filter={"createdAt.$gt":"yesterday"}"#,
    ] {
        let answer = admin.get(&format!("?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
        assert!(answer.json()["errors"][0]["message"].is_string());
    }
    for key in ["abc", "99999999999999999999", "1 or 1=1", "%00", "'"] {
        assert_eq!(
            admin.get(&format!("/{key}")).await.json(),
            json!({"data": null}),
            "{key}"
        );
    }
}

#[actix_web::test]
async fn only_administrators_configure() {
    let admin = Admin::start(json!({})).await;
    let bearer = format!("Bearer {}", admin.token);
    for action in [
        "list",
        "get",
        "create",
        "update?filterByTk=1",
        "destroy?filterByTk=1",
        "move",
        "listTypes",
    ] {
        let path = format!("/api/authenticators:{action}");
        let mut visitor = admin.app.browser();
        assert_eq!(visitor.get(&path).await.code(), "EMPTY_TOKEN", "{action}");
        let headers = [("authorization", bearer.as_str()), ("x-role", "member")];
        let answer = visitor
            .send(Method::POST, &path, &headers, Some(json!({})))
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (403, "No permissions"),
            "{action}"
        );
    }
    let headers = [("authorization", bearer.as_str()), ("x-role", "admin")];
    let answer = admin
        .app
        .browser()
        .send(Method::GET, "/api/authenticators", &headers, None)
        .await;
    assert_eq!(answer.status, 200);
}

#[actix_web::test]
async fn another_type_neither_shows_the_old_secret_nor_takes_the_last_way_in() {
    let mut admin = Admin::start(json!({})).await;
    let answer = admin
        .post(":update?filterByTk=2", json!({"authType": "x"}))
        .await;
    assert!(!answer.text.contains(CLIENT_SECRET), "{}", answer.text);
    assert_eq!(answer.json()["data"][0]["options"], json!({}));
    let answer = admin
        .post(":update?filterByTk=1", json!({"authType": "dingtalk"}))
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.message().as_str()),
        (400, "Client ID is required")
    );
}

#[actix_web::test]
async fn the_plugin_stays_on_while_it_is_the_only_way_in() {
    let mut admin = Admin::start(json!({})).await;
    assert_eq!(
        admin
            .post(":update?filterByTk=1", json!({"enabled": false}))
            .await
            .status,
        200
    );
    let token = admin.token.clone();
    let path = "/api/pm:disable?filterByTk=auth-dingtalk&awaitResponse=1";
    let answer = admin.browser.post_as(&token, path, json!({})).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(
        answer.message(),
        "Please keep and enable at least one authenticator"
    );
    assert!(
        admin
            .app
            .browser()
            .sign_in(&admin.app.sandbox, "emma")
            .await
            .failure()
            .is_some()
    );
    assert_eq!(
        admin.app.browser().try_begin(Value::Null).await.status,
        200,
        "still on"
    );

    admin
        .post(":update?filterByTk=1", json!({"enabled": true}))
        .await;
    assert_eq!(
        admin.browser.post_as(&token, path, json!({})).await.status,
        200
    );
    let answer = admin
        .post(":update?filterByTk=1", json!({"enabled": false}))
        .await;
    assert_eq!(
        answer.status, 400,
        "DingTalk lets nobody in while its plugin is off"
    );
}

#[actix_web::test]
async fn an_authenticator_is_dropped_where_it_was_put() {
    let mut admin = Admin::start(json!({})).await;
    for name in ["c", "d"] {
        let body = json!({"name": name, "authType": "Email/Password", "enabled": true});
        let created = admin.post(":create", body).await;
        assert_eq!(created.status, 200, "{}", created.text);
    }
    // Those with the ids 1 to 4 stand in this order.
    let mut order = admin.names(":list?sort=sort").await;
    assert_eq!(order.len(), 4);
    let (basic, dingtalk) = (order[0].clone(), order[1].clone());
    let (basic, dingtalk) = (basic.as_str(), dingtalk.as_str());
    for (query, expected) in [
        // From before its target, it is put after the target; from after it, before it.
        ("sourceId=1&targetId=3", [dingtalk, "c", basic, "d"]),
        ("sourceId=4&targetId=2", ["d", dingtalk, "c", basic]),
        ("sourceId=1&targetId=1", ["d", dingtalk, "c", basic]),
        ("sourceId=3&sticky=true", ["c", "d", dingtalk, basic]),
        (
            "sourceId=1&targetId=3&method=insertAfter",
            ["c", basic, "d", dingtalk],
        ),
        (
            "sourceId=2&targetId=3&method=insertAfter",
            ["c", dingtalk, basic, "d"],
        ),
        (
            "sourceId=3&targetId=2&method=insertAfter",
            [dingtalk, "c", basic, "d"],
        ),
    ] {
        let moved = admin.post(&format!(":move?{query}"), json!({})).await;
        assert_eq!(moved.status, 200, "{query}: {}", moved.text);
        order = admin.names(":list?sort=sort").await;
        assert_eq!(order, expected, "{query}");
    }
    let unknown = admin.post(":move?sourceId=1&targetId=99", json!({})).await;
    assert_eq!(unknown.status, 400, "{}", unknown.text);
    assert_eq!(admin.names(":list?sort=sort").await, order);
}
