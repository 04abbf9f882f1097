//! What `doctor` says of directories: whether the organization can be read, and whether NocoBase would do the
//! steps. It reads one department, and changes nothing.

use std::sync::Arc;
use std::time::Duration;

use entity::directory_source;
use tokio::time::timeout;

use super::report::Report;
use crate::chain::Chain;
use crate::domain::directory::source::Source;
use crate::domain::directory::{Directory, EventMode, ReadError, Scope, StepExecutor, event_mode};
use crate::domain::events::StreamError;
use crate::gateway::nocobase::NocoBaseExecutor;
use crate::state::AppState;
use crate::store::StoreError;

/// The time limit for checking whether a connection for events could be opened.
const OPENING: Duration = Duration::from_secs(20);

/// Looks at the source of each authenticator.
pub async fn look(report: &Report, app: &Arc<AppState>) -> Result<(), StoreError> {
    for row in app.store.directory_sources().await? {
        one(report, app, &row).await;
    }
    Ok(())
}

async fn one(report: &Report, app: &Arc<AppState>, row: &directory_source::Model) {
    let source = match app.source_loader().source(row).await {
        Ok(source) => source,
        Err(error) => {
            let why = Chain(&error);
            return report.problem(format_args!("directory {}: {why}", row.id));
        }
    };
    let name = source.authenticator.as_str();
    match read_some(&*source.directory).await {
        Ok(scope) if scope.departments.is_empty() && scope.people.is_empty() => {
            report.problem(format_args!(
                "directory of {name}: the contact scope of the app covers nobody; widen it in the developer console"
            ));
        }
        Ok(scope) => report.ok(format_args!(
            "directory of {name}: departments and people can be read; the contact scope has {} departments and {} \
             people at its top",
            scope.departments.len(),
            scope.people.len()
        )),
        Err(ReadError::Permission(permission)) => report.problem(format_args!(
            "directory of {name}: the app lacks the permission {permission}; grant it in the developer console"
        )),
        Err(error) => report.note(format_args!(
            "directory of {name}: the organization cannot be read now: {}",
            Chain(&error)
        )),
    }
    if event_mode(row) == EventMode::Stream {
        stream(report, app, row, name).await;
    }
    if app.config.gateway.is_on() {
        steps(report, app, &source).await;
    }
}

/// Reports whether a connection for events could be opened. None is opened, because DingTalk would send events over it
/// that belong to the running server.
async fn stream(report: &Report, app: &AppState, row: &directory_source::Model, name: &str) {
    let around = app.source_loader();
    let provider = match around.authenticator(row.authenticator_id).await {
        Ok(authenticator) => around.configured(&authenticator).await,
        Err(error) => Err(error),
    };
    let provider = match provider {
        Ok(provider) => provider,
        Err(error) => {
            return report.problem(format_args!("events of {name}: {}", Chain(&error)));
        }
    };
    match timeout(OPENING, provider.check_events()).await {
        Ok(Ok(())) => report.ok(format_args!(
            "events of {name}: DingTalk accepts the application for its Stream, and the Stream's host answers"
        )),
        Ok(Err(error @ StreamError::Misconfigured(_))) => {
            report.problem(format_args!("events of {name}: {}", Chain(&error)));
        }
        Ok(Err(error)) => report.note(format_args!(
            "events of {name}: DingTalk's Stream cannot be opened now: {}; this server must reach \
             wss-open-connection.dingtalk.com at port 443, or a proxy in HTTPS_PROXY must",
            Chain(&error)
        )),
        Err(_) => report.note(format_args!(
            "events of {name}: DingTalk's Stream did not answer in time"
        )),
    }
}

/// Reads the scope, and the first department of it.
async fn read_some(directory: &dyn Directory) -> Result<Scope, ReadError> {
    let scope = directory.scope().await?;
    if let Some(department) = scope.departments.first() {
        directory.departments_in(department).await?;
        directory.members_of(department, None).await?;
    }
    Ok(scope)
}

/// Whether NocoBase would do what a run asks it for.
async fn steps(report: &Report, app: &Arc<AppState>, source: &Source) {
    let (name, account) = (source.authenticator.as_str(), source.acting);
    let there_are = match NocoBaseExecutor::new(app, name, account).await {
        Ok(executor) => executor.has_departments().await,
        Err(error) => Err(error.into()),
    };
    match there_are {
        Ok(true) => report.ok(format_args!(
            "directory of {name}: NocoBase takes accounts and departments from account {account}"
        )),
        Ok(false) if source.options.follow_departments => report.note(format_args!(
            "directory of {name}: NocoBase's plugin «Departments» is off, so only people are copied"
        )),
        Ok(false) => {}
        Err(error) => report.problem(format_args!(
            "directory of {name}: NocoBase does not let account {account} make accounts and departments: {}; give it \
             a role that may, or have somebody else save the source",
            Chain(&error)
        )),
    }
}
