//! Finding accounts.

use std::collections::BTreeMap;

use entity::contact::{ActiveModel, Column, Entity, Model};
use entity::user;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use super::criterion::{Criterion, Likeness};
use super::{AccountContacts, same};
use crate::phone::Phone;
use crate::store::lookup_comparison::PAGE;
use crate::store::{Connection, Result, Store, is_storable};

/// How many copies of one kind are compared, and how many accounts are found. Several accounts with
/// the same value are ambiguous anyway, and a few similar ones are enough for the log.
const MOST: u64 = 50;

/// The accounts to which a phone number, an e-mail address or a user name leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holders {
    /// Accounts that have this value, in whatever spelling. When there are very many, these are only
    /// some of them, which are ambiguous as well.
    pub same: Vec<i64>,
    /// Accounts whose number has the same last digits, but is another number or cannot be
    /// interpreted with certainty. When there are very many, these are only some of them.
    pub similar: Vec<i64>,
}

impl Holders {
    /// Adds an account that was compared, unless there are enough.
    fn add(&mut self, criterion: &Criterion<'_>, account: &AccountContacts) {
        match criterion.likeness(account) {
            Likeness::Same if !self.are_too_many() => self.same.push(account.id),
            Likeness::Similar if (self.similar.len() as u64) < MOST => {
                self.similar.push(account.id);
            }
            _ => {}
        }
    }

    /// Whether more than [`MOST`] accounts have the value, so that no others need to be read.
    fn are_too_many(&self) -> bool {
        self.same.len() as u64 > MOST
    }
}

impl<C: Connection> Store<C> {
    /// The accounts with this phone number, and with similar ones.
    pub async fn users_by_phone(&self, phone: &Phone) -> Result<Holders> {
        self.accounts_by(&Criterion::Phone(phone)).await
    }

    /// The ids of accounts with this e-mail address, ignoring case.
    pub async fn users_by_email(&self, email: &str) -> Result<Vec<i64>> {
        if !is_storable(email) {
            return Ok(Vec::new());
        }
        Ok(self.accounts_by(&Criterion::Email(email)).await?.same)
    }

    /// The ids of accounts with this user name, ignoring case.
    pub(in crate::store) async fn users_by_username(&self, username: &str) -> Result<Vec<i64>> {
        if !is_storable(username) {
            return Ok(Vec::new());
        }
        Ok(self.accounts_by(&Criterion::Username(username)).await?.same)
    }

    /// The accounts that have this value.
    async fn accounts_by(&self, criterion: &Criterion<'_>) -> Result<Holders> {
        if self.coverage.has_accounts() {
            self.accounts_by_index(criterion).await
        } else {
            self.accounts_by_looking(criterion).await
        }
    }

    /// The accounts that have this value, by the lookup table and by the indexes of `users`.
    async fn accounts_by_index(&self, criterion: &Criterion<'_>) -> Result<Holders> {
        let direct = AccountContacts::find().filter(criterion.exact());
        let direct = self.read_accounts(direct.limit(MOST + 1)).await?;
        let mut found: BTreeMap<_, _> = direct.into_iter().map(by_id).collect();
        let mut copies = Vec::new();
        for like in criterion.copies() {
            let like = Entity::find().filter(like).limit(MOST);
            copies.extend(like.all(&self.connection).await?);
        }
        let others = copies.iter().map(|copy| copy.user_id);
        let others: Vec<_> = others.filter(|id| !found.contains_key(id)).collect();
        if !others.is_empty() {
            let others = AccountContacts::find().filter(user::Column::Id.is_in(others));
            found.extend(self.read_accounts(others).await?.into_iter().map(by_id));
        }
        for copy in copies {
            self.put_contact_right(copy, &found).await?;
        }
        let mut holders = Holders::default();
        for account in found.values() {
            holders.add(criterion, account);
        }
        Ok(holders)
    }

    /// The accounts that have this value, by a look at all accounts. Those that meet the coarse
    /// condition are read a page at a time and compared here. A limit for them would hide an account
    /// behind others that only meet the condition.
    async fn accounts_by_looking(&self, criterion: &Criterion<'_>) -> Result<Holders> {
        let mut holders = Holders::default();
        let mut after = i64::MIN;
        loop {
            let page = AccountContacts::find()
                .filter(user::Column::Id.gt(after))
                .filter(criterion.coarse())
                .order_by_asc(user::Column::Id)
                .limit(PAGE);
            let page = self.read_accounts(page).await?;
            for account in &page {
                holders.add(criterion, account);
            }
            let is_full = page.len() as u64 >= PAGE;
            match page.last() {
                Some(last) if is_full && !holders.are_too_many() => after = last.id,
                _ => return Ok(holders),
            }
        }
    }

    /// The accounts of a query.
    async fn read_accounts(&self, query: Select<user::Entity>) -> Result<Vec<AccountContacts>> {
        let rows = query.into_model::<AccountContacts>();
        Ok(rows.all(&self.connection).await?)
    }

