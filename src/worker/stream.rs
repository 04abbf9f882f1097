//! Keeps connections open over which providers send events: one for each application, in one of the
//! processes that share a database.

mod backoff;
mod line;
mod listening;
mod status;

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use entity::authenticator;
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::chain::Chain;
use crate::domain::directory::source::SourceError;
use crate::domain::directory::{EventMode, event_mode};
use crate::domain::identity_provider::{ConfiguredProvider, UnusableOptions};
use crate::state::AppState;
use crate::store::StoreError;
use crate::worker::directory::surroundings;
use crate::worker::report;
use status::Status;

/// How often is looked which connections there should be.
const LOOK: Duration = Duration::from_secs(2);

/// A connection that there should be.
struct Wanted {
    /// The authenticators for which its events are kept.
    authenticators: Vec<i64>,
    /// Who opens it.
    provider: Box<dyn ConfiguredProvider>,
    /// What tells these values from later ones.
    digest: [u8; 32],
}

/// What keeps the connection of an application open.
struct Line {
    wanted: watch::Sender<Arc<Wanted>>,
    task: JoinHandle<()>,
}

/// Looks again and again which connections there should be, as long as there is a server.
pub(super) async fn keep_listening(app: Weak<AppState>) {
    let mut lines: HashMap<String, Line> = HashMap::new();
    while let Some(app) = app.upgrade().filter(|app| !app.is_ending()) {
        match all_wanted(&app).await {
            Ok(wanted) => adjust(&app, &mut lines, wanted),
            Err(error) => {
                let what = "which connections for events there should be is not known";
                report(&app, what, &error);
            }
        }
        drop(app);
        sleep(LOOK).await;
    }
}

/// Begins lines that are missing, tells the others what has changed, and lets go of those that nobody wants any more.
fn adjust(app: &Arc<AppState>, lines: &mut HashMap<String, Line>, wanted: HashMap<String, Wanted>) {
    // Dropping the sender tells the task that it is no longer needed, and it ends by itself.
    lines.retain(|application, line| wanted.contains_key(application) && !line.task.is_finished());
    for (application, new) in wanted {
        let new = Arc::new(new);
        if let Some(line) = lines.get(&application) {
            line.wanted.send_if_modified(|known| {
                let is_other = known.digest != new.digest;
                if is_other {
                    *known = new;
                }
                is_other
            });
            continue;
        }
        let (sender, receiver) = watch::channel(new);
        let task = tokio::spawn(line::keep_open(app.clone(), application.clone(), receiver));
        let line = Line {
            wanted: sender,
            task,
        };
        lines.insert(application, line);
    }
}

/// The connections that there should be, by application.
async fn all_wanted(app: &AppState) -> Result<HashMap<String, Wanted>, StoreError> {
    let mut all: HashMap<String, Wanted> = HashMap::new();
    for source in app.store.directory_sources().await? {
        if !source.enabled || event_mode(&source) != EventMode::Stream {
            continue;
        }
        let around = surroundings(app);
        let configured = match around.authenticator(source.authenticator_id).await {
            Ok(row) => around
                .configured(&row)
                .await
                .map(|provider| (row, provider)),
            Err(error) => Err(error),
        };
        let (row, provider) = match configured {
            Ok(configured) => configured,
            Err(
                SourceError::Store(error)
                | SourceError::Authenticator(UnusableOptions::Store(error)),
            ) => return Err(error),
            Err(error) => {
                let why = Chain(&error).to_string();
                status::say_unusable(app, source.authenticator_id, why).await?;
                continue;
            }
        };
        let Some(application) = provider.event_application() else {
            continue;
        };
        let digest = digest(&row);
        let application = format!("{} {application}", row.auth_type);
        if let Some(known) = all.get_mut(&application) {
            known.authenticators.push(row.id);
            known.digest = Sha256::digest([known.digest, digest].concat()).into();
        } else {
            let wanted = Wanted {
                authenticators: vec![row.id],
                provider,
                digest,
            };
            all.insert(application, wanted);
        }
    }
    Ok(all)
}

/// What tells an authenticator from how it was before somebody saved it.
fn digest(row: &authenticator::Model) -> [u8; 32] {
    Sha256::digest(format!("{} {:?} {}", row.id, row.updated_at, row.options)).into()
}
