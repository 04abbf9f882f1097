//! Work notifications and robots' messages.

use reqwest::Method;
use serde_json::{Value, json};

use dingtalk_sandbox::seed::{AGENT_ID, CLIENT_ID};

use crate::harness::{Answer, Fake};

const SEND: &str = "/topapi/message/corpconversation/asyncsend_v2";
const PROGRESS: &str = "/topapi/message/corpconversation/getsendprogress";
const RESULT: &str = "/topapi/message/corpconversation/getsendresult";
const RECALL: &str = "/topapi/message/corpconversation/recall";

fn text(content: &str) -> Value {
    json!({"msgtype": "text", "text": {"content": content}})
}

async fn send(fake: &Fake, people: &str, message: Value) -> i64 {
    let body = json!({"agent_id": AGENT_ID, "userid_list": people, "msg": message});
    let answer = fake.old(SEND, body).await;
    assert_eq!(answer.reason(), "0", "{}", answer.text);
    answer.json()["task_id"].as_i64().unwrap()
}

async fn result(fake: &Fake, task: i64) -> Value {
    let body = json!({"agent_id": AGENT_ID, "task_id": task});
    fake.old(RESULT, body).await.json()["send_result"].clone()
}

/// Moves the clock to noon in China, so that no day ends in the middle of a test.
async fn noon(fake: &Fake) {
    let stand = json!({"advanceSeconds": 0});
    let now = fake.control(Method::POST, "/clock", stand).await["now"]
        .as_i64()
        .unwrap();
    let ahead = (4 * 3600 - now).rem_euclid(24 * 3600);
    fake.advance(u32::try_from(ahead).unwrap()).await;
}

async fn robot(fake: &Fake, method: Method, path: &str, body: Value) -> Answer {
    let token = fake.app_token().await;
    let request = fake.request(method.clone(), &format!("/v1.0/robot/{path}"));
    let request = request.header("x-acs-dingtalk-access-token", token);
    fake.send(if method == Method::GET {
        request
    } else {
        request.json(&body)
    })
    .await
}

#[tokio::test]
async fn a_notification_arrives_and_is_read() {
    let fake = Fake::start();
    let task = send(&fake, "user-lina,user-nobody,user-wuqiang", text("你好")).await;
    let done = fake
        .old(PROGRESS, json!({"agent_id": AGENT_ID, "task_id": task}))
        .await;
    assert_eq!(
        done.json()["progress"],
        json!({"progress_in_percent": 100, "status": 2})
    );
    let told = result(&fake, task).await;
    assert_eq!(
        told["invalid_user_id_list"],
        json!(["user-nobody", "user-wuqiang"])
    );
    assert_eq!(told["unread_user_id_list"], json!(["user-lina"]));
    let page = fake.get("/_sandbox/inbox/lina").await;
    assert!(
        page.text.contains("你好") && page.text.contains("Mark as read"),
        "{}",
        page.text
    );
    let read = fake
        .send(fake.request(Method::POST, "/_sandbox/inbox/lina/1/read"))
        .await;
    assert_eq!(
        (read.status, read.location.as_deref()),
        (303, Some("/_sandbox/inbox/lina"))
    );
    assert_eq!(
        result(&fake, task).await["read_user_id_list"],
        json!(["user-lina"])
    );
    let recalled = fake
        .old(RECALL, json!({"agent_id": AGENT_ID, "msg_task_id": task}))
        .await;
    assert_eq!(recalled.reason(), "0");
    assert!(!fake.get("/_sandbox/inbox/lina").await.text.contains("你好"));
}

#[tokio::test]
async fn a_form_carries_the_message_as_text() {
    let fake = Fake::start();
    let token = fake.app_token().await;
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("agent_id", &AGENT_ID.to_string())
        .append_pair("dept_id_list", "919600003")
        .append_pair("msg", &text("all").to_string())
        .finish();
    let answer = fake
        .post_form(&format!("{SEND}?access_token={token}"), &form)
        .await;
    let told = result(&fake, answer.json()["task_id"].as_i64().unwrap()).await;
    let below = json!(["user-chenjing", "user-sunhao", "user-zhaomin"]);
    assert_eq!(told["unread_user_id_list"], below, "those below, too");
}

#[tokio::test]
async fn the_same_text_and_too_many_are_dropped_without_a_word() {
    let fake = Fake::start();
    noon(&fake).await;
    let limits = json!({"perPersonAndDay": 2, "perMinute": 6});
    fake.control(Method::PUT, "/messages", limits).await;
    let dropped = async |content: &str| {
        let task = send(&fake, "user-lina", text(content)).await;
        let told = result(&fake, task).await;
        told["forbidden_list"][0]["code"].clone()
    };
    assert_eq!(dropped("a").await, Value::Null);
    assert_eq!(dropped("a").await, "143106");
    assert_eq!(dropped("b").await, Value::Null);
    assert_eq!(dropped("c").await, "143105");
    fake.advance(24 * 3600).await;
    fake.control(Method::POST, "/tokens/revoke", json!({}))
        .await;
    assert_eq!(dropped("a").await, Value::Null, "a new day");
    let crowd =
        "user-lina,user-weiming,user-marie,user-zhangwei,user-chenjing,user-sunhao,user-wangfang";
    let told = result(&fake, send(&fake, crowd, text("crowd")).await).await;
    let codes = told["forbidden_list"].as_array().unwrap();
    assert!(codes.iter().any(|it| it["code"] == "143103"), "{told}");
}

