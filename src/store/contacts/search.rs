//! Finding accounts.

use std::collections::BTreeMap;

use entity::contact::{ActiveModel, Column, Entity, Model};
use entity::user;
use sea_orm::sea_query::{Expr, Func, IntoCondition};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    QuerySelect, Select,
};

use super::{AccountContacts, comparable_email, comparable_username, same};
use crate::email;
use crate::phone::Phone;
use crate::store::{Connection, Result, Store, is_storable};

/// How many copies of one kind, or accounts without the help of copies, are compared. Several
/// accounts with the same value are ambiguous anyway, and a few similar ones are enough for the log.
const MOST: u64 = 50;

/// The accounts to which a phone number leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhoneHolders {
    /// Accounts that have this number, in whatever spelling. When too many were found to compare
    /// them, these are all of them, so that they are ambiguous.
    pub same: Vec<i64>,
    /// Accounts whose number has the same last digits, but is another number or cannot be
    /// interpreted with certainty.
    pub similar: Vec<i64>,
}

/// The accounts that meet one of several conditions, as they are in `users`.
struct Found {
    /// The accounts, by id.
    accounts: BTreeMap<i64, AccountContacts>,
    /// Whether a condition was met by more than [`MOST`], so that some were not read.
    are_too_many: bool,
}

impl Found {
    /// The ids of those that really are what was looked for; of all, if they are too many.
    fn ids(self, is_same: impl Fn(&AccountContacts) -> bool) -> Vec<i64> {
        let all = self.are_too_many;
        let accounts = self.accounts.into_values();
        let same = accounts.filter(|account| all || is_same(account));
        same.map(|account| account.id).collect()
    }
}

/// Conditions by which accounts are found. An account that meets one of them is found.
struct Ways {
    /// The condition for an index of the lookup table.
    copies: Vec<Expr>,
    /// The condition for an index of `users`, for accounts that are not in the lookup table yet.
    exact: Expr,
    /// The condition for reading all accounts, while the lookup table is incomplete.
    coarse: Condition,
}

impl<C: Connection> Store<C> {
    /// The accounts with this phone number, and with similar ones.
    pub async fn users_by_phone(&self, phone: &Phone) -> Result<PhoneHolders> {
        // A number may be stored with separators anywhere: `%1%3%8%`.
        let pattern = |digits: &mut dyn Iterator<Item = char>| -> String {
            digits.flat_map(|digit| ['%', digit]).chain(['%']).collect()
        };
        let digits = phone.last_digits();
        let usual = pattern(&mut digits.chars());
        let wide = pattern(&mut digits.chars().map(of_double_width));
        let ways = Ways {
            copies: vec![
                Column::Phone.eq(phone.e164()),
                Column::PhoneDigits.eq(digits),
            ],
            exact: user::Column::Phone.is_in(phone.usual_spellings()),
            coarse: Condition::any()
                .add(user::Column::Phone.like(usual))
                .add(user::Column::Phone.like(wide)),
        };
        let found = self.accounts_by(ways).await?;
        let mut holders = PhoneHolders::default();
        for (id, account) in found.accounts {
            let Some(text) = account.phone else { continue };
            if found.are_too_many || Phone::of_account(&text).as_ref() == Some(phone) {
                holders.same.push(id);
            } else if phone.looks_like(&text) {
                holders.similar.push(id);
            }
        }
        Ok(holders)
    }

    /// The ids of accounts with this e-mail address, ignoring case.
    pub async fn users_by_email(&self, email: &str) -> Result<Vec<i64>> {
        if !is_storable(email) {
            return Ok(Vec::new());
        }
        let comparable = email::comparable(email);
        let ways = Ways {
            copies: vec![Column::Email.eq(comparable_email(email))],
            exact: user::Column::Email.is_in([email, comparable.as_str()]),
            coarse: in_small_letters(user::Column::Email, &comparable),
        };
        let same = |account: &AccountContacts| {
            let found = account.email.as_deref().map(email::comparable);
            found.as_ref() == Some(&comparable)
        };
        Ok(self.accounts_by(ways).await?.ids(same))
    }

