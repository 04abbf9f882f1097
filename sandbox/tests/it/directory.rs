//! Departments and members, as the old family shows them.

use std::collections::BTreeSet;

use dingtalk_sandbox::{Company, Settings};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Fake;

const LIST: &str = "/topapi/v2/user/list";
const NAMES: &str = "/topapi/user/listsimple";
const BELOW: &str = "/topapi/v2/department/listsub";

/// A generated company in the place of the seeded one.
fn company(people: usize, departments: usize) -> Fake {
    Fake::start_with(Settings {
        company: Some(Company {
            people,
            departments,
            seed: 7,
        }),
        ..Settings::default()
    })
}

/// A call that must be answered with a result.
async fn result(fake: &Fake, path: &str, body: Value) -> Value {
    let answer = fake.old(path, body).await;
    assert_eq!(answer.reason(), "0", "{path}: {}", answer.text);
    answer.json()["result"].clone()
}

async fn reason(fake: &Fake, path: &str, body: Value) -> String {
    fake.old(path, body).await.reason()
}

/// Userids of a department, page by page.
async fn members(fake: &Fake, path: &str, department: i64, size: usize) -> Vec<String> {
    let (mut userids, mut cursor) = (Vec::new(), json!(0));
    loop {
        let body = json!({"dept_id": department, "cursor": cursor, "size": size});
        let page = result(fake, path, body).await;
        let list = page["list"].as_array().unwrap();
        assert!(list.len() <= size);
        let ids = list.iter().map(|it| it["userid"].as_str().unwrap());
        userids.extend(ids.map(str::to_owned));
        let next = page.get("next_cursor").cloned();
        assert_eq!(page["has_more"], json!(next.is_some()));
        match next {
            Some(next) => cursor = next,
            None => return userids,
        }
    }
}

/// All departments, level by level, the root included.
async fn tree(fake: &Fake) -> Vec<i64> {
    let mut ids = vec![1];
    let mut next = 0;
    while let Some(id) = ids.get(next).copied() {
        let below = result(fake, BELOW, json!({"dept_id": id})).await;
        let below = below.as_array().unwrap().iter();
        ids.extend(below.map(|it| it["dept_id"].as_i64().unwrap()));
        next += 1;
    }
    ids
}

#[tokio::test]
async fn departments_are_a_tree() {
    let fake = Fake::start();
    let listed = |id: i64, name: &str, parent: i64| json!({"auto_add_user": true, "create_dept_group": true, "dept_id": id, "name": name, "parent_id": parent});
    let top = result(&fake, BELOW, json!({})).await;
    let expected = json!([
        listed(919_600_001, "研发部", 1),
        listed(919_600_002, "销售部", 1),
        listed(919_600_003, "行政部", 1)
    ]);
    assert_eq!(top, expected);
    let form = fake.app_token().await;
    let form = fake
        .post_form(&format!("{BELOW}?access_token={form}"), "dept_id=1")
        .await;
    assert_eq!(form.json()["result"], expected, "also as a form");
    let leaf = result(&fake, BELOW, json!({"dept_id": "919600006"})).await;
    assert_eq!(leaf, json!([]));
    let ids = "/topapi/v2/department/listsubid";
    let below = result(&fake, ids, json!({"dept_id": 919_600_003})).await;
    assert_eq!(below, json!({"dept_id_list": [919_600_004, 919_600_005]}));
    let up = "/topapi/v2/department/listparentbydept";
    let up = result(&fake, up, json!({"dept_id": 919_600_006})).await;
    assert_eq!(up, json!({"parent_id_list": [919_600_006, 919_600_001, 1]}));
    let up = "/topapi/v2/department/listparentbyuser";
    let up = result(&fake, up, json!({"userid": "user-huanglei"})).await;
    assert_eq!(
        up,
        json!({"parent_list": [{"parent_dept_id_list": [919_600_001, 1]}, {"parent_dept_id_list": [919_600_002, 1]}]})
    );
    let get = "/topapi/v2/department/get";
    let root = result(&fake, get, json!({"dept_id": 1})).await;
    assert_eq!(root["name"], dingtalk_sandbox::seed::ORGANISATION);
    assert_eq!(root.get("parent_id"), None);
    let engineering = result(&fake, get, json!({"dept_id": 919_600_001})).await;
    assert_eq!(engineering["parent_id"], 1);
    assert_eq!(
        engineering["dept_manager_userid_list"],
        json!(["user-huanglei"])
    );
}

