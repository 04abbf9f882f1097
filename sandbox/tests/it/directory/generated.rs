//! Companies that are generated.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::{LIST, company, members, result, tree};

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
