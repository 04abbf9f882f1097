//! The actions `dingtalkDirectory:*`: directory sources, their runs and the findings of these.

mod events;
mod finding_texts;
mod form;
mod organization;
mod refusals;
mod rows;
mod runs;
mod sources;
mod suggestions;

pub(super) use organization::{DepartmentRow, MemberRow};
pub(super) use rows::{FindingRow, RunRow};
pub use runs::run_source;
pub(super) use runs::{Begun, Ending, RunRequest};
pub use sources::{CheckedSource, check_source, disable_source, keep_source};
pub(super) use sources::{SavedSource, SourceForm, SourceRow};

use crate::edge::Access::{Administer, Snippet};
use crate::edge::Routes;

/// Adds the actions to a table of routes.
pub fn add_routes(table: &mut Routes) {
    let name = "dingtalkDirectory";
    let look = Snippet("pm.user-data-sync");
    table.add(name, "sources", look, sources::list);
    table.add(name, "optionsSchema", look, form::options_schema);
    table.add(name, "runs", look, runs::list);
    table.add(name, "findings", look, rows::findings);
    table.add(name, "members", look, organization::members);
    table.add(name, "departments", look, organization::departments);
    // A run can end all access of accounts, so these actions need the permission to delete them.
    let sync = Administer("destroy", "pm.user-data-sync");
    table.add_change(name, "preview", sync, runs::preview);
    table.add_change(name, "run", sync, runs::run);
    table.add_change(name, "cancel", sync, runs::cancel);
    table.add_change(name, "saveSource", sync, sources::save);
    table.add_change(name, "destroySource", sync, sources::destroy);
}
