//! What happens to accounts in whole runs.

use entity::directory_run::State;

use super::world::{AUTHENTICATOR, World};
use crate::domain::directory::run::{BeginError, Purpose, Run};
use crate::domain::directory::store_executor::StoreExecutor;
use crate::domain::directory::{FindingKind, Leavers, remove_source};
use crate::store::NewUser;

pub(super) fn count(run: &entity::directory_run::Model, name: &str) -> u64 {
    run.counts[name].as_u64().unwrap()
}

pub(super) async fn small_company() -> World {
    let world = World::new().await;
    world.company.department("1", None);
    world.company.department("2", Some("1"));
    for number in 0..8 {
        let phone = format!("1380000000{number}");
        world
            .company
            .hire(&format!("p{number}"), Some(&phone), &["2", "1"]);
    }
    world
}

#[tokio::test]
async fn a_first_run_gives_everybody_an_account_and_the_next_writes_nothing() {
    let world = small_company().await;
    let run = world.run().await;
    assert_eq!(run.state, State::Succeeded, "{:?}", run.message);
    assert_eq!((count(&run, "created"), count(&run, "people")), (8, 8));
    let account = world.account("p3").await.unwrap();
    assert_eq!(account.nickname.as_deref(), Some("Name of p3"));
    assert_eq!(account.phone.as_deref(), Some("13800000003"));
    assert_eq!(world.roles(account.id).await, ["member"]);
    let store = &world.installation.store;
    let bound = store
        .binding_of_user(AUTHENTICATOR, account.id)
        .await
        .unwrap();
    assert_eq!(bound.unwrap().uuid, "p3");
    assert_eq!(
        store
            .mirrored_departments(world.source_id)
            .await
            .unwrap()
            .len(),
        2
    );

    let heard = store.heard();
    let again = world.run().await;
    assert_eq!(again.state, State::Succeeded);
    assert_eq!(count(&again, "created") + count(&again, "updated"), 0);
    let mut written = heard.take();
    written.retain(|sql| {
        let is_of_run = sql.contains("dingtalk_directory_runs") || sql.contains("dingtalk_leases");
        !sql.starts_with("SELECT") && !is_of_run
    });
    assert_eq!(written, Vec::<String>::new());
}

