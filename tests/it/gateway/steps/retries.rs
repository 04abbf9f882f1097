//! What an earlier try has made, and what is somebody else's.

use std::sync::{Arc, OnceLock};

use chrono::TimeDelta;
use entity::{directory_department, directory_member};
use nocobase_dingtalk::domain::directory::{NewAccount, NewDepartment, Step, StepOutcome, bind};
use nocobase_dingtalk::state::AppState;
use serde_json::json;
use tokio::runtime::Handle;

use super::{AUTHENTICATOR, NEW, Office, answer, binding, person};

#[actix_web::test]
async fn a_department_that_is_recorded_already_is_not_taken_for_another_of_its_name() {
    let office = Office::with(move |action, _| {
        (action == "departments:list").then(|| {
            let made = json!({"id": 11, "createdAt": "2999-01-01T00:00:00Z"});
            answer(&json!({"data": [made]}))
        })
    })
    .await;
    let app = office.gateway.server.app.clone();
    let row = directory_department::Model {
        source_id: 1,
        external_id: "k1".to_owned(),
        title: "R&D".to_owned(),
        parent_id: None,
        position: None,
        department_id: Some(11),
        tried_at: None,
    };
    let saved = async move { app.store.save_mirrored_departments(vec![row]).await };
    office.gateway.server.does(saved).await.unwrap();
    let step = Step::CreateDepartment(NewDepartment {
        title: "R&D".to_owned(),
        parent: None,
        order: None,
        tried_at: Some(office.now()),
    });
    assert_eq!(office.apply(step).await.unwrap(), StepOutcome::Made(NEW));
}

#[actix_web::test]
async fn an_account_that_is_recorded_already_is_not_taken_for_that_of_a_namesake() {
    let office = Office::with(move |action, _| {
        (action == "users:list").then(|| {
            let made = json!({"id": 1, "createdAt": "2999-01-01T00:00:00Z"});
            answer(&json!({"data": [made]}))
        })
    })
    .await;
    let app = office.gateway.server.app.clone();
    let now = office.now();
    let row = directory_member::Model {
        source_id: 1,
        stable_id: "union-namesake".to_owned(),
        external_id: "namesake".to_owned(),
        name: "Lina".to_owned(),
        phone: None,
        email: None,
        normalized_email: None,
        avatar: None,
        job_title: None,
        job_number: None,
        work_place: None,
        departments: json!([]),
        memberships: json!([]),
        digest: String::new(),
        user_id: Some(1),
        is_gone: true,
        gone_at: None,
        roles: json!([]),
        tried_at: None,
        updated_at: now,
    };
    let saved = async move { app.store.save_mirrored_people(vec![row]).await };
    office.gateway.server.does(saved).await.unwrap();
    let step = Step::CreateAccount(NewAccount {
        tried_at: Some(now - TimeDelta::seconds(1)),
        ..person(&[])
    });
    let made = office.apply(step).await.unwrap();
    assert_eq!(made, StepOutcome::Made(office.account), "a new one");
    let asked = office.asked();
    assert!(asked[1].starts_with("POST users:create"), "{asked:?}");
}

#[actix_web::test]
async fn an_account_that_was_only_found_is_not_deleted_when_its_person_signs_in_meanwhile() {
    type Late = (Handle, Arc<AppState>, i64);
    let late: Arc<OnceLock<Late>> = Arc::default();
    let comes = late.clone();
    let office = Office::with(move |action, _| {
        (action == "users:list").then(|| {
            let (handle, app, found) = comes.get().unwrap();
            // The person gets another account by signing in.
            let (person, another) = (binding("lina"), 1);
            let signs_in = bind(&app.store, AUTHENTICATOR, another, &person);
            handle.block_on(signs_in).unwrap();
            let made = json!({"id": found, "createdAt": "2999-01-01T00:00:00Z"});
            answer(&json!({"data": [made]}))
        })
    })
    .await;
    let server = &office.gateway.server;
    let handle = server.does(async { Handle::current() }).await;
    let set = late.set((handle, server.app.clone(), office.account));
    assert!(set.is_ok());
    let step = Step::CreateAccount(NewAccount {
        tried_at: Some(office.now()),
        ..person(&[])
    });
    assert_eq!(office.apply(step).await.unwrap(), StepOutcome::Made(1));
    let asked = office.asked();
    assert_eq!(asked.len(), 1, "nothing is deleted: {asked:?}");
}