#[tokio::test]
async fn a_member_in_a_list_has_the_recorded_shape() {
    let fake = Fake::start();
    let body = json!({"dept_id": 919_600_002, "cursor": 0, "size": 1, "order_field": "entry_asc"});
    assert_eq!(
        result(&fake, LIST, body).await,
        json!({
            "has_more": true, "next_cursor": 1,
            "list": [{
                "userid": "user-lina", "unionid": "union-lina", "name": "李娜", "state_code": "86",
                "mobile": "13800000002", "hide_mobile": false, "telephone": "", "job_number": "", "title": "产品经理",
                "email": "", "remark": "", "dept_id_list": [919_600_002], "dept_order": 176_188_733_616_559_416_i64,
                "active": true, "admin": false, "boss": false, "leader": false, "exclusive_account": false,
            }],
        })
    );
    let body = json!({"dept_id": 919_600_001, "cursor": 0, "size": 100});
    let engineering = result(&fake, LIST, body).await;
    let leads = engineering["list"].as_array().unwrap().iter();
    let leaders: Vec<_> = leads.filter(|it| it["leader"] == true).collect();
    assert_eq!(leaders.len(), 1);
    assert_eq!(leaders[0]["userid"], "user-huanglei");
    assert_eq!(engineering.get("next_cursor"), None);
    let names = json!({"dept_id": 919_600_004, "cursor": 0, "size": 100});
    let names = result(&fake, NAMES, names).await;
    assert_eq!(
        names,
        json!({"has_more": false, "list": [{"userid": "user-chenjing", "name": "陈静"}]})
    );
}

#[tokio::test]
async fn pages_have_limits_and_give_everybody_once() {
    let fake = company(500, 3);
    let ids = tree(&fake).await;
    assert_eq!(ids.len(), 4);
    for size in [7, 100] {
        let mut seen = BTreeSet::new();
        for id in &ids {
            let userids = members(&fake, LIST, *id, size).await;
            let listed = result(&fake, "/topapi/user/listid", json!({"dept_id": id})).await;
            let listed = listed["userid_list"].as_array().unwrap().len();
            assert_eq!(userids.len(), listed, "nobody is left out or repeated");
            assert_eq!(members(&fake, NAMES, *id, size).await, userids);
            seen.extend(userids);
        }
        assert_eq!(seen.len(), 500);
    }
    for (field, wrong) in [
        ("size", json!(101)),
        ("size", json!(0)),
        ("cursor", json!(-1)),
        ("cursor", json!("x")),
        ("order_field", json!("name")),
    ] {
        let mut body = json!({"dept_id": 1, "cursor": 0, "size": 100});
        body[field] = wrong;
        assert_eq!(reason(&fake, LIST, body).await, "400002", "{field}");
    }
    for absent in ["dept_id", "cursor", "size"] {
        let mut body = json!({"dept_id": 1, "cursor": 0, "size": 100});
        body.as_object_mut().unwrap().remove(absent);
        assert_eq!(reason(&fake, NAMES, body).await, "40035", "{absent}");
    }
    let unknown = json!({"dept_id": 9, "cursor": 0, "size": 1});
    assert_eq!(reason(&fake, LIST, unknown).await, "60003");
}

