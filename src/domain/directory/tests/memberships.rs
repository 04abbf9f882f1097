//! Who is in which department of a server that has them, in whole runs.

use entity::directory_run::State;

use super::office::{DEPARTMENTS, MEMBERS, company, run};
use super::world::World;
use crate::domain::directory::{Leavers, Step, StepError};

/// The ids of the departments «1» and «2».
const TOP: i64 = 101;
const BELOW: i64 = 102;

/// A run in which every step succeeds, and the steps about members that it asked for.
async fn whole_run(world: &World) -> Vec<Step> {
    let (run, asked) = run(world, |_| None).await;
    assert_eq!(run.state, State::Succeeded, "{:?}", run.message);
    asked
}

/// The accounts of the first people, so many of them.
async fn accounts(world: &World, count: usize) -> Vec<i64> {
    let mut ids = Vec::new();
    for number in 0..count {
        let account = world.account(&format!("p{number}")).await;
        ids.push(account.unwrap().id);
    }
    ids
}

fn add(department: i64, accounts: &[i64]) -> Step {
    Step::AddMembers {
        department,
        accounts: accounts.to_vec(),
    }
}

fn own(department: i64, account: i64) -> Step {
    Step::SetOwner {
        department,
        account,
        is_owner: true,
    }
}

/// The steps that give these accounts their main department.
fn main_of(accounts: &[i64], department: i64) -> impl Iterator<Item = Step> {
    let accounts = accounts.iter().copied();
    accounts.map(move |account| Step::SetMainDepartment {
        account,
        department,
    })
}

/// The departments that are recorded as those of a person.
async fn recorded(world: &World, key: &str) -> Vec<String> {
    let (row, _) = world.of(key).await.unwrap();
    let all = row.memberships.as_array().unwrap().iter();
    let all = all.map(|one| one["department"].as_str().unwrap().to_owned());
    all.collect()
}

#[tokio::test]
async fn everybody_is_put_into_their_departments_once() {
    let world = company(&[DEPARTMENTS]).await;
    let asked = whole_run(&world).await;
    let everybody = accounts(&world, 8).await;
    let mut expected = vec![add(TOP, &everybody), add(BELOW, &everybody)];
    expected.extend(main_of(&everybody, BELOW));
    assert_eq!(asked, expected);
    assert_eq!(recorded(&world, "p3").await, ["2", "1"]);
    let again = whole_run(&world).await;
    assert!(again.is_empty(), "{again:?}");
}

#[tokio::test]
async fn who_could_not_be_put_into_a_department_leads_none_and_is_put_there_by_the_next_run() {
    let world = company(&[DEPARTMENTS]).await;
    world.company.hire("p8", None, &["1"]);
    for number in [0, 8] {
        world.company.state().members[number].memberships[0].is_owner = true;
    }
    let (failed, asked) = run(&world, |step| {
        let joins = matches!(
            step,
            Step::AddMembers {
                department: BELOW,
                ..
            }
        );
        joins.then(|| StepError::Refused("not this one".to_owned()))
    })
    .await;
    assert_eq!(failed.state, State::Failed);
    assert_eq!(world.told(failed.id).await["stepFailed"], 8);
    let all = accounts(&world, 9).await;
    let (others, last) = (&all[..8], all[8]);
    let mut expected = vec![add(TOP, &all), add(BELOW, others), own(TOP, last)];
    expected.extend(main_of(&[last], TOP));
    assert_eq!(asked, expected, "no refused step is repeated");
    assert!(recorded(&world, "p0").await.is_empty());
    assert_eq!(recorded(&world, "p8").await, ["1"]);

    let mut expected = vec![add(TOP, others), add(BELOW, others), own(BELOW, all[0])];
    expected.extend(main_of(others, BELOW));
    assert_eq!(whole_run(&world).await, expected);
    assert_eq!(recorded(&world, "p0").await, ["2", "1"]);
}

#[tokio::test]
async fn one_account_that_must_stay_keeps_no_other_in_a_department() {
    let world = company(&[DEPARTMENTS]).await;
    whole_run(&world).await;
    for member in &mut world.company.state().members[..3] {
        member
            .memberships
            .retain(|one| one.department.as_str() == "1");
    }
    let ids = accounts(&world, 3).await;
    let stays = ids[1];
    let refusal = move |step: &Step| {
        let is_protected =
            matches!(step, Step::RemoveMembers { accounts, .. } if accounts.contains(&stays));
        is_protected.then_some(StepError::Protected)
    };
    let alone = vec![stays];
    for groups in [
        vec![ids.clone(), vec![ids[0]], alone.clone(), vec![ids[2]]],
        // The others are out, and one refusal is enough.
        vec![alone],
    ] {
        let (run, asked) = run(&world, refusal).await;
        assert_eq!(run.state, State::Succeeded, "{:?}", run.message);
        assert_eq!(world.told(run.id).await["leaverKept"], 1);
        let removed = asked.into_iter().filter_map(|step| match step {
            Step::RemoveMembers { accounts, .. } => Some(accounts),
            _ => None,
        });
        assert_eq!(removed.collect::<Vec<_>>(), groups);
        assert_eq!(recorded(&world, "p0").await, ["1"]);
        assert_eq!(recorded(&world, "p1").await, ["2", "1"]);
        assert_eq!(recorded(&world, "p2").await, ["1"]);
    }
}

#[tokio::test]
async fn who_was_taken_out_of_a_department_by_hand_is_put_back() {
    let world = company(&[DEPARTMENTS, MEMBERS]).await;
    whole_run(&world).await;
    let id = world.account("p2").await.unwrap().id;
    let out = format!(
        r#"DELETE FROM "departmentsUsers" WHERE "departmentId" = {BELOW} AND "userId" = {id}"#
    );
    world.installation.store.execute(&out).await;
    let mut expected = vec![add(BELOW, &[id])];
    expected.extend(main_of(&[id], BELOW));
    assert_eq!(whole_run(&world).await, expected);
    let again = whole_run(&world).await;
    assert!(again.is_empty(), "{again:?}");
}

#[tokio::test]
async fn who_comes_back_without_an_account_is_recorded_in_no_department() {
    let mut world = company(&[DEPARTMENTS]).await;
    whole_run(&world).await;
    world.options.leavers = Leavers::Delete;
    world.company.dismiss("p2");
    whole_run(&world).await;
    let (row, account) = world.of("p2").await.unwrap();
    assert_eq!((row.is_gone, account), (true, None));
    assert_eq!(recorded(&world, "p2").await, ["2", "1"], "as before");

    world.options.create_accounts = false;
    world.company.hire("p2", None, &["2", "1"]);
    // This server has no departments any more.
    let run = world.run().await;
    assert_eq!(run.state, State::Succeeded, "{:?}", run.message);
    let (row, account) = world.of("p2").await.unwrap();
    assert_eq!((row.is_gone, account), (false, None));
    assert!(recorded(&world, "p2").await.is_empty());
}
