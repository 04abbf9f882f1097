//! Lists runs as tasks on NocoBase's page «Synchronize», for sources that are set up on that page.
//!
//! The column `message` holds 255 characters. The column `batch` must be unique, so it is made of
//! the time and six random digits.

use std::sync::{Arc, Weak};

use async_trait::async_trait;
use entity::directory_run::State;
use rand::RngExt;
use serde_json::json;

use super::client::NocoBase;
use super::departments::id_of;
use super::error::CallError;
use crate::chain::Chain;
use crate::domain::directory::plan::Counts;
use crate::domain::directory::source::{Source, types};
use crate::domain::directory::{Ended, RunList};
use crate::locale::Locale;
use crate::state::AppState;
use crate::store::shortened;

/// The state of a task that is still running.
const UNDER_WAY: &str = "processing";
/// The most interrupted tasks that are searched for.
const INTERRUPTED: &str = "20";

/// The tasks of the NocoBase behind this gateway.
pub struct Tasks {
    app: Weak<AppState>,
}

impl Tasks {
    /// Creates the list of tasks of this gateway.
    pub fn of(app: &Arc<AppState>) -> Self {
        Self {
            app: Arc::downgrade(app),
        }
    }

    async fn begin(&self, app: &Arc<AppState>, source: &Source) -> Result<Option<i64>, CallError> {
        let rows = app.store.sync_sources(&types(&app.providers)).await?;
        let name = source.authenticator.as_str();
        let row = rows.iter().find(|row| {
            row.options
                .get("authenticator")
                .is_some_and(|one| one == name)
        });
        let Some(row) = row else {
            return Ok(None);
        };
        let nocobase = NocoBase::as_account(app, source.acting).await?;
        end_interrupted(&nocobase, row.id).await?;
        let now = app.clock.now().format("%Y%m%d%H%M%S");
        let chance = rand::rng().random_range(0..1_000_000);
        let task = json!({
            "batch": format!("{now}{chance:06}"),
            "sourceId": row.id,
            "status": UNDER_WAY,
        });
        let made = nocobase
            .post("userDataSyncTasks:create", &[], &task)
            .await?;
        Ok(Some(id_of(&made).ok_or(CallError::Unreadable)?))
    }

