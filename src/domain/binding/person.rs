//! Finding the account that is bound to a person.

use entity::{user, user_authenticator};

use crate::domain::identity::Identity;
use crate::store::{Connection, MOST_BINDINGS, Store, StoreError};

/// An account and its binding.
pub struct Bound {
    /// The account.
    pub user: user::Model,
    /// The binding.
    pub binding: user_authenticator::Model,
}

/// Why bindings do not say which account is a person's.
#[derive(Debug, thiserror::Error)]
pub enum UnclearBinding {
    /// The subject is bound, but to another person.
    #[error(
        "account {0} is bound to this identifier, which now belongs to another person; remove the binding if that is right"
    )]
    Reissued(i64),
    /// The subject is bound to several accounts.
    #[error("this identifier is bound to several accounts: {0:?}; remove all but one binding")]
    SeveralTimes(Vec<i64>),
    /// The bound account no longer exists.
    #[error("account {0} is bound to this person but does not exist; remove the binding")]
    AccountMissing(i64),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl UnclearBinding {
    /// The account that is in doubt, if it is one.
    pub fn account(&self) -> Option<i64> {
        match self {
            Self::Reissued(id) | Self::AccountMissing(id) => Some(*id),
            Self::SeveralTimes(_) | Self::Store(_) => None,
        }
    }
}

/// The bindings of a person. They are looked up by the subject, then by the stable ID that
/// each binding keeps: the authenticator may have bound by another identifier in the past.
pub async fn of_person<C: Connection>(
    store: &Store<C>,
    authenticator: &str,
    identity: &Identity,
) -> Result<Vec<user_authenticator::Model>, StoreError> {
    let bindings = store
        .bindings_of_subject(authenticator, &identity.subject)
        .await?;
    let stable_id = identity.stable_id.as_ref();
    let Some(stable_id) = stable_id.filter(|_| bindings.is_empty()) else {
        return Ok(bindings);
    };
    let mut bindings = store
        .bindings_with_stable_id(authenticator, &stable_id.value)
        .await?;
    // Of more bindings than these, not all were read, so nobody knows which are the person's.
    if bindings.len() <= MOST_BINDINGS {
        bindings.retain(|binding| stable_id.confirms(binding.meta.as_ref()));
    }
    Ok(bindings)
}

/// Finds the account that is bound to a person. A matching subject alone never suffices, because it
/// may have been reissued to another person; the stable ID shows that.
pub async fn find<C: Connection>(
    store: &Store<C>,
    authenticator: &str,
    identity: &Identity,
) -> Result<Option<Bound>, UnclearBinding> {
    let bindings = of_person(store, authenticator, identity).await?;
    one(store, bindings, identity).await
}

/// Like [`find`], among the bindings of these accounts: a binding that another program has just
/// made may not be in the lookup tables yet.
pub async fn find_among<C: Connection>(
    store: &Store<C>,
    authenticator: &str,
    accounts: &[i64],
    identity: &Identity,
) -> Result<Option<Bound>, UnclearBinding> {
    let mut bindings = Vec::new();
    for id in accounts {
        bindings.extend(store.binding_of_user(authenticator, *id).await?);
    }
    bindings.retain(|binding| names(binding, identity));
    one(store, bindings, identity).await
}

/// Whether a binding has an identifier of the person.
fn names(binding: &user_authenticator::Model, identity: &Identity) -> bool {
    let stable_id = identity.stable_id.as_ref();
    binding.uuid == identity.subject
        || stable_id.is_some_and(|stable_id| stable_id.confirms(binding.meta.as_ref()))
}

/// Whether a binding is the person's, and not that of somebody who had the subject before.
pub(super) fn is_of(binding: &user_authenticator::Model, identity: &Identity) -> bool {
    names(binding, identity) && !is_reissued(binding, identity)
}

/// Whether the stable ID of a binding shows that it is another person's.
fn is_reissued(binding: &user_authenticator::Model, identity: &Identity) -> bool {
    let stable_id = identity.stable_id.as_ref();
    stable_id.is_some_and(|stable_id| stable_id.contradicts(binding.meta.as_ref()))
}

/// The binding of the person; none when there is none, and an error when there are several.
async fn one<C: Connection>(
    store: &Store<C>,
    mut bindings: Vec<user_authenticator::Model>,
    identity: &Identity,
) -> Result<Option<Bound>, UnclearBinding> {
    let binding = match bindings.len() {
        0 => return Ok(None),
        1 => bindings.swap_remove(0),
        _ => {
            let users = bindings.iter().map(|binding| binding.user_id).collect();
            return Err(UnclearBinding::SeveralTimes(users));
        }
    };
    if is_reissued(&binding, identity) {
        return Err(UnclearBinding::Reissued(binding.user_id));
    }
    let user = store.user(binding.user_id).await?;
    let user = user.ok_or(UnclearBinding::AccountMissing(binding.user_id))?;
    Ok(Some(Bound { user, binding }))
}

/// Whether a binding has the current data of the person.
pub fn is_current(binding: &user_authenticator::Model, identity: &Identity) -> bool {
    let kept = |key: &str| binding.meta.as_ref().and_then(|meta| meta.get(key));
    let known = identity.meta.as_object();
    binding.uuid == identity.subject
        && known
            .into_iter()
            .flatten()
            .all(|(key, value)| kept(key) == Some(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::test_installation::{TestInstallation, employee};
    use crate::store::NewUser;

    #[test]
    fn the_account_in_doubt_is_named_where_it_is_one() {
        assert_eq!(UnclearBinding::Reissued(7).account(), Some(7));
        assert_eq!(UnclearBinding::AccountMissing(7).account(), Some(7));
        assert_eq!(UnclearBinding::SeveralTimes(vec![7, 8]).account(), None);
    }

    #[tokio::test]
    async fn among_accounts_the_one_that_is_bound_to_the_person_is_found() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let omar = installation.account(NewUser::default()).await.id;
        let lina = installation.account(NewUser::default()).await.id;
        for (account, subject) in [(omar, "omar"), (lina, "lina")] {
            installation
                .bind("dingtalk", account, subject, json!({}))
                .await;
        }
        let identity = employee("lina", None);
        let found = find_among(store, "dingtalk", &[omar, lina], &identity).await;
        assert_eq!(found.unwrap().map(|bound| bound.user.id), Some(lina));
        let found = find_among(store, "dingtalk", &[omar], &identity).await;
        assert!(found.unwrap().is_none());
    }

    #[tokio::test]
    async fn who_is_only_mentioned_in_bindings_has_none_of_them_unless_they_are_too_many() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let lina = employee("lina", None);
        for count in 1..=MOST_BINDINGS + 1 {
            let account = installation.account(NewUser::default()).await.id;
            let (subject, meta) = (format!("p{count}"), json!({"boss": "union-lina"}));
            installation.bind("dingtalk", account, &subject, meta).await;
            let found = of_person(store, "dingtalk", &lina).await.unwrap();
            let expected = if count > MOST_BINDINGS { count } else { 0 };
            assert_eq!(found.len(), expected, "of {count}");
        }
    }
}
