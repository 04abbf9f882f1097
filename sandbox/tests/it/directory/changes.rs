//! People and departments that come, change and go.

use reqwest::Method;
use serde_json::json;

use super::{BELOW, LIST, NAMES, members, reason, result};
use crate::harness::Fake;

#[tokio::test]
async fn people_come_move_and_go() {
    let fake = Fake::start();
    let hired = json!({"id": "newbie", "name": "新人", "departments": [{"id": 919_600_006, "order": 5, "leader": true}]});
    fake.control(Method::POST, "/people", hired.clone()).await;
    let again = fake.post("/_sandbox/people", hired).await;
    assert_eq!(again.status, 400, "{}", again.text);
    let platform = members(&fake, LIST, 919_600_006, 100).await;
    assert_eq!(platform, ["user-liuyang", "user-newbie"]);
    let details = json!({"userid": "user-newbie"});
    let found = result(&fake, "/topapi/v2/user/get", details.clone()).await;
    assert_eq!(found.get("mobile"), None, "nobody said a phone");

    let moved =
        json!({"departments": [{"id": 919_600_002, "order": 1, "leader": false}], "name": "旧人"});
    fake.patch("newbie", moved).await;
    let sales = members(&fake, LIST, 919_600_002, 100).await;
    assert_eq!(sales.last().unwrap(), "user-newbie");
    let nowhere = json!({"departments": [{"id": 5, "order": 1, "leader": false}]});
    let request = fake.request(Method::PATCH, "/_sandbox/people/newbie");
    assert_eq!(fake.send(request.json(&nowhere)).await.status, 404);

    fake.control(Method::POST, "/people/newbie/dismiss", json!({}))
        .await;
    assert_eq!(
        reason(&fake, "/topapi/v2/user/get", details.clone()).await,
        "60121"
    );
    let by_union = json!({"unionid": "union-newbie"});
    let by_union = reason(&fake, "/topapi/user/getbyunionid", by_union).await;
    assert_eq!(by_union, "60121");
    assert!(
        !members(&fake, NAMES, 919_600_002, 100)
            .await
            .contains(&"user-newbie".to_owned())
    );
    let twice = fake
        .post("/_sandbox/people/newbie/dismiss", json!({}))
        .await;
    assert_eq!(twice.status, 400);

    let back = fake
        .control(Method::POST, "/people/newbie/rehire", json!({}))
        .await;
    assert_eq!(
        (&back["userid"], &back["unionid"]),
        (&json!("user-newbie-2"), &json!("union-newbie"))
    );
    assert_eq!(
        members(&fake, NAMES, 1, 100).await,
        ["user-wangfang", "user-newbie-2"]
    );
}

#[tokio::test]
async fn departments_come_move_and_go() {
    let fake = Fake::start();
    let created = json!({"name": "新部门", "parentId": 919_600_002});
    let created = fake.control(Method::POST, "/departments", created).await;
    let id = created["id"].as_i64().unwrap();
    let path = format!("/departments/{id}");
    let change = json!({"name": "别名", "parentId": 919_600_003});
    fake.control(Method::PATCH, &path, change).await;
    let below = result(&fake, BELOW, json!({"dept_id": 919_600_003})).await;
    let mut below = below.as_array().unwrap().iter();
    let moved = below.find(|it| it["dept_id"] == id).unwrap();
    assert_eq!(moved["name"], "别名");
    for (path, body, status) in [
        ("/departments/919600003", json!({"parentId": id}), 400),
        ("/departments/1", json!({"parentId": id}), 400),
        ("/departments/5", json!({"name": "x"}), 404),
    ] {
        let request = fake.request(Method::PATCH, &format!("/_sandbox{path}"));
        let answer = fake.send(request.json(&body)).await;
        assert_eq!(answer.status, status, "{path} {body}: {}", answer.text);
    }
    let removed = |path: String| fake.request(Method::DELETE, &format!("/_sandbox{path}"));
    for in_use in [
        "/departments/919600003",
        "/departments/919600002",
        "/departments/1",
    ] {
        let answer = fake.send(removed(in_use.to_owned())).await;
        assert_eq!(answer.status, 400, "{in_use}: {}", answer.text);
    }
    assert_eq!(fake.send(removed(path)).await.status, 204);
    assert_eq!(reason(&fake, BELOW, json!({"dept_id": id})).await, "60003");
}

#[tokio::test]
async fn who_left_is_told_page_by_page() {
    let fake = Fake::start();
    for person in ["lina", "marie", "sunhao"] {
        let path = format!("/people/{person}/dismiss");
        fake.control(Method::POST, &path, json!({"reason": "oapi"}))
            .await;
    }
    let token = fake.app_token().await;
    let records = async |query: &str| {
        let path = format!("/v1.0/contact/empLeaveRecords?{query}");
        let request = fake.request(Method::GET, &path);
        fake.send(request.header("x-acs-dingtalk-access-token", &token))
            .await
    };
    let first = records("startTime=2020-01-01T00:00:00Z&nextToken=0&maxResults=2").await;
    let first = first.json();
    assert_eq!(first["nextToken"], "2");
    let record = &first["records"][0];
    assert_eq!(
        (&record["userId"], &record["leaveReason"], &record["mobile"]),
        (&json!("user-lina"), &json!("oapi"), &json!("13800000002"))
    );
    let last = records("startTime=2020-01-01T00:00:00Z&nextToken=2&maxResults=50").await;
    assert_eq!(last.json()["records"].as_array().unwrap().len(), 1);
    assert_eq!(last.json().get("nextToken"), None);
    let none = records(
        "startTime=2020-01-01T00:00:00Z&endTime=2020-01-02T00:00:00Z&nextToken=0&maxResults=50",
    )
    .await;
    assert_eq!(none.json()["records"], json!([]));
    for (query, code) in [
        ("nextToken=0&maxResults=50", "MissingstartTime"),
        ("startTime=x&nextToken=0&maxResults=50", "invalidParameter"),
        (
            "startTime=2020-01-01T00:00:00Z&nextToken=0&maxResults=51",
            "invalidParameter",
        ),
    ] {
        assert_eq!(records(query).await.reason(), code, "{query}");
    }
    fake.set_app(json!({"permissions": []})).await;
    let refused = records("startTime=2020-01-01T00:00:00Z&nextToken=0&maxResults=2").await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("Contact.Common.Read"));
}