#[tokio::test]
async fn the_contact_scope_says_what_is_seen() {
    let fake = Fake::start();
    let engineering = 919_600_001;
    let all = members(&fake, LIST, engineering, 100).await;
    assert!(!all.contains(&"user-wuqiang".to_owned()), "silently fewer");
    let ids = result(
        &fake,
        "/topapi/user/listid",
        json!({"dept_id": engineering}),
    )
    .await;
    let ids = ids["userid_list"].as_array().unwrap();
    assert!(ids.contains(&json!("user-wuqiang")), "whatever the scope");

    let scope = json!({"departments": [919_600_003], "people": ["user-lina"]});
    fake.set_app(json!({"contactScope": scope})).await;
    let get = "/topapi/v2/user/get";
    for (path, body, code) in [
        (BELOW, json!({"dept_id": 1}), "50004"),
        (BELOW, json!({"dept_id": 919_600_003}), "0"),
        (
            LIST,
            json!({"dept_id": engineering, "cursor": 0, "size": 9}),
            "50004",
        ),
        (
            LIST,
            json!({"dept_id": 919_600_004, "cursor": 0, "size": 9}),
            "0",
        ),
        (
            "/topapi/v2/department/get",
            json!({"dept_id": engineering}),
            "50004",
        ),
        (
            "/topapi/v2/department/listsubid",
            json!({"dept_id": 1}),
            "0",
        ),
        (
            "/topapi/v2/department/listparentbydept",
            json!({"dept_id": engineering}),
            "0",
        ),
        (get, json!({"userid": "user-zhangwei"}), "50002"),
        (get, json!({"userid": "user-chenjing"}), "0"),
        (get, json!({"userid": "user-lina"}), "0"),
        (
            "/topapi/v2/user/getbymobile",
            json!({"mobile": "13800000001"}),
            "50002",
        ),
    ] {
        assert_eq!(
            reason(&fake, path, body.clone()).await,
            code,
            "{path} {body}"
        );
    }
    let count = result(&fake, "/topapi/user/count", json!({"only_active": false})).await;
    assert_eq!(count, json!({"count": 11}), "of the whole organisation");
    let active = result(&fake, "/topapi/user/count", json!({"only_active": true})).await;
    assert_eq!(active, json!({"count": 10}));
}

#[tokio::test]
async fn each_call_names_the_permission_that_it_lacks() {
    let fake = Fake::start();
    fake.set_app(json!({"permissions": []})).await;
    for (path, permission) in [
        (BELOW, "qyapi_get_department_list"),
        (
            "/topapi/v2/department/listsubid",
            "qyapi_get_department_list",
        ),
        ("/topapi/v2/department/get", "qyapi_get_department_list"),
        (LIST, "qyapi_get_department_member"),
        (NAMES, "qyapi_get_department_member"),
        ("/topapi/user/listid", "qyapi_get_member"),
        ("/topapi/user/count", "qyapi_get_member"),
    ] {
        let answer = fake.old(path, json!({})).await;
        assert_eq!(answer.reason(), "60011");
        let named = format!("requiredScopes=[{permission}]");
        assert!(answer.text.contains(&named), "{path}: {}", answer.text);
    }
    let permissions = json!([
        "qyapi_get_department_list",
        "qyapi_get_department_member",
        "qyapi_get_member"
    ]);
    fake.set_app(json!({"permissions": permissions})).await;
    let body = json!({"dept_id": 919_600_002, "cursor": 0, "size": 100});
    for member in result(&fake, LIST, body).await["list"].as_array().unwrap() {
        for field in ["mobile", "state_code", "email", "remark"] {
            assert_eq!(member.get(field), None, "{field}");
        }
    }
}

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

#[tokio::test]
async fn a_generated_company_follows_from_its_seed() {
    let fake = company(300, 20);
    let people = async || fake.get("/_sandbox/people").await.json();
    let first = people().await;
    let own = |people: &Value| {
        let all = people.as_array().unwrap().clone();
        all.into_iter()
            .filter(|it| it["corpId"] == dingtalk_sandbox::seed::CORP_ID)
            .collect::<Vec<_>>()
    };
    assert_eq!(own(&first).len(), 300);
    assert_eq!(tree(&fake).await.len(), 21);
    for key in ["userid", "unionid"] {
        let ids: BTreeSet<_> = own(&first).iter().map(|it| it[key].to_string()).collect();
        assert_eq!(ids.len(), 300, "{key}");
    }
    let generate = async |seed: u64| {
        let company = json!({"people": 300, "departments": 20, "seed": seed});
        fake.control(Method::PUT, "/company", company).await;
        people().await
    };
    assert_ne!(own(&generate(8).await), own(&first));
    assert_eq!(own(&generate(7).await), own(&first));
    fake.control(Method::POST, "/reset", json!({})).await;
    assert_eq!(own(&people().await), own(&first));
}

#[tokio::test]
async fn a_large_company_is_there_at_once() {
    let fake = company(20_000, 1_000);
    let count = result(&fake, "/topapi/user/count", json!({"only_active": false})).await;
    assert_eq!(count, json!({"count": 20_000}));
    let userids = members(&fake, LIST, 551_800_001, 100).await;
    assert!(!userids.is_empty());
}
