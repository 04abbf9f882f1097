//! Finding accounts.

use std::collections::BTreeMap;

use entity::contact::{ActiveModel, Column, Entity, Model};
use entity::user;
use sea_orm::sea_query::{Expr, Func, IntoCondition};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};

use super::{AccountContacts, comparable_email, comparable_username, same};
use crate::email;
use crate::phone::Phone;
use crate::store::{Connection, Result, Store, is_storable};

/// How many copies of one kind are read. Several accounts with the same value are ambiguous anyway,
/// and a few similar ones are enough for the log.
const MOST: u64 = 50;

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
    /// Accounts, by id, whose phone number may be this one or has the same last digits. The caller
    /// compares exactly.
    pub async fn users_by_phone(&self, phone: &Phone) -> Result<Vec<(i64, String)>> {
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
        let found = self.accounts_by(ways).await?.into_iter();
        Ok(found
            .filter_map(|account| Some((account.id, account.phone?)))
            .collect())
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
        let found = self.accounts_by(ways).await?.into_iter();
        Ok(found.filter(same).map(|account| account.id).collect())
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
        let found = self.accounts_by(ways).await?.into_iter();
        Ok(found.filter(same).map(|account| account.id).collect())
    }

    /// The accounts that meet these conditions, by id, as they are in `users`.
    async fn accounts_by(&self, ways: Ways) -> Result<Vec<AccountContacts>> {
        let mut found = BTreeMap::new();
        let mut copies = Vec::new();
        if self.coverage.has_accounts() {
            self.find_accounts(&mut found, ways.exact).await?;
            for like in ways.copies {
                let like = Entity::find().filter(like).limit(MOST);
                copies.extend(like.all(&self.connection).await?);
            }
            let others = copies.iter().map(|copy| copy.user_id);
            let others: Vec<_> = others.filter(|id| !found.contains_key(id)).collect();
            if !others.is_empty() {
                let others = user::Column::Id.is_in(others);
                self.find_accounts(&mut found, others).await?;
            }
        } else {
            self.find_accounts(&mut found, ways.coarse).await?;
        }
        for copy in copies {
            self.put_contact_right(copy, &found).await?;
        }
        Ok(found.into_values().collect())
    }

    async fn find_accounts(
        &self,
        found: &mut BTreeMap<i64, AccountContacts>,
        like: impl IntoCondition,
    ) -> Result<()> {
        let rows = AccountContacts::find()
            .filter(like)
            .into_model::<AccountContacts>();
        for account in rows.all(&self.connection).await? {
            found.insert(account.id, account);
        }
        Ok(())
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

    /// The accounts with this number, and those with a similar one.
    async fn found(store: &Store, phone: &Phone) -> (Vec<String>, Vec<String>) {
        let texts = store.users_by_phone(phone).await.unwrap();
        let texts = texts.into_iter().map(|(_, text)| text);
        let (same, others): (_, Vec<String>) =
            texts.partition(|text| Phone::of_account(text).as_ref() == Some(phone));
        let alike = others.into_iter().filter(|text| phone.looks_like(text));
        (same, alike.collect())
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
            let by_looking = found(&store, &phone).await;
            store.coverage.set_accounts(true);
            let by_index = found(&store, &phone).await;
            assert_eq!(by_index, by_looking, "{}", phone.e164());
            seen += by_index.0.len();
        }
        assert!(seen > 500, "{seen}");
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
