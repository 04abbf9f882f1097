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
    let transaction = store.begin().await?;
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

/// Removes variables. Returns their number.
pub async fn destroy(store: &Store, names: &[String]) -> Result<u64, VariableError> {
    Ok(store.remove_environment_variables(names).await?)
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
