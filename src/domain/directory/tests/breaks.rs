//! An executor that stops working in the middle of a batch.

use std::sync::atomic::{AtomicUsize, Ordering};

use entity::directory_run::{Model, State};

use super::refusals::refused;
use super::stories::{count, small_company};
use super::world::World;
use crate::domain::directory::StepError;

/// A run whose executor applies only so many steps.
async fn broken(world: &World, after: usize) -> Model {
    let applied = AtomicUsize::new(0);
    refused(world, |_| {
        let is_away = applied.fetch_add(1, Ordering::Relaxed) >= after;
        is_away.then(|| StepError::Unavailable("it is away".into()))
    })
    .await
}

#[tokio::test]
async fn what_was_done_before_the_hand_broke_is_remembered() {
    let world = small_company().await;
    let run = broken(&world, 5).await;
    assert_eq!((run.state, count(&run, "created")), (State::Failed, 5));
    let mut made = Vec::new();
    for number in 0..8 {
        made.extend(world.account(&format!("p{number}")).await);
    }
    assert_eq!(made.len(), 5);
    let run = world.run().await;
    assert_eq!((run.state, count(&run, "created")), (State::Succeeded, 3));
}

#[tokio::test]
async fn a_return_that_broke_off_is_finished_by_the_next_run() {
    let world = small_company().await;
    world.run().await;
    let id = world.account("p2").await.unwrap().id;
    world.company.dismiss("p2");
    world.run().await;
    world.company.hire("p2", Some("13800000002"), &["2", "1"]);
    // The account is bound, and gets no roles.
    assert_eq!(broken(&world, 1).await.state, State::Failed);
    assert_eq!(world.bound(id).await.as_deref(), Some("p2"));
    assert!(world.roles(id).await.is_empty());
    let run = world.run().await;
    assert_eq!((run.state, count(&run, "returned")), (State::Succeeded, 1));
    assert_eq!(world.roles(id).await, ["member"]);
}

#[tokio::test]
async fn a_return_that_the_step_of_somebody_else_held_up_is_finished_by_the_next_run() {
    for is_held_up_by_a_new_account in [true, false] {
        let world = small_company().await;
        world.run().await;
        let id = world.account("p2").await.unwrap().id;
        world.company.dismiss("p2");
        world.run().await;
        world.company.hire("p2", Some("13800000002"), &["2", "1"]);
        // The account is bound, and roles are all that it still needs.
        assert_eq!(broken(&world, 1).await.state, State::Failed);
        let after = if is_held_up_by_a_new_account {
            world.company.hire("p8", None, &["1"]);
            0
        } else {
            let mut state = world.company.state();
            let mut members = state.members.iter_mut();
            let renamed = members.find(|member| member.key.as_str() == "p3");
            renamed.unwrap().name = "Another name".to_owned();
            // The other person is bound with the new name, and the account does not get it.
            1
        };
        assert_eq!(broken(&world, after).await.state, State::Failed);
        assert!(world.roles(id).await.is_empty());
        let run = world.run().await;
        assert_eq!((run.state, count(&run, "returned")), (State::Succeeded, 1));
        assert_eq!(world.roles(id).await, ["member"]);
    }
}

#[tokio::test]
async fn who_leaves_before_the_new_account_was_recorded_loses_it() {
    let world = small_company().await;
    world.run().await;
    let id = world.account("p2").await.unwrap().id;
    let now = world.installation.store.clock().now();
    world
        .record("p2", |row| {
            row.user_id = None;
            row.tried_at = Some(now);
        })
        .await;
    world.company.dismiss("p2");
    let run = world.run().await;
    assert_eq!((run.state, count(&run, "left")), (State::Succeeded, 1));
    assert!(world.roles(id).await.is_empty());
    assert_eq!(world.bound(id).await, None);
    let (row, _) = world.of("p2").await.unwrap();
    assert_eq!((row.user_id, row.is_gone), (Some(id), true));
}
