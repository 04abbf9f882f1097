//! What the platform says about each person.

use dingtalk_sandbox::seed;
use serde_json::{Value, json};

use crate::harness::Fake;

async fn details(fake: &Fake, id: &str) -> Value {
    let answer = fake
        .old(
            "/topapi/v2/user/get",
            json!({"userid": format!("user-{id}")}),
        )
        .await;
    assert_eq!(answer.reason(), "0", "{id}: {}", answer.text);
    answer.json()["result"].clone()
}

async fn profile(fake: &Fake, id: &str) -> Value {
    let token = fake.user_token(id).await;
    fake.profile(&token, "me").await.json()
}

#[tokio::test]
async fn identifiers_are_unique_and_follow_from_the_id() {
    let people = seed::people();
    assert!(people.len() >= 12);
    for (position, person) in people.iter().enumerate() {
        assert_eq!(person.userid, format!("user-{}", person.id));
        assert_eq!(person.unionid, format!("union-{}", person.id));
        assert!(
            !people
                .iter()
                .skip(position + 1)
                .any(|other| other.id == person.id)
        );
    }
    assert_eq!(seed::CLIENT_SECRET.len(), 64);
}

#[tokio::test]
async fn the_details_have_the_recorded_shape() {
    let fake = Fake::start();
    assert_eq!(
        details(&fake, "zhangwei").await,
        json!({
            "active": true, "admin": false, "avatar": "https://static.sandbox.invalid/zhangwei.jpg",
            "boss": false, "create_time": "2024-07-15T07:05:43.000Z",
            "dept_id_list": [919_600_001],
            "dept_order_list": [{"dept_id": 919_600_001, "order": 176_188_733_616_559_512_i64}],
            "email": "zhangwei@sandbox.example", "exclusive_account": false, "hide_mobile": false,
            "hired_date": 1_597_573_616_828_i64, "job_number": "A001",
            "leader_in_dept": [{"dept_id": 919_600_001, "leader": false}],
            "mobile": "13800000001", "name": "张伟", "real_authed": true, "remark": "",
            "senior": false, "state_code": "86", "telephone": "", "title": "架构师",
            "union_emp_ext": {}, "unionid": "union-zhangwei", "userid": "user-zhangwei",
        })
    );
}

#[tokio::test]
async fn each_person_shows_their_situation() {
    let fake = Fake::start();
    let absent = Value::Null;
    let cases = [
        ("wangfang", "admin", json!(true)),
        (
            "wangfang",
            "role_list",
            json!([{"group_name": "默认", "id": 4_065_300_001_i64, "name": "主管理员"}]),
        ),
        ("liuyang", "mobile", absent.clone()),
        ("liuyang", "state_code", absent.clone()),
        ("liuyang", "email", json!("")),
        ("liuyang", "avatar", absent.clone()),
        ("weiming", "mobile", json!("80000005")),
        ("weiming", "state_code", json!("65")),
        ("zhaomin", "mobile", json!("155****3240")),
        ("zhaomin", "hide_mobile", json!(true)),
        ("sunhao", "active", json!(false)),
        (
            "chenjing",
            "org_email",
            json!("chenjing@corp.sandbox.example"),
        ),
        ("lina", "org_email", absent),
        (
            "huanglei",
            "dept_id_list",
            json!([919_600_001, 919_600_002]),
        ),
        (
            "huanglei",
            "leader_in_dept",
            json!([{"dept_id": 919_600_001, "leader": true}, {"dept_id": 919_600_002, "leader": false}]),
        ),
        ("marie", "mobile", json!("13800000010")),
    ];
    for (id, field, value) in cases {
        assert_eq!(details(&fake, id).await[field], value, "{id} {field}");
    }
}

#[tokio::test]
async fn only_members_are_members() {
    let fake = Fake::start();
    // Person, outcome of getbyunionid (contact type or error), errcode of the details.
    let cases = [
        ("zhangwei", Ok(0), 0),
        ("sunhao", Ok(0), 0),
        ("wuqiang", Ok(0), 50002),
        ("zhoujie", Ok(1), 60121),
        ("emma", Err(60121), 60121),
    ];
    for (id, lookup, errcode) in cases {
        let found = fake
            .old(
                "/topapi/user/getbyunionid",
                json!({"unionid": format!("union-{id}")}),
            )
            .await
            .json();
        match lookup {
            Ok(kind) => assert_eq!(
                found["result"],
                json!({"contact_type": kind, "userid": format!("user-{id}")})
            ),
            Err(code) => assert_eq!(found["errcode"], json!(code), "{id}"),
        }
        let details = fake
            .old(
                "/topapi/v2/user/get",
                json!({"userid": format!("user-{id}")}),
            )
            .await;
        assert_eq!(details.json()["errcode"], json!(errcode), "{id}");
    }
}

