//! An executor that refuses single steps.

use async_trait::async_trait;
use entity::directory_run::{Model, State};

use super::stories::{count, small_company};
use super::world::{AUTHENTICATOR, World};
use crate::domain::directory::run::Purpose;
use crate::domain::directory::store_executor::StoreExecutor;
use crate::domain::directory::{FindingKind, Step, StepError, StepExecutor, StepOutcome};
use crate::domain::profile::Field;
use crate::store::NewUser;

/// Applies all steps but those for which this says why not.
struct Refusing<'a, F> {
    executor: StoreExecutor<'a>,
    refusal: F,
}

#[async_trait]
impl<F> StepExecutor for Refusing<'_, F>
where
    F: Fn(&Step) -> Option<StepError> + Send + Sync,
{
    async fn has_departments(&self) -> Result<bool, StepError> {
        self.executor.has_departments().await
    }

    fn batch(&self) -> usize {
        self.executor.batch()
    }

    async fn apply(&self, steps: &[Step]) -> Vec<Result<StepOutcome, StepError>> {
        let mut outcomes = Vec::new();
        for step in steps {
            if let Some(error) = (self.refusal)(step) {
                outcomes.push(Err(error));
            } else {
                outcomes.extend(self.executor.apply(std::slice::from_ref(step)).await);
            }
        }
        outcomes
    }
}

/// A run whose executor refuses some steps.
pub(super) async fn refused(
    world: &World,
    refusal: impl Fn(&Step) -> Option<StepError> + Send + Sync,
) -> Model {
    let executor = Refusing {
        executor: StoreExecutor::new(&world.installation.store, AUTHENTICATOR, 1),
        refusal,
    };
    world
        .go_with(Purpose::Run { agreed: None }, &executor)
        .await
}

fn refuse_new_accounts(step: &Step) -> Option<StepError> {
    let is_new = matches!(step, Step::CreateAccount(_));
    is_new.then(|| StepError::Refused("not this one".to_owned()))
}

fn refuse_bindings(step: &Step) -> Option<StepError> {
    matches!(step, Step::Bind { .. }).then_some(StepError::BoundToAnother)
}

#[tokio::test]
async fn where_one_step_failed_nobody_loses_access_in_that_run() {
    let world = small_company().await;
    world.run().await;
    let id = world.account("p2").await.unwrap().id;
    world.company.dismiss("p2");
    world.company.hire("p8", None, &["1"]);
    let run = refused(&world, refuse_new_accounts).await;
    assert_eq!((run.state, count(&run, "left")), (State::Failed, 0));
    assert_eq!(count(&run, "errors"), 1);
    assert_eq!(world.told(run.id).await["stepFailed"], 1);
    assert!(!world.of("p2").await.unwrap().0.is_gone);
    assert_eq!(world.roles(id).await, ["member"]);
    let run = world.run().await;
    assert_eq!((run.state, count(&run, "left")), (State::Succeeded, 1));
    assert_eq!(count(&run, "created"), 1);
}

#[tokio::test]
async fn an_account_that_could_not_be_bound_is_nobodys_until_a_later_run_binds_it() {
    let world = small_company().await;
    let by_hand = NewUser {
        phone: Some("13800000005".to_owned()),
        ..NewUser::default()
    };
    let by_hand = world.installation.account(by_hand).await;
    let run = refused(&world, refuse_bindings).await;
    assert_eq!((count(&run, "created"), count(&run, "linked")), (7, 0));
    assert_eq!(world.told(run.id).await["boundToAnother"], 1);
    assert_eq!(world.of("p5").await.unwrap().0.user_id, None);
    let run = world.run().await;
    assert_eq!((count(&run, "created"), count(&run, "linked")), (0, 1));
    assert_eq!(world.account("p5").await.unwrap().id, by_hand.id);
    assert_eq!(world.bound(by_hand.id).await.as_deref(), Some("p5"));
}

#[tokio::test]
async fn the_roles_of_who_leaves_are_recorded_before_they_are_taken() {
    let world = small_company().await;
    world.run().await;
    world.company.dismiss("p2");
    refused(&world, |step| {
        let ends = matches!(step, Step::EndAccess { .. });
        ends.then(|| StepError::Refused("not this one".to_owned()))
    })
    .await;
    let (row, _) = world.of("p2").await.unwrap();
    assert_eq!(row.roles, serde_json::json!(["member"]));
    assert!(row.tried_at.is_some() && !row.is_gone);
}

#[tokio::test]
async fn a_value_that_somebody_has_taken_meanwhile_is_named() {
    for (field, kind) in [
        (Field::Email, FindingKind::EmailTaken),
        (Field::Phone, FindingKind::PhoneTaken),
    ] {
        let world = small_company().await;
        let run = refused(&world, |step| {
            let is_new = matches!(step, Step::CreateAccount(_));
            is_new.then_some(StepError::Taken(field))
        })
        .await;
        let told = world.told(run.id).await;
        assert_eq!(told.get(kind.name()), Some(&8), "{told:?}");
    }
}
