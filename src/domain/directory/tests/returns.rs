//! People who come back, when something went wrong before or on the way.

use entity::directory_run::State;

use super::stories::{count, small_company};
use super::world::{AUTHENTICATOR, World};
use crate::store::NewUser;

/// The roles of an account and the person to whom it is bound.
async fn access(world: &World, id: i64) -> (Vec<String>, Option<String>) {
    (world.roles(id).await, world.bound(id).await)
}

fn whole() -> (Vec<String>, Option<String>) {
    (vec!["member".to_owned()], Some("p2".to_owned()))
}

#[tokio::test]
async fn whose_access_was_half_ended_and_who_is_there_again_has_it_back() {
    let world = small_company().await;
    world.run().await;
    let id = world.account("p2").await.unwrap().id;
    let now = world.installation.store.clock().now();
    world
        .record("p2", |row| {
            row.tried_at = Some(now);
            row.roles = serde_json::json!(["member"]);
        })
        .await;
    world.installation.give_roles(id, &[]).await;
    let run = world.run().await;
    assert_eq!((run.state, count(&run, "returned")), (State::Succeeded, 1));
    assert_eq!(access(&world, id).await, whole());
    assert_eq!(world.of("p2").await.unwrap().0.tried_at, None);
    assert_eq!(count(&world.run().await, "returned"), 0);
}

#[tokio::test]
async fn a_return_that_failed_is_tried_again() {
    let world = small_company().await;
    world.run().await;
    let id = world.account("p2").await.unwrap().id;
    world.company.dismiss("p2");
    world.run().await;
    // Another account is bound to the person, so the old one cannot be.
    let other = world.installation.account(NewUser::default()).await;
    let meta = serde_json::json!({});
    let installation = &world.installation;
    installation.bind(AUTHENTICATOR, other.id, "p2", meta).await;
    world.company.hire("p2", Some("13800000002"), &["2"]);
    let run = world.run().await;
    assert_eq!(count(&run, "returned"), 0);
    assert_eq!(access(&world, id).await, (Vec::new(), None));

    installation.unbind(AUTHENTICATOR, other.id).await;
    assert_eq!(count(&world.run().await, "returned"), 1);
    assert_eq!(access(&world, id).await, whole());
}