    async fn end(
        &self,
        app: &Arc<AppState>,
        source: &Source,
        entry: i64,
        ended: &Ended,
    ) -> Result<(), CallError> {
        let account = app.store.user(source.acting).await?;
        let language = account.and_then(|account| account.app_lang);
        let locale = language.as_deref().map(Locale::of).unwrap_or_default();
        let status = if ended.state == State::Succeeded {
            "success"
        } else {
            "failed"
        };
        let values = json!({
            "status": status,
            "message": shortened(&message(locale, ended)),
            "cost": i32::try_from(ended.lasted.as_millis()).unwrap_or(i32::MAX),
        });
        let nocobase = NocoBase::as_account(app, source.acting).await?;
        nocobase
            .post_to("userDataSyncTasks:update", entry, &values)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl RunList for Tasks {
    async fn begun(&self, source: &Source) -> Option<i64> {
        let app = self.app.upgrade()?;
        match self.begin(&app, source).await {
            Ok(entry) => entry,
            Err(error) => {
                log::warn!("NocoBase's list of tasks lacks a run: {}", Chain(&error));
                None
            }
        }
    }

    async fn ended(&self, source: &Source, entry: i64, ended: &Ended) {
        let Some(app) = self.app.upgrade() else {
            return;
        };
        if let Err(error) = self.end(&app, source, entry, ended).await {
            log::warn!(
                "NocoBase's task {entry} does not say how its run ended: {}",
                Chain(&error)
            );
        }
    }
}

/// Marks tasks as failed whose process was interrupted. The new run holds the lease of the source,
/// so no other process can still be working on them.
async fn end_interrupted(nocobase: &NocoBase, source: i64) -> Result<(), CallError> {
    let filter = json!({"sourceId": source, "status": UNDER_WAY}).to_string();
    let query = [
        ("filter", filter.as_str()),
        ("fields", "id"),
        ("pageSize", INTERRUPTED),
    ];
    let rows = nocobase.get("userDataSyncTasks:list", &query).await?;
    for id in rows.as_array().into_iter().flatten().filter_map(id_of) {
        let values = json!({"status": "failed", "message": "interrupted"});
        nocobase
            .post_to("userDataSyncTasks:update", id, &values)
            .await?;
    }
    Ok(())
}

/// The message that people read about a run.
fn message(locale: Locale, ended: &Ended) -> String {
    if let Some(why) = &ended.message {
        return why.clone();
    }
    let counted = counted(locale, &ended.counts);
    if ended.state == State::Stopped {
        let stopped = "Stopped by the safety limit. Nothing was changed.";
        return format!("{} {counted}", locale.text(stopped));
    }
    counted
}

/// Lists the numbers of a run, such as «412 people: 3 created, 1 left».
fn counted(locale: Locale, counts: &Counts) -> String {
    let parts = [
        (counts.created, "{{count}} created"),
        (counts.linked + counts.adopted, "{{count}} linked"),
        (counts.updated, "{{count}} updated"),
        (counts.returned, "{{count}} came back"),
        (counts.left, "{{count}} left"),
        (
            counts.departments_created + counts.departments_changed + counts.departments_removed,
            "{{count}} departments changed",
        ),
        (counts.conflicts, "{{count}} to be looked at"),
        (counts.errors, "{{count}} errors"),
    ];
    let told = parts.iter().filter(|(count, _)| *count > 0);
    let told = told.map(|(count, text)| with(locale.text(text), "count", *count));
    let told: Vec<_> = told.collect();
    let changes = if told.is_empty() {
        locale.text("nothing to do").to_owned()
    } else {
        told.join(", ")
    };
    let people = with(locale.text("{{count}} people"), "count", counts.people);
    format!("{people}: {changes}")
}

fn with(text: &str, name: &str, value: u64) -> String {
    text.replace(&format!("{{{{{name}}}}}"), &value.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn ended(state: State, counts: Counts) -> Ended {
        Ended {
            state,
            counts,
            message: None,
            lasted: Duration::ZERO,
        }
    }

    #[test]
    fn a_task_says_what_was_done_in_the_language_of_whoever_enabled_the_source() {
        let counts = Counts {
            people: 412,
            created: 3,
            left: 2,
            conflicts: 1,
            ..Counts::default()
        };
        let english = message(Locale::of("en-US"), &ended(State::Succeeded, counts));
        assert_eq!(english, "412 people: 3 created, 2 left, 1 to be looked at");
        let others = Counts {
            people: 9,
            linked: 3,
            adopted: 2,
            departments_created: 5,
            departments_changed: 3,
            departments_removed: 1,
            ..Counts::default()
        };
        let summed = message(Locale::of("en-US"), &ended(State::Succeeded, others));
        assert_eq!(summed, "9 people: 5 linked, 9 departments changed");
        let chinese = message(Locale::of("zh-CN"), &ended(State::Succeeded, counts));
        assert!(
            chinese.contains("412") && !chinese.contains("people"),
            "{chinese}"
        );
        let none = Counts {
            people: 7,
            ..Counts::default()
        };
        let nothing = message(Locale::of("en-US"), &ended(State::Succeeded, none));
        assert_eq!(nothing, "7 people: nothing to do");
        let stopped = message(Locale::of("en-US"), &ended(State::Stopped, counts));
        assert!(
            stopped.starts_with("Stopped by the safety limit."),
            "{stopped}"
        );
    }

    #[test]
    fn the_longest_message_fits_its_column() {
        let all = u64::from(u32::MAX);
        let counts = Counts {
            people: all,
            departments: all,
            created: all,
            linked: all,
            adopted: all,
            updated: all,
            returned: all,
            left: all,
            departments_created: all,
            departments_changed: all,
            departments_removed: all,
            conflicts: all,
            errors: all,
        };
        for locale in Locale::all() {
            let said = shortened(&message(locale, &ended(State::Stopped, counts)));
            assert!(said.chars().count() <= 255);
        }
    }
}