    /// The ids of accounts with this user name, ignoring case.
    pub(in crate::store) async fn users_by_username(&self, username: &str) -> Result<Vec<i64>> {
        if !is_storable(username) {
            return Ok(Vec::new());
        }
        let lower = username.to_lowercase();
        let ways = Ways {
            copies: vec![Column::Username.eq(comparable_username(username))],
            exact: user::Column::Username.is_in([username, lower.as_str()]),
            coarse: in_small_letters(user::Column::Username, &lower),
        };
        let same = |account: &AccountContacts| {
            let found = account.username.as_deref().map(str::to_lowercase);
            found.as_ref() == Some(&lower)
        };
        Ok(self.accounts_by(ways).await?.ids(same))
    }

    /// The accounts that meet these conditions.
    async fn accounts_by(&self, ways: Ways) -> Result<Found> {
        let mut found = BTreeMap::new();
        let mut copies = Vec::new();
        let with_index = self.coverage.has_accounts();
        let direct = if with_index {
            ways.exact.into_condition()
        } else {
            ways.coarse
        };
        let direct = AccountContacts::find().filter(direct).limit(MOST + 1);
        let count = self.read_accounts(&mut found, direct).await?;
        if with_index {
            for like in ways.copies {
                let like = Entity::find().filter(like).limit(MOST);
                copies.extend(like.all(&self.connection).await?);
            }
            let others = copies.iter().map(|copy| copy.user_id);
            let others: Vec<_> = others.filter(|id| !found.contains_key(id)).collect();
            if !others.is_empty() {
                let others = AccountContacts::find().filter(user::Column::Id.is_in(others));
                self.read_accounts(&mut found, others).await?;
            }
        }
        for copy in copies {
            self.put_contact_right(copy, &found).await?;
        }
        Ok(Found {
            accounts: found,
            are_too_many: count > MOST,
        })
    }

    /// Adds the accounts of a query to those that were found, and returns their number.
    async fn read_accounts(
        &self,
        found: &mut BTreeMap<i64, AccountContacts>,
        query: Select<user::Entity>,
    ) -> Result<u64> {
        let rows = query.into_model::<AccountContacts>();
        let rows = rows.all(&self.connection).await?;
        let count = rows.len() as u64;
        found.extend(rows.into_iter().map(|account| (account.id, account)));
        Ok(count)
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

/// A condition that compares a column with a text ignoring case, as the database does.
fn in_small_letters(column: user::Column, text: &str) -> Condition {
    let lower = Expr::expr(Func::lower(Expr::col(column)));
    Condition::all().add(lower.eq(text))
}

/// The full-width form of a digit, which East Asian keyboards can type.
fn of_double_width(digit: char) -> char {
    let above = digit
        .to_digit(10)
        .and_then(|digit| char::from_u32(0xff10 + digit));
    above.unwrap_or(digit)
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
        let transaction = store.begin().await.unwrap();
        for (text, _) in ACCOUNTS {
            let new = NewUser {
                phone: Some((*text).to_owned()),
                ..NewUser::default()
            };
            transaction.create_user(new).await.unwrap();
        }
        transaction.commit().await.unwrap();
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

    #[tokio::test]
    async fn more_accounts_than_are_compared_are_ambiguous() {
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        store.migrate().await.unwrap();
        let transaction = store.begin().await.unwrap();
        for number in 0..60 {
            let new = NewUser {
                phone: Some(format!("13800000001 ext. {number}")),
                ..NewUser::default()
            };
            transaction.create_user(new).await.unwrap();
        }
        transaction.commit().await.unwrap();
        let phone = Phone::of_account("13800000001").unwrap();
        store.coverage.set_accounts(false);
        let by_looking = store.users_by_phone(&phone).await.unwrap();
        assert_eq!(by_looking.same.len() as u64, MOST + 1);
        store.coverage.set_accounts(true);
        let by_index = store.users_by_phone(&phone).await.unwrap();
        assert_eq!(by_index, PhoneHolders::default());
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
