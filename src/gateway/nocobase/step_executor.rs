//! The executor of a gateway: it applies steps by calling NocoBase.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};

use super::departments::{Given, Members};
use super::tasks::Tasks;
use super::{CallError, NocoBase, accounts, departments, leaving};
use crate::config::Dialect;
use crate::domain::account;
use crate::domain::directory::{
    self, RunList, Step, StepError, StepExecutor, StepExecutors, StepOutcome,
};
use crate::domain::role;
use crate::state::AppState;
use crate::store::Store;

/// How many steps are passed in at once.
const BATCH: usize = 16;
/// How many of them are applied at the same time, where the database allows several writers.
const AT_ONCE: usize = 4;

/// Creates executors that call the NocoBase behind this gateway.
pub struct NocoBaseExecutors {
    /// A weak reference, because the application holds these executors.
    app: Weak<AppState>,
    tasks: Tasks,
}

impl NocoBaseExecutors {
    /// Creates the executors of this gateway.
    pub fn of(app: &Arc<AppState>) -> Self {
        Self {
            app: Arc::downgrade(app),
            tasks: Tasks::of(app),
        }
    }
}

#[async_trait]
impl StepExecutors for NocoBaseExecutors {
    async fn executor<'a>(
        &'a self,
        _: &'a Store,
        authenticator: &'a str,
        acting: i64,
    ) -> Result<Box<dyn StepExecutor + 'a>, StepError> {
        let app = self.app.upgrade();
        let app = app.ok_or_else(|| StepError::Unavailable(Box::new(NotTried)))?;
        Ok(Box::new(
            NocoBaseExecutor::new(&app, authenticator, acting).await?,
        ))
    }

    fn run_list(&self) -> Option<&dyn RunList> {
        Some(&self.tasks)
    }
}

/// Applies steps by calling NocoBase, for one authenticator and as one account.
pub struct NocoBaseExecutor {
    nocobase: NocoBase,
    authenticator: String,
    at_once: usize,
    /// Departments and accounts that were returned.
    given: Given,
    given_accounts: Given,
}

impl NocoBaseExecutor {
    /// Creates an executor for this authenticator that acts as this account.
    ///
    /// # Errors
    ///
    /// See [`NocoBase::as_account`].
    pub async fn new(
        app: &Arc<AppState>,
        authenticator: &str,
        acts_as: i64,
    ) -> Result<Self, CallError> {
        let at_once = match app.config.database.dialect {
            Dialect::Sqlite => 1,
            Dialect::Postgres | Dialect::Mysql | Dialect::Mariadb => AT_ONCE,
        };
        Ok(Self {
            nocobase: NocoBase::as_account(app, acts_as).await?,
            authenticator: authenticator.to_owned(),
            at_once,
            given: Given::default(),
            given_accounts: Given::default(),
        })
    }

    /// Applies a step, unless an earlier step has failed in a way in which all of them would fail.
    async fn unless(&self, ended: &AtomicBool, step: &Step) -> Result<StepOutcome, StepError> {
        if ended.load(Ordering::Relaxed) {
            return Err(StepError::Unavailable(Box::new(NotTried)));
        }
        let done = self.step(step).await;
        if done.as_ref().is_err_and(StepError::concerns_all) {
            ended.store(true, Ordering::Relaxed);
        }
        done
    }