#[tokio::test]
async fn phones_find_active_employees_only() {
    let fake = Fake::start();
    let cases = [
        ("13800000001", json!("user-zhangwei"), 0),
        ("+86-13800000001", json!("user-zhangwei"), 0),
        ("+65-80000005", json!("user-weiming"), 0),
        ("13800000007", json!(null), 60121),
        ("13800000012", json!(null), 60121),
        ("13800000013", json!(null), 60121),
        ("13800000011", json!(null), 50002),
    ];
    for (mobile, userid, errcode) in cases {
        let body = fake
            .old("/topapi/v2/user/getbymobile", json!({"mobile": mobile}))
            .await
            .json();
        assert_eq!(body["errcode"], json!(errcode), "{mobile}");
        assert_eq!(body["result"]["userid"], userid, "{mobile}");
    }
}

#[tokio::test]
async fn a_profile_is_personal_and_omits_what_is_empty() {
    let fake = Fake::start();
    let open_id = |id: &str| format!("open-{id}.{}", seed::CLIENT_ID);
    assert_eq!(
        profile(&fake, "marie").await,
        json!({
            "nick": "Marie", "mobile": "600000010", "stateCode": "33", "email": "marie@private.example",
            "openId": open_id("marie"), "unionId": "union-marie", "visitor": false,
        })
    );
    assert_eq!(
        profile(&fake, "liuyang").await,
        json!({
            "nick": "小刘", "openId": open_id("liuyang"), "unionId": "union-liuyang", "visitor": false,
        })
    );
    let token = fake.user_token("lina").await;
    assert_eq!(
        fake.profile(&token, "union-lina").await.text,
        fake.profile(&token, "me").await.text
    );
}

#[tokio::test]
async fn fields_without_permission_are_absent() {
    let fake = Fake::start();
    fake.set_app(json!({"permissions": ["Contact.User.Read", "qyapi_get_member"]}))
        .await;
    let (details, profile) = (
        details(&fake, "zhangwei").await,
        profile(&fake, "zhangwei").await,
    );
    for field in ["mobile", "state_code", "email", "remark"] {
        assert_eq!(details.get(field), None, "{field}");
    }
    for field in ["mobile", "stateCode"] {
        assert_eq!(profile.get(field), None, "{field}");
    }
    assert_eq!(profile["nick"], "张伟");
}

#[tokio::test]
async fn the_types_of_the_documented_samples_can_be_had() {
    let fake = Fake::start();
    fake.set_app(json!({"stringTypes": true})).await;
    let body = fake
        .old("/topapi/v2/user/get", json!({"userid": "user-huanglei"}))
        .await
        .json();
    assert_eq!(body["errcode"], "0");
    let result = &body["result"];
    assert_eq!(result["active"], "true");
    assert_eq!(result["dept_id_list"], "[919600001,919600002]");
    assert_eq!(
        result["dept_order_list"],
        json!({"dept_id": "919600001", "order": "176188733616559512"})
    );
    let found = fake
        .old(
            "/topapi/user/getbyunionid",
            json!({"unionid": "union-lina"}),
        )
        .await
        .json();
    assert_eq!(found["result"]["contact_type"], "0");
}

#[tokio::test]
async fn a_crowd_can_be_hired() {
    let fake = Fake::start();
    for count in [3, 5] {
        let body = json!({"count": count});
        fake.control(reqwest::Method::POST, "/people", body).await;
    }
    let people = fake.get("/_sandbox/people").await.json();
    assert_eq!(people.as_array().unwrap().len(), seed::people().len() + 5);
    assert_eq!(details(&fake, "employee5").await["mobile"], "13900000005");
    assert_eq!(
        profile(&fake, "employee1").await["unionId"],
        "union-employee1"
    );
    let answer = fake
        .post("/_sandbox/people", json!({"count": 10_001}))
        .await;
    assert_eq!(answer.status, 400);
}
