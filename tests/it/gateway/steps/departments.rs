//! Departments and who is in them.

use std::sync::Mutex;

use nocobase_dingtalk::domain::directory::{Step, StepError, StepOutcome};
use serde_json::json;

use super::{GONE, HERE, NEW, Office, PARENT, answer, department, refused, sorted};

#[actix_web::test]
async fn departments_are_kept_by_the_calls_that_were_measured() {
    let office = Office::open().await;
    let get = format!("GET departments:get?filterByTk={HERE}&fields=id");
    let update = format!("POST departments:update?filterByTk={HERE}");
    let (one, people) = (office.account, vec![office.account, 8]);
    for (step, outcome, calls) in [
        (
            department(Some(HERE)),
            StepOutcome::Made(NEW),
            vec![
                get.clone(),
                format!(
                    r#"POST departments:create {{"title":"R&D","parent":{{"id":{HERE}}},"sort":3}}"#
                ),
            ],
        ),
        (
            department(None),
            StepOutcome::Made(NEW),
            vec![r#"POST departments:create {"title":"R&D","sort":3}"#.to_owned()],
        ),
        (
            Step::RenameDepartment {
                department: HERE,
                title: "Labs".to_owned(),
            },
            StepOutcome::Done,
            vec![format!(r#"{update} {{"title":"Labs"}}"#)],
        ),
        (
            Step::MoveDepartment {
                department: HERE,
                parent: Some(NEW),
            },
            StepOutcome::Done,
            vec![
                format!("GET departments:get?filterByTk={NEW}&fields=id%2CisLeaf"),
                format!(r#"POST departments:update?filterByTk={NEW} {{"isLeaf":false}}"#),
                format!(r#"{update} {{"parent":{{"id":{NEW},"isLeaf":false}}}}"#),
            ],
        ),
        (
            Step::MoveDepartment {
                department: HERE,
                parent: Some(PARENT),
            },
            StepOutcome::Done,
            vec![
                format!("GET departments:get?filterByTk={PARENT}&fields=id%2CisLeaf"),
                format!(r#"{update} {{"parent":{{"id":{PARENT},"isLeaf":false}}}}"#),
            ],
        ),
        (
            Step::MoveDepartment {
                department: HERE,
                parent: None,
            },
            StepOutcome::Done,
            vec![format!(r#"{update} {{"parent":null}}"#)],
        ),
        (
            Step::RemoveDepartment { department: HERE },
            StepOutcome::Done,
            vec![
                get.clone(),
                format!("POST departments:destroy?filterByTk={HERE} {{}}"),
            ],
        ),
        (
            Step::RemoveDepartment { department: GONE },
            StepOutcome::Done,
            vec!["GET departments:get?filterByTk=404&fields=id".to_owned()],
        ),
        (
            Step::AddMembers {
                department: HERE,
                accounts: people.clone(),
            },
            StepOutcome::Done,
            vec![format!("POST departments/{HERE}/members:add [{one},8]")],
        ),
        (
            Step::RemoveMembers {
                department: HERE,
                accounts: people,
            },
            StepOutcome::Done,
            vec![format!("POST departments/{HERE}/members:remove [{one},8]")],
        ),
        (
            Step::SetOwner {
                department: HERE,
                account: one,
                is_owner: true,
            },
            StepOutcome::Done,
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
            StepOutcome::Done,
            vec![format!(
                r#"POST departments:removeOwner {{"userId":{one},"departmentId":{HERE}}}"#
            )],
        ),
        (
            Step::SetMainDepartment {
                account: one,
                department: HERE,
            },
            StepOutcome::Done,
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

/// What a step comes to when NocoBase answers a call like this, and has the department the first `times` times that it is
/// asked for it.
async fn when(
    step: Step,
    call: &'static str,
    status: u16,
    times: usize,
) -> Result<StepOutcome, StepError> {
    let left = Mutex::new(times);
    let office = Office::with(move |action, _| match action {
        "departments:get" => {
            let mut left = left.lock().unwrap();
            let row = (*left > 0).then(|| json!({"id": HERE, "isLeaf": true}));
            *left = left.saturating_sub(1);
            Some(answer(&json!({"data": row})))
        }
        action if action.ends_with(call) => Some(refused(status, "", "no")),
        _ => None,
    })
    .await;
    office.apply(step).await
}

#[actix_web::test]
async fn a_refusal_means_that_a_department_is_gone_only_where_it_is() {
    let remove = || Step::RemoveDepartment { department: HERE };
    let destroy = "departments:destroy";
    let done = when(remove(), destroy, 400, 9).await;
    assert_eq!(done.unwrap(), StepOutcome::Kept, "somebody is in it");
    let done = when(remove(), destroy, 500, 1).await;
    assert_eq!(
        done.unwrap(),
        StepOutcome::Done,
        "somebody else has removed it"
    );
    let done = when(remove(), destroy, 500, 9).await;
    assert!(matches!(done, Err(StepError::Refused(_))), "{done:?}");
    let done = when(remove(), destroy, 503, 1).await;
    assert!(matches!(done, Err(StepError::Unavailable(_))), "{done:?}");

    let rename = || Step::RenameDepartment {
        department: HERE,
        title: "x".to_owned(),
    };
    let add = || Step::AddMembers {
        department: HERE,
        accounts: vec![8],
    };
    for (step, call) in [(rename(), "departments:update"), (add(), "members:add")] {
        let done = when(step.clone(), call, 400, 0).await;
        assert!(matches!(done, Err(StepError::Gone)), "{step:?}: {done:?}");
        let done = when(step.clone(), call, 400, 9).await;
        let is_refused = matches!(done, Err(StepError::Refused(_)));
        assert!(is_refused, "{step:?}: {done:?}");
        let done = when(step.clone(), call, 503, 0).await;
        let is_later = matches!(done, Err(StepError::Unavailable(_)));
        assert!(is_later, "{step:?}: {done:?}");
    }
}
