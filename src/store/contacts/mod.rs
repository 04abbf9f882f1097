//! Accounts by phone number, e-mail address and user name, in a normalised form.
//!
//! NocoBase's table `users` has no index for these. The lookup table `dingtalk_contacts` has; each
//! account that it leads to is then read from `users`, whose values count.

mod contact_comparison;
mod criterion;
mod search;

pub use search::Holders;

use entity::contact::{ActiveModel, Entity, Model};
use entity::user;
use sea_orm::{
    ActiveModelTrait, EntityTrait, FromQueryResult, IntoActiveModel, QuerySelect, Select,
};

use super::{Owner, Result, Transaction, shortened};
use crate::email;
use crate::phone::{Phone, last_digits_of};

/// The columns of an account by which people are found.
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
    /// The display name.
    pub nickname: Option<String>,
}

impl AccountContacts {
    /// A query for accounts that reads only these columns.
    fn find() -> Select<user::Entity> {
        use user::Column::{Email, Id, Nickname, Phone, Username};
        let columns = [Id, Phone, Email, Username, Nickname];
        user::Entity::find().select_only().columns(columns)
    }

    /// The copy for the lookup table, without the unique address.
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

/// A normalised e-mail address, cut to the length of its column.
fn comparable_email(email: &str) -> String {
    shortened(&email::comparable(email))
}

/// A normalised user name or display name, cut to the length of its column.
fn comparable_username(username: &str) -> String {
    shortened(&username.to_lowercase())
}

/// The e-mail address that no other account may have. It is normalised; none when databases could
/// disagree about which other addresses equal it.
fn holdable(email: Option<&str>) -> Option<String> {
    let email = email?;
    let whole = email::comparable(email);
    let is_plain = whole.trim() == whole && !whole.is_empty() && shortened(&whole) == whole;
    is_plain.then_some(whole)
}

/// Whether two copies are the same, apart from the unique address.
fn same(one: &Model, other: &Model) -> bool {
    let unique_email = &other.unique_email;
    *other
        == Model {
            unique_email: unique_email.clone(),
            ..one.clone()
        }
}

impl Transaction {
    /// Updates the lookup table after an account was written. Fails with a conflict when another
    /// account has the e-mail address in this product's own database; in NocoBase's database,
    /// NocoBase decides which addresses are taken.
    pub(super) async fn record_contact(&self, user: &user::Model) -> Result<()> {
        let account = AccountContacts::from(user);
        let known = Entity::find_by_id(user.id).one(&self.connection).await?;
        let mut copy = account.copy();
        match &known {
            Some(known) if same(known, &copy) => return Ok(()),
            // Of two accounts that had the same address before, each keeps it.
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

    /// Removes an account from the lookup table.
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
