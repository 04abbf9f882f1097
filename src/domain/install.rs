//! What the first start creates, which is what NocoBase 2.2.15 installs.

use serde_json::json;

use super::plugin;
use super::token_policy::TokenPolicy;
use crate::config::Install;
use crate::domain::password;
use crate::store::{AuthenticatorValues, NewRole, NewUser, Store, StoreError, Transaction};

/// Why the first start failed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The root password could not be hashed.
    #[error(transparent)]
    Password(#[from] password::HashError),
}

/// Creates roles, the root account, the authenticator `basic`, the token policy, settings and
/// plugins, all or nothing. Does nothing when they exist. Returns true when it created them.
pub async fn install(store: &Store, settings: &Install) -> Result<bool, InstallError> {
    if store.system_settings().await?.is_some() {
        return Ok(false);
    }
    let root_password = password::hash(settings.root_password()).await?;
    Ok(install_with(store, settings, root_password).await?)
}

/// Like [`install`], with the stored form of the root account's password.
pub async fn install_with(
    store: &Store,
    settings: &Install,
    root_password: String,
) -> Result<bool, StoreError> {
    let transaction = store.begin().await?;
    // Another process may have been faster.
    if transaction.system_settings().await?.is_some() {
        return Ok(false);
    }
    match create_rows(&transaction, settings, root_password).await {
        Ok(()) => {
            transaction.commit().await?;
            Ok(true)
        }
        // Another process was faster in the meantime, and what it committed is the same.
        Err(StoreError::Conflict(_)) if store.system_settings().await?.is_some() => Ok(false),
        Err(error) => Err(error),
    }
}

async fn create_rows(
    store: &Transaction,
    settings: &Install,
    root_password: String,
) -> Result<(), StoreError> {
    for role in roles() {
        store.create_role(role).await?;
    }
    let root = NewUser {
        nickname: Some(settings.init_root_nickname.clone()),
        username: Some(settings.init_root_username.clone()),
        email: Some(settings.init_root_email.clone()),
        password: Some(root_password),
        phone: None,
        author: None,
    };
    let root = store.create_user(root).await?;
    store.grant_role(root.id, "admin", None).await?;
    store.grant_role(root.id, "root", Some(true)).await?;
    let basic = AuthenticatorValues {
        name: "basic".to_owned(),
        auth_type: password::AUTH_TYPE.to_owned(),
        title: None,
        description: "Sign in with username/email.".to_owned(),
        options: json!({"public": {"allowSignUp": true}}),
        enabled: true,
        author: None,
    };
    store.create_authenticator(basic).await?;
    store
        .create_token_policy(TokenPolicy::default_config())
        .await?;
    store
        .create_system_settings("NocoBase", &settings.init_app_lang)
        .await?;
    for official in plugin::OFFICIAL {
        let version = plugin::NOCOBASE_VERSION;
        store
            .install_plugin(official.name, official.package_name, version, true)
            .await?;
    }
    let manifest = plugin::manifest();
    store
        .install_plugin(&manifest.alias, &manifest.name, &manifest.version, false)
        .await
}

fn roles() -> [NewRole; 3] {
    [
        NewRole {
            name: "admin",
            title: "{{t(\"Admin\")}}",
            strategy: Some(json!({
                "actions": ["create", "view", "update", "destroy", "export", "importXlsx"]
            })),
            default: false,
            hidden: false,
            allow_configure: Some(true),
            allow_new_menu: true,
            snippets: json!(["pm", "pm.*", "ui.*"]),
        },
        NewRole {
            name: "member",
            title: "{{t(\"Member\")}}",
            strategy: Some(json!({"actions": ["view:own"]})),
            default: true,
            hidden: false,
            allow_configure: None,
            allow_new_menu: true,
            snippets: json!(["!pm", "!pm.*", "!ui.*"]),
        },
        NewRole {
            name: "root",
            title: "{{t(\"Root\")}}",
            strategy: None,
            default: false,
            hidden: true,
            allow_configure: None,
            allow_new_menu: false,
            snippets: json!(["pm", "pm.*", "ui.*"]),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::test_installation::STORED_PASSWORD;

    #[tokio::test]
    async fn what_is_installed_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (store, config) = Store::fresh_with_config(folder.path()).await;
        store.migrate().await.unwrap();
        for expected in [true, false] {
            let password = STORED_PASSWORD.to_owned();
            let installed = install_with(&store, &config.install, password).await;
            assert_eq!(installed.unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn a_first_start_that_meets_a_row_and_no_installation_fails() {
        let folder = tempfile::tempdir().unwrap();
        let (store, config) = Store::fresh_with_config(folder.path()).await;
        store.migrate().await.unwrap();
        let added = store.add_authenticator("basic", password::AUTH_TYPE, true, json!({}));
        added.await;
        let failed = install_with(&store, &config.install, STORED_PASSWORD.to_owned()).await;
        assert!(matches!(failed, Err(StoreError::Conflict(_))), "{failed:?}");
        assert!(store.system_settings().await.unwrap().is_none());
    }
}