#[tokio::test]
async fn wrong_notifications_are_refused() {
    let fake = Fake::start();
    let good = json!({"agent_id": AGENT_ID, "userid_list": "user-lina", "msg": text("x")});
    let many = vec!["user-lina"; 101].join(",");
    for (field, value, code) in [
        ("agent_id", json!(1), "40056"),
        ("agent_id", json!(null), "40035"),
        ("msg", json!({"msgtype": "dance"}), "400002"),
        ("msg", json!({"msgtype": "text", "text": {}}), "400002"),
        ("msg", text(&"长".repeat(700)), "400002"),
        ("userid_list", json!("user-nobody"), "33012"),
        ("userid_list", json!(""), "400002"),
        ("userid_list", json!(many), "400002"),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        assert_eq!(fake.old(SEND, body).await.reason(), code, "{field} {value}");
    }
    let unknown = json!({"agent_id": AGENT_ID, "task_id": 7});
    assert_eq!(fake.old(RESULT, unknown).await.reason(), "400002");
    let task = send(&fake, "user-lina", text("old")).await;
    fake.advance(24 * 3600).await;
    let late = json!({"agent_id": AGENT_ID, "task_id": task});
    assert_eq!(fake.old(RESULT, late).await.reason(), "400002");
}

#[tokio::test]
async fn a_task_can_take_its_time() {
    let fake = Fake::start();
    fake.control(Method::PUT, "/messages", json!({"takesSeconds": 1000}))
        .await;
    let task = send(&fake, "user-lina", text("slow")).await;
    let status = async || {
        let body = json!({"agent_id": AGENT_ID, "task_id": task});
        fake.old(PROGRESS, body).await.json()["progress"]["status"].clone()
    };
    fake.advance(500).await;
    assert_eq!(status().await, 1);
    fake.advance(500).await;
    assert_eq!(status().await, 2);
}

#[tokio::test]
async fn cards_show_what_was_sent_and_nothing_else() {
    let fake = Fake::start();
    let inside = "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fapp.example%2Frecord%2F1&pc_slide=false";
    let card = json!({"msgtype": "action_card", "action_card": {
        "title": "<b>标题</b>", "markdown": "# 大\n- **要点** [more](https://more.example/)\n<script>", "single_title": "Open", "single_url": inside,
    }});
    let form = json!({"msgtype": "oa", "oa": {
        "message_url": "javascript:alert(1)", "head": {"text": "NocoBase"},
        "body": {"title": "请假", "form": [{"key": "姓名:", "value": "李娜"}], "rich": {"num": "15.6", "unit": "元"}},
    }});
    for message in [card, form] {
        send(&fake, "user-lina", message).await;
    }
    let page = fake.get("/_sandbox/inbox/lina").await.text;
    for shown in [
        "&lt;b&gt;标题&lt;/b&gt;",
        "<strong>要点</strong>",
        "href=\"https://app.example/record/1\"",
        "href=\"https://more.example/\"",
        "&lt;script&gt;",
        "<dt>姓名:</dt><dd>李娜</dd>",
        "15.6 元",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(!page.contains("javascript:"));
    assert_eq!(fake.get("/_sandbox/inbox/nobody").await.status, 404);
}

#[tokio::test]
async fn a_robot_writes_to_single_people() {
    let fake = Fake::start();
    let body = json!({
        "robotCode": CLIENT_ID, "userIds": ["user-lina", "user-nobody"],
        "msgKey": "sampleMarkdown", "msgParam": json!({"title": "t", "text": "**x**"}).to_string(),
    });
    let sent = robot(&fake, Method::POST, "oToMessages/batchSend", body.clone())
        .await
        .json();
    assert_eq!(sent["invalidStaffIdList"], json!(["user-nobody"]));
    let key = sent["processQueryKey"].as_str().unwrap();
    let status = format!("oToMessages/readStatus?robotCode={CLIENT_ID}&processQueryKey={key}");
    let told = robot(&fake, Method::GET, &status, Value::Null).await.json();
    assert_eq!(told["sendStatus"], "SUCCESS");
    let info = json!([{"name": "李娜", "userId": "user-lina", "readStatus": "UNREAD"}]);
    assert_eq!(told["messageReadInfoList"], info);
    assert!(
        fake.get("/_sandbox/inbox/lina")
            .await
            .text
            .contains("<strong>x</strong>")
    );
    let recall = json!({"robotCode": CLIENT_ID, "processQueryKeys": [key, "unknown"]});
    let recalled = robot(&fake, Method::POST, "otoMessages/batchRecall", recall)
        .await
        .json();
    assert_eq!(recalled["successResult"], json!([key]));
    assert!(recalled["failedResult"]["unknown"].is_string());
    for (field, value, code) in [
        ("robotCode", json!(""), "invalidParameter.robotCode.empty"),
        (
            "robotCode",
            json!("x"),
            "invalidParameter.robotCode.notExsit",
        ),
        ("userIds", json!([]), "invalidParameter.userIds.empty"),
        (
            "userIds",
            json!(vec!["u"; 21]),
            "invalidParameter.userIds.overMax",
        ),
        (
            "msgKey",
            json!("sampleDance"),
            "invalidParameter.msgKey.invalid",
        ),
        (
            "msgParam",
            json!("no json"),
            "invalidParameter.msgParam.invalid",
        ),
        ("msgParam", json!(null), "MissingmsgParam"),
    ] {
        let mut wrong = body.clone();
        wrong[field] = value;
        let answer = robot(&fake, Method::POST, "oToMessages/batchSend", wrong).await;
        assert_eq!(
            (answer.status, answer.reason().as_str()),
            (400, code),
            "{field}"
        );
    }
    fake.set_app(json!({"permissions": []})).await;
    let refused = robot(&fake, Method::POST, "oToMessages/batchSend", body).await;
    assert!(refused.status == 403 && refused.text.contains("qyapi_robot_sendmsg"));
}
