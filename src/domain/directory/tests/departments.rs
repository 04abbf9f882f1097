//! Departments of a server that has them, in runs in which a step fails.

use std::sync::atomic::{AtomicUsize, Ordering};

use entity::directory_run::{Model, State};

use super::office::{self, DEPARTMENTS};
use super::stories::count;
use super::world::World;
use crate::domain::directory::{Step, StepError};

/// Says which steps fail.
type Fails = fn(&Step) -> bool;

/// A run in which these steps fail, and how many departments it removed.
async fn run(world: &World, fails: Fails) -> (Model, usize) {
    let removed = AtomicUsize::new(0);
    let refusal = |step: &Step| {
        if fails(step) {
            return Some(StepError::Refused("not this one".to_owned()));
        }
        if matches!(step, Step::RemoveDepartment { .. }) {
            removed.fetch_add(1, Ordering::Relaxed);
        }
        None
    };
    let (run, _) = office::run(world, refusal).await;
    (run, removed.into_inner())
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
        let world = office::company(&[DEPARTMENTS]).await;
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
