//! The command `doctor`, which examines everything, says what to do, and which command comes next.

mod directory;
mod messages;
mod nocobase;
mod report;
mod settings;

use std::process::ExitCode;
use std::sync::Arc;

use self::report::{Report, with_settings};
use crate::chain::Chain;
use crate::clock::Clock;
use crate::config::dotenv::Dotenv;
use crate::config::{Config, Dialect, SigningSecretError};
use crate::domain::inspection::{Inspected, foreign_bindings, inspect, unusable_names};
use crate::server;
use crate::state::AppState;
use crate::store::{InstallationPlace, damage};

/// The server would not work, and the report says why.
#[derive(Debug, thiserror::Error)]
#[error("the server would not work like this")]
struct UnhealthyError;

/// What was read may be wrong: nobody had the SQLite file open, and now somebody writes to it.
#[derive(Debug, thiserror::Error)]
#[error("the database has begun to change")]
struct DisturbedError;

/// Examines settings, database, secret, authenticators and NocoBase, and changes nothing. `file` is
/// the `.env` that was read. Prints a line for each subject and, in the last line, the next command.
/// The exit code is a failure when nobody could sign in through DingTalk.
pub async fn run(config: Config, file: Option<Dotenv>) -> ExitCode {
    let mut report = Report::new();
    let outcome = loop {
        let outcome = look(&mut report, config.clone(), file.as_ref()).await;
        let failure = outcome.as_ref().err();
        if !failure.is_some_and(|error| error.is::<DisturbedError>()) {
            break outcome;
        }
        report.begin_again(
            "somebody has begun to write to the database, so what was read may be wrong: everything is examined once more",
        );
    };
    if let Err(error) = &outcome
        && !error.is::<UnhealthyError>()
    {
        report.problem(Chain(&**error));
    }
    report.end(outcome.is_ok());
    if outcome.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn look(
    report: &mut Report,
    config: Config,
    file: Option<&Dotenv>,
) -> Result<(), Box<dyn std::error::Error>> {
    settings::origin(report, &config, file);
    settings::addresses(report, &config.http);
    settings::ports(report, &config, file)?;
    settings::storage(report, &config)?;
    let is_secret_known = tell_secret(report, &config)?;
    let Some(app) = open(report, config, file).await? else {
        return Ok(());
    };
    let outcome = examine(report, &app, file).await;
    if outcome.is_err() && app.store.has_begun_to_change() {
        app.close().await;
        return Err(DisturbedError.into());
    }
    outcome?;
    if is_secret_known {
        Ok(())
    } else {
        Err(UnhealthyError.into())
    }
}

/// Examines what the database says, and NocoBase.
async fn examine(
    report: &mut Report,
    app: &Arc<AppState>,
    file: Option<&Dotenv>,
) -> Result<(), Box<dyn std::error::Error>> {
    let upstreams = app.config.gateway.upstreams();
    tell_database(report, app).await?;
    if upstreams.is_empty() && is_of_nocobase(app).await? {
        report.problem(
            "the database is that of a NocoBase: there are accounts that this server did not make; to stand in front \
             of it, set NOCOBASE_UPSTREAM_URL to the address at which it listens, and give this server another port",
        );
        let listen = app.config.http.app_port;
        let url = format!("http://127.0.0.1:{listen}");
        let port = settings::free_port(listen);
        report.suggest(with_settings([
            ("NOCOBASE_UPSTREAM_URL", url.as_str()),
            ("APP_PORT", port.as_str()),
        ]));
        return Err(UnhealthyError.into());
    }
    app.store.hold_apart().await?;
    let has_all_tables = app.store.pending_migrations().await?.is_empty();
    if !has_all_tables {
        report.note("tables are missing that the next start makes; `migrate --show` names them");
        if upstreams.is_empty() {
            return Ok(());
        }
    }
    tell_authenticators(report, app).await?;
    if upstreams.is_empty() {
        report.ok("no NOCOBASE_UPSTREAM_URL: the server stands alone");
        directory::look(report, app).await?;
        return Ok(());
    }
    nocobase::look(report, app, upstreams, file).await?;
    if has_all_tables {
        directory::look(report, app).await?;
        messages::look(report, app).await?;
    }
    Ok(())
}

/// Reports where the signing secret is. Returns false when a gateway does not know that of its NocoBase; the rest can be
/// examined without it.
fn tell_secret(report: &Report, config: &Config) -> Result<bool, UnhealthyError> {
    match config.signing.source(&config.storage_path) {
        Ok(Some(source)) => report.ok(format_args!("there is a signing secret: {source}")),
        Ok(None) if config.gateway.is_on() => {
            report.problem(Chain(&SigningSecretError::NotShared));
            return Ok(false);
        }
        Ok(None) => report.note("there is no signing secret yet: the first start makes one"),
        Err(error) => {
            report.problem(Chain(&error));
            return Err(UnhealthyError);
        }
    }
    Ok(true)
}

/// Opens what there is to examine; none before the first start.
async fn open(
    report: &mut Report,
    config: Config,
    file: Option<&Dotenv>,
) -> Result<Option<Arc<AppState>>, UnhealthyError> {
    let damage = match damage(&config).await {
        Ok(damage) => damage,
        Err(error) => {
            report.problem(Chain(&error));
            return Err(UnhealthyError);
        }
    };
    for line in &damage {
        report.problem(format_args!("the database is damaged: {line}"));
    }
    if !damage.is_empty() {
        report.problem("stop the server, keep what is there, and restore the last backup");
        return Err(UnhealthyError);
    }
    let is_standalone = !config.gateway.is_on();
    let database = config.sqlite_file();
    match server::open_read_only(config, Clock::system()).await {
        Ok(Some(app)) => Ok(Some(app)),
        Ok(None) if is_standalone => {
            report.note("there is no database yet: the first start makes it");
            Ok(None)
        }
        Ok(None) => {
            report.problem(format_args!(
                "there is no database {}: give the same DB_* and STORAGE_PATH as NocoBase has",
                database.display()
            ));
            nocobase::other_settings(report, &["DB_STORAGE", "STORAGE_PATH"], file);
            Err(UnhealthyError)
        }
        Err(error) => {
            nocobase::unopened(report, &error, file);
            Err(UnhealthyError)
        }
    }
}

/// Reports which database is used, where it is, and how its tables are named.
async fn tell_database(report: &Report, app: &AppState) -> Result<(), Box<dyn std::error::Error>> {
    let (config, server) = (&app.config.database, app.store.server().await?);
    let place = match config.dialect {
        Dialect::Sqlite => app.config.sqlite_file().display().to_string(),
        _ => format!("database {} at {}", config.database, config.host),
    };
    let schema = config.schema.as_ref();
    let schema = schema.map_or_else(String::new, |schema| format!(", schema {}", schema.name()));
    let names = config.naming();
    report.ok(format_args!(
        "the database can be used: {server}, {place}{schema}; tables are named as in {} ({})",
        names.table("usersAuthenticators"),
        names.column("userId")
    ));
    if server.starts_with("MySQL") {
        report.note(
            "this program was never run on MySQL itself, only on MariaDB: docs/mysql.md says what differs",
        );
    }
    Ok(())
}

/// Whether this is NocoBase's database, although the settings say that it is this product's own.
async fn is_of_nocobase(app: &AppState) -> Result<bool, Box<dyn std::error::Error>> {
    if app.store.made_all_tables().await? {
        return Ok(false);
    }
    let others = app.store.other_installations().await?;
    let is_named_otherwise = others
        .iter()
        .any(|other| other.place == InstallationPlace::Here);
    Ok(is_named_otherwise || app.store.plugins().await.is_ok())
}

async fn tell_authenticators(
    report: &Report,
    app: &AppState,
) -> Result<(), Box<dyn std::error::Error>> {
    let authenticators = inspect(&app.store, &app.vault, &app.providers).await?;
    for authenticator in &authenticators {
        let foreign = foreign_bindings(&app.store, &authenticator.name).await?;
        tell(report, authenticator, foreign);
    }
    for name in unusable_names(&app.store).await? {
        report.problem(format_args!(
            "authenticator {name:?}: no header carries this name, so that nobody can sign in there; make one with \
             a-z, A-Z, 0-9, _ and - only, or rename it over the API"
        ));
    }
    if authenticators.is_empty() {
        report.note("there is no DingTalk authenticator yet: add one in the settings");
    }
    Ok(())
}

/// Reports on an authenticator. If it cannot be used, only its own people are kept out, so it does
/// not make `doctor` fail.
fn tell(report: &Report, authenticator: &Inspected, foreign: u64) {
    let (provider, name) = (authenticator.provider, &authenticator.name);
    match &authenticator.problem {
        Some(problem) => report.problem(format_args!(
            "{provider} authenticator {name}: {}",
            Chain(problem)
        )),
        None if authenticator.is_enabled => report.ok(format_args!(
            "{provider} authenticator {name} is enabled and complete"
        )),
        None => report.note(format_args!(
            "{provider} authenticator {name} is complete and not enabled"
        )),
    }
    if foreign > 0 {
        report.note(format_args!(
            "{provider} authenticator {name}: {foreign} accounts were bound by another program; they are found when \
             their uuid is what «Bind accounts by» names"
        ));
    }
}
