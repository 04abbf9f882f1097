//! Copying the organization's data to the profile of an account.

use entity::user;

use super::Copied;
use crate::domain::identity::Identity;
use crate::phone::Phone;
use crate::store::{StoreError, Transaction, fits_string_column, shortened};

/// Values for the profile of an account.
#[derive(Default)]
pub struct Values {
    pub nickname: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
}

/// The values of an identity that are to be copied and that no account other than `own_id` has.
pub async fn values(
    store: &Transaction,
    identity: &Identity,
    copied: Copied,
    own_id: Option<i64>,
) -> Result<Values, StoreError> {
    let mut values = Values::default();
    if copied.nickname {
        values.nickname = Some(shortened(&identity.name)).filter(|name| !name.is_empty());
    }
    if let Some(phone) = identity.phone.as_ref().filter(|_| copied.phone) {
        let holders = store.users_by_phone(phone).await?.same;
        if holders.iter().all(|id| Some(*id) == own_id) {
            values.phone = Some(phone.local().to_owned());
        }
    }
    if let Some(email) = identity
        .email
        .as_deref()
        .filter(|email| copied.email && fits_string_column(email))
    {
        let taken = store.email_is_taken(email, own_id).await?
            || store.username_is_taken_in_any_case(email, own_id).await?;
        if !taken {
            values.email = Some(email.to_owned());
        }
    }
    Ok(values)
}

/// Updates the profile of an account. Values that the organization's data lacks stay as they are.
pub async fn refresh(
    store: &Transaction,
    mut user: user::Model,
    identity: &Identity,
    copied: Copied,
) -> Result<user::Model, StoreError> {
    let values = values(store, identity, copied, Some(user.id)).await?;
    let before = user.clone();
    user.nickname = values.nickname.or(user.nickname);
    user.email = values.email.or(user.email);
    // An equal number keeps the spelling in which somebody wrote it.
    let same = user.phone.as_deref().and_then(Phone::of_account) == identity.phone;
    if !same {
        user.phone = values.phone.or(user.phone);
    }
    if user == before {
        return Ok(user);
    }
    store.save_user(&user).await
}
