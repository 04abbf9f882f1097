//! The hand in front of a NocoBase: NocoBase does each step.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};

use super::departments::{Given, Members};
use super::tasks::Tasks;
use super::{CallError, NocoBase, accounts, departments, leaving};
use crate::config::Dialect;
use crate::domain::account;
use crate::domain::directory::{self, Hand, Hands, Outcome, RunList, Step, StepError};
use crate::domain::role;
use crate::state::AppState;
use crate::store::Store;

/// How many steps come at once.
const BATCH: usize = 16;
/// How many of them are done at the same time where the database takes several writers.
const AT_ONCE: usize = 4;

/// Makes hands that ask the NocoBase behind this gateway.
pub struct NocoBaseHands {
    /// It holds these hands itself.
    app: Weak<AppState>,
    tasks: Tasks,
}

impl NocoBaseHands {
    /// Those of this gateway.
    pub fn of(app: &Arc<AppState>) -> Self {
        Self {
            app: Arc::downgrade(app),
            tasks: Tasks::of(app),
        }
    }
}

#[async_trait]
impl Hands for NocoBaseHands {
    async fn hand<'a>(
        &'a self,
        _: &'a Store,
        authenticator: &'a str,
        acting: i64,
    ) -> Result<Box<dyn Hand + 'a>, StepError> {
        let app = self.app.upgrade();
        let app = app.ok_or_else(|| StepError::Unavailable(Box::new(NotTried)))?;
        Ok(Box::new(
            NocoBaseHand::new(&app, authenticator, acting).await?,
        ))
    }

    fn run_list(&self) -> Option<&dyn RunList> {
        Some(&self.tasks)
    }
}

/// Does steps by asking NocoBase, for one authenticator and in the name of one account.
pub struct NocoBaseHand {
    nocobase: NocoBase,
    authenticator: String,
    at_once: usize,
    given: Given,
}

impl NocoBaseHand {
    /// A hand for this authenticator that acts as this account.
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
        })
    }

    /// Does a step, unless one before it has shown that there is no use in trying.
    async fn unless(&self, ended: &AtomicBool, step: &Step) -> Result<Outcome, StepError> {
        if ended.load(Ordering::Relaxed) {
            return Err(StepError::Unavailable(Box::new(NotTried)));
        }
        let done = self.step(step).await;
        if done.as_ref().is_err_and(StepError::concerns_all) {
            ended.store(true, Ordering::Relaxed);
        }
        done
    }

    async fn step(&self, step: &Step) -> Result<Outcome, StepError> {
        let Self {
            nocobase,
            authenticator,
            given,
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
            Step::CreateAccount(new) => accounts::create(nocobase, authenticator, new).await,
            Step::UpdateAccount { account, profile } => {
                accounts::update(nocobase, *account, profile).await
            }
            Step::Bind { account, binding } => {
                self.bind(*account, binding).await?;
                Ok(Outcome::Done)
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

    /// Binds an account. A root account keeps the binding that somebody gave it by hand, and gets none.
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

    /// Takes out whoever may be, also when somebody is among them who may not.
    async fn remove_members(
        &self,
        department: i64,
        accounts: &[i64],
    ) -> Result<Outcome, StepError> {
        let store = &self.nocobase.app().store;
        let roots = store.holders_of_role(role::ROOT, accounts).await;
        let roots = roots.map_err(StepError::of_store)?;
        let acts = self.nocobase.account();
        let is_protected = |id: &i64| *id == acts || *id == account::FIRST || roots.contains(id);
        let (kept, taken): (Vec<_>, Vec<_>) = accounts.iter().partition(|id| is_protected(id));
        departments::members(&self.nocobase, department, &taken, Members::Remove).await?;
        if kept.is_empty() {
            Ok(Outcome::Done)
        } else {
            Err(StepError::Protected)
        }
    }

    /// Refuses to take something from root, and from the account that acts.
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
impl Hand for NocoBaseHand {
    async fn has_departments(&self) -> Result<bool, StepError> {
        Ok(departments::are_there(&self.nocobase).await?)
    }

    fn batch(&self) -> usize {
        BATCH
    }

    async fn apply(&self, steps: &[Step]) -> Vec<Result<Outcome, StepError>> {
        let ended = AtomicBool::new(false);
        let all: Vec<_> = steps.iter().map(|step| self.unless(&ended, step)).collect();
        let done = stream::iter(all).buffered(self.at_once).collect().await;
        // NocoBase has changed accounts, of which we keep copies to look people up by.
        self.nocobase.app().store.coverage().ask();
        done
    }
}

/// A step before this one has failed in a way that this one would too.
#[derive(Debug, thiserror::Error)]
#[error("not tried, since a step before it has failed")]
struct NotTried;
