//! People and departments that events name.

use std::pin::pin;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::timeout;

use super::stories::small_company;
use super::world::{AUTHENTICATOR, World};
use crate::domain::directory::FieldRule;
use crate::domain::directory::partial::{NamedPerson, PartialError, PartialRun, Settled};
use crate::domain::directory::recent_removals::gone_lately;
use crate::domain::directory::run::{Purpose, Run};
use crate::domain::directory::store_executor::StoreExecutor;
use crate::domain::lease::hold_for_events;
use crate::phone::Phone;
use crate::store::NewUser;

/// Does this with a run of a part of the organization, as long as it may.
async fn in_part<T>(world: &World, work: impl AsyncFnOnce(PartialRun<'_>) -> T) -> T {
    let store = &world.installation.store;
    let executor = StoreExecutor::new(store, AUTHENTICATOR, 1);
    let held = hold_for_events(store, world.source_id)
        .await
        .unwrap()
        .unwrap();
    let source = world.source();
    let done = work(PartialRun {
        store,
        clock: store.clock(),
        executor: &executor,
        held: &held,
        source: &source,
    })
    .await;
    held.release().await;
    done
}

/// Processes events about people, each with whether it says that the person has left.
async fn told(world: &World, named: &[(&str, bool)]) -> Vec<Result<Settled, PartialError>> {
    let named = named.iter().map(|&(key, has_left)| NamedPerson {
        key: key.into(),
        has_left,
        cause: "event:1".to_owned(),
    });
    let named: Vec<_> = named.collect();
    in_part(world, async |run| run.people(&named).await.unwrap()).await
}

/// Processes an event about a department.
async fn told_of_department(world: &World, key: &str) -> Settled {
    in_part(world, async |run| {
        run.department(&key.into()).await.unwrap()
    })
    .await
}

/// An account that two people, `p0` and `p1`, could have is linked to neither, not by an event either,
/// and to the first when the other is gone.
pub(super) async fn links_only_who_is_certain(world: &World, account: NewUser) {
    let account = world.installation.account(account).await.id;
    world.run().await;
    assert_eq!(world.bound(account).await, None);
    told(world, &[("p0", false)]).await;
    assert_eq!(world.bound(account).await, None);
    world.company.dismiss("p1");
    told(world, &[("p1", true)]).await;
    told(world, &[("p0", false)]).await;
    assert_eq!(world.bound(account).await.as_deref(), Some("p0"));
}

async fn is_gone(world: &World, key: &str) -> bool {
    world.of(key).await.unwrap().0.is_gone
}

#[tokio::test]
async fn what_an_event_says_counts_only_when_the_organization_says_it_too() {
    let world = small_company().await;
    world.run().await;
    let settled = told(&world, &[("p2", true)]).await;
    assert!(matches!(settled[..], [Ok(Settled::NotYet)]), "{settled:?}");
    assert!(!is_gone(&world, "p2").await);
    // The event of a change comes after the person has left.
    world.company.dismiss("p2");
    let settled = told(&world, &[("p2", false), ("nobody", true)]).await;
    assert!(
        matches!(
            settled[..],
            [Ok(Settled::Done(None)), Ok(Settled::Ignored(_))]
        ),
        "{settled:?}"
    );
    assert!(is_gone(&world, "p2").await);
}

#[tokio::test]
async fn an_event_links_nobody_by_a_phone_number_that_somebody_else_has_too() {
    let mut world = World::new().await;
    world.options.create_accounts = false;
    world.company.department("1", None);
    for key in ["p0", "p1"] {
        world.company.hire(key, Some("13800000000"), &["1"]);
    }
    let by_hand = NewUser {
        phone: Some("13800000000".to_owned()),
        ..NewUser::default()
    };
    links_only_who_is_certain(&world, by_hand).await;
}

#[tokio::test]
async fn who_moves_is_gone_only_where_no_run_would_read_the_department() {
    let mut world = small_company().await;
    world.company.department("8", None);
    world.options.departments = vec!["1".to_owned()];
    world.run().await;
    // The event of this department is still missing.
    world.company.department("3", Some("2"));
    for (person, department) in [("p4", "3"), ("p5", "8")] {
        world.company.dismiss(person);
        world.company.hire(person, None, &[department]);
    }
    let settled = told(&world, &[("p4", false), ("p5", false)]).await;
    assert!(
        matches!(
            settled[..],
            [Ok(Settled::Everything), Ok(Settled::Done(None))]
        ),
        "{settled:?}"
    );
    assert!(!is_gone(&world, "p4").await);
    assert!(is_gone(&world, "p5").await);
}

#[tokio::test]
async fn a_department_that_is_as_it_was_or_is_not_read_needs_no_run_and_any_other_does() {
    let mut world = small_company().await;
    world.company.department("8", None);
    world.options.departments = vec!["1".to_owned()];
    world.run().await;
    let needs_run = async |key: &str| {
        let settled = told_of_department(&world, key).await;
        matches!(settled, Settled::Everything)
    };
    for unchanged in ["1", "2", "8", "404"] {
        assert!(!needs_run(unchanged).await, "{unchanged}");
    }
    world.company.department("3", Some("2"));
    assert!(needs_run("3").await, "it is new");
    world.company.state().departments[1].title = "Renamed".to_owned();
    assert!(needs_run("2").await, "it has another name");
    world.run().await;
    assert!(!needs_run("2").await && !needs_run("3").await);
    world.company.state().departments[1].parent = Some("8".into());
    assert!(needs_run("2").await, "it was moved");
    world.company.state().departments.remove(1);
    assert!(needs_run("2").await, "it was removed");
}

#[tokio::test]
async fn a_run_waits_until_events_have_been_processed() {
    let world = small_company().await;
    let store = &world.installation.store;
    let clock = store.clock().clone();
    let held = hold_for_events(store, world.source_id)
        .await
        .unwrap()
        .unwrap();
    let begins = Run::begin(store, &clock, world.source_id, Purpose::Preview, None);
    let mut begins = pin!(begins);
    let waits = timeout(Duration::from_millis(40), &mut begins).await;
    assert!(waits.is_err(), "it began, or was refused");
    held.release().await;
    assert!(begins.await.is_ok());
}

#[tokio::test]
async fn when_events_say_that_many_are_gone_a_run_has_to_ask_first() {
    let world = small_company().await;
    world.run().await;
    let mut named = vec![("p7", false)];
    for key in ["p0", "p1", "p2", "p3", "p4", "p5"] {
        world.company.dismiss(key);
        named.push((key, true));
    }
    let settled = told(&world, &named).await;
    let (here, gone) = settled.split_first().unwrap();
    assert!(matches!(here, Ok(Settled::Done(None))), "{here:?}");
    let waits = |one: &Result<_, _>| matches!(one, Ok(Settled::Everything));
    assert!(gone.iter().all(waits), "{gone:?}");
    for (key, _) in named {
        assert!(!is_gone(&world, key).await, "{key}");
    }
}

#[tokio::test]
async fn who_was_removed_counts_towards_the_limit_for_an_hour() {
    let world = small_company().await;
    world.run().await;
    world.company.dismiss("p2");
    told(&world, &[("p2", true)]).await;
    let store = &world.installation.store;
    let clock = store.clock().clone();
    let lately = async || gone_lately(store, &clock, world.source_id).await.unwrap();
    assert_eq!(lately().await, 1);
    clock.advance(TimeDelta::minutes(61));
    assert_eq!(lately().await, 0);
}

#[tokio::test]
async fn who_is_shown_without_a_department_gets_an_account_by_an_event() {
    let world = small_company().await;
    world.run().await;
    world.company.hire("solo", None, &[]);
    world.company.state().people.push("solo".into());
    let settled = told(&world, &[("solo", false)]).await;
    assert!(
        matches!(settled[..], [Ok(Settled::Done(None))]),
        "{settled:?}"
    );
    assert!(world.account("solo").await.is_some());
}

#[tokio::test]
async fn who_got_another_identifier_and_moved_out_of_what_is_copied_is_gone() {
    let mut world = small_company().await;
    world.company.department("8", None);
    world.options.departments = vec!["1".to_owned()];
    world.run().await;
    world.company.dismiss("p5");
    world.company.hire("p5", None, &["8"]);
    world.company.state().members[7].key = "renamed".into();
    told(&world, &[("renamed", false)]).await;
    assert!(is_gone(&world, "p5").await);
}

#[tokio::test]
async fn an_event_names_the_conflict_that_it_met() {
    let mut world = small_company().await;
    world.options.fields.phone = FieldRule::Always;
    world.run().await;
    let by_hand = NewUser {
        phone: Some("13900000009".to_owned()),
        ..NewUser::default()
    };
    world.installation.account(by_hand).await;
    world.company.state().members[5].phone = Phone::of_account("13900000009");
    let settled = told(&world, &[("p5", false)]).await;
    assert!(
        matches!(&settled[..], [Ok(Settled::Done(Some(names)))] if names == "phoneTaken"),
        "{settled:?}"
    );
}
