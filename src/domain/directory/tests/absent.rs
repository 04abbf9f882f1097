//! People who are missing in the organization, and have not left it or keep their account.

use async_trait::async_trait;
use entity::directory_run::State;
use entity::user;

use super::stories::{count, small_company};
use super::world::{AUTHENTICATOR, World};
use crate::domain::directory::run::Purpose;
use crate::domain::directory::store_executor::StoreExecutor;
use crate::domain::directory::{Leavers, Step, StepError, StepExecutor, StepOutcome};

#[tokio::test]
async fn who_was_moved_into_a_department_made_meanwhile_is_not_gone() {
    let mut world = small_company().await;
    world.company.department("8", None);
    world.company.department("9", Some("2"));
    world.company.state().unlisted.push("9".into());
    world.options.departments = vec!["2".to_owned()];
    world.run().await;
    for (person, department) in [("p4", "9"), ("p5", "8")] {
        world.company.dismiss(person);
        world.company.hire(person, None, &[department]);
    }
    let run = world.run().await;
    assert_eq!((run.state, count(&run, "left")), (State::Succeeded, 1));
    assert!(!world.of("p4").await.unwrap().0.is_gone);
    assert!(
        world.of("p5").await.unwrap().0.is_gone,
        "not copied any more"
    );
    world.company.state().unlisted.clear();
    assert_eq!(count(&world.run().await, "left"), 0);
    assert!(!world.of("p4").await.unwrap().0.is_gone);
}

#[tokio::test]
async fn who_was_moved_out_of_a_department_that_is_removed_meanwhile_is_not_gone() {
    for is_late in [false, true] {
        let world = small_company().await;
        world.company.department("3", Some("1"));
        world.company.hire("p8", None, &["3"]);
        world.run().await;
        let id = world.account("p8").await.unwrap().id;
        // The other department was read before the person came there.
        world.company.dismiss("p8");
        world.company.hire("p8", None, &["2"]);
        world.company.state().overlooked.push("p8".into());
        if is_late {
            world.company.state().removed_late.push("3".into());
        } else {
            world.company.state().removed.push("3".into());
        }
        let run = world.run().await;
        let ended = (run.state, count(&run, "left"));
        assert_eq!(ended, (State::Succeeded, 0), "late: {is_late}");
        let told = world.told(run.id).await;
        assert_eq!(told["departmentVanished"], 1, "late: {is_late}");
        assert!(!world.of("p8").await.unwrap().0.is_gone);
        assert_eq!(world.roles(id).await, ["member"]);
    }
}

#[tokio::test]
async fn who_is_in_another_source_keeps_the_account_and_loses_one_binding() {
    let world = small_company().await;
    world.run().await;
    let store = &world.installation.store;
    let id = world.account("p2").await.unwrap().id;
    let (mut elsewhere, _) = world.of("p2").await.unwrap();
    elsewhere.source_id = world.source_id + 1;
    let rows = vec![elsewhere.clone()];
    store.save_mirrored_people(rows).await.unwrap();
    world.company.dismiss("p2");
    let run = world.run().await;
    assert_eq!((run.state, count(&run, "left")), (State::Succeeded, 1));
    assert_eq!(world.roles(id).await, ["member"]);
    assert_eq!(world.bound(id).await, None);
    assert!(world.of("p2").await.unwrap().0.is_gone);

    // Where nobody else has the person any more, all access ends.
    world.company.hire("p2", Some("13800000002"), &["2", "1"]);
    world.run().await;
    assert_eq!(world.bound(id).await.as_deref(), Some("p2"));
    elsewhere.is_gone = true;
    store.save_mirrored_people(vec![elsewhere]).await.unwrap();
    world.company.dismiss("p2");
    world.run().await;
    assert!(world.roles(id).await.is_empty());
}

#[tokio::test]
async fn who_was_given_the_account_of_another_keeps_name_and_access() {
    let world = small_company().await;
    world.run().await;
    let mut user = world.account("p2").await.unwrap();
    user.nickname = Some("Omar".to_owned());
    world.give_to_omar(&user).await;
    let run = world.run().await;
    assert_eq!(world.told(run.id).await["boundToAnother"], 1);
    let now = world.account("p2").await.unwrap();
    assert_eq!(now.nickname.as_deref(), Some("Omar"));

    world.company.dismiss("p2");
    let run = world.run().await;
    assert_eq!((run.state, count(&run, "left")), (State::Succeeded, 1));
    assert_eq!(world.told(run.id).await["leaverKept"], 1);
    assert_eq!(world.roles(user.id).await, ["member"]);
    assert_eq!(world.bound(user.id).await.as_deref(), Some("omar"));
}

/// Applies steps, after somebody has bound an account to Omar instead of its person.
struct Meanwhile<'a> {
    executor: StoreExecutor<'a>,
    world: &'a World,
    user: user::Model,
}

#[async_trait]
impl StepExecutor for Meanwhile<'_> {
    async fn has_departments(&self) -> Result<bool, StepError> {
        self.executor.has_departments().await
    }

    fn batch(&self) -> usize {
        self.executor.batch()
    }

    async fn apply(&self, steps: &[Step]) -> Vec<Result<StepOutcome, StepError>> {
        self.world.give_to_omar(&self.user).await;
        self.executor.apply(steps).await
    }
}

#[tokio::test]
async fn who_is_given_an_account_during_the_run_that_would_end_it_keeps_it() {
    for leavers in [Leavers::Disable, Leavers::Unbind, Leavers::Delete] {
        let mut world = small_company().await;
        world.options.leavers = leavers;
        world.run().await;
        let user = world.account("p2").await.unwrap();
        world.company.dismiss("p2");
        // Those who come get their accounts before those who are gone lose theirs.
        world.company.hire("p8", None, &["1"]);
        let executor = Meanwhile {
            executor: StoreExecutor::new(&world.installation.store, AUTHENTICATOR, 1),
            world: &world,
            user: user.clone(),
        };
        let purpose = Purpose::Run { agreed: None };
        let run = world.go_with(purpose, &executor).await;
        assert_eq!((run.state, count(&run, "left")), (State::Succeeded, 1));
        assert_eq!(world.told(run.id).await["leaverKept"], 1);
        assert!(world.of("p2").await.unwrap().0.is_gone);
        assert_eq!(world.roles(user.id).await, ["member"]);
        assert_eq!(world.bound(user.id).await.as_deref(), Some("omar"));
    }
}

#[tokio::test]
async fn who_is_only_in_a_department_of_a_kind_that_is_left_out_is_gone() {
    let world = small_company().await;
    world.company.department("9", Some("1"));
    world.company.state().left_out.push("9".into());
    world.run().await;
    let id = world.account("p4").await.unwrap().id;
    world.company.dismiss("p4");
    world.company.hire("p4", Some("13800000004"), &["9"]);
    let run = world.run().await;
    assert_eq!((run.state, count(&run, "left")), (State::Succeeded, 1));
    assert_eq!(world.told(run.id).await["departmentLeftOut"], 1);
    assert!(world.of("p4").await.unwrap().0.is_gone);
    assert!(world.roles(id).await.is_empty());
}

#[tokio::test]
async fn whoever_loses_nothing_does_not_count_towards_the_limit() {
    let mut world = small_company().await;
    world.options.leavers = Leavers::Nothing;
    world.run().await;
    for number in 0..6 {
        world.company.dismiss(&format!("p{number}"));
    }
    let run = world.run().await;
    assert_eq!((run.state, count(&run, "left")), (State::Succeeded, 6));
    let id = world.account("p0").await.unwrap().id;
    assert_eq!(world.bound(id).await.as_deref(), Some("p0"));
}
