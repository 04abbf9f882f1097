//! System settings: title, languages, what people may do with their own account, and how roles are
//! combined.

use entity::system_setting::Model;
use serde_json::Value;

use super::role::RoleMode;
use crate::locale::Locale;
use crate::store::{Store, StoreError};

/// Changes to the settings; fields that are `None` stay as they are.
#[derive(Debug, Default)]
pub struct SettingsChange {
    /// The title of all pages.
    pub title: Option<String>,
    /// The codes of the enabled languages, the default first.
    pub languages: Option<Vec<String>>,
    /// Whether people may edit their profile.
    pub edit_profile: Option<bool>,
    /// Whether people may change their password.
    pub change_password: Option<bool>,
    /// How several roles are combined.
    pub role_mode: Option<RoleMode>,
}

/// Why settings were not changed.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The title is missing.
    #[error("the title is missing")]
    NoTitle,
    /// No language is enabled.
    #[error("no language is enabled")]
    NoLanguage,
    /// There are no texts in this language.
    #[error("there are no texts in one of the languages")]
    UnknownLanguage,
    /// The settings do not exist yet.
    #[error("there are no settings")]
    Missing,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Changes the settings, completely or not at all, and returns the new ones.
pub async fn change(store: &Store, change: SettingsChange) -> Result<Model, SettingsError> {
    let transaction = store.begin_settings().await?;
    let mut settings = transaction
        .system_settings()
        .await?
        .ok_or(SettingsError::Missing)?;
    if let Some(title) = change.title {
        if title.trim().is_empty() {
            return Err(SettingsError::NoTitle);
        }
        settings.title = Some(title);
    }
    if let Some(languages) = change.languages {
        let languages = offered(&languages, settings.enabled_languages.as_ref())?;
        settings.enabled_languages = Some(languages);
    }
    settings.enable_edit_profile = change.edit_profile.or(settings.enable_edit_profile);
    settings.enable_change_password = change.change_password.or(settings.enable_change_password);
    if let Some(mode) = change.role_mode {
        settings.role_mode = Some(mode.name().to_owned());
    }
    let settings = transaction.save_system_settings(settings).await?;
    transaction.commit().await?;
    Ok(settings)
}

/// The list of languages to store, without repetitions. A language that was enabled before may stay
/// even if this server has no texts in it, because the database may be a NocoBase's.
fn offered(wanted: &[String], before: Option<&Value>) -> Result<Value, SettingsError> {
    let before = before.and_then(Value::as_array);
    let mut codes: Vec<Value> = Vec::new();
    for code in wanted {
        let known = Locale::all().any(|locale| locale.code() == code)
            || before.is_some_and(|before| before.iter().any(|old| old == code));
        if !known {
            return Err(SettingsError::UnknownLanguage);
        }
        if !codes.iter().any(|earlier| earlier == code) {
            codes.push(Value::from(code.as_str()));
        }
    }
    if codes.is_empty() {
        return Err(SettingsError::NoLanguage);
    }
    Ok(Value::Array(codes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn languages_are_those_with_texts_and_those_from_before() {
        let offered = |wanted: &[&str]| {
            let wanted: Vec<_> = wanted.iter().map(|&code| code.to_owned()).collect();
            offered(&wanted, Some(&json!(["ar-EG"])))
        };
        assert_eq!(
            offered(&["zh-CN", "en-US", "zh-CN"]).unwrap(),
            json!(["zh-CN", "en-US"])
        );
        assert_eq!(offered(&["ar-EG"]).unwrap(), json!(["ar-EG"]));
        for wrong in [&["cs-CZ"][..], &["en-US", ""], &["EN-us"]] {
            assert!(matches!(
                offered(wrong),
                Err(SettingsError::UnknownLanguage)
            ));
        }
        assert!(matches!(offered(&[]), Err(SettingsError::NoLanguage)));
    }
}
