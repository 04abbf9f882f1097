//! Creates accounts, binds them and gives them roles.

use serde_json::{Map, Value};

use super::{Failure, StoreExecutor};
use crate::domain::directory::{Binding, NewAccount, Outcome, StepError};
use crate::domain::role;
use crate::store::{NewBinding, NewUser, Transaction};

impl StoreExecutor<'_> {
    /// Creates an account and binds it.
    pub(super) async fn create(
        &self,
        store: &Transaction,
        new: &NewAccount,
    ) -> Result<Outcome, Failure> {
        let binding = &new.binding;
        // The person may have signed in since the plan was made.
        let bound = store
            .bindings_of_subject(self.authenticator, &binding.subject)
            .await?;
        if let Some(bound) = bound.first() {
            if self.belongs_to_another(binding, bound.meta.as_ref()) {
                return Err(StepError::BoundToAnother.into());
            }
            return Ok(Outcome::Made(bound.user_id));
        }
        let user = NewUser {
            nickname: new.profile.nickname.clone(),
            phone: new.profile.phone.clone(),
            email: new.profile.email.clone(),
            author: Some(self.acting),
            ..NewUser::default()
        };
        let user = store.create_user(user).await?;
        let roles: Vec<_> = without_root(&new.roles).collect();
        if !store.existing_roles(&roles).await?.is_empty() {
            store.set_roles(user.id, &roles).await?;
        }
        self.bind(store, user.id, binding).await?;
        Ok(Outcome::Made(user.id))
    }

    /// Binds an account, or updates its binding.
    pub(super) async fn bind(
        &self,
        store: &Transaction,
        account: i64,
        binding: &Binding,
    ) -> Result<Outcome, Failure> {
        if store.user(account).await?.is_none() {
            return Err(StepError::Gone.into());
        }
        let others = store
            .bindings_of_subject(self.authenticator, &binding.subject)
            .await?;
        if others.iter().any(|other| other.user_id != account) {
            return Err(StepError::BoundToAnother.into());
        }
        let avatar = binding.avatar.clone();
        let Some(mut bound) = store.binding_of_user(self.authenticator, account).await? else {
            let new = NewBinding {
                authenticator: self.authenticator.to_owned(),
                user_id: account,
                uuid: binding.subject.clone(),
                nickname: binding.nickname.clone(),
                avatar: avatar.unwrap_or_default(),
                meta: binding.meta.clone(),
                author: None,
            };
            store.create_binding(new).await?;
            return Ok(Outcome::Done);
        };
        if self.belongs_to_another(binding, bound.meta.as_ref()) {
            return Err(StepError::BoundToAnother.into());
        }
        let before = bound.clone();
        bound.uuid.clone_from(&binding.subject);
        bound.nickname.clone_from(&binding.nickname);
        bound.avatar = avatar.unwrap_or(bound.avatar);
        // Keys that other programs have added stay.
        let mut meta = match bound.meta.take() {
            Some(Value::Object(meta)) => meta,
            _ => Map::new(),
        };
        for (key, value) in binding.meta.as_object().into_iter().flatten() {
            meta.insert(key.clone(), value.clone());
        }
        bound.meta = Some(Value::Object(meta));
        if bound != before {
            store.save_binding(&bound).await?;
        }
        Ok(Outcome::Done)
    }

    /// Whether a binding belongs to another person.
    #[expect(clippy::unused_self, reason = "reads like its siblings")]
    fn belongs_to_another(&self, binding: &Binding, kept: Option<&Value>) -> bool {
        let stable_id = binding.stable_id.as_ref();
        stable_id.is_some_and(|stable_id| stable_id.contradicts(kept))
    }
}

/// Adds roles to those of an account. An account that would have none gets the default role.
pub(super) async fn give_roles(
    store: &Transaction,
    account: i64,
    roles: &[String],
) -> Result<Outcome, Failure> {
    store.lock_user(account).await?;
    if store.user(account).await?.is_none() {
        return Err(StepError::Gone.into());
    }
    let held = store.roles_of(account).await?;
    let mut names: Vec<_> = held.iter().map(|(held, _)| held.name.clone()).collect();
    names.extend(without_root(roles));
    if store.existing_roles(&names).await?.is_empty() {
        let all = store.roles().await?;
        let default = all.into_iter().find(|role| role.default == Some(true));
        names.extend(default.map(|role| role.name));
    }
    store.set_roles(account, &names).await?;
    Ok(Outcome::Done)
}

/// Leaves out root: no option may give this role.
fn without_root(roles: &[String]) -> impl Iterator<Item = String> {
    roles.iter().filter(|name| *name != role::ROOT).cloned()
}
