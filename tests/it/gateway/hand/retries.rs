//! What an earlier try has made, and what is somebody else's.

use chrono::TimeDelta;
use entity::{directory_department, directory_member};
use nocobase_dingtalk::domain::directory::{NewAccount, NewDepartment, Outcome, Step};
use serde_json::json;

use super::{NEW, Office, answer, person};

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
    assert_eq!(office.apply(step).await.unwrap(), Outcome::Made(NEW));
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
        person: "union-namesake".to_owned(),
        external_id: "namesake".to_owned(),
        name: "Lina".to_owned(),
        phone: None,
        email: None,
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
    assert_eq!(made, Outcome::Made(office.account), "a new one");
    let asked = office.asked();
    assert!(asked[1].starts_with("POST users:create"), "{asked:?}");
}
