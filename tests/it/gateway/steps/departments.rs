//! Departments and who is in them.

use nocobase_dingtalk::domain::directory::{Outcome, Step, StepError};

use super::{GONE, HERE, NEW, Office, PARENT, department, sorted};

#[actix_web::test]
async fn departments_are_kept_by_the_calls_that_were_measured() {
    let office = Office::open().await;
    let get = format!("GET departments:get?filterByTk={HERE}&fields=id");
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
            Outcome::Done,
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
            Outcome::Done,
            vec![format!(r#"{update} {{"parent":null}}"#)],
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
            vec!["GET departments:get?filterByTk=404&fields=id".to_owned()],
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
