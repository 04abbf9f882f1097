//! Creates accounts, binds them and gives them roles.

use super::{StepFailure, StoreExecutor, is_root};
use crate::domain::binding::{self, WantedBinding};
use crate::domain::directory::bind::{attach, bound_account, identity_of, rules};
use crate::domain::directory::{Binding, NewAccount, StepError, StepOutcome};
use crate::domain::role;
use crate::store::{NewUser, Transaction};

impl StoreExecutor<'_> {
    /// Creates an account and binds it.
    pub(super) async fn create(
        &self,
        store: &Transaction,
        new: &NewAccount,
    ) -> Result<StepOutcome, StepFailure> {
        let (identity, rules) = (identity_of(&new.binding), rules());
        // The person may have signed in since the plan was made.
        if let Some(bound) = binding::find(store, self.authenticator, &identity).await? {
            binding::renew_found(store, &bound.binding, &identity, &rules).await?;
            return Ok(StepOutcome::Made(bound.user.id));
        }
        let user = NewUser {
            nickname: new.profile.nickname.clone(),
            phone: new.profile.phone.clone(),
            email: new.profile.email.clone(),
            author: Some(self.acting),
            ..NewUser::default()
        };
        let user = store.create_user(user).await?;
        let granted: Vec<_> = without_root(&new.roles).collect();
        if !store.existing_roles(&granted).await?.is_empty() {
            store.set_roles(user.id, &granted).await?;
        }
        let wanted = WantedBinding {
            authenticator: self.authenticator,
            account: user.id,
            identity: &identity,
            rules: &rules,
            author: None,
        };
        binding::create(store, wanted).await?;
        Ok(StepOutcome::Made(user.id))
    }

    /// Binds an account, or updates its binding. A root account may keep a binding that somebody gave
    /// it by hand, but does not get a new one.
    pub(super) async fn bind(
        &self,
        store: &Transaction,
        account: i64,
        to: &Binding,
    ) -> Result<StepOutcome, StepFailure> {
        if is_root(store, account).await?
            && bound_account(store, self.authenticator, to).await? != Some(account)
        {
            return Err(StepError::Protected.into());
        }
        attach(store, self.authenticator, account, to).await?;
        Ok(StepOutcome::Done)
    }
}

/// Adds roles to those of an account. An account that would have none gets the default role.
pub(super) async fn give_roles(
    store: &Transaction,
    account: i64,
    roles: &[String],
) -> Result<StepOutcome, StepFailure> {
    if store.lock_user(account).await?.is_none() {
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
    Ok(StepOutcome::Done)
}

/// Leaves out root: no option may give this role.
fn without_root(roles: &[String]) -> impl Iterator<Item = String> {
    roles.iter().filter(|name| *name != role::ROOT).cloned()
}
