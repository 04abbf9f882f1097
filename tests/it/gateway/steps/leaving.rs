//! What ends rights.

use std::collections::BTreeSet;

use nocobase_dingtalk::domain::directory::{Step, StepError, StepOutcome};
use serde_json::json;

use super::{HERE, Office, binding, refused};
use crate::support::nocobase::answer;

/// The steps that take something from somebody.
pub fn taking(account: i64) -> Vec<Step> {
    vec![
        Step::RemoveMembers {
            department: HERE,
            accounts: vec![account],
        },
        Step::SetOwner {
            department: HERE,
            account,
            is_owner: false,
        },
        Step::EndAccess { account },
        Step::Unbind { account },
        Step::DeleteAccount { account },
    ]
}

#[actix_web::test]
async fn rights_are_taken_by_the_calls_that_count_at_once_and_by_no_other() {
    let office = Office::open().await;
    let account = office.account;
    office.give_key().await;
    office
        .apply(Step::Bind {
            account,
            binding: binding("lina"),
        })
        .await
        .unwrap();
    office.apply(Step::EndAccess { account }).await.unwrap();
    let asked = office.asked();
    let (before, after) = asked[1].split_once(r#""password":""#).expect("a password");
    let password = after.trim_end_matches(r#""}"#);
    assert!(password.len() >= 40, "{asked:?}");
    assert_eq!(before, format!("POST users:update?filterByTk={account} {{"));
    assert_eq!(
        asked[0],
        format!(r#"POST users:update?filterByTk={account} {{"roles":[]}}"#)
    );
    assert!(
        asked[2].starts_with("POST apiKeys:destroy?filterByTk="),
        "{asked:?}"
    );
    assert_eq!(
        asked[3..],
        ["GET auth:check"],
        "asked with the key, which is refused"
    );
    assert_eq!((office.keys().await, office.bound().await), (0, None));

    let allowed: BTreeSet<_> = [
        "members:remove",
        "departments:removeOwner",
        "users:update",
        "apiKeys:destroy",
        "auth:check",
        "auth:signOut",
        "users:destroy",
    ]
    .into();
    office.give_key().await;
    for step in taking(account) {
        assert_eq!(
            office.apply(step.clone()).await.unwrap(),
            StepOutcome::Done,
            "{step:?}"
        );
    }
    for call in office.asked() {
        let action = call.split([' ', '?']).nth(1).unwrap_or_default();
        let action = action.rsplit('/').next().unwrap_or_default();
        assert!(allowed.contains(action), "{call}");
    }
}

#[actix_web::test]
async fn a_key_that_nocobase_goes_on_to_take_is_no_success() {
    let office = Office::with(|action, _| {
        (action == "auth:check").then(|| refused(401, "USER_HAS_NO_ROLES_ERR", "no roles"))
    })
    .await;
    let account = office.account;
    office.give_key().await;
    let done = office.apply(Step::EndAccess { account }).await;
    assert!(matches!(done, Err(StepError::Refused(_))), "{done:?}");
    assert_eq!(
        office.keys().await,
        1,
        "so that the next run tries it again"
    );
}

#[actix_web::test]
async fn a_key_that_nocobase_still_answers_is_no_success() {
    let office = Office::with(|action, _| {
        (action == "auth:check").then(|| answer(&json!({"data": {"id": 2}})))
    })
    .await;
    let account = office.account;
    office.give_key().await;
    let done = office.apply(Step::EndAccess { account }).await;
    let Err(StepError::Refused(why)) = &done else {
        panic!("{done:?}");
    };
    assert!(why.contains("goes on to take an API key"), "{why}");
    assert_eq!(office.keys().await, 1);
}

#[actix_web::test]
async fn root_and_the_account_that_acts_lose_nothing() {
    let office = Office::open().await;
    for step in taking(1) {
        let done = office.apply(step.clone()).await;
        assert!(
            matches!(done, Err(StepError::Protected)),
            "{step:?}: {done:?}"
        );
    }
    assert_eq!(office.asked(), [""; 0]);
    let done = office
        .apply(Step::Bind {
            account: 1,
            binding: binding("lina"),
        })
        .await;
    assert!(matches!(done, Err(StepError::Protected)), "{done:?}");
}
