//! `users:*`: what people may do with their own account.

use actix_web::HttpResponse;
use entity::user;
use serde::{Deserialize, Serialize};

use crate::domain::account;
use crate::domain::profile::{self, Field};
use crate::domain::system_settings::{self, SettingsChange};
use crate::edge::access::Caller;
use crate::edge::shape::User;
use crate::edge::text::Text;
use crate::edge::{ApiError, Call, envelope};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProfileSettings {
    enable_edit_profile: Option<bool>,
    enable_change_password: Option<bool>,
}

/// `users:getSystemSettings`: the settings for what people may do with their own account.
pub async fn get_system_settings(call: Call) -> Result<HttpResponse, ApiError> {
    let settings = call.app.store.settings().await?;
    let settings = settings.system.as_ref();
    Ok(envelope::data(ProfileSettings {
        enable_edit_profile: settings.and_then(|row| row.enable_edit_profile),
        enable_change_password: settings.and_then(|row| row.enable_change_password),
    }))
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProfileSettingsForm {
    enable_edit_profile: Option<bool>,
    enable_change_password: Option<bool>,
}

/// `users:updateSystemSettings`: changes those settings.
pub async fn update_system_settings(call: Call) -> Result<HttpResponse, ApiError> {
    let form: ProfileSettingsForm = call.body.parse()?;
    let change = SettingsChange {
        edit_profile: form.enable_edit_profile,
        change_password: form.enable_change_password,
        ..SettingsChange::default()
    };
    if change.edit_profile.is_none() && change.change_password.is_none() {
        return Err(ApiError::BodyWrongType);
    }
    system_settings::change(&call.app.store, change).await?;
    Ok(envelope::empty())
}

/// The caller, unless a program acts with an API key. A key has one role, and its owner may have more: with another
/// address or name, the owner's account could be taken over. Programs that may change accounts use `users:update`.
fn person(call: &Call) -> Result<&Caller, ApiError> {
    let caller = call.caller()?;
    if caller.claims.role_name.is_some() {
        return Err(ApiError::Forbidden);
    }
    Ok(caller)
}

/// Whether a new value has to be looked up among those of other accounts.
fn is_looked_up(field: Field, value: Option<&str>, own: &user::Model) -> bool {
    let own = match field {
        Field::Username => &own.username,
        Field::Email => &own.email,
        Field::Nickname | Field::Phone => return false,
    };
    value.is_some_and(|value| !value.is_empty() && own.as_deref() != Some(value))
}

/// `users:updateProfile`: changes the fields of the profile form, and no others.
pub async fn update_profile(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = person(&call)?;
    let mut changes = Vec::new();
    for field in Field::ALL {
        if let Some(value) = call.body.get(field.name()) {
            changes.push((field, Text::of(value)?));
        }
    }
    // The answer tells whether another account has the name or the address, so nobody may ask for many.
    let mut values = changes.iter();
    if values.any(|(field, value)| is_looked_up(*field, value.as_deref(), &caller.user)) {
        call.app.guess_limits.begin_from(call.client_address())?;
    }
    let user = profile::update(&call.app.store, caller.user.id, changes).await?;
    Ok(envelope::data([User::from(&user)]))
}

/// `users:updateLang`: sets the language of the web client for this account.
pub async fn update_lang(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = person(&call)?;
    if let Some(language) = call.body.get("appLang") {
        let language = Text::of(language)?;
        let store = &call.app.store;
        store.set_user_language(caller.user.id, language).await?;
    }
    Ok(envelope::empty())
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DefaultRole {
    role_name: Option<Text>,
}

/// `users:setDefaultRole`: sets the role that is used when a request names none.
pub async fn set_default_role(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = person(&call)?;
    let form: DefaultRole = call.body.parse()?;
    let role = form.role_name.ok_or(ApiError::BodyWrongType)?;
    account::set_default_role(&call.app.store, caller.user.id, &role.into_string()).await?;
    Ok(envelope::data("ok"))
}