#[tokio::test]
async fn a_preview_says_what_would_be_done_and_does_nothing() {
    let world = small_company().await;
    let preview = world.go(Purpose::Preview).await;
    assert_eq!(
        (preview.state, count(&preview, "created")),
        (State::Succeeded, 8)
    );
    assert_eq!(world.told(preview.id).await["createAccount"], 8);
    assert!(world.of("p1").await.is_none());
    assert_eq!(
        world
            .installation
            .store
            .count_mirrored(world.source_id)
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn an_account_with_the_phone_number_is_linked_and_keeps_what_it_says() {
    let world = small_company().await;
    let by_hand = world.installation.account(NewUser {
        nickname: Some("By hand".to_owned()),
        phone: Some("+86 138-0000-0005".to_owned()),
        ..NewUser::default()
    });
    let by_hand = by_hand.await;
    let run = world.run().await;
    assert_eq!((count(&run, "created"), count(&run, "linked")), (7, 1));
    let account = world.account("p5").await.unwrap();
    assert_eq!(account.id, by_hand.id);
    assert_eq!(
        account.phone, by_hand.phone,
        "the same number stays as it is"
    );
    assert_eq!(account.nickname.as_deref(), Some("Name of p5"));
}

#[tokio::test]
async fn who_leaves_loses_all_access_and_gets_it_back_on_return() {
    let world = small_company().await;
    world.run().await;
    let account = world.account("p2").await.unwrap();
    world.company.dismiss("p2");
    let run = world.run().await;
    assert_eq!((run.state, count(&run, "left")), (State::Succeeded, 1));
    assert_eq!(world.told(run.id).await["left"], 1);
    let (row, left) = world.of("p2").await.unwrap();
    let left = left.unwrap();
    assert!(row.is_gone);
    assert_eq!(row.roles, serde_json::json!(["member"]));
    assert!(world.roles(account.id).await.is_empty());
    assert!(left.password_change_tz.is_some(), "sessions have ended");
    let store = &world.installation.store;
    let bound = store.binding_of_user(AUTHENTICATOR, account.id);
    assert!(bound.await.unwrap().is_none());

    world.company.hire("p2", Some("13800000002"), &["2"]);
    let run = world.run().await;
    assert_eq!(count(&run, "returned"), 1);
    assert_eq!(world.account("p2").await.unwrap().id, account.id);
    assert_eq!(world.roles(account.id).await, ["member"]);
}

#[tokio::test]
async fn other_policies_unbind_delete_or_do_nothing() {
    for leavers in [Leavers::Unbind, Leavers::Delete, Leavers::Nothing] {
        let mut world = small_company().await;
        world.options.leavers = leavers;
        world.run().await;
        let id = world.account("p2").await.unwrap().id;
        world.company.dismiss("p2");
        assert_eq!(world.run().await.state, State::Succeeded);
        let store = &world.installation.store;
        let (user, bound) = (
            store.user(id).await.unwrap(),
            store.binding_of_user(AUTHENTICATOR, id).await.unwrap(),
        );
        assert_eq!(user.is_some(), leavers != Leavers::Delete, "{leavers:?}");
        assert_eq!(bound.is_some(), leavers == Leavers::Nothing, "{leavers:?}");
        let roles = world.roles(id).await.len();
        assert_eq!(
            roles,
            usize::from(leavers != Leavers::Delete),
            "{leavers:?}"
        );
        assert!(world.of("p2").await.unwrap().0.is_gone);
    }
}

#[tokio::test]
async fn when_many_are_gone_somebody_is_asked_first() {
    let world = small_company().await;
    world.run().await;
    for number in 0..6 {
        world.company.dismiss(&format!("p{number}"));
    }
    let run = world.run().await;
    assert_eq!(run.state, State::Stopped);
    assert!(!world.of("p0").await.unwrap().0.is_gone);
    assert_eq!(world.told(run.id).await["safetyLimit"], 1);
    // These six people were confirmed, and not a seventh.
    let agreed = run.fingerprint.clone();
    world.company.dismiss("p6");
    let other = world
        .go(Purpose::Run {
            agreed: agreed.clone(),
        })
        .await;
    assert_eq!(other.state, State::Stopped);
    // A later run asked about other people, so the consent before it has ended.
    world.company.hire("p6", Some("13800000006"), &["2", "1"]);
    let again = world.go(Purpose::Run { agreed }).await;
    assert_eq!(again.state, State::Stopped);
    let agreed = again.fingerprint;
    let run = world.go(Purpose::Run { agreed }).await;
    assert_eq!((run.state, count(&run, "left")), (State::Succeeded, 6));
}

#[tokio::test]
async fn who_agrees_to_disabling_does_not_agree_to_deleting() {
    let mut world = small_company().await;
    world.run().await;
    for number in 0..6 {
        world.company.dismiss(&format!("p{number}"));
    }
    let agreed = world.run().await.fingerprint;
    world.options.leavers = Leavers::Delete;
    let stopped = world.go(Purpose::Run { agreed }).await;
    assert_eq!(stopped.state, State::Stopped);
    assert!(world.account("p0").await.is_some());
    // What a preview has told can be agreed to as well.
    let preview = world.go(Purpose::Preview).await;
    assert_eq!(preview.state, State::Succeeded, "it only tells");
    let agreed = preview.fingerprint;
    assert_eq!(agreed, stopped.fingerprint);
    let run = world.go(Purpose::Run { agreed }).await;
    assert_eq!((run.state, count(&run, "left")), (State::Succeeded, 6));
}

#[tokio::test]
async fn without_a_permission_nobody_is_gone() {
    let world = small_company().await;
    world.run().await;
    world.company.state().missing = Some("qyapi_get_department_member");
    let run = world.run().await;
    assert_eq!(run.state, State::Failed);
    assert!(run.message.unwrap().contains("qyapi_get_department_member"));
    assert_eq!(
        world.told(run.id).await[FindingKind::PermissionMissing.name()],
        1
    );
    assert!(!world.of("p0").await.unwrap().0.is_gone);
}

#[tokio::test]
async fn who_was_moved_while_it_was_read_is_not_gone() {
    let world = small_company().await;
    world.run().await;
    world.company.state().overlooked.push("p4".into());
    let run = world.run().await;
    assert_eq!((run.state, count(&run, "left")), (State::Succeeded, 0));
    assert!(!world.of("p4").await.unwrap().0.is_gone);
}

#[tokio::test]
async fn of_two_runs_one_begins() {
    let world = small_company().await;
    let store = &world.installation.store;
    let clock = store.clock().clone();
    let begin = || Run::begin(store, &clock, world.source_id, Purpose::Preview, None);
    let first = begin().await.unwrap();
    assert!(matches!(begin().await, Err(BeginError::UnderWay)));
    // The process that began the run is gone, and its lease expires.
    let lost = first.row.id;
    drop(first);
    clock.advance(chrono::TimeDelta::seconds(30));
    let second = begin().await.unwrap();
    assert_ne!(second.row.id, lost);
    let lost = store.directory_run(lost).await.unwrap().unwrap();
    assert_eq!(lost.state, State::Failed);
}

#[tokio::test]
async fn a_source_is_not_removed_while_a_run_records_its_people() {
    let world = small_company().await;
    let store = &world.installation.store;
    let clock = store.clock().clone();
    let purpose = Purpose::Run { agreed: None };
    let run = Run::begin(store, &clock, world.source_id, purpose, None).await;
    let refused = remove_source(store, world.source_id).await;
    assert!(matches!(refused, Err(BeginError::UnderWay)), "{refused:?}");
    let executor = StoreExecutor::new(store, AUTHENTICATOR, 1);
    let source = world.source();
    let state = run.unwrap().go(&source, &executor, || false).await;
    assert_eq!(state, State::Succeeded);
    let recorded = async || store.count_mirrored(world.source_id).await.unwrap();
    assert_eq!(recorded().await, 8);
    let removed = remove_source(store, world.source_id).await;
    assert_eq!((removed.unwrap(), recorded().await), (1, 0));
}

#[tokio::test]
async fn when_a_run_is_seen_to_have_ended_the_next_can_begin() {
    let world = small_company().await;
    // Nobody may write the end of a run while its lease is held.
    let ends_with_lease = "CREATE TRIGGER ends_with_lease AFTER UPDATE OF state ON dingtalk_directory_runs \
         WHEN NEW.state <> 'running' AND EXISTS (SELECT 1 FROM dingtalk_leases) \
         BEGIN SELECT RAISE(ABORT, 'the lease is still held'); END";
    world.installation.store.execute(ends_with_lease).await;
    assert_eq!(world.run().await.state, State::Succeeded);
}
