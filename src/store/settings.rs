//! The system settings.

use entity::system_setting::{ActiveModel, Entity, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait};
use serde_json::json;

use super::{Connection, Result, Store};

/// The id of the only row.
const ID: i64 = 1;

impl<C: Connection> Store<C> {
    /// The settings; none before the installation.
    pub async fn system_settings(&self) -> Result<Option<Model>> {
        Ok(Entity::find_by_id(ID).one(&self.connection).await?)
    }

    /// Creates the settings.
    pub async fn create_system_settings(&self, title: &str, language: &str) -> Result<()> {
        let now = self.now();
        let row = ActiveModel {
            id: Set(ID),
            created_at: Set(now),
            updated_at: Set(now),
            title: Set(Some(title.to_owned())),
            allow_sign_up: Set(Some(true)),
            sms_auth_enabled: Set(Some(false)),
            enabled_languages: Set(Some(json!([language]))),
            app_lang: Set(Some(language.to_owned())),
            options: Set(Some(json!({}))),
            role_mode: Set(Some("default".to_owned())),
            ..Default::default()
        };
        row.insert(&self.connection).await?;
        Ok(())
    }

    /// Saves changed settings.
    pub async fn save_system_settings(&self, changed: Model) -> Result<Model> {
        let row = ActiveModel {
            id: Set(ID),
            updated_at: Set(self.now()),
            title: Set(changed.title),
            enabled_languages: Set(changed.enabled_languages),
            enable_edit_profile: Set(changed.enable_edit_profile),
            enable_change_password: Set(changed.enable_change_password),
            role_mode: Set(changed.role_mode),
            ..Default::default()
        };
        Ok(row.update(&self.connection).await?)
    }

    /// Sets the enabled languages, of which the first is the default.
    pub async fn set_languages(&self, languages: &[&str]) -> Result<()> {
        let row = ActiveModel {
            id: Set(ID),
            updated_at: Set(self.now()),
            enabled_languages: Set(Some(json!(languages))),
            app_lang: Set(languages.first().map(|&language| language.to_owned())),
            ..Default::default()
        };
        row.update(&self.connection).await?;
        Ok(())
    }
}
