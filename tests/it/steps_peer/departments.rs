//! Departments and who is in them.

use nocobase_dingtalk::domain::directory::{
    NewDepartment, Step, StepError, StepExecutor, StepOutcome,
};
use serde_json::{Value, json};

use super::{Peer, made, new_department, unique};

impl Peer {
    async fn department_row(&self, id: i64) -> Value {
        self.data(&format!("departments:get?filterByTk={id}")).await
    }

    /// Where a department is: its parent, and whether clients show a way to open it.
    async fn place(&self, id: i64) -> (Option<i64>, bool) {
        let row = self.department_row(id).await;
        let parent = &row["parentId"];
        let parent = parent.as_i64().or_else(|| parent.as_str()?.parse().ok());
        (parent, row["isLeaf"] == false)
    }

    /// Members of a department by id, and whether each owns it.
    async fn members(&self, department: i64) -> Vec<(i64, bool)> {
        let filter = json!({"departmentId": department});
        let rows = self
            .data(&format!(
                "departmentsUsers:list?filter={filter}&sort=userId"
            ))
            .await;
        let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
        let is_owner = |row: &Value| row["isOwner"] == true || row["isOwner"] == 1;
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| (number(&row["userId"]).unwrap(), is_owner(row)))
            .collect()
    }

    async fn main_department(&self, account: i64) -> Option<i64> {
        let row = self.data(&format!("users:get?filterByTk={account}")).await;
        let id = &row["mainDepartmentId"];
        id.as_i64().or_else(|| id.as_str()?.parse().ok())
    }
}

#[actix_web::test]
#[ignore = "needs a running NocoBase, see the head of this folder"]
async fn departments_are_made_moved_and_removed_so_that_both_clients_see_them() {
    let peer = Peer::start().await;
    assert!(
        peer.server
            .does({
                let executor = peer.executor.clone();
                async move { executor.has_departments().await.unwrap() }
            })
            .await
    );
    let (company, sales) = (unique("Company"), unique("Sales"));
    let top = peer.department(&company, None).await;
    assert_eq!(peer.place(top).await, (None, false));
    let below = peer.department(&sales, Some(top)).await;
    assert_eq!(peer.place(below).await, (Some(top), false));
    assert_eq!(peer.place(top).await, (None, true), "it can be opened");

    // The process that made it was killed before it could remember.
    let lately = peer.lately();
    let again = |title: &str, parent| NewDepartment {
        title: title.to_owned(),
        parent,
        order: Some(7),
        tried_at: Some(lately),
    };
    let executor = Peer::hand_of(&peer.server, peer.acting).await;
    let other = Peer {
        executor: executor.into(),
        ..peer
    };
    let found = other
        .apply(Step::CreateDepartment(again(&sales, Some(top))))
        .await;
    assert_eq!(made(found), below, "it is not made twice");
    let second = other
        .apply(Step::CreateDepartment(again(&sales, Some(top))))
        .await;
    let second = made(second);
    assert_ne!(second, below, "nor given back for two");
    let peer = other;
    assert_eq!(
        peer.apply(Step::RemoveDepartment { department: second })
            .await
            .unwrap(),
        StepOutcome::Done
    );

    let renamed = Step::RenameDepartment {
        department: below,
        title: "销售部".to_owned(),
    };
    peer.apply(renamed).await.unwrap();
    assert_eq!(peer.department_row(below).await["title"], "销售部");
    assert_eq!(peer.place(below).await, (Some(top), false));

    let elsewhere = peer.department(&unique("Elsewhere"), None).await;
    let put = |department, parent| Step::MoveDepartment { department, parent };
    peer.apply(put(below, Some(elsewhere))).await.unwrap();
    assert_eq!(peer.place(below).await, (Some(elsewhere), false));
    assert_eq!(peer.place(elsewhere).await, (None, true));
    assert_eq!(peer.place(top).await, (None, false));
    let circle = peer.apply(put(elsewhere, Some(below))).await;
    assert!(matches!(circle, Err(StepError::Refused(_))), "{circle:?}");

    let remove = |department| Step::RemoveDepartment { department };
    assert_eq!(
        peer.apply(remove(elsewhere)).await.unwrap(),
        StepOutcome::Kept
    );
    peer.apply(put(below, None)).await.unwrap();
    assert_eq!(peer.place(below).await, (None, false));
    assert_eq!(peer.place(elsewhere).await, (None, false));
    for department in [elsewhere, below, top] {
        for _ in 0..2 {
            assert_eq!(
                peer.apply(remove(department)).await.unwrap(),
                StepOutcome::Done
            );
        }
        assert!(peer.department_row(department).await.is_null());
    }
}

