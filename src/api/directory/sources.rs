//! Lists and changes directory sources.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use entity::{authenticator, directory_source};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::events::{EventsRow, events_of};
use super::rows::RunRow;
use crate::domain::directory::source::SourceError;
use crate::domain::directory::{self, EventMode, SourceEdit, SourceOptions};
use crate::edge::error::{Cause, DirectoryRefusal};
use crate::edge::shape::date;
use crate::edge::{ApiError, Call, envelope};
use crate::state::AppState;
use crate::state::directory_runs::StartError;

/// An authenticator that has a directory source, or can have one.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct SourceRow {
    /// The name of the authenticator.
    authenticator: String,
    /// The title of the authenticator.
    title: Option<String>,
    /// The source; null until one is saved.
    source: Option<SavedSource>,
    /// The last run or preview; null until there is one.
    last_run: Option<RunRow>,
    /// The events of the source; null when it receives none.
    events: Option<EventsRow>,
}

/// A saved source.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct SavedSource {
    id: i64,
    #[schemars(with = "String")]
    #[serde(serialize_with = "date")]
    created_at: DateTime<Utc>,
    #[schemars(with = "String")]
    #[serde(serialize_with = "date")]
    updated_at: DateTime<Utc>,
    /// Whether the source is enabled.
    enabled: bool,
    /// What is copied, and when.
    #[schemars(with = "Value")]
    options: Value,
    /// The id of the account that the source acts as.
    acting_user_id: i64,
}

impl From<directory_source::Model> for SavedSource {
    fn from(row: directory_source::Model) -> Self {
        Self {
            id: row.id,
            created_at: row.created_at,
            updated_at: row.updated_at,
            enabled: row.enabled,
            options: SourceOptions::masked(row.options),
            acting_user_id: row.acting_user_id,
        }
    }
}

/// A source to save.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct SourceForm {
    /// The name of the authenticator.
    #[serde(default)]
    authenticator: String,
    /// Whether the source is enabled.
    #[serde(default)]
    enabled: bool,
    /// What is copied, and when. Missing options get their defaults.
    #[serde(default)]
    #[schemars(with = "Value")]
    options: Option<Value>,
}

/// Names a source by its authenticator.
#[derive(Default, Deserialize)]
struct SourceName {
    #[serde(default)]
    authenticator: String,
}

/// `dingtalkDirectory:sources`: lists the authenticators that can have a directory source, each
/// with its source.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    let app = &call.app;
    let mut rows = Vec::new();
    for authenticator in with_directory(&call).await? {
        let source = app.store.directory_source_of(authenticator.id).await?;
        let last_run = match &source {
            Some(source) => app.store.newest_directory_run(source.id).await?,
            None => None,
        };
        let provider = app.providers.of_type(&authenticator.auth_type);
        let provider = provider.map_or("", |provider| provider.names().title);
        let events = match &source {
            Some(source) => events_of(&call, source, provider).await?,
            None => None,
        };
        rows.push(SourceRow {
            events,
            authenticator: authenticator.name,
            title: authenticator.title,
            source: source.map(SavedSource::from),
            last_run: last_run.map(|run| RunRow::told(run, call.locale)),
        });
    }
    Ok(envelope::data(rows))
}

/// The authenticators that can have a directory source.
pub(super) async fn with_directory(call: &Call) -> Result<Vec<authenticator::Model>, ApiError> {
    let mut rows = call.app.store.authenticators().await?;
    rows.retain(|row| {
        let provider = call.app.providers.of_type(&row.auth_type);
        provider.is_some_and(|provider| provider.has_directory())
    });
    Ok(rows)
}

/// `dingtalkDirectory:saveSource`: creates or changes the source of an authenticator. From then on
/// it acts as the caller.
pub async fn save(call: Call) -> Result<HttpResponse, ApiError> {
    let form: SourceForm = call.body.parse()?;
    let options = form
        .options
        .unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    let acting = call.caller()?.user.id;
    let (app, name) = (&call.app, &form.authenticator);
    let checked = check_source(app, name, &options).await?;
    let row = keep_source(app, &checked, form.enabled, acting).await?;
    Ok(envelope::data(SavedSource::from(row)))
}

/// A source that was checked and can be saved.
pub struct CheckedSource {
    authenticator_id: i64,
    /// The options. Secrets that stay are masked.
    options: SourceOptions,
}

/// Checks whether an authenticator can have a source with these options.
pub async fn check_source(
    app: &AppState,
    name: &str,
    options: &Value,
) -> Result<CheckedSource, ApiError> {
    let wrong = |cause| ApiError::Directory(DirectoryRefusal::WrongOptions(cause));
    let options = SourceOptions::parse(options).map_err(|error| wrong(Cause::new(error)))?;
    let authenticator = authenticator(app, name).await?;
    if options.events.mode == EventMode::Callback {
        let stored = app.store.directory_source_of(authenticator.id).await?;
        let stored = stored.and_then(|stored| SourceOptions::parse(&stored.options).ok());
        let mut settled = options.clone();
        settled.keep_masked(stored.as_ref());
        let callbacks = app.source_loader().callbacks(&authenticator, &settled);
        if callbacks.await?.is_none() {
            return Err(wrong(Cause::of_words(
                "the token for callbacks is not 3 to 64 letters and digits, or the key is not 43",
            )));
        }
    }
    Ok(CheckedSource {
        authenticator_id: authenticator.id,
        options,
    })
}

/// Creates or changes the source of an authenticator.
pub async fn keep_source(
    app: &AppState,
    checked: &CheckedSource,
    enabled: bool,
    acting: i64,
) -> Result<directory_source::Model, ApiError> {
    let edit = SourceEdit {
        authenticator_id: checked.authenticator_id,
        enabled,
        options: checked.options.clone(),
        acting_user_id: acting,
    };
    Ok(directory::save_source(&app.store, edit).await?)
}

/// Disables the source of this authenticator, if it has one.
pub async fn disable_source(app: &AppState, name: &str) -> Result<(), ApiError> {
    let Some(authenticator) = app.store.authenticator(name).await? else {
        return Ok(());
    };
    Ok(directory::disable_source(&app.store, authenticator.id).await?)
}

/// `dingtalkDirectory:destroySource`: removes the source with its runs and everything that it has
/// recorded, unless a run is in progress. Accounts stay as they are.
pub async fn destroy(call: Call) -> Result<HttpResponse, ApiError> {
    let form: SourceName = call.body.parse()?;
    let source = source(&call.app, &form.authenticator).await?;
    let removed = directory::remove_source(&call.app.store, source.id).await;
    Ok(envelope::data(removed.map_err(StartError::from)?))
}

/// The authenticator with this name, if it can have a directory source.
async fn authenticator(app: &AppState, name: &str) -> Result<authenticator::Model, ApiError> {
    let row = app.store.authenticator(name).await?;
    let row = row.ok_or(SourceError::NoAuthenticator)?;
    Ok(app.source_loader().authenticator(row.id).await?)
}

/// The source of the authenticator with this name.
pub(super) async fn source(
    app: &AppState,
    name: &str,
) -> Result<directory_source::Model, ApiError> {
    let authenticator = authenticator(app, name).await?;
    let found = app.store.directory_source_of(authenticator.id).await?;
    found.ok_or(ApiError::Directory(DirectoryRefusal::NoSource))
}
