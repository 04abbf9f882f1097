//! Attempts to make or change accounts that fail, or of which nobody knows how they ended.

use std::future::pending;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use chrono::TimeDelta;
use entity::directory_run::State;
use tokio::sync::Notify;

use super::refusals::refused;
use super::stories::small_company;
use crate::domain::directory::run::Purpose;
use crate::domain::directory::{Step, StepError, StepExecutor, StepOutcome};
use crate::store::NewUser;

/// Begins to apply steps, and never ends.
#[derive(Default)]
struct Stuck {
    began: Notify,
}

#[async_trait]
impl StepExecutor for Stuck {
    async fn has_departments(&self) -> Result<bool, StepError> {
        Ok(false)
    }

    fn batch(&self) -> usize {
        10
    }

    async fn apply(&self, _: &[Step]) -> Vec<Result<StepOutcome, StepError>> {
        self.began.notify_one();
        pending().await
    }
}

#[tokio::test]
async fn a_run_that_ends_while_it_makes_accounts_has_recorded_that_it_tried() {
    let world = small_company().await;
    let by_hand = NewUser {
        phone: Some("13800000005".to_owned()),
        ..NewUser::default()
    };
    world.installation.account(by_hand).await;
    let stuck = Stuck::default();
    let purpose = Purpose::Run { agreed: None };
    tokio::select! {
        run = Box::pin(world.go_with(purpose, &stuck)) => panic!("it came to its end: {run:?}"),
        () = stuck.began.notified() => {}
    }
    let (row, _) = world.of("p0").await.unwrap();
    assert_eq!((row.user_id, row.digest.as_str()), (None, ""));
    let first = row.tried_at;
    assert!(first.is_some());
    // This account is there already, and only linked.
    assert!(world.of("p5").await.is_none());

    world
        .installation
        .store
        .clock()
        .advance(TimeDelta::seconds(30));
    let tried = Mutex::new(Vec::new());
    let run = refused(&world, |step| {
        if let Step::CreateAccount(new) = step {
            tried.lock().unwrap().push(new.tried_at);
        }
        None
    })
    .await;
    assert_eq!(run.state, State::Succeeded, "{:?}", run.message);
    assert_eq!(tried.into_inner().unwrap(), [first; 7]);
}

#[tokio::test]
async fn the_first_attempt_to_make_an_account_is_remembered_until_there_is_one() {
    let world = small_company().await;
    let refusal = |step: &Step| {
        let is_new = matches!(step, Step::CreateAccount(_));
        is_new.then(|| StepError::Refused("not yet".to_owned()))
    };
    refused(&world, refusal).await;
    let first = world.of("p0").await.unwrap().0.tried_at;
    assert!(first.is_some());
    world
        .installation
        .store
        .clock()
        .advance(TimeDelta::minutes(1));
    refused(&world, refusal).await;
    assert_eq!(world.of("p0").await.unwrap().0.tried_at, first);
    world.run().await;
    let (row, account) = world.of("p0").await.unwrap();
    assert!(account.is_some());
    assert_eq!(row.tried_at, None);
}

#[tokio::test]
async fn an_account_is_made_with_its_values_and_not_updated_with_them_again() {
    let world = small_company().await;
    let updates = AtomicUsize::new(0);
    let run = refused(&world, |step| {
        if matches!(step, Step::UpdateAccount { .. }) {
            updates.fetch_add(1, Ordering::Relaxed);
        }
        None
    })
    .await;
    assert_eq!(run.state, State::Succeeded, "{:?}", run.message);
    assert_eq!(updates.into_inner(), 0);
    let account = world.account("p3").await.unwrap();
    assert_eq!(account.nickname.as_deref(), Some("Name of p3"));
}

#[tokio::test]
async fn an_account_that_could_not_be_bound_anew_keeps_its_values_until_a_later_run_binds_it() {
    let world = small_company().await;
    world.run().await;
    {
        let mut state = world.company.state();
        let p2 = &mut state.members[2];
        p2.key = "renamed".into();
        p2.name = "Another name".to_owned();
    }
    let run = refused(&world, |step| {
        matches!(step, Step::Bind { .. }).then_some(StepError::BoundToAnother)
    })
    .await;
    assert_eq!(world.told(run.id).await["boundToAnother"], 1);
    let account = world.account("p2").await.unwrap();
    assert_eq!(account.nickname.as_deref(), Some("Name of p2"));
    world.run().await;
    let account = world.account("p2").await.unwrap();
    assert_eq!(account.nickname.as_deref(), Some("Another name"));
    assert_eq!(world.bound(account.id).await.as_deref(), Some("renamed"));
}
