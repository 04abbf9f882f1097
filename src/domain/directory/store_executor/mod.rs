//! The executor of a standalone server. It applies all steps of a batch in one transaction.

mod accounts;
#[cfg(test)]
mod tests;

use async_trait::async_trait;

use accounts::give_roles;

use super::bind::StepFailure;
use super::{Profile, Step, StepError, StepExecutor, StepExecutors, StepOutcome};
use crate::domain::account;
use crate::domain::binding::{OpenSessions, detach};
use crate::domain::profile::Field;
use crate::domain::role;
use crate::store::{Store, StoreError, Transaction};

/// How many steps one transaction applies. Nobody else can write to an SQLite file meanwhile.
const BATCH: usize = 50;

/// Changes accounts, roles and bindings in the tables of a standalone server. This server has no
/// departments; runs only record them.
pub struct StoreExecutor<'a> {
    store: &'a Store,
    /// The name of the authenticator of the bindings.
    authenticator: &'a str,
    /// The account that the source acts as.
    acting: i64,
}

/// Creates executors that change the tables of a standalone server.
pub struct StoreExecutors;

#[async_trait]
impl StepExecutors for StoreExecutors {
    async fn executor<'a>(
        &'a self,
        store: &'a Store,
        authenticator: &'a str,
        acting: i64,
    ) -> Result<Box<dyn StepExecutor + 'a>, StepError> {
        Ok(Box::new(StoreExecutor::new(store, authenticator, acting)))
    }
}

impl<'a> StoreExecutor<'a> {
    /// Creates an executor for the source of this authenticator.
    pub fn new(store: &'a Store, authenticator: &'a str, acting: i64) -> Self {
        Self {
            store,
            authenticator,
            acting,
        }
    }

    /// Applies all steps in one transaction. Returns an error when the database failed, in which
    /// case none was applied.
    async fn together(
        &self,
        steps: &[Step],
    ) -> Result<Vec<Result<StepOutcome, StepError>>, StoreError> {
        let transaction = self.store.begin().await?;
        let mut outcomes = Vec::with_capacity(steps.len());
        for step in steps {
            outcomes.push(match self.step(&transaction, step).await {
                Ok(outcome) => Ok(outcome),
                Err(StepFailure::Step(error)) => Err(error),
                Err(StepFailure::Store(error)) => return Err(error),
            });
        }
        transaction.commit().await?;
        Ok(outcomes)
    }

    /// Applies one step in a separate transaction, and finds out which value was in conflict.
    async fn alone(&self, step: &Step) -> Result<StepOutcome, StepError> {
        let one = std::slice::from_ref(step);
        match self.together(one).await {
            Ok(mut outcomes) => outcomes.pop().unwrap_or(Ok(StepOutcome::Done)),
            Err(error @ StoreError::Conflict(_)) => {
                let (profile, account) = match step {
                    Step::CreateAccount(new) => (&new.profile, None),
                    Step::UpdateAccount { account, profile } => (profile, Some(*account)),
                    Step::Bind { .. } => return Err(StepError::BoundToAnother),
                    _ => return Err(StepError::Unavailable(error.into())),
                };
                Err(self.taken(profile, account).await)
            }
            Err(error) => Err(StepError::Unavailable(error.into())),
        }
    }

    /// Finds the value that another account has.
    async fn taken(&self, profile: &Profile, for_account: Option<i64>) -> StepError {
        let taken = async {
            if let Some(phone) = &profile.phone
                && self.store.phone_is_taken(phone, for_account).await?
            {
                return Ok(Some(Field::Phone));
            }
            if let Some(email) = &profile.email
                && self.store.email_is_taken(email, for_account).await?
            {
                return Ok(Some(Field::Email));
            }
            Ok::<_, StoreError>(None)
        };
        match taken.await {
            Ok(Some(field)) => StepError::Taken(field),
            // The only unique values left are those of the binding.
            Ok(None) => StepError::BoundToAnother,
            Err(error) => StepError::Unavailable(error.into()),
        }
    }

    async fn step(&self, store: &Transaction, step: &Step) -> Result<StepOutcome, StepFailure> {
        match step {
            Step::CreateDepartment(_)
            | Step::RenameDepartment { .. }
            | Step::MoveDepartment { .. }
            | Step::RemoveDepartment { .. }
            | Step::AddMembers { .. }
            | Step::RemoveMembers { .. }
            | Step::SetOwner { .. }
            | Step::SetMainDepartment { .. } => {
                Err(StepError::Refused("there are no departments here".to_owned()).into())
            }
            Step::CreateAccount(new) => self.create(store, new).await,
            Step::UpdateAccount { account, profile } => {
                // All columns of the profile are written, so nobody may change one in between.
                let found = store.lock_user(*account).await?;
                let mut user = found.ok_or(StepError::Gone)?;
                let before = user.clone();
                let Profile {
                    nickname,
                    phone,
                    email,
                    ..
                } = profile.clone();
                user.nickname = nickname.or(user.nickname);
                user.phone = phone.or(user.phone);
                user.email = email.or(user.email);
                if user != before {
                    store.save_user(&user).await?;
                }
                Ok(StepOutcome::Done)
            }
            Step::Bind { account, binding } => self.bind(store, *account, binding).await,
            Step::GiveRoles { account, roles } => give_roles(store, *account, roles).await,
            Step::EndAccess { account } => {
                self.refuse_protected(store, *account).await?;
                store.set_roles(*account, &[]).await?;
                store.set_password(*account, nobodys_password()).await?;
                store.remove_api_keys_of(*account).await?;
                detach(store, self.authenticator, *account, OpenSessions::Keep).await?;
                Ok(StepOutcome::Done)
            }
            Step::Unbind { account } => {
                self.refuse_protected(store, *account).await?;
                detach(store, self.authenticator, *account, OpenSessions::End).await?;
                Ok(StepOutcome::Done)
            }
            Step::DeleteAccount { account } => {
                if store.user(*account).await?.is_some() {
                    self.refuse_protected(store, *account).await?;
                    store.remove_user(*account).await?;
                }
                Ok(StepOutcome::Done)
            }
        }
    }

    async fn refuse_protected(&self, store: &Transaction, account: i64) -> Result<(), StepFailure> {
        if is_root(store, account).await? || account == self.acting {
            return Err(StepError::Protected.into());
        }
        Ok(())
    }
}

/// Whether this is the first account or has the role root. It is locked, and if it no longer exists,
/// the step fails.
async fn is_root(store: &Transaction, account: i64) -> Result<bool, StepFailure> {
    if store.lock_user(account).await?.is_none() {
        return Err(StepError::Gone.into());
    }
    let held = store.roles_of(account).await?;
    Ok(account == account::FIRST || held.iter().any(|(held, _)| held.name == role::ROOT))
}

#[async_trait]
impl StepExecutor for StoreExecutor<'_> {
    async fn has_departments(&self) -> Result<bool, StepError> {
        Ok(false)
    }

    fn batch(&self) -> usize {
        BATCH
    }

    async fn apply(&self, steps: &[Step]) -> Vec<Result<StepOutcome, StepError>> {
        if let Ok(outcomes) = self.together(steps).await {
            return outcomes;
        }
        let mut outcomes = Vec::with_capacity(steps.len());
        for step in steps {
            outcomes.push(self.alone(step).await);
        }
        outcomes
    }
}

/// A random string in place of a password hash, which no password matches.
fn nobodys_password() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}
