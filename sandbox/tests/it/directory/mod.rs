//! Departments and members, as the old family shows them.

mod changes;
mod generated;

use std::collections::BTreeSet;

use dingtalk_sandbox::{Company, Settings};
use serde_json::{Value, json};

use crate::harness::Fake;

const LIST: &str = "/topapi/v2/user/list";
const NAMES: &str = "/topapi/user/listsimple";
const BELOW: &str = "/topapi/v2/department/listsub";

/// A generated company instead of the seeded one.
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
    assert_eq!(root["name"], dingtalk_sandbox::seed::ORGANIZATION);
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
    assert_eq!(count, json!({"count": 11}), "of the whole organization");
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
