//! What the report of a run that ended early says.

use std::io;

use entity::directory_run::{Model, State};

use super::refusals::refused;
use super::stories::{count, small_company};
use super::world::World;
use crate::domain::directory::run::{Purpose, Run};
use crate::domain::directory::{Severity, StepError};
use crate::test_logs::{collect, lines_with};

#[derive(Debug, thiserror::Error)]
#[error("the other server is away")]
struct Away(#[source] io::Error);

fn away() -> Away {
    Away(io::Error::other("connection refused"))
}

/// What a run says, with the kinds and details of its errors.
async fn said(world: &World, run: &Model) -> (String, Vec<(String, Option<String>)>) {
    let store = &world.installation.store;
    let mut rows = store.directory_findings_of(run.id).await.unwrap();
    rows.retain(|row| row.severity == Severity::Error.name());
    let errors = rows.into_iter().map(|row| (row.kind, row.detail));
    (run.message.clone().unwrap(), errors.collect())
}

#[tokio::test]
async fn a_run_that_a_step_ends_says_all_that_led_to_it() {
    let world = small_company().await;
    let run = refused(&world, |_| Some(StepError::Unavailable(Box::new(away())))).await;
    assert_eq!(run.state, State::Failed);
    let all = "nobody knows whether it was done: the other server is away: connection refused";
    let (message, errors) = said(&world, &run).await;
    assert_eq!(message, all);
    assert_eq!(errors, [("stepFailed".to_owned(), Some(all.to_owned()))]);
}

#[tokio::test]
async fn what_a_database_says_is_in_the_log_alone() {
    collect();
    let world = small_company().await;
    let store = &world.installation.store;
    store.rename_table("dingtalk_events", "away").await;
    let failed = store.due_events(1, 1).await.unwrap_err();
    store.rename_table("away", "dingtalk_events").await;
    let run = refused(&world, |_| {
        Some(StepError::Unavailable(Box::new(failed.clone())))
    })
    .await;
    let told = "nobody knows whether it was done: the database failed";
    let (message, errors) = said(&world, &run).await;
    assert_eq!(message, told);
    assert_eq!(errors, [("stepFailed".to_owned(), Some(told.to_owned()))]);
    let lines = lines_with("no such table: dingtalk_events");
    let line = format!("run {} of a directory ended: {told}: ", run.id);
    assert!(lines.iter().any(|one| one.contains(&line)), "{lines:?}");
}

#[tokio::test]
async fn a_run_that_could_do_nothing_says_why_once() {
    let world = small_company().await;
    let store = &world.installation.store;
    let clock = store.clock().clone();
    let purpose = Purpose::Run { agreed: None };
    let run = Run::begin(store, &clock, world.source_id, purpose, None).await;
    let run = run.unwrap();
    let id = run.row.id;
    assert_eq!(run.fail(Box::new(away())).await, State::Failed);
    let run = store.directory_run(id).await.unwrap().unwrap();
    let all = "the other server is away: connection refused";
    let (message, errors) = said(&world, &run).await;
    assert_eq!(message, all);
    assert_eq!(errors, [("readFailed".to_owned(), Some(all.to_owned()))]);
    assert_eq!(count(&run, "errors"), 1);
}
