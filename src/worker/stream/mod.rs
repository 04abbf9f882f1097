//! Keeps connections open over which providers send events. There is one for each application, in one
//! of the processes that share a database.

mod backoff;
mod connector;
mod receiver;
mod status;

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use entity::authenticator;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::chain::Chain;
use crate::domain::directory::source::SourceError;
use crate::domain::directory::{EventMode, event_mode};
use crate::domain::environment;
use crate::domain::identity_provider::ConfiguredProvider;
use crate::state::AppState;
use crate::store::StoreError;
use crate::worker::report;
use status::Status;

/// The interval at which the wanted connections are read from the database.
const LOOK: Duration = Duration::from_secs(2);

/// A connection that should be open.
struct Wanted {
    /// The authenticators for which its events are stored.
    authenticators: Vec<i64>,
    /// The provider that opens it.
    provider: Box<dyn ConfiguredProvider>,
    /// A digest of the authenticators, which changes when one is saved, or a variable in its options.
    digest: [u8; 32],
}

/// A task that keeps the connection of one application open.
struct ConnectionTask {
    wanted: watch::Sender<Arc<Wanted>>,
    handle: JoinHandle<()>,
}

/// Starts and stops connections as sources are saved, until the server ends.
pub(super) async fn keep_listening(app: Weak<AppState>) {
    let mut tasks: HashMap<String, ConnectionTask> = HashMap::new();
    while let Some(app) = app.upgrade().filter(|app| !app.is_ending()) {
        match all_wanted(&app).await {
            Ok(wanted) => adjust(&app, &mut tasks, wanted),
            Err(error) => {
                let what = "the sources with a connection for events cannot be read";
                report(&app, what, &error);
            }
        }
        drop(app);
        sleep(LOOK).await;
    }
}

/// Starts tasks that are missing, informs the others of changes, and stops those that are no longer
/// wanted.
fn adjust(
    app: &Arc<AppState>,
    tasks: &mut HashMap<String, ConnectionTask>,
    wanted: HashMap<String, Wanted>,
) {
    // When the sender is dropped, the task ends by itself.
    tasks
        .retain(|application, task| wanted.contains_key(application) && !task.handle.is_finished());
    for (application, new) in wanted {
        let new = Arc::new(new);
        if let Some(task) = tasks.get(&application) {
            task.wanted.send_if_modified(|known| {
                let is_other = known.digest != new.digest;
                if is_other {
                    *known = new;
                }
                is_other
            });
            continue;
        }
        let (sender, receiver) = watch::channel(new);
        let handle = tokio::spawn(connector::keep_open(
            app.clone(),
            application.clone(),
            receiver,
        ));
        let task = ConnectionTask {
            wanted: sender,
            handle,
        };
        tasks.insert(application, task);
    }
}

/// The connections that should be open, by application.
async fn all_wanted(app: &AppState) -> Result<HashMap<String, Wanted>, StoreError> {
    let mut all: HashMap<String, Wanted> = HashMap::new();
    for source in app.store.directory_sources().await? {
        if !source.enabled || event_mode(&source) != EventMode::Stream {
            continue;
        }
        let around = app.source_loader();
        let configured = match around.authenticator(source.authenticator_id).await {
            Ok(row) => around
                .configured(&row)
                .await
                .map(|provider| (row, provider)),
            Err(error) => Err(error),
        };
        let (row, provider) = match configured {
            Ok(configured) => configured,
            Err(SourceError::Store(error)) => return Err(error),
            Err(error) => {
                let why = Chain(&error).to_string();
                status::record_unusable(app, source.authenticator_id, why).await?;
                continue;
            }
        };
        let Some(application) = provider.event_application() else {
            continue;
        };
        let filled = environment::resolve(&app.store, &app.vault, &row.options).await?;
        let digest = digest(&row, &filled.options);
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

/// A digest of an authenticator, which changes when somebody saves it, or a variable in its options. `filled` are the
/// options with the values of variables.
fn digest(row: &authenticator::Model, filled: &Value) -> [u8; 32] {
    Sha256::digest(format!("{} {:?} {filled}", row.id, row.updated_at)).into()
}
