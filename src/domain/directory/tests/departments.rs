//! Departments of a server that has them, in runs in which a step fails.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use async_trait::async_trait;
use entity::directory_run::{Model, State};

use super::stories::{count, small_company};
use super::world::{AUTHENTICATOR, World};
use crate::domain::directory::run::Purpose;
use crate::domain::directory::store_executor::StoreExecutor;
use crate::domain::directory::{Step, StepError, StepExecutor, StepOutcome};

/// Says which steps fail.
type Fails = fn(&Step) -> bool;

/// A server with departments. Their table is NocoBase's and missing here, so each run makes all of them anew.
struct WithDepartments<'a> {
    accounts: StoreExecutor<'a>,
    fails: Fails,
    /// The id of the next department.
    next: AtomicI64,
    /// How many departments were removed.
    removed: AtomicUsize,
}

#[async_trait]
impl StepExecutor for WithDepartments<'_> {
    async fn has_departments(&self) -> Result<bool, StepError> {
        Ok(true)
    }

    fn batch(&self) -> usize {
        1
    }

    async fn apply(&self, steps: &[Step]) -> Vec<Result<StepOutcome, StepError>> {
        let mut outcomes = Vec::new();
        for step in steps {
            if (self.fails)(step) {
                outcomes.push(Err(StepError::Refused("not this one".to_owned())));
                continue;
            }
            let outcome = match step {
                Step::CreateDepartment(_) => {
                    StepOutcome::Made(self.next.fetch_add(1, Ordering::Relaxed))
                }
                Step::RemoveDepartment { .. } => {
                    self.removed.fetch_add(1, Ordering::Relaxed);
                    StepOutcome::Done
                }
                Step::RenameDepartment { .. }
                | Step::MoveDepartment { .. }
                | Step::AddMembers { .. }
                | Step::RemoveMembers { .. }
                | Step::SetOwner { .. }
                | Step::SetMainDepartment { .. } => StepOutcome::Done,
                of_account => {
                    let one = std::slice::from_ref(of_account);
                    outcomes.extend(self.accounts.apply(one).await);
                    continue;
                }
            };
            outcomes.push(Ok(outcome));
        }
        outcomes
    }
}

/// A run in which these steps fail, and how many departments it removed.
async fn run(world: &World, fails: Fails) -> (Model, usize) {
    let executor = WithDepartments {
        accounts: StoreExecutor::new(&world.installation.store, AUTHENTICATOR, 1),
        fails,
        next: AtomicI64::new(1),
        removed: AtomicUsize::new(0),
    };
    let purpose = Purpose::Run { agreed: None };
    let run = world.go_with(purpose, &executor).await;
    (run, executor.removed.into_inner())
}

/// Whether a department is recorded.
async fn is_recorded(world: &World, key: &str) -> bool {
    let store = &world.installation.store;
    let rows = store.mirrored_departments(world.source_id).await.unwrap();
    rows.iter().any(|row| row.external_id == key)
}

#[tokio::test]
async fn where_one_step_failed_no_department_is_removed_in_that_run() {
    let cases: [(&str, Fails); 2] = [
        ("the end of an access", |step| {
            matches!(step, Step::EndAccess { .. })
        }),
        (
            "a new department",
            |step| matches!(step, Step::CreateDepartment(new) if new.title == "Department 9"),
        ),
    ];
    for (what, fails) in cases {
        let world = small_company().await;
        world.company.department("3", Some("1"));
        let (first, _) = run(&world, |_| false).await;
        assert_eq!(first.state, State::Succeeded, "{:?}", first.message);
        let id = world.account("p2").await.unwrap().id;
        world.company.dismiss("p2");
        world.company.close("3");
        world.company.department("9", Some("1"));

        let (failed, removed) = run(&world, fails).await;
        assert_eq!((failed.state, removed), (State::Failed, 0), "{what}");
        assert_eq!(world.told(failed.id).await["stepFailed"], 1, "{what}");
        assert!(is_recorded(&world, "3").await, "{what}");
        assert_eq!(world.roles(id).await, ["member"], "{what}");

        let (mended, removed) = run(&world, |_| false).await;
        assert_eq!((mended.state, removed), (State::Succeeded, 1), "{what}");
        assert_eq!(count(&mended, "departmentsRemoved"), 1, "{what}");
        assert!(!is_recorded(&world, "3").await, "{what}");
        assert!(world.roles(id).await.is_empty(), "{what}");
    }
}
