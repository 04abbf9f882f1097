//! What runs write into the audit trail.

use std::collections::BTreeMap;

use entity::directory_run::State;
use serde_json::json;

use super::stories::{count, small_company};
use super::world::{AUTHENTICATOR, World};
use crate::domain::directory::Leavers;
use crate::store::NewUser;

/// How often there is each action of a directory, all in the name of the account that acts.
async fn trail(world: &World) -> BTreeMap<String, usize> {
    let store = &world.installation.store;
    let rows = store.audit_batch(None, None, 1000).await.unwrap();
    let mut counts = BTreeMap::new();
    for row in rows {
        assert!(row.action.starts_with("directory"), "{row:?}");
        assert_eq!(row.actor_id, Some(1));
        assert_eq!(row.authenticator.as_deref(), Some(AUTHENTICATOR));
        *counts.entry(row.action).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn each_change_of_an_account_is_in_the_audit_trail_under_its_own_name() {
    for (leavers, end) in [
        (Leavers::Disable, Some("directoryEnd")),
        (Leavers::Unbind, Some("directoryUnbind")),
        (Leavers::Delete, Some("directoryDelete")),
        (Leavers::Nothing, None),
    ] {
        let mut world = small_company().await;
        world.options.leavers = leavers;
        let by_hand = NewUser {
            phone: Some("13800000005".to_owned()),
            ..NewUser::default()
        };
        world.installation.account(by_hand).await;
        world.run().await;
        let mut expected: BTreeMap<String, usize> = BTreeMap::new();
        expected.insert("directoryCreate".to_owned(), 7);
        expected.insert("directoryLink".to_owned(), 1);
        assert_eq!(trail(&world).await, expected, "{leavers:?}");

        world.company.state().members[0].name = "Another name".to_owned();
        world.company.dismiss("p2");
        let run = world.run().await;
        assert_eq!(run.state, State::Succeeded);
        expected.insert("directoryUpdate".to_owned(), 1);
        expected.extend(end.map(|action| (action.to_owned(), 1)));
        assert_eq!(trail(&world).await, expected, "{leavers:?}");
    }
}

#[tokio::test]
async fn an_account_that_was_bound_by_hand_is_in_the_audit_trail_when_its_values_change() {
    for (nickname, updates) in [("Name of p5", None), ("By hand", Some(1))] {
        let world = small_company().await;
        let by_hand = NewUser {
            nickname: Some(nickname.to_owned()),
            phone: Some("13800000005".to_owned()),
            ..NewUser::default()
        };
        let id = world.installation.account(by_hand).await.id;
        let meta = json!({"userId": "p5", "stableId": "union-p5"});
        world.installation.bind(AUTHENTICATOR, id, "p5", meta).await;
        let run = world.run().await;
        assert_eq!(count(&run, "adopted"), 1);
        let kept = trail(&world).await;
        assert_eq!(kept["directoryCreate"], 7);
        assert_eq!(kept.get("directoryUpdate").copied(), updates, "{nickname}");
    }
}
