//! Copying the organization's data to the profile of an account.

use entity::user;

use super::Copied;
use crate::domain::identity::Identity;
use crate::phone::Phone;
use crate::store::{StoreError, Transaction, fits_string_column, shortened};

/// Values for the profile of an account.
#[derive(Default)]
pub struct ProfileValues {
    pub nickname: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
}

/// The values of an identity that are to be copied and that no account other than `for_account` has.
pub async fn values(
    store: &Transaction,
    identity: &Identity,
    copied: Copied,
    for_account: Option<i64>,
) -> Result<ProfileValues, StoreError> {
    let mut values = ProfileValues::default();
    if copied.nickname {
        values.nickname = Some(shortened(&identity.name)).filter(|name| !name.is_empty());
    }
    if let Some(phone) = identity.phone.as_ref().filter(|_| copied.phone) {
        let holders = store.users_by_phone(phone).await?.same;
        if holders.iter().all(|id| Some(*id) == for_account) {
            values.phone = Some(phone.local().to_owned());
        }
    }
    if let Some(email) = identity
        .email
        .as_deref()
        .filter(|email| copied.email && fits_string_column(email))
    {
        let taken = store.email_is_taken(email, for_account).await?
            || store
                .username_is_taken_in_any_case(email, for_account)
                .await?;
        if !taken {
            values.email = Some(email.to_owned());
        }
    }
    Ok(values)
}

/// Updates the profile of an account. Values that the organization's data lacks stay as they are.
pub async fn refresh(
    store: &Transaction,
    user: user::Model,
    identity: &Identity,
    copied: Copied,
) -> Result<user::Model, StoreError> {
    let values = values(store, identity, copied, Some(user.id)).await?;
    let refreshed = |user: &user::Model| {
        let mut user = user.clone();
        user.nickname = values.nickname.clone().or(user.nickname);
        user.email = values.email.clone().or(user.email);
        // An equal number keeps the spelling in which somebody wrote it.
        let same = user.phone.as_deref().and_then(Phone::of_account) == identity.phone;
        if !same {
            user.phone = values.phone.clone().or(user.phone);
        }
        user
    };
    if refreshed(&user) == user {
        return Ok(user);
    }
    // All columns of the profile are written, and somebody may have changed one of them since the
    // row was read.
    let current = store.lock_user(user.id).await?.unwrap_or(user);
    store.save_user(&refreshed(&current)).await
}
