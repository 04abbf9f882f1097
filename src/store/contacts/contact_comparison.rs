//! Comparing the copies of accounts with the accounts, a page at a time.

use std::collections::HashSet;

use entity::contact::{ActiveModel, Column, Entity, Model};
use entity::user;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{AccountContacts, holdable, same};
use crate::store::batch::ROWS;
use crate::store::lookup_comparison::{ComparedPage, Copies, Differences, PAGE};
use crate::store::{Connection, Owner, Result, Store, Transaction};

/// How many pages of new accounts a sign-in copies. More of them come from an import, and are left
/// to the regular comparison.
const PAGES_OF_NEW: usize = 4;

/// An account without a copy, or with a wrong one.
type Wrong = (AccountContacts, Option<Model>);

impl Store {
    /// Copies the accounts that NocoBase has created since the last comparison, because a person's
    /// first sign-in may have to find one of them. Accounts that NocoBase has only changed are not
    /// copied here.
    pub async fn copy_new_accounts(&self) -> Result<()> {
        // In its own database only this product creates accounts.
        if self.owner == Owner::Us || !self.coverage.has_accounts() {
            return Ok(());
        }
        let last: Option<Option<i64>> = Entity::find()
            .select_only()
            .column_as(Column::UserId.max(), "last")
            .into_tuple()
            .one(&self.connection)
            .await?;
        let mut after = last.flatten().unwrap_or(i64::MIN);
        for _ in 0..PAGES_OF_NEW {
            match self.reconcile(Copies::Accounts, after).await? {
                Some(end) => after = end,
                None => return Ok(()),
            }
        }
        self.coverage.set_accounts(false);
        self.coverage.ask();
        Ok(())
    }
}

impl<C: Connection> Store<C> {
    pub(in crate::store) async fn contacts_that_differ(
        &self,
        after: i64,
    ) -> Result<Differences<Wrong>> {
        // The copies are read first, so that an account that is written with its copy in between
        // appears in both.
        let copies = Entity::find()
            .filter(Column::UserId.gt(after))
            .order_by_asc(Column::UserId)
            .limit(PAGE)
            .all(&self.connection)
            .await?;
        let accounts = AccountContacts::find()
            .filter(user::Column::Id.gt(after))
            .order_by_asc(user::Column::Id)
            .limit(PAGE)
            .into_model::<AccountContacts>()
            .all(&self.connection)
            .await?;
        let page = ComparedPage::new(copies, |copy| copy.user_id, accounts, |account| account.id);
        Ok(page.differences(|account, copy| {
            let is_right = copy
                .as_ref()
                .is_some_and(|copy| same(copy, &account.copy()));
            (!is_right).then_some((account, copy))
        }))
    }
}

impl Transaction {
    pub(in crate::store) async fn write_contacts(
        &self,
        differences: Differences<Wrong>,
    ) -> Result<()> {
        let Differences { wrong, gone, .. } = differences;
        if !gone.is_empty() {
            Entity::delete_many()
                .filter(Column::UserId.is_in(gone))
                .exec(&self.connection)
                .await?;
        }
        let mut taken = self.held_among(&wrong).await?;
        let mut new: Vec<ActiveModel> = Vec::new();
        for (account, copy) in wrong {
            let mut right = account.copy();
            let kept = copy.as_ref().filter(|copy| copy.email == right.email);
            right.unique_email = match kept {
                Some(copy) => copy.unique_email.clone(),
                None if self.owner == Owner::Us => {
                    holdable(account.email.as_deref()).filter(|email| taken.insert(email.clone()))
                }
                None => None,
            };
            let row: ActiveModel = right.into_active_model().reset_all();
            if copy.is_some() {
                row.update(&self.connection).await?;
            } else {
                new.push(row);
            }
        }
        for new in new.chunks(ROWS) {
            let new = Entity::insert_many(new.iter().cloned());
            new.exec_without_returning(&self.connection).await?;
        }
        Ok(())
    }

    /// Those addresses of these accounts that another account already has.
    async fn held_among(&self, wrong: &[Wrong]) -> Result<HashSet<String>> {
        let emails = wrong.iter().map(|(account, _)| account.email.as_deref());
        let emails: Vec<_> = emails.filter_map(holdable).collect();
        let mut held = HashSet::new();
        if self.owner == Owner::NocoBase {
            return Ok(held);
        }
        for emails in emails.chunks(ROWS) {
            let found = Entity::find()
                .select_only()
                .column(Column::UniqueEmail)
                .filter(Column::UniqueEmail.is_in(emails.iter().map(String::as_str)))
                .into_tuple::<String>()
                .all(&self.connection)
                .await?;
            held.extend(found);
        }
        Ok(held)
    }
}
