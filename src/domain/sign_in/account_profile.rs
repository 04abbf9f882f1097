//! What an account takes over of what the organisation knows.

use entity::user;

use super::Copied;
use crate::domain::identity::Identity;
use crate::domain::phone::Phone;
use crate::store::{StoreError, Transaction};

/// Characters of NocoBase's strings. Database servers refuse longer ones.
const STRING_CHARACTERS: usize = 255;

/// Values for an account.
#[derive(Default)]
pub struct Values {
    pub nickname: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
}

/// What is wanted of an identity, and what no other account than `own_id` has.
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
        let holders = accounts_with_phone(store, phone).await?;
        if holders.iter().all(|id| Some(*id) == own_id) {
            values.phone = Some(phone.local().to_owned());
        }
    }
    if let Some(email) = identity
        .email
        .as_deref()
        .filter(|email| copied.email && storable(email))
    {
        let taken = store.email_is_taken(email, own_id).await?
            || store.username_is_taken(email, own_id).await?;
        if !taken {
            values.email = Some(email.to_owned());
        }
    }
    Ok(values)
}

/// Brings an account up to date. What the organisation does not know stays.
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
    // A number that is the same stays as somebody wrote it.
    let same = user.phone.as_deref().and_then(Phone::of_account) == identity.phone;
    if !same {
        user.phone = values.phone.or(user.phone);
    }
    if user == before {
        return Ok(user);
    }
    store.save_user(&user).await
}

/// Accounts with this number, however it is written there.
pub async fn accounts_with_phone(
    store: &Transaction,
    phone: &Phone,
) -> Result<Vec<i64>, StoreError> {
    let candidates = store.users_by_phone_digits(phone.last_digits()).await?;
    let same = |text: &str| Phone::of_account(text).as_ref() == Some(phone);
    let same = candidates.into_iter().filter(|(_, text)| same(text));
    Ok(same.map(|(id, _)| id).collect())
}

/// Whether a column takes the text as it is.
pub fn storable(text: &str) -> bool {
    text.chars().count() <= STRING_CHARACTERS && !text.contains('\0')
}

/// As much of a text as a column takes.
pub fn shortened(text: &str) -> String {
    let storable = text.chars().filter(|&character| character != '\0');
    storable.take(STRING_CHARACTERS).collect()
}
