//! `systemSettings:*` — title and languages.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::shape::date;
use super::{ApiError, Call, envelope};

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
    logo: (),
    #[serde(rename = "raw_title")]
    raw_title: Option<String>,
}

/// `systemSettings:get`.
pub async fn get(call: Call) -> Result<HttpResponse, ApiError> {
    let row = call.app.store.system_settings().await?;
    Ok(envelope::data(row.map(|row| {
        Settings {
            id: row.id,
            created_at: row.created_at,
            updated_at: row.updated_at,
            raw_title: row.title.clone(),
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
            logo: (),
        }
    })))
}
