//! What `doctor` says of directories: whether the organisation can be read, and whether NocoBase would do the
//! steps. It reads one department, and changes nothing.

use std::sync::Arc;

use entity::directory_source;

use super::report::Report;
use crate::chain::Chain;
use crate::domain::directory::source::Source;
use crate::domain::directory::{Directory, Hand, ReadError, Scope};
use crate::gateway::nocobase::NocoBaseHand;
use crate::state::AppState;
use crate::store::StoreError;
use crate::worker::directory::surroundings;

/// Looks at the source of each authenticator.
pub async fn look(report: &Report, app: &Arc<AppState>) -> Result<(), StoreError> {
    for row in app.store.directory_sources().await? {
        one(report, app, &row).await;
    }
    Ok(())
}

async fn one(report: &Report, app: &Arc<AppState>, row: &directory_source::Model) {
    let source = match surroundings(app).source(row).await {
        Ok(source) => source,
        Err(error) => {
            return report.problem(format_args!("directory {}: {error}", row.id));
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
            "directory of {name}: the organization cannot be read now: {error}"
        )),
    }
    if app.config.gateway.is_on() {
        steps(report, app, &source).await;
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
    let there_are = match NocoBaseHand::new(app, name, account).await {
        Ok(hand) => hand.has_departments().await,
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