    /// Corrects a copy that led to an account which no longer matches.
    async fn put_contact_right(
        &self,
        copy: Model,
        found: &BTreeMap<i64, AccountContacts>,
    ) -> Result<()> {
        let Some(account) = found.get(&copy.user_id) else {
            let gone = Entity::delete_by_id(copy.user_id);
            gone.exec(&self.connection).await?;
            return Ok(());
        };
        let right = account.copy();
        if same(&copy, &right) {
            return Ok(());
        }
        // Which account has which unique address is not decided here.
        let held = copy.unique_email.filter(|_| copy.email == right.email);
        let row = Model {
            unique_email: held,
            ..right
        };
        // Another process may have removed the copy meanwhile, which must not make the sign-in
        // fail.
        let id = row.user_id;
        let row: ActiveModel = row.into_active_model().reset_all();
        let update = Entity::update_many().set(row).filter(Column::UserId.eq(id));
        update.exec(&self.connection).await?;
        Ok(())
    }
}

/// An account with its id as the key.
fn by_id(account: AccountContacts) -> (i64, AccountContacts) {
    (account.id, account)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::spellings::{ACCOUNTS, CONTACTS};
    use crate::store::{Copies, NewUser};

    /// Creates accounts with each spelling that somebody may have used.
    async fn store_with_all_spellings(folder: &std::path::Path) -> Store {
        let store = Store::fresh(folder).await;
        store.migrate().await.unwrap();
        create_all(&store, ACCOUNTS.iter().map(|(text, _)| (*text).to_owned())).await;
        store
    }

    #[tokio::test]
    async fn the_lookup_table_finds_whatever_a_look_at_all_accounts_finds() {
        let storage = tempfile::tempdir().unwrap();
        let store = store_with_all_spellings(storage.path()).await;
        let accounts = ACCOUNTS.iter().map(|(text, _)| Phone::of_account(text));
        let contacts = CONTACTS
            .iter()
            .map(|(country, number, _)| Phone::of_contact(Some(country), number));
        let mut seen = 0;
        for phone in accounts.chain(contacts).flatten() {
            store.coverage.set_accounts(false);
            let by_looking = store.users_by_phone(&phone).await.unwrap();
            store.coverage.set_accounts(true);
            let by_index = store.users_by_phone(&phone).await.unwrap();
            assert_eq!(by_index, by_looking, "{}", phone.e164());
            seen += by_index.same.len();
        }
        assert!(seen > 500, "{seen}");
    }

    /// Creates accounts with these phone numbers, and returns the id of the last.
    async fn create_all(store: &Store, phones: impl IntoIterator<Item = String>) -> i64 {
        let transaction = store.begin().await.unwrap();
        let mut last = 0;
        for phone in phones {
            let new = NewUser {
                phone: Some(phone),
                ..NewUser::default()
            };
            last = transaction.create_user(new).await.unwrap().id;
        }
        transaction.commit().await.unwrap();
        last
    }

    #[tokio::test]
    async fn more_accounts_than_are_compared_are_ambiguous() {
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        store.migrate().await.unwrap();
        // Each spelling has spaces at other places.
        let spelling = |gaps: u32| -> String {
            let digits = "13800000001".chars().enumerate();
            let spaced = digits.map(|(at, digit)| {
                let space = if (gaps >> at) & 1 == 1 { " " } else { "" };
                format!("{digit}{space}")
            });
            spaced.collect()
        };
        create_all(&store, (0..60).map(spelling)).await;
        let phone = Phone::of_account("13800000001").unwrap();
        for is_complete in [false, true] {
            store.coverage.set_accounts(is_complete);
            let found = store.users_by_phone(&phone).await.unwrap();
            let count = found.same.len() as u64;
            assert!((MOST..=MOST + 1).contains(&count), "{count}");
        }
    }

    #[tokio::test]
    async fn a_page_of_other_numbers_with_the_digits_hides_no_account_and_makes_none_ambiguous() {
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        store.migrate().await.unwrap();
        // All of them have the last seven digits of the number, in this order, but not at the end.
        let others = (0..PAGE).map(|other| format!("1{}0000001{}", 30 + other / 10, other % 10));
        let number = "13800000001".to_owned();
        let phone = Phone::of_account(&number).unwrap();
        let id = create_all(&store, others.chain([number])).await;
        let expected = Holders {
            same: vec![id],
            similar: Vec::new(),
        };
        for is_complete in [false, true] {
            store.coverage.set_accounts(is_complete);
            let found = store.users_by_phone(&phone).await.unwrap();
            assert_eq!(found, expected, "{is_complete}");
        }
    }

    #[tokio::test]
    async fn what_is_written_here_differs_in_nothing_from_what_is_copied() {
        let storage = tempfile::tempdir().unwrap();
        let store = store_with_all_spellings(storage.path()).await;
        let compared = store.contacts_that_differ(i64::MIN).await.unwrap();
        assert!(compared.compared().is_right);
        let copies = Entity::find().all(&store.connection).await.unwrap();
        let gone = Entity::delete_many();
        gone.exec(&store.connection).await.unwrap();
        let end = store.reconcile(Copies::Accounts, i64::MIN).await.unwrap();
        assert_eq!(end, None);
        let again = Entity::find().all(&store.connection).await.unwrap();
        assert_eq!(again, copies);
    }
}