#[actix_web::test]
#[ignore = "needs a running NocoBase, see the head of this folder"]
async fn nothing_is_made_of_a_department_that_is_gone() {
    let peer = Peer::start().await;
    let gone = peer.department(&unique("Gone"), None).await;
    peer.apply(Step::RemoveDepartment { department: gone })
        .await
        .unwrap();
    let here = peer.department(&unique("Here"), None).await;
    let account = peer.account(&[]).await;
    let steps = vec![
        new_department(&unique("Below"), Some(gone)),
        Step::RenameDepartment {
            department: gone,
            title: "x".to_owned(),
        },
        Step::MoveDepartment {
            department: gone,
            parent: None,
        },
        Step::MoveDepartment {
            department: here,
            parent: Some(gone),
        },
        Step::AddMembers {
            department: gone,
            accounts: vec![account],
        },
        Step::RemoveMembers {
            department: gone,
            accounts: vec![account],
        },
    ];
    for (at, done) in peer.apply_all(steps).await.into_iter().enumerate() {
        assert!(matches!(done, Err(StepError::Gone)), "{at}: {done:?}");
    }
    assert!(peer.department_row(gone).await.is_null());
    assert_eq!(peer.place(here).await, (None, false));
}

#[actix_web::test]
#[ignore = "needs a running NocoBase, see the head of this folder"]
async fn people_come_own_and_go() {
    let peer = Peer::start().await;
    let (one, two) = (peer.account(&[]).await, peer.account(&[]).await);
    let first = peer.department(&unique("First"), None).await;
    let second = peer.department(&unique("Second"), None).await;
    let add = |department, accounts| Step::AddMembers {
        department,
        accounts,
    };
    let own = |account, is_owner| Step::SetOwner {
        department: first,
        account,
        is_owner,
    };
    peer.apply(add(first, vec![one, two])).await.unwrap();
    peer.apply(own(one, true)).await.unwrap();
    // Whoever is in it stays as they are.
    peer.apply(add(first, vec![one, two])).await.unwrap();
    assert_eq!(peer.members(first).await, [(one, true), (two, false)]);
    assert_eq!(peer.main_department(one).await, Some(first));
    peer.apply(own(one, false)).await.unwrap();
    assert_eq!(peer.members(first).await, [(one, false), (two, false)]);

    let main = |department| Step::SetMainDepartment {
        account: one,
        department,
    };
    let outside = peer.apply(main(second)).await;
    assert!(matches!(outside, Err(StepError::Refused(_))), "{outside:?}");
    peer.apply(add(second, vec![one])).await.unwrap();
    peer.apply(main(second)).await.unwrap();
    assert_eq!(peer.main_department(one).await, Some(second));

    let kept = peer
        .apply(Step::RemoveDepartment { department: first })
        .await;
    assert_eq!(kept.unwrap(), StepOutcome::Kept);
    let remove = |accounts| Step::RemoveMembers {
        department: first,
        accounts,
    };
    for _ in 0..2 {
        peer.apply(remove(vec![one, two])).await.unwrap();
        assert_eq!(peer.members(first).await, []);
    }
    assert_eq!(peer.main_department(one).await, Some(second));
}
