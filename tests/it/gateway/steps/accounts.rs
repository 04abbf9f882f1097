//! Accounts and their bindings.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use nocobase_dingtalk::domain::directory::{
    NewAccount, NewDepartment, Profile, Step, StepError, StepOutcome, bind,
};
use nocobase_dingtalk::domain::profile::Field;
use nocobase_dingtalk::store::NewUser;
use serde_json::json;

use super::{AUTHENTICATOR, NEW, Office, answer, binding, person, refused, sorted};

#[actix_web::test]
async fn an_account_is_looked_for_before_it_is_made() {
    let office = Office::open().await;
    let step = Step::CreateAccount(person(&["member", "root", "no-such-role"]));
    let made = office.apply(step.clone()).await.unwrap();
    assert_eq!(made, StepOutcome::Made(office.account));
    let call =
        r#"POST users:create {"nickname":"Lina","phone":"+8613900000001","roles":["member"]}"#;
    assert_eq!(sorted(office.asked()), sorted(vec![call.to_owned()]));
    assert_eq!(office.bound().await.as_deref(), Some("lina"));
    assert_eq!(office.apply(step).await.unwrap(), made);
    assert_eq!(
        office.asked(),
        [""; 0],
        "the binding says whose account it is"
    );

    let tried = NewAccount {
        binding: binding("another"),
        tried_at: Some(office.now()),
        ..person(&[])
    };
    // Nobody was made by the earlier try; and the account that the script gives is Lina's.
    let done = office.apply(Step::CreateAccount(tried)).await;
    assert!(matches!(done, Err(StepError::BoundToAnother)), "{done:?}");
    let asked = office.asked();
    assert!(asked[0].starts_with("GET users:list?filter="), "{asked:?}");
    assert!(asked[1].starts_with("POST users:create"), "{asked:?}");
    assert!(
        asked[2].starts_with("POST users:destroy"),
        "it was made a moment ago: {asked:?}"
    );
}

#[actix_web::test]
async fn what_an_earlier_try_has_made_is_found_and_nothing_older() {
    let found = Arc::new(Mutex::new(json!([])));
    let rows = found.clone();
    let office = Office::with(move |action, _| {
        matches!(action, "users:list" | "departments:list")
            .then(|| answer(&json!({"data": *rows.lock().unwrap()})))
    })
    .await;
    let tried_at = office.now();
    let row = |id, at: DateTime<Utc>| json!({"id": id, "createdAt": at});
    // NocoBase's clock may be a minute behind.
    let new = tried_at - TimeDelta::minutes(1);
    let old = new - TimeDelta::milliseconds(1);
    let step = Step::CreateDepartment(NewDepartment {
        title: "R&D".to_owned(),
        parent: None,
        order: None,
        tried_at: Some(tried_at),
    });
    *found.lock().unwrap() = json!([row(11, new), row(10, old)]);
    assert_eq!(
        office.apply(step.clone()).await.unwrap(),
        StepOutcome::Made(11)
    );
    assert_eq!(office.asked().len(), 1);
    assert_eq!(
        office.apply(step).await.unwrap(),
        StepOutcome::Made(NEW),
        "not for two"
    );

    let step = Step::CreateAccount(NewAccount {
        tried_at: Some(tried_at),
        ..person(&[])
    });
    *found.lock().unwrap() = json!([row(office.account, new)]);
    office.asked();
    assert_eq!(
        office.apply(step).await.unwrap(),
        StepOutcome::Made(office.account)
    );
    let asked = office.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].contains("createdById"), "{asked:?}");
    assert_eq!(office.bound().await.as_deref(), Some("lina"));
}

#[actix_web::test]
async fn what_an_earlier_try_has_made_is_not_taken_from_whom_it_was_bound_to() {
    let office = Office::with(move |action, _| {
        (action == "users:list").then(|| {
            let made = json!({"id": 1, "createdAt": "2999-01-01T00:00:00Z"});
            answer(&json!({"data": [made]}))
        })
    })
    .await;
    let app = office.gateway.server.app.clone();
    let bound = async move { bind(&app.store, AUTHENTICATOR, 1, &binding("namesake")).await };
    office.gateway.server.does(bound).await.unwrap();
    let step = Step::CreateAccount(NewAccount {
        tried_at: Some(office.now()),
        ..person(&[])
    });
    let made = office.apply(step).await.unwrap();
    assert_eq!(made, StepOutcome::Made(office.account), "a new one");
    let asked = office.asked();
    assert!(asked[1].starts_with("POST users:create"), "{asked:?}");
}

#[actix_web::test]
async fn a_number_or_address_that_another_account_has_is_named_when_nocobase_refuses() {
    let office = Office::with(|action, body| {
        let status = if body.contains("later") { 503 } else { 500 };
        (action == "users:update").then(|| refused(status, "", "no"))
    })
    .await;
    let app = office.gateway.server.app.clone();
    let other = NewUser {
        phone: Some("+8613900000009".to_owned()),
        email: Some("li@example.com".to_owned()),
        ..NewUser::default()
    };
    let made = async move { app.store.create_user(other).await };
    let other = office.gateway.server.does(made).await.unwrap().id;
    let update = async |account, phone: Option<&str>, email: Option<&str>, nickname: &str| {
        let profile = Profile {
            nickname: Some(nickname.to_owned()),
            phone: phone.map(str::to_owned),
            email: email.map(str::to_owned),
            ..Profile::default()
        };
        office.apply(Step::UpdateAccount { account, profile }).await
    };
    let (account, phone, email) = (
        office.account,
        Some("+8613900000009"),
        Some("li@example.com"),
    );
    let done = update(account, phone, email, "x").await;
    assert!(
        matches!(done, Err(StepError::Taken(Field::Phone))),
        "{done:?}"
    );
    let done = update(account, None, email, "x").await;
    assert!(
        matches!(done, Err(StepError::Taken(Field::Email))),
        "{done:?}"
    );
    let done = update(other, phone, email, "x").await;
    assert!(
        matches!(done, Err(StepError::Refused(_))),
        "its own: {done:?}"
    );
    let done = update(account, phone, email, "later").await;
    assert!(matches!(done, Err(StepError::Unavailable(_))), "{done:?}");
}
