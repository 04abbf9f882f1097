//! Runs that are interrupted at any point.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use chrono::TimeDelta;
use entity::directory_run::State;
use entity::{user, user_authenticator};

use super::world::{AUTHENTICATOR, World};
use crate::domain::directory::run::{Purpose, Run};
use crate::domain::directory::store_executor::StoreExecutor;
use crate::store::query::Listing;

/// Accounts with their bindings, but without ids, which differ between databases.
async fn end_state(world: &World) -> Vec<(Option<String>, Option<String>, Option<String>, usize)> {
    let store = &world.installation.store;
    let users = store
        .list::<user::Entity>(&Listing::default())
        .await
        .unwrap();
    let bound = store
        .list::<user_authenticator::Entity>(&Listing::default())
        .await
        .unwrap();
    let mut state = Vec::new();
    for user in users.rows {
        let binding = bound.rows.iter().find(|binding| binding.user_id == user.id);
        let roles = world.roles(user.id).await.len();
        let uuid = binding.map(|binding| binding.uuid.clone());
        state.push((user.nickname, user.phone, uuid, roles));
    }
    state.sort();
    state
}

/// A company, before and after some people left and others came.
async fn world() -> World {
    let world = World::new().await;
    world.company.department("1", None);
    for number in 0..12 {
        let phone = format!("138000000{number:02}");
        world
            .company
            .hire(&format!("p{number}"), Some(&phone), &["1"]);
    }
    world.run().await;
    world.company.dismiss("p3");
    world.company.dismiss("p7");
    for number in 12..20 {
        let phone = format!("138000000{number:02}");
        world
            .company
            .hire(&format!("p{number}"), Some(&phone), &["1"]);
    }
    for member in &mut world.company.state().members {
        member.name.push_str(" II");
    }
    world
}

#[tokio::test]
async fn a_run_that_is_cut_off_anywhere_is_taken_up_by_the_next() {
    let whole = world().await;
    assert_eq!(whole.run().await.state, State::Succeeded);
    let wanted = end_state(&whole).await;
    assert_eq!(wanted.len(), 1 + 20);

    let world = world().await;
    let store = &world.installation.store;
    let clock = store.clock().clone();
    let mut cut_off = 0;
    // Each run gets a little further than the one before.
    for polls in (1..).step_by(3) {
        let purpose = Purpose::Run { agreed: None };
        let run = Run::begin(store, &clock, world.source_id, purpose, None)
            .await
            .unwrap();
        let source = world.source();
        let executor = StoreExecutor::new(store, AUTHENTICATOR, 1);
        let mut going = pin!(run.go(&source, &executor, || false));
        let mut left = polls;
        let ended = poll_fn(|context| {
            if left == 0 {
                return Poll::Ready(false);
            }
            left -= 1;
            going.as_mut().poll(context).map(|_| true)
        })
        .await;
        if ended {
            break;
        }
        cut_off += 1;
        clock.advance(TimeDelta::seconds(30));
    }
    // Runs can be interrupted only where they wait. A database that answers at once makes fewer
    // such points, but the company's seven pages always do.
    assert!(cut_off > 1, "{cut_off}");
    assert_eq!(world.run().await.state, State::Succeeded);
    assert_eq!(end_state(&world).await, wanted);
}
