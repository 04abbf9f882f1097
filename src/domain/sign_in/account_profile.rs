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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::test_installation::{TestInstallation, employee};
    use crate::store::{NewUser, STRING_CHARACTERS};

    const EMAIL: &str = "lina@corp.example";

    #[tokio::test]
    async fn a_mailbox_is_copied_where_that_is_wanted_and_it_fits_the_column() {
        let installation = TestInstallation::new().await;
        let transaction = installation.store.begin().await.unwrap();
        let long = format!("{}@corp.example", "x".repeat(STRING_CHARACTERS));
        for (email, is_wanted, expected) in [
            (EMAIL, true, Some(EMAIL)),
            (EMAIL, false, None),
            (long.as_str(), true, None),
        ] {
            let identity = Identity {
                email: Some(email.to_owned()),
                ..employee("lina", None)
            };
            let copied = Copied {
                email: is_wanted,
                ..Copied::default()
            };
            let found = values(&transaction, &identity, copied, None).await;
            let found = found.unwrap().email;
            assert_eq!(found.as_deref(), expected, "{email} {is_wanted}");
        }
    }

    #[tokio::test]
    async fn an_equal_phone_number_keeps_its_spelling_and_any_other_is_replaced() {
        let installation = TestInstallation::new().await;
        let copied = Copied {
            nickname: true,
            phone: true,
            ..Copied::default()
        };
        for (kept, number, expected) in [
            ("+86 139-0000-0001", "13900000001", "+86 139-0000-0001"),
            ("13900000002", "13900000003", "13900000003"),
        ] {
            let new = NewUser {
                phone: Some(kept.to_owned()),
                ..NewUser::default()
            };
            let user = installation.account(new).await;
            let transaction = installation.store.begin().await.unwrap();
            let identity = employee("lina", Some(number));
            let refreshed = refresh(&transaction, user, &identity, copied).await;
            transaction.commit().await.unwrap();
            let refreshed = refreshed.unwrap();
            assert_eq!(refreshed.phone.as_deref(), Some(expected), "{kept}");
            assert_eq!(refreshed.nickname.as_deref(), Some("Li Na"));
        }
    }
}
