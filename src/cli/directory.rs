//! The command `directory`, which shows what a run would do, or does it.

use clap::{Args, Subcommand};
use entity::directory_finding;
use entity::directory_run::{self, State};
use serde_json::json;

use super::migrate::lock_tables;
use super::nocobase::check_nocobase;
use super::output::tell;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::directory::run::{BeginError, Purpose};
use crate::server::Server;
use crate::state::directory_runs::run_to_end;
use crate::store::Store;
use crate::store::query::{Filter, Listing, Operator, Page};

/// How many rows are read at once.
const PAGE: u64 = 1000;

/// The arguments of `directory`.
#[derive(Args, Debug)]
pub struct DirectoryArguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what a run would do, person by person: changes no account or department; the tables are
    /// prepared as at a start.
    Preview(Arguments),
    /// Synchronize the directory.
    Run(RunArguments),
}

#[derive(Args, Debug)]
struct Arguments {
    /// Name of the authenticator whose organization is read.
    #[arg(value_name = "AUTHENTICATOR")]
    authenticator: String,
    /// Print JSON for programs.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: Config,
}

#[derive(Args, Debug)]
struct RunArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// The fingerprint that a run printed when the safety limit stopped it; confirms the removals
    /// of that run.
    #[arg(long, value_name = "FINGERPRINT")]
    agreed: Option<String>,
}

/// Why there was no run, or it did not end well.
#[derive(Debug, thiserror::Error)]
enum NotDone {
    #[error("the authenticator {0:?} has no directory: save its settings first")]
    NoSource(String),
    #[error("the directory is being synchronized already")]
    UnderWay,
    #[error("no NocoBase answers at NOCOBASE_UPSTREAM_URL: start it first")]
    NoNocoBase,
    #[error("the run {0}")]
    Ended(String),
}

/// Runs a source once, or shows what a run would do. Fails when the run does not complete.
pub async fn run(arguments: DirectoryArguments) -> Result<(), Box<dyn std::error::Error>> {
    let (arguments, purpose) = match arguments.command {
        Command::Preview(arguments) => (arguments, Purpose::Preview),
        Command::Run(RunArguments { arguments, agreed }) => (arguments, Purpose::Run { agreed }),
    };
    // This opens the database as at a start, with all tables, and keeps servers away until they are
    // there. A server may start while a run goes on, so the lock is released before it.
    let lock = lock_tables(&arguments.config).await?;
    let app = Server::open(arguments.config, Clock::system()).await?.app;
    drop(lock);
    // The steps of a run are for numbers of accounts.
    let nodes = app.config.gateway.upstreams().len();
    if nodes > 0 && check_nocobase(&app).await?.len() == nodes {
        return Err(NotDone::NoNocoBase.into());
    }
    let no_source = || NotDone::NoSource(arguments.authenticator.clone());
    let authenticator = app.store.authenticator(&arguments.authenticator).await?;
    let authenticator = authenticator.ok_or_else(no_source)?;
    let source = app.store.directory_source_of(authenticator.id).await?;
    let source = source.ok_or_else(no_source)?;
    let id = match run_to_end(&app, &source, purpose, None).await {
        Ok(id) => id,
        Err(BeginError::UnderWay) => return Err(NotDone::UnderWay.into()),
        Err(error) => return Err(error.into()),
    };
    let run = app.store.directory_run(id).await?;
    let run = run.ok_or_else(|| NotDone::Ended("is gone".to_owned()))?;
    if arguments.json {
        tell_programs(&app.store, &run).await?;
    } else {
        tell_people(&app.store, &run).await?;
    }
    app.close().await;
    match run.state {
        State::Succeeded => Ok(()),
        state => Err(NotDone::Ended(state.name()).into()),
    }
}

/// A page of the run's report.
async fn page(
    store: &Store,
    run: &directory_run::Model,
    number: u64,
) -> Result<Vec<directory_finding::Model>, Box<dyn std::error::Error>> {
    let listing = Listing {
        filter: Some(Filter::Is {
            column: "runId".to_owned(),
            operator: Operator::Equal,
            value: run.id.into(),
        }),
        sort: Vec::new(),
        page: Some(Page { number, size: PAGE }),
    };
    Ok(store
        .list::<directory_finding::Entity>(&listing)
        .await?
        .rows)
}

/// Hands each row of the run's report to `tell`, in order. A page at a time is in memory.
async fn tell_each(
    store: &Store,
    run: &directory_run::Model,
    tell: impl Fn(&directory_finding::Model),
) -> Result<(), Box<dyn std::error::Error>> {
    for number in 1.. {
        let rows = page(store, run, number).await?;
        rows.iter().for_each(&tell);
        if rows.len() < usize::try_from(PAGE)? {
            break;
        }
    }
    Ok(())
}

/// Prints a line for each change and finding, and one for the run.
async fn tell_people(
    store: &Store,
    run: &directory_run::Model,
) -> Result<(), Box<dyn std::error::Error>> {
    tell_each(store, run, |row| {
        let who = row.person_id.as_deref().or(row.department_id.as_deref());
        let name = row.person_name.as_deref().unwrap_or_default();
        tell!(
            "{:<9} {:<24} {:<24} {} {}",
            row.severity,
            row.kind,
            who.unwrap_or("-"),
            name,
            row.detail.as_deref().unwrap_or_default(),
        );
    })
    .await?;
    tell!("{} {}: {}", run.kind.name(), run.state.name(), run.counts);
    if let Some(fingerprint) = &run.fingerprint {
        tell!("more would go than the safety limit lets; --agreed {fingerprint} does it");
    }
    Ok(())
}

/// Prints an object in each line: first the run, then its report.
async fn tell_programs(
    store: &Store,
    run: &directory_run::Model,
) -> Result<(), Box<dyn std::error::Error>> {
    let line = json!({
        "run": run.id,
        "kind": run.kind.name(),
        "state": run.state.name(),
        "counts": run.counts,
        "fingerprint": run.fingerprint,
        "message": run.message,
    });
    tell!("{line}");
    tell_each(store, run, |row| {
        let line = json!({
            "kind": row.kind,
            "severity": row.severity,
            "personId": row.person_id,
            "personName": row.person_name,
            "departmentId": row.department_id,
            "accounts": row.accounts,
            "detail": row.detail,
        });
        tell!("{line}");
    })
    .await
}
