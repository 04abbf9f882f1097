//! Mailboxes of people, with which they can also sign in.

use entity::directory_run::State;

use super::events::links_only_who_is_certain;
use super::stories::{count, small_company};
use super::world::World;
use crate::store::NewUser;

/// Gives a person this mailbox.
fn give(world: &World, key: &str, mailbox: &str) {
    let mut state = world.company.state();
    let mut members = state.members.iter_mut();
    let member = members.find(|member| member.key.as_str() == key);
    member.unwrap().email = Some(mailbox.to_owned());
}

async fn mailbox(world: &World, key: &str) -> Option<String> {
    world.account(key).await.unwrap().email
}

#[tokio::test]
async fn a_mailbox_that_is_the_user_name_of_another_account_is_copied_to_nobody() {
    let world = small_company().await;
    let other = NewUser {
        username: Some("Lina@corp.example".to_owned()),
        ..NewUser::default()
    };
    world.installation.account(other).await;
    give(&world, "p1", "lina@corp.example");
    give(&world, "p2", "omar@corp.example");
    let run = world.run().await;
    assert_eq!((run.state, count(&run, "created")), (State::Succeeded, 8));
    assert_eq!(world.told(run.id).await["emailTaken"], 1);
    assert_eq!(mailbox(&world, "p1").await, None);
    let copied = mailbox(&world, "p2").await;
    assert_eq!(copied.as_deref(), Some("omar@corp.example"));
    // One's own user name hinders nobody.
    let mut user = world.account("p3").await.unwrap();
    user.username = Some("wei@corp.example".to_owned());
    let transaction = world.installation.store.begin().await.unwrap();
    transaction.save_user(&user).await.unwrap();
    transaction.commit().await.unwrap();
    give(&world, "p3", "wei@corp.example");
    world.run().await;
    let copied = mailbox(&world, "p3").await;
    assert_eq!(copied.as_deref(), Some("wei@corp.example"));
}

#[tokio::test]
async fn an_event_links_nobody_by_a_mailbox_that_somebody_else_has_in_another_spelling() {
    for spellings in [
        ["Lina@corp.example", "lina@corp.example"],
        // SQLite knows no capitals but A to Z.
        ["üli@corp.example", "Üli@corp.example"],
    ] {
        let mut world = World::new().await;
        world.options.create_accounts = false;
        world.company.department("1", None);
        for (key, mailbox) in ["p0", "p1"].into_iter().zip(spellings) {
            world.company.hire(key, None, &["1"]);
            give(&world, key, mailbox);
        }
        let by_hand = NewUser {
            email: Some(spellings[0].to_lowercase()),
            ..NewUser::default()
        };
        links_only_who_is_certain(&world, by_hand).await;
    }
}
