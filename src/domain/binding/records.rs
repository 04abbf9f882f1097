//! Bindings as rows, which the root role can edit.

use entity::user_authenticator::Model;
use serde_json::Value;

use super::{OpenSessions, detach};
use crate::store::{NewBinding, Store, StoreError, repeated};

/// Changes to a binding; fields that are `None` stay as they are.
#[derive(Clone, Debug, Default)]
pub struct BindingEdit {
    /// The person's identifier at the provider, their subject.
    pub uuid: Option<String>,
    /// Display name.
    pub nickname: Option<String>,
    /// The address of a picture.
    pub avatar: Option<String>,
    /// Further data about the person.
    pub meta: Option<Value>,
}

/// Why a binding was not written.
#[derive(Debug, thiserror::Error)]
pub enum BindingError {
    /// No authenticator has the name.
    #[error("there is no such authenticator")]
    UnknownAuthenticator,
    /// There is no such account.
    #[error("there is no such account")]
    UnknownUser,
    /// The account already has a binding at this authenticator.
    #[error("the account is bound already")]
    UserTaken,
    /// Another account already has the subject.
    #[error("the subject is bound already")]
    SubjectTaken,
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl BindingError {
    /// Whether another transaction was in the way, so that a second attempt may succeed.
    pub fn is_overlap(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_overlap())
    }
}

impl From<StoreError> for BindingError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(_) => Self::SubjectTaken,
            error => Self::Store(error),
        }
    }
}

/// Binds an account. From then on, the person with the subject can sign in to it.
pub async fn create(store: &Store, new: NewBinding) -> Result<Model, BindingError> {
    let transaction = store.begin().await?;
    if transaction
        .authenticator(&new.authenticator)
        .await?
        .is_none()
    {
        return Err(BindingError::UnknownAuthenticator);
    }
    if transaction.lock_user(new.user_id).await?.is_none() {
        return Err(BindingError::UnknownUser);
    }
    let bound = transaction.binding_of_user(&new.authenticator, new.user_id);
    if bound.await?.is_some() {
        return Err(BindingError::UserTaken);
    }
    let row = transaction.create_binding(new).await?;
    transaction.commit().await?;
    Ok(row)
}

/// Changes bindings, all or none. Authenticator and account identify a binding.
pub async fn update(
    store: &Store,
    keys: &[(String, i64)],
    change: &BindingEdit,
    author: i64,
) -> Result<Vec<Model>, BindingError> {
    repeated(
        || attempt_to_update(store, keys, change, author),
        BindingError::is_overlap,
    )
    .await
}

async fn attempt_to_update(
    store: &Store,
    keys: &[(String, i64)],
    change: &BindingEdit,
    author: i64,
) -> Result<Vec<Model>, BindingError> {
    let transaction = store.begin().await?;
    let mut rows = Vec::new();
    for (authenticator, user_id) in keys {
        // The whole row is written, so nobody may change it in between.
        transaction.lock_user(*user_id).await?;
        let found = transaction.binding_of_user(authenticator, *user_id).await?;
        let Some(mut row) = found else { continue };
        let texts = [
            (&mut row.uuid, &change.uuid),
            (&mut row.nickname, &change.nickname),
            (&mut row.avatar, &change.avatar),
        ];
        for (slot, text) in texts {
            if let Some(text) = text {
                slot.clone_from(text);
            }
        }
        if change.meta.is_some() {
            row.meta.clone_from(&change.meta);
        }
        row.updated_by_id = Some(author);
        rows.push(transaction.save_binding(&row).await?);
    }
    transaction.commit().await?;
    Ok(rows)
}

/// Removes bindings, all or none. Returns their number.
pub async fn destroy(store: &Store, keys: &[(String, i64)]) -> Result<u64, BindingError> {
    repeated(|| attempt_to_destroy(store, keys), BindingError::is_overlap).await
}

async fn attempt_to_destroy(store: &Store, keys: &[(String, i64)]) -> Result<u64, BindingError> {
    let transaction = store.begin().await?;
    let mut removed = 0;
    for (authenticator, user_id) in keys {
        let was_bound = detach(&transaction, authenticator, *user_id, OpenSessions::Keep);
        removed += u64::from(was_bound.await?);
    }
    transaction.commit().await?;
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::account::FIRST;
    use crate::domain::test_installation::TestInstallation;

    #[tokio::test]
    async fn a_change_of_a_binding_keeps_its_identifiers_unless_it_names_others() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let meta = json!({"unionId": "union-root"});
        installation
            .bind("dingtalk", FIRST, "root", meta.clone())
            .await;
        let keys = [("dingtalk".to_owned(), FIRST)];
        let change = BindingEdit {
            nickname: Some("Root".to_owned()),
            ..BindingEdit::default()
        };
        let rows = update(store, &keys, &change, FIRST).await.unwrap();
        assert_eq!(
            (rows[0].nickname.as_str(), &rows[0].meta),
            ("Root", &Some(meta))
        );
        let other = json!({"unionId": "union-other"});
        let change = BindingEdit {
            meta: Some(other.clone()),
            ..BindingEdit::default()
        };
        let rows = update(store, &keys, &change, FIRST).await.unwrap();
        assert_eq!(
            (rows[0].nickname.as_str(), &rows[0].meta),
            ("Root", &Some(other))
        );
    }
}
