//! Departments and who is in them.

use std::sync::Mutex;

use nocobase_dingtalk::domain::directory::{Outcome, Step, StepError};
use serde_json::json;

use super::{GONE, HERE, NEW, Office, answer, department, refused, sorted};

#[actix_web::test]
async fn departments_are_kept_by_the_calls_that_were_measured() {
    let office = Office::open().await;
    let get = format!("GET departments:get?filterByTk={HERE}&fields=id%2CparentId");
    let update = format!("POST departments:update?filterByTk={HERE}");
    let (one, people) = (office.account, vec![office.account, 8]);
    for (step, outcome, calls) in [
        (
            department(Some(HERE)),
            Outcome::Made(NEW),
            vec![
                get.clone(),
                format!(
                    r#"POST departments:create {{"title":"R&D","parent":{{"id":{HERE}}},"sort":3}}"#
                ),
            ],
        ),
        (
            department(None),
            Outcome::Made(NEW),
            vec![r#"POST departments:create {"title":"R&D","sort":3}"#.to_owned()],
        ),
        (
            Step::RenameDepartment {
                department: HERE,
                title: "Labs".to_owned(),
            },
            Outcome::Done,
            vec![format!(r#"{update} {{"title":"Labs"}}"#)],
        ),
        (
            Step::MoveDepartment {
                department: HERE,
                parent: Some(NEW),
            },
            Outcome::Done,
            vec![
                get.clone(),
                format!("GET departments:get?filterByTk={NEW}&fields=id%2CparentId"),
                format!(r#"{update} {{"parent":{{"id":{NEW}}}}}"#),
            ],
        ),
        (
            Step::MoveDepartment {
                department: HERE,
                parent: None,
            },
            Outcome::Done,
            vec![get.clone(), format!(r#"{update} {{"parent":null}}"#)],
        ),
        (
            Step::RemoveDepartment { department: HERE },
            Outcome::Done,
            vec![
                get.clone(),
                format!("POST departments:destroy?filterByTk={HERE} {{}}"),
            ],
        ),
        (
            Step::RemoveDepartment { department: GONE },
            Outcome::Done,
            vec!["GET departments:get?filterByTk=404&fields=id%2CparentId".to_owned()],
        ),
        (
            Step::AddMembers {
                department: HERE,
                accounts: people.clone(),
            },
            Outcome::Done,
            vec![format!("POST departments/{HERE}/members:add [{one},8]")],
        ),
        (
            Step::RemoveMembers {
                department: HERE,
                accounts: people,
            },
            Outcome::Done,
            vec![format!("POST departments/{HERE}/members:remove [{one},8]")],
        ),
        (
            Step::SetOwner {
                department: HERE,
                account: one,
                is_owner: true,
            },
            Outcome::Done,
            vec![format!(
                r#"POST departments:setOwner {{"userId":{one},"departmentId":{HERE}}}"#
            )],
        ),
        (
            Step::SetOwner {
                department: HERE,
                account: one,
                is_owner: false,
            },
            Outcome::Done,
            vec![format!(
                r#"POST departments:removeOwner {{"userId":{one},"departmentId":{HERE}}}"#
            )],
        ),
        (
            Step::SetMainDepartment {
                account: one,
                department: HERE,
            },
            Outcome::Done,
            vec![format!(
                r#"POST users:update?filterByTk={one} {{"mainDepartmentId":{HERE}}}"#
            )],
        ),
    ] {
        assert_eq!(
            office.apply(step.clone()).await.unwrap(),
            outcome,
            "{step:?}"
        );
        assert_eq!(sorted(office.asked()), sorted(calls), "{step:?}");
    }
    let step = department(Some(GONE));
    assert!(matches!(office.apply(step).await, Err(StepError::Gone)));
    assert_eq!(office.asked().len(), 1, "NocoBase would make the parent");
    let many = Step::AddMembers {
        department: HERE,
        accounts: (100..350).collect(),
    };
    office.apply(many).await.unwrap();
    assert_eq!(office.asked().len(), 3, "a hundred people a call");
}

/// NocoBase does what it is asked for, and then cannot write down that something is in a department.
#[actix_web::test]
async fn a_department_can_be_opened_also_when_others_were_in_the_way() {
    let office = Office::with(|action, _| {
        let found = [json!({"id": NEW, "createdAt": "2999-01-01T00:00:00.000Z"})];
        match action {
            "departments:list" => Some(answer(&json!({"data": found}))),
            "departments:create" => Some(refused(500, "", "SQLITE_BUSY: database is locked")),
            _ => None,
        }
    })
    .await;
    let made = office.apply(department(Some(HERE))).await.unwrap();
    assert_eq!(made, Outcome::Made(NEW));
    let asked = office.asked();
    let creations = asked.iter().filter(|call| call.contains(":create"));
    assert_eq!(creations.count(), 1, "it is there: {asked:?}");
    let opened = format!(r#"POST departments:update?filterByTk={HERE} {{"isLeaf":false}}"#);
    assert_eq!(asked.last(), Some(&opened));
}

#[actix_web::test]
async fn a_department_that_was_left_empty_looks_empty_also_when_others_were_in_the_way() {
    const OLD: i64 = 77;
    let busy = Mutex::new(true);
    let office = Office::with(move |action, _| match action {
        "departments:get" => Some(answer(&json!({"data": {"id": HERE, "parentId": OLD}}))),
        "departments:update" if std::mem::take(&mut *busy.lock().unwrap()) => {
            Some(refused(500, "", "SQLITE_BUSY: database is locked"))
        }
        _ => None,
    })
    .await;
    let step = Step::MoveDepartment {
        department: HERE,
        parent: Some(NEW),
    };
    assert_eq!(office.apply(step).await.unwrap(), Outcome::Done);
    let asked = office.asked();
    let moves = asked.iter().filter(|call| call.contains(r#""parent""#));
    assert_eq!(moves.count(), 2, "{asked:?}");
    let closed = format!(r#"POST departments:update?filterByTk={OLD} {{"isLeaf":true}}"#);
    assert_eq!(asked.last(), Some(&closed));
}
