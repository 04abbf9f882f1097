//! `systemSettings:*`: the title and the languages.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use entity::system_setting::{Entity, Model};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::system_settings::{self, SettingsChange, SettingsError};
use crate::edge::error::Problem;
use crate::edge::shape::date;
use crate::edge::text::Text;
use crate::edge::{ApiError, Call, envelope, rows};

/// The row.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    id: i64,
    #[serde(serialize_with = "date")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "date")]
    updated_at: DateTime<Utc>,
    title: Option<String>,
    show_logo_only: Option<bool>,
    allow_sign_up: Option<bool>,
    sms_auth_enabled: Option<bool>,
    logo_id: Option<i64>,
    /// The web client fails without a list.
    enabled_languages: Value,
    app_lang: Option<String>,
    options: Option<Value>,
    role_mode: Option<String>,
    enable_edit_profile: Option<bool>,
    enable_change_password: Option<bool>,
}

impl From<Model> for Settings {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            created_at: row.created_at,
            updated_at: row.updated_at,
            title: row.title,
            show_logo_only: row.show_logo_only,
            allow_sign_up: row.allow_sign_up,
            sms_auth_enabled: row.sms_auth_enabled,
            logo_id: row.logo_id,
            enabled_languages: row
                .enabled_languages
                .unwrap_or_else(|| Value::Array(Vec::new())),
            app_lang: row.app_lang,
            options: row.options,
            role_mode: row.role_mode,
            enable_edit_profile: row.enable_edit_profile,
            enable_change_password: row.enable_change_password,
        }
    }
}

/// The row with further values that pages need.
#[derive(Serialize)]
struct PageSettings {
    #[serde(flatten)]
    settings: Settings,
    logo: (),
    raw_title: Option<String>,
}

impl From<Model> for PageSettings {
    fn from(row: Model) -> Self {
        Self {
            raw_title: row.title.clone(),
            logo: (),
            settings: row.into(),
        }
    }
}

/// `systemSettings:get`.
pub async fn get(call: Call) -> Result<HttpResponse, ApiError> {
    let settings = call.app.store.settings().await?;
    Ok(envelope::data(
        settings.system.clone().map(PageSettings::from),
    ))
}

/// `systemSettings:list`.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    rows::list::<Entity, Settings>(&call).await
}

/// The values that the settings page sends. Other keys, such as `logo` or `options`, are ignored.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SettingsForm {
    /// The title, as `update` names it.
    title: Option<Text>,
    /// The title, as `put` names it.
    #[serde(rename = "raw_title")]
    raw_title: Option<Text>,
    enabled_languages: Option<Vec<String>>,
}

fn change(title: Option<Text>, languages: Option<Vec<String>>) -> Result<SettingsChange, ApiError> {
    Ok(SettingsChange {
        title: title.map(Text::into_column).transpose()?,
        languages,
        ..SettingsChange::default()
    })
}

/// `systemSettings:put`: changes the only row. Its title is named `raw_title`.
pub async fn put(call: Call) -> Result<HttpResponse, ApiError> {
    let values: SettingsForm = call.body.parse()?;
    let change = change(values.raw_title, values.enabled_languages)?;
    let row = system_settings::change(&call.app.store, change).await?;
    Ok(envelope::data(PageSettings::from(row)))
}

/// `systemSettings:update`.
pub async fn update(call: Call) -> Result<HttpResponse, ApiError> {
    let keys = call.key_numbers(ApiError::NothingToUpdate)?;
    let known = call.app.store.system_settings().await?;
    if !known.is_some_and(|row| keys.contains(&row.id)) {
        return Ok(envelope::data([Value::Null; 0]));
    }
    let values: SettingsForm = call.body.parse()?;
    let change = change(values.title, values.enabled_languages)?;
    let row = system_settings::change(&call.app.store, change).await?;
    Ok(envelope::data([Settings::from(row)]))
}

impl From<SettingsError> for ApiError {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::NoTitle => ApiError::invalid("System title", Problem::NULL),
            SettingsError::NoLanguage => ApiError::invalid("Enabled languages", Problem::NULL),
            SettingsError::UnknownLanguage => {
                ApiError::invalid("Enabled languages", Problem::NO_TEXTS)
            }
            SettingsError::Missing => Self::InvalidReference,
            SettingsError::Store(error) => error.into(),
        }
    }
}
