//! Ends the access of people who are gone.

use entity::directory_member;
use serde_json::Value;

use super::super::plan::{BindingFacts, Leaver, LeaverStep, belongs_to};
use super::super::{Finding, FindingKind, ManagedPerson, Progress, Step, StepOutcome};
use super::{ApplyError, PlanApplication};
use crate::domain::audit::Action;

impl PlanApplication<'_, '_> {
    /// Applies the changes for people who are gone, one after the other.
    pub(super) async fn leavers(
        &mut self,
        leavers: Vec<Leaver>,
        progress: &Progress,
    ) -> Result<(), ApplyError> {
        for leaver in leavers {
            self.leaver(&leaver).await?;
            progress.advance(1);
        }
        Ok(())
    }

    async fn leaver(&mut self, leaver: &Leaver) -> Result<(), ApplyError> {
        if leaver.step == LeaverStep::Wait {
            return Ok(());
        }
        let person = &leaver.person;
        let kept = [person.stable_id.as_str().to_owned()];
        let mut found = self.store.mirrored_people(self.source_id, &kept).await?;
        let Some((mut row, _)) = found.remove(person.stable_id.as_str()) else {
            return Ok(());
        };
        let now = self.clock.now();
        let mut account = person
            .account
            .filter(|_| leaver.step != LeaverStep::Remember);
        // The plan can be many minutes old.
        if let Some(id) = account
            && !self.is_still_theirs(person, id).await?
        {
            let kept = Finding::new(FindingKind::LeaverKept).of_person(&person.key);
            self.findings.push(kept.of_accounts([id]));
            account = None;
        }
        if let Some(account) = account {
            // The roles are recorded first, because they are lost afterwards.
            row.user_id = Some(account);
            row.roles = Value::from(leaver.roles.clone());
            row.tried_at = row.tried_at.or(Some(now));
            self.save(row.clone()).await?;
            if !self.end(leaver, account).await? {
                return Ok(());
            }
        }
        self.counts.left += 1;
        row.is_gone = true;
        row.gone_at = Some(now);
        row.tried_at = None;
        row.updated_at = now;
        if leaver.step == LeaverStep::Delete && account.is_some() {
            row.user_id = None;
        }
        let transaction = self.store.begin().await?;
        transaction.save_mirrored_people(vec![row]).await?;
        let action = match leaver.step {
            LeaverStep::Remember | LeaverStep::Wait => None,
            LeaverStep::EndAccess => Some(Action::DirectoryEnd),
            LeaverStep::Unbind => Some(Action::DirectoryUnbind),
            LeaverStep::Delete => Some(Action::DirectoryDelete),
        };
        if let (Some(action), Some(account)) = (action, account) {
            transaction
                .add_audit_row(self.audit(action, account))
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Whether the account of a person who is gone still is the person's.
    async fn is_still_theirs(
        &self,
        person: &ManagedPerson,
        account: i64,
    ) -> Result<bool, ApplyError> {
        let found = self.store.binding_of_user(self.authenticator, account);
        let bound = found.await?.map(|bound| BindingFacts {
            subject: bound.uuid,
            meta: bound.meta,
            ..BindingFacts::default()
        });
        Ok(belongs_to(person, bound.as_ref()))
    }

    /// Applies the steps for the account. Returns false when one of them failed.
    async fn end(&mut self, leaver: &Leaver, account: i64) -> Result<bool, ApplyError> {
        let key = &leaver.person.key;
        let about = |finding: Finding| finding.of_person(key).of_accounts([account]);
        for department in &leaver.quits {
            let Some(department) = self.locals.get(department).copied() else {
                continue;
            };
            let accounts = vec![account];
            let step = Step::RemoveMembers {
                department,
                accounts,
            };
            if self.one(step, about).await?.is_none() {
                return Ok(false);
            }
        }
        let step = match leaver.step {
            LeaverStep::Remember | LeaverStep::Wait => return Ok(true),
            LeaverStep::EndAccess => Step::EndAccess { account },
            LeaverStep::Unbind => Step::Unbind { account },
            LeaverStep::Delete => Step::DeleteAccount { account },
        };
        Ok(matches!(
            self.one(step, about).await?,
            Some(StepOutcome::Done)
        ))
    }

    async fn save(&self, row: directory_member::Model) -> Result<(), ApplyError> {
        Ok(self.store.save_mirrored_people(vec![row]).await?)
    }
}
