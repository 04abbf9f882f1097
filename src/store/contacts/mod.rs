//! Accounts by phone number, e-mail address and user name, in a form that can be compared.
//!
//! `users` has no index for that. What is found in `dingtalk_contacts` is looked up there by its key,
//! and counts as it is there.

mod reconcile;
mod search;

use entity::contact::{ActiveModel, Entity, Model};
use entity::user;
use sea_orm::{
    ActiveModelTrait, EntityTrait, FromQueryResult, IntoActiveModel, QuerySelect, Select,
};

use super::{Owner, Result, Transaction, shortened};
use crate::email;
use crate::phone::{Phone, last_digits_of};

/// What an account is looked for by, as it stands there.
#[derive(Clone, Debug, FromQueryResult)]
pub struct AccountContacts {
    /// The account.
    pub id: i64,
    /// Its phone number.
    pub phone: Option<String>,
    /// Its e-mail address.
    pub email: Option<String>,
    /// Its user name.
    pub username: Option<String>,
    /// The name that people read.
    pub nickname: Option<String>,
}

impl AccountContacts {
    /// A question for accounts that reads no more of them.
    fn find() -> Select<user::Entity> {
        use user::Column::{Email, Id, Nickname, Phone, Username};
        let columns = [Id, Phone, Email, Username, Nickname];
        user::Entity::find().select_only().columns(columns)
    }

    /// What the lookup table is to say of it, but for who holds an address.
    fn copy(&self) -> Model {
        let number = self.phone.as_deref().and_then(Phone::of_account);
        Model {
            user_id: self.id,
            phone: number.map(|number| number.e164().to_owned()),
            phone_digits: self.phone.as_deref().and_then(last_digits_of),
            email: self.email.as_deref().map(comparable_email),
            unique_email: None,
            username: self.username.as_deref().map(comparable_username),
            nickname: self.nickname.as_deref().map(comparable_username),
        }
    }
}

impl From<&user::Model> for AccountContacts {
    fn from(user: &user::Model) -> Self {
        Self {
            id: user.id,
            phone: user.phone.clone(),
            email: user.email.clone(),
            username: user.username.clone(),
            nickname: user.nickname.clone(),
        }
    }
}

/// An e-mail address as it is compared, as much of it as a column takes.
fn comparable_email(email: &str) -> String {
    shortened(&email::comparable(email))
}

/// The same of a user name, and of the name that people read.
fn comparable_username(username: &str) -> String {
    shortened(&username.to_lowercase())
}

/// The address by which an account holds it against others: as it is compared, unless databases differ
/// in what equals it.
fn holdable(email: Option<&str>) -> Option<String> {
    let email = email?;
    let whole = email::comparable(email);
    let is_plain = whole.trim() == whole && !whole.is_empty() && shortened(&whole) == whole;
    is_plain.then_some(whole)
}

/// Whether two copies say the same of an account.
fn same(one: &Model, other: &Model) -> bool {
    let unique_email = &other.unique_email;
    *other
        == Model {
            unique_email: unique_email.clone(),
            ..one.clone()
        }
}

impl Transaction {
    /// Lets the lookup table follow an account. A conflict when another account holds the e-mail
    /// address, in a database that is ours: in NocoBase's it is NocoBase who says what is taken.
    pub(super) async fn record_contact(&self, user: &user::Model) -> Result<()> {
        let account = AccountContacts::from(user);
        let known = Entity::find_by_id(user.id).one(&self.connection).await?;
        let mut copy = account.copy();
        match &known {
            Some(known) if same(known, &copy) => return Ok(()),
            // Of two accounts that had one address before, each keeps it.
            Some(known) if known.email == copy.email => {
                copy.unique_email.clone_from(&known.unique_email);
            }
            _ if self.owner == Owner::Us => copy.unique_email = holdable(account.email.as_deref()),
            _ => {}
        }
        let row: ActiveModel = copy.into_active_model().reset_all();
        if known.is_some() {
            row.update(&self.connection).await?;
        } else {
            row.insert(&self.connection).await?;
        }
        Ok(())
    }

    /// Takes an account out of the lookup table.
    pub(super) async fn forget_contact(&self, id: i64) -> Result<()> {
        Entity::delete_by_id(id).exec(&self.connection).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_held_where_all_databases_agree_on_what_equals_it() {
        let held = |email| holdable(Some(email));
        assert_eq!(
            held("He.Fan@corp.example").as_deref(),
            Some("he.fan@corp.example")
        );
        for odd in ["", "a@corp.example ", &"İ".repeat(200)] {
            assert_eq!(held(odd), None, "{odd}");
        }
    }
}
