//! Messages of NocoBase's inbox to very many people, and very long ones.

use serde_json::Value;

use super::forwarding::{bound, forward, gateway, look, now, received, row, run};
use crate::support::eventually;

/// Receivers of one send.
const MANY: i64 = 10_000;

#[actix_web::test]
async fn of_ten_thousand_receivers_each_who_is_bound_gets_the_message_once() {
    let gateway = gateway().await;
    let (lina, zhang) = (
        bound(&gateway, "lina").await,
        bound(&gateway, "zhangwei").await,
    );
    forward(&gateway, "news").await;
    let at = now(&gateway);
    let others = (1..MANY - 1).map(|number| 1_000_000 + number);
    let all: Vec<i64> = [lina].into_iter().chain(others).chain([zhang]).collect();
    for part in all.chunks(1000) {
        let rows: Vec<_> = part
            .iter()
            .map(|user| {
                format!("('00000000-0000-4000-8000-{user:012}', {user}, 'news', 'To all', 'c', {at}, '{{}}')")
            })
            .collect();
        let rows = rows.join(", ");
        run(
            &gateway,
            &format!(r#"INSERT INTO "notificationInAppMessages" VALUES {rows}"#),
        )
        .await;
    }
    look(&gateway).await;
    let token = gateway.root_token().await;
    let listed = async |filter: &str| {
        let path = format!("/api/dingtalkMessages:list?pageSize=1&filter={filter}");
        gateway.browser().get_as(&token, &path).await.json()["meta"]["count"].clone()
    };
    eventually("all rows", async || {
        listed(r#"{"state":"notBound"}"#).await == MANY - 2
    })
    .await;
    eventually("both", async || received(&gateway).await.len() == 2).await;
    look(&gateway).await;
    let mut got = received(&gateway).await;
    got.sort();
    let people: Vec<_> = got.iter().map(|(person, _)| person.as_str()).collect();
    assert_eq!(people, ["user-lina", "user-zhangwei"]);
}

#[actix_web::test]
async fn a_huge_text_arrives_as_far_as_dingtalk_takes_it_and_says_that_it_goes_on() {
    let gateway = gateway().await;
    let lina = bound(&gateway, "lina").await;
    forward(&gateway, "news").await;
    // NocoBase's column takes 65 535 bytes on MariaDB.
    let huge = "A&amp;B 你好 ".repeat(4_000);
    row(&gateway, now(&gateway), 1, lina, "news", &huge, "").await;
    look(&gateway).await;
    eventually("the message", async || !received(&gateway).await.is_empty()).await;
    let got = received(&gateway).await;
    let [(_, words)] = got.as_slice() else {
        panic!("{} messages", got.len());
    };
    assert!(words.starts_with("A title\nA&B 你好 A&B"), "{words}");
    assert!(words.ends_with('…'), "{words}");
    assert!((1500..2048).contains(&words.len()), "{}", words.len());
    let shown = Value::from(words.as_str());
    assert!(!shown.to_string().contains("&amp;"), "{shown}");
}
