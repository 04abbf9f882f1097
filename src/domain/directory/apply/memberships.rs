//! Applies changes to the members of departments.

use std::collections::BTreeMap;

use super::super::{Key, Step, StepError};
use super::people::{Current, steps_of};
use super::{ApplyError, Outcomes, PlanApplication};

impl PlanApplication<'_, '_> {
    /// Changes memberships in this order: added members, then owners and main departments, then
    /// removed members. In another order, somebody could be without any department for a moment and
    /// lose permissions meanwhile.
    pub(super) async fn memberships(&mut self, chunk: &mut [Current]) -> Result<(), ApplyError> {
        self.groups(chunk, |one| &one.change.joins, true).await?;
        let mut at = Vec::new();
        let mut steps = Vec::new();
        for (number, one) in chunk.iter().enumerate() {
            let Some(account) = one.account.filter(|_| !one.failed) else {
                continue;
            };
            for (key, is_owner) in &one.change.owns {
                if let Some(department) = self.locals.get(key) {
                    at.push(number);
                    steps.push(Step::SetOwner {
                        department: *department,
                        account,
                        is_owner: *is_owner,
                    });
                }
            }
        }
        self.each(chunk, &at, &steps).await?;
        let locals = &self.locals;
        let (at, steps) = steps_of(chunk, |one| {
            let account = one.account.filter(|_| !one.failed)?;
            let department = *locals.get(one.change.main.as_ref()?)?;
            Some(Step::SetMainDepartment {
                account,
                department,
            })
        });
        self.each(chunk, &at, &steps).await?;
        self.groups(chunk, |one| &one.change.quits, false).await?;
        let now = self.clock.now();
        let done = chunk.iter().filter(|one| !one.failed);
        let rows = done.map(|one| {
            one.change
                .row(self.source_id, one.account, &one.change.memberships, now)
        });
        Ok(self.store.save_mirrored_people(rows.collect()).await?)
    }

    /// Adds people to departments or removes them, with one step for each department.
    async fn groups(
        &mut self,
        chunk: &mut [Current],
        of: impl Fn(&Current) -> &Vec<Key>,
        is_in: bool,
    ) -> Result<(), ApplyError> {
        let mut groups: BTreeMap<i64, (Vec<usize>, Vec<i64>)> = BTreeMap::new();
        for (number, one) in chunk.iter().enumerate() {
            let Some(account) = one.account.filter(|_| !one.failed) else {
                continue;
            };
            for id in of(one).iter().filter_map(|key| self.locals.get(key)) {
                let (people, accounts) = groups.entry(*id).or_default();
                people.push(number);
                accounts.push(account);
            }
        }
        let step = |department: i64, accounts: Vec<i64>| {
            if is_in {
                Step::AddMembers {
                    department,
                    accounts,
                }
            } else {
                Step::RemoveMembers {
                    department,
                    accounts,
                }
            }
        };
        let steps = groups.iter();
        let steps: Vec<_> = steps
            .map(|(department, (_, accounts))| step(*department, accounts.clone()))
            .collect();
        let Outcomes { all, ended } = self.steps(&steps).await;
        ended?;
        for ((department, (people, accounts)), outcome) in groups.into_iter().zip(all) {
            let Some(Err(error)) = outcome else { continue };
            if matches!(error, StepError::Protected) && people.len() > 1 {
                // One of them is protected, and the others are not.
                let steps: Vec<_> = accounts
                    .iter()
                    .map(|id| step(department, vec![*id]))
                    .collect();
                self.each(chunk, &people, &steps).await?;
                continue;
            }
            for number in people {
                if let Some(one) = chunk.get_mut(number) {
                    self.failed(one, Some(&error));
                }
            }
        }
        Ok(())
    }
}
