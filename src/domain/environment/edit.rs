//! Creating, changing and removing variables.

use entity::environment_variable::Model;

use super::template::is_name;
use super::{VariableKind, Vault, VaultError};
use crate::store::{NewVariable, Store, StoreError};

/// Changes to a variable; fields that are `None` stay as they are.
#[derive(Clone, Default)]
pub struct VariableEdit {
    /// The kind.
    pub kind: Option<VariableKind>,
    /// The value, in clear text.
    pub value: Option<String>,
}

/// Why a variable was not written.
#[derive(Debug, thiserror::Error)]
pub enum VariableError {
    /// The name is not valid.
    #[error("the name is not valid")]
    Name,
    /// The name is taken.
    #[error("the name is taken")]
    Taken,
    /// A secret has no value, or would become visible without a new value.
    #[error("the value is missing")]
    NoValue,
    /// The secret cannot be encrypted.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Creates a variable.
pub async fn create(
    store: &Store,
    vault: &Vault,
    name: &str,
    change: VariableEdit,
) -> Result<Model, VariableError> {
    if !is_name(name) {
        return Err(VariableError::Name);
    }
    let kind = change.kind.unwrap_or(VariableKind::Default);
    let new = NewVariable {
        name: name.to_owned(),
        kind: kind.word(),
        value: stored(vault, kind, change.value)?,
    };
    match store.create_environment_variable(new).await {
        Ok(row) => Ok(row),
        Err(StoreError::Conflict(_)) => Err(VariableError::Taken),
        Err(error) => Err(error.into()),
    }
}

/// Changes variables, all or none.
pub async fn update(
    store: &Store,
    vault: &Vault,
    names: &[String],
    change: &VariableEdit,
) -> Result<Vec<Model>, VariableError> {
    // What a change leaves out is written again as it was read, so nobody may change it in between.
    let transaction = store.begin_settings().await?;
    let mut changed = Vec::new();
    for row in transaction.environment_variables(names).await? {
        let was = VariableKind::of(row.kind.as_deref());
        let kind = change.kind.unwrap_or(was);
        let value = match (&change.value, was, kind) {
            (Some(value), _, _) => stored(vault, kind, Some(value.clone()))?,
            // Whoever may change a secret cannot read it, and must not be able to by changing its
            // kind.
            (None, VariableKind::Secret, VariableKind::Default) => {
                return Err(VariableError::NoValue);
            }
            (None, VariableKind::Default, VariableKind::Secret) => stored(vault, kind, row.value)?,
            (None, _, _) => row.value,
        };
        let new = NewVariable {
            name: row.name,
            kind: kind.word(),
            value,
        };
        changed.push(transaction.update_environment_variable(new).await?);
    }
    transaction.commit().await?;
    Ok(changed)
}

/// Removes variables, all or none. Returns their number.
pub async fn destroy(store: &Store, names: &[String]) -> Result<u64, VariableError> {
    let transaction = store.begin_settings().await?;
    let removed = transaction.remove_environment_variables(names).await?;
    transaction.commit().await?;
    Ok(removed)
}

/// The text that is stored for a value.
fn stored(
    vault: &Vault,
    kind: VariableKind,
    value: Option<String>,
) -> Result<Option<String>, VariableError> {
    match (kind, value) {
        (VariableKind::Default, value) => Ok(value),
        (VariableKind::Secret, Some(value)) => Ok(Some(vault.encrypt(&value)?)),
        (VariableKind::Secret, None) => Err(VariableError::NoValue),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use secrecy::ExposeSecret;

    use super::*;
    use crate::config::EncryptionKey;
    use crate::domain::test_installation::TestInstallation;

    const NAME: &str = "KEY";

    fn vault() -> Vault {
        let settings = EncryptionKey {
            app_aes_secret_key: Some("0f".repeat(32).parse().unwrap()),
        };
        Vault::open(settings, PathBuf::new()).unwrap()
    }

    fn edit(kind: Option<VariableKind>, value: Option<&str>) -> VariableEdit {
        VariableEdit {
            kind,
            value: value.map(str::to_owned),
        }
    }

    /// The text that is stored of the variable.
    async fn kept(store: &Store) -> String {
        let found = store.environment_variables(&[NAME.to_owned()]).await;
        found.unwrap().remove(0).value.unwrap()
    }

    #[tokio::test]
    async fn a_variable_that_becomes_a_secret_is_encrypted_and_cannot_be_made_visible() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let (vault, names) = (vault(), [NAME.to_owned()]);
        create(store, &vault, NAME, edit(None, Some("hunter2")))
            .await
            .unwrap();
        assert_eq!(kept(store).await, "hunter2");
        let secret = edit(Some(VariableKind::Secret), None);
        update(store, &vault, &names, &secret).await.unwrap();
        let encrypted = kept(store).await;
        let value = vault.decrypt(&encrypted).unwrap();
        assert_eq!(value.expose_secret(), "hunter2");
        // What is encrypted is not encrypted once more.
        for same in [secret, edit(None, None)] {
            update(store, &vault, &names, &same).await.unwrap();
            assert_eq!(kept(store).await, encrypted);
        }
        let visible = edit(Some(VariableKind::Default), None);
        let refused = update(store, &vault, &names, &visible).await;
        assert!(
            matches!(refused, Err(VariableError::NoValue)),
            "{refused:?}"
        );
        assert_eq!(kept(store).await, encrypted);
        // A new value needs no word of the kind.
        update(store, &vault, &names, &edit(None, Some("other")))
            .await
            .unwrap();
        let value = vault.decrypt(&kept(store).await).unwrap();
        assert_eq!(value.expose_secret(), "other");
    }
}
