//! The order of messages that go on to DingTalk, and what goes at the same time.

use serde_json::{Value, json};

use super::forwarding::{ASK, bound, forward, gateway, look, now, received, run};
use crate::support::eventually;

#[actix_web::test]
async fn a_slow_answer_holds_up_nobody_else_and_no_message_overtakes_another() {
    let gateway = gateway().await;
    let (lina, zhang) = (
        bound(&gateway, "lina").await,
        bound(&gateway, "zhangwei").await,
    );
    forward(&gateway, "news").await;
    // DingTalk takes each message at once, and answers when this test has seen what it wants to see.
    let slow = 3_000;
    gateway
        .app
        .sandbox
        .fault(ASK, "slowBody", Value::Null, slow)
        .await;
    // Made before, so that only one request lies between the second receipt and the list of states.
    let token = gateway.root_token().await;
    let mut browser = gateway.browser();
    let at = now(&gateway);
    let rows = [(lina, "first"), (zhang, "other"), (lina, "second")];
    let rows: Vec<_> = rows
        .iter()
        .zip(1..)
        .map(|((user, words), number)| {
            let at = at + number;
            format!("('00000000-0000-4000-8000-{number:012}', {user}, 'news', 't', '{words}', {at}, '{{}}')")
        })
        .collect();
    let rows = rows.join(", ");
    let insert = r#"INSERT INTO "notificationInAppMessages" VALUES"#;
    run(&gateway, &format!("{insert} {rows}")).await;
    let looks = look(&gateway);
    let seen = async {
        eventually("both first messages", async || {
            received(&gateway).await.len() >= 2
        })
        .await;
        let listed = browser
            .get_as(&token, "/api/dingtalkMessages:list?sort=id")
            .await
            .json();
        let states = listed["data"].as_array().unwrap().iter();
        states.map(|row| row["state"].clone()).collect::<Vec<_>>()
    };
    let ((), states) = futures_util::join!(looks, seen);
    assert_eq!(states, [json!("sending"), json!("sending")]);
    eventually("all", async || received(&gateway).await.len() == 3).await;
    let got = received(&gateway).await;
    let words: Vec<_> = got
        .iter()
        .filter(|(person, _)| person == "user-lina")
        .map(|(_, words)| words.as_str())
        .collect();
    assert_eq!(words, ["t\nfirst", "t\nsecond"]);
}