    async fn step(&self, step: &Step) -> Result<StepOutcome, StepError> {
        let Self {
            nocobase,
            authenticator,
            given,
            given_accounts,
            ..
        } = self;
        match step {
            Step::CreateDepartment(new) => departments::create(nocobase, given, new).await,
            Step::RenameDepartment { department, title } => {
                departments::rename(nocobase, *department, title).await
            }
            Step::MoveDepartment { department, parent } => {
                departments::relocate(nocobase, *department, *parent).await
            }
            Step::RemoveDepartment { department } => {
                departments::remove(nocobase, *department).await
            }
            Step::CreateAccount(new) => {
                accounts::create(nocobase, given_accounts, authenticator, new).await
            }
            Step::UpdateAccount { account, profile } => {
                accounts::update(nocobase, *account, profile).await
            }
            Step::Bind { account, binding } => {
                self.bind(*account, binding).await?;
                Ok(StepOutcome::Done)
            }
            Step::GiveRoles { account, roles } => {
                accounts::give_roles(nocobase, *account, roles).await
            }
            Step::AddMembers {
                department,
                accounts,
            } => departments::members(nocobase, *department, accounts, Members::Add).await,
            Step::RemoveMembers {
                department,
                accounts,
            } => self.remove_members(*department, accounts).await,
            Step::SetOwner {
                department,
                account,
                is_owner,
            } => {
                if !is_owner {
                    self.refuse_protected(*account).await?;
                }
                departments::set_owner(nocobase, *department, *account, *is_owner).await
            }
            Step::SetMainDepartment {
                account,
                department,
            } => accounts::set_main_department(nocobase, *account, *department).await,
            Step::EndAccess { account } => {
                self.refuse_protected(*account).await?;
                leaving::end_access(nocobase, authenticator, *account).await
            }
            Step::Unbind { account } => {
                self.refuse_protected(*account).await?;
                leaving::unbind(nocobase, authenticator, *account).await
            }
            Step::DeleteAccount { account } => {
                self.refuse_protected(*account).await?;
                leaving::delete(nocobase, authenticator, *account).await
            }
        }
    }

    /// Binds an account. A root account may keep a binding that somebody gave it by hand, but does
    /// not get a new one.
    async fn bind(&self, account: i64, binding: &directory::Binding) -> Result<(), StepError> {
        let store = &self.nocobase.app().store;
        if self.is_root(account).await? {
            let bound = directory::account_of(store, &self.authenticator, binding).await?;
            if bound != Some(account) {
                return Err(StepError::Protected);
            }
        }
        directory::bind(store, &self.authenticator, account, binding).await
    }

    /// Removes members from a department. Protected accounts stay; the others are removed even if
    /// some are protected.
    async fn remove_members(
        &self,
        department: i64,
        accounts: &[i64],
    ) -> Result<StepOutcome, StepError> {
        let store = &self.nocobase.app().store;
        let roots = store.holders_of_role(role::ROOT, accounts).await;
        let roots = roots.map_err(StepError::of_store)?;
        let acts = self.nocobase.account();
        let is_protected = |id: &i64| *id == acts || *id == account::FIRST || roots.contains(id);
        let (kept, taken): (Vec<_>, Vec<_>) = accounts.iter().partition(|id| is_protected(id));
        departments::members(&self.nocobase, department, &taken, Members::Remove).await?;
        if kept.is_empty() {
            Ok(StepOutcome::Done)
        } else {
            Err(StepError::Protected)
        }
    }

    /// Refuses to take something away from root accounts and from the account that acts.
    async fn refuse_protected(&self, account: i64) -> Result<(), StepError> {
        if account == self.nocobase.account() || self.is_root(account).await? {
            return Err(StepError::Protected);
        }
        Ok(())
    }

    async fn is_root(&self, account: i64) -> Result<bool, StepError> {
        let store = &self.nocobase.app().store;
        let roots = store.holders_of_role(role::ROOT, &[account]).await;
        let roots = roots.map_err(StepError::of_store)?;
        Ok(account == account::FIRST || !roots.is_empty())
    }
}

#[async_trait]
impl StepExecutor for NocoBaseExecutor {
    async fn has_departments(&self) -> Result<bool, StepError> {
        Ok(departments::are_there(&self.nocobase).await?)
    }

    fn batch(&self) -> usize {
        BATCH
    }

    async fn apply(&self, steps: &[Step]) -> Vec<Result<StepOutcome, StepError>> {
        let ended = AtomicBool::new(false);
        let all: Vec<_> = steps.iter().map(|step| self.unless(&ended, step)).collect();
        let done = stream::iter(all).buffered(self.at_once).collect().await;
        // NocoBase has changed accounts, so the copies of their contact data, which look-ups use,
        // are brought up to date.
        self.nocobase.app().store.coverage().ask();
        done
    }
}

/// A step was not applied, because an earlier step failed in a way in which this one would fail,
/// too.
#[derive(Debug, thiserror::Error)]
#[error("not tried, since a step before it has failed")]
struct NotTried;
