//! The profile of an account, and who may change it.

use entity::user;
use validator::ValidateEmail;

use super::username::is_plain;
use crate::store::{Connection, Store, StoreError};

/// A field of the profile form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Display name.
    Nickname,
    /// Name to sign in with.
    Username,
    /// E-mail address.
    Email,
    /// Phone number.
    Phone,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Nickname, Self::Username, Self::Email, Self::Phone];

    /// The key in forms and requests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nickname => "nickname",
            Self::Username => "username",
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }

    /// The account's column for this field.
    pub fn slot(self, user: &mut user::Model) -> &mut Option<String> {
        match self {
            Self::Nickname => &mut user.nickname,
            Self::Username => &mut user.username,
            Self::Email => &mut user.email,
            Self::Phone => &mut user.phone,
        }
    }
}

/// Why a profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The settings forbid editing profiles.
    #[error("profiles may not be edited here")]
    NotAllowed,
    /// The user name is missing, which an account needs.
    #[error("the user name is missing")]
    NoUsername,
    /// The value is not valid for this field.
    #[error("the {} is not valid", .0.name())]
    Invalid(Field),
    /// Another account has the value.
    #[error("the {} is taken", .0.name())]
    Taken(Field),
    /// The phone number has been confirmed by nobody.
    #[error("the phone number may only be set by an administrator")]
    PhoneNotOwn,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Changes fields of the caller's own account. Empty values are removed.
///
/// The phone number can only be removed. NocoBase 2.2.15 lets people type any number; here, the
/// person who has that number at DingTalk would then be signed in to this account.
pub async fn update(
    store: &Store,
    id: i64,
    changes: Vec<(Field, Option<String>)>,
) -> Result<user::Model, ProfileError> {
    let settings = store.system_settings().await?;
    if settings.is_some_and(|settings| settings.enable_edit_profile == Some(false)) {
        return Err(ProfileError::NotAllowed);
    }
    let transaction = store.begin().await?;
    // The account is locked and read again, because all columns of the profile are written: what an
    // administrator changes at the same time must not be lost.
    let old = transaction.lock_user(id).await?;
    let old = old.ok_or(ProfileError::NotAllowed)?;
    let mut named = false;
    let mut new = old.clone();
    for (field, value) in changes {
        let value = value.filter(|value| !value.is_empty());
        named |= field == Field::Username && value.is_some();
        *field.slot(&mut new) = value;
    }
    if !named {
        return Err(ProfileError::NoUsername);
    }
    let username = new.username.as_deref();
    if new.username != old.username {
        let username = username.filter(|name| is_username(name) && is_plain(name));
        let username = username.ok_or(ProfileError::Invalid(Field::Username))?;
        if transaction
            .username_is_taken_in_any_case(username, Some(id))
            .await?
        {
            return Err(ProfileError::Taken(Field::Username));
        }
    }
    let email = new.email.as_deref();
    if new.email != old.email && email.is_some_and(|email| !is_email(email)) {
        return Err(ProfileError::Invalid(Field::Email));
    }
    if new.phone != old.phone && new.phone.is_some() {
        return Err(ProfileError::PhoneNotOwn);
    }
    if new == old {
        return Ok(old);
    }
    // Two accounts that already had the same address, apart from its case, may keep it.
    let email = new.email.as_deref().filter(|_| new.email != old.email);
    let username = new.username.as_deref();
    if let Some(field) = first_taken(&transaction, username, email, Some(id)).await? {
        return Err(ProfileError::Taken(field));
    }
    match transaction.save_user(&new).await {
        Ok(saved) => {
            transaction.commit().await?;
            Ok(saved)
        }
        Err(StoreError::Conflict(what)) => {
            // Another transaction took the value after the check. This one is dropped first, so that
            // the other's changes can be seen.
            drop(transaction);
            match first_taken(store, username, email, Some(id)).await? {
                Some(field) => Err(ProfileError::Taken(field)),
                None => Err(StoreError::Conflict(what).into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// The first of these values that another account has, in NocoBase's order. An address that is another's user name
/// is taken, too, because both are typed into one field to sign in.
pub(super) async fn first_taken<C: Connection>(
    store: &Store<C>,
    username: Option<&str>,
    email: Option<&str>,
    for_account: Option<i64>,
) -> Result<Option<Field>, StoreError> {
    if let Some(username) = username
        && store.username_is_taken(username, for_account).await?
    {
        return Ok(Some(Field::Username));
    }
    if let Some(email) = email
        && (store.email_is_taken(email, for_account).await?
            || store
                .username_is_taken_in_any_case(email, for_account)
                .await?)
    {
        return Ok(Some(Field::Email));
    }
    Ok(None)
}

/// Whether this can be a user name, by the rule of NocoBase 2.2.15: one to 50 characters, none of
/// `@ < > " ' /`. Without `@` it cannot equal an e-mail address, with which people can sign in,
/// too.
pub(super) fn is_username(text: &str) -> bool {
    // JavaScript counts UTF-16 code units.
    let length = text.encode_utf16().count();
    (1..=50).contains(&length) && !text.contains(['@', '<', '>', '"', '\'', '/'])
}

/// Whether this can be an e-mail address on the internet.
pub(super) fn is_email(text: &str) -> bool {
    let named_host = text
        .rsplit_once('@')
        .is_some_and(|(_, host)| host.contains('.') && !host.starts_with('['));
    named_host && text.is_ascii() && text.validate_email()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::test_installation::{TestInstallation, amid};
    use crate::store::NewUser;

    /// An account with these names to sign in with.
    async fn account(installation: &TestInstallation, username: &str, email: &str) -> i64 {
        let new = NewUser {
            username: Some(username.to_owned()),
            email: Some(email.to_owned()),
            ..NewUser::default()
        };
        installation.account(new).await.id
    }

    fn values(username: &str, email: &str) -> Vec<(Field, Option<String>)> {
        vec![
            (Field::Username, Some(username.to_owned())),
            (Field::Email, Some(email.to_owned())),
        ]
    }

    #[tokio::test]
    async fn what_another_signs_in_with_is_taken_in_any_case_and_ones_own_is_not() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let ada = account(&installation, "ada", "ada@x.io").await;
        account(&installation, "bob", "bob@x.io").await;
        let refused = update(store, ada, values("BOB", "ada@x.io")).await;
        let is_taken = matches!(refused, Err(ProfileError::Taken(Field::Username)));
        assert!(is_taken, "{refused:?}");
        let refused = update(store, ada, values("ada", "Bob@X.io")).await;
        let is_taken = matches!(refused, Err(ProfileError::Taken(Field::Email)));
        assert!(is_taken, "{refused:?}");
        let changed = update(store, ada, values("Ada", "Ada@x.io")).await.unwrap();
        assert_eq!(changed.username.as_deref(), Some("Ada"));
        assert_eq!(changed.email.as_deref(), Some("Ada@x.io"));
    }

    #[tokio::test]
    async fn an_old_value_that_breaks_the_rules_may_stay_and_no_new_one_may() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let id = account(&installation, "a/b", "ada@host").await;
        let mut kept = values("a/b", "ada@host");
        kept.push((Field::Nickname, Some("Ada".to_owned())));
        let changed = update(store, id, kept).await.unwrap();
        assert_eq!(changed.nickname.as_deref(), Some("Ada"));
        for (username, email, field) in [
            ("a/c", "ada@host", Field::Username),
            // It looks like «cope», and all its letters are Cyrillic.
            ("\u{441}\u{43e}\u{440}\u{435}", "ada@host", Field::Username),
            ("a/b", "other@host", Field::Email),
        ] {
            let refused = update(store, id, values(username, email)).await;
            let is_invalid =
                matches!(&refused, Err(ProfileError::Invalid(found)) if *found == field);
            assert!(is_invalid, "{username} {email}: {refused:?}");
        }
    }

    #[tokio::test]
    async fn what_an_administrator_changes_meanwhile_stays() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let id = account(&installation, "ada", "ada@x.io").await;
        let first = store.begin().await.unwrap();
        let mut row = first.lock_user(id).await.unwrap().unwrap();
        row.phone = Some("13900000001".to_owned());
        first.save_user(&row).await.unwrap();
        let changed = amid(first, update(store, id, values("ada", "new@x.io"))).await;
        let changed = changed.unwrap();
        assert_eq!(changed.email.as_deref(), Some("new@x.io"));
        assert_eq!(changed.phone.as_deref(), Some("13900000001"));
        assert_eq!(store.user(id).await.unwrap(), Some(changed));
    }

    #[test]
    fn user_names_follow_nocobases_rule() {
        let (fits, long) = ("u".repeat(50), "u".repeat(51));
        for good in ["a", "Ada Lovelace", " a ", "王小明", fits.as_str()] {
            assert!(is_username(good), "{good}");
        }
        for bad in ["", "a@b", "<a", "a>", "a\"", "a'", "a/b", long.as_str()] {
            assert!(!is_username(bad), "{bad}");
        }
    }

    #[test]
    fn email_addresses_are_plausible() {
        for good in [
            "a@x.io",
            "a@x.museum",
            "ZZ@A7.IO",
            "a+b@x.io",
            "a-b.c@x.co.uk",
        ] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "x",
            "a@b",
            "@x.io",
            " a@x.io",
            "a@x.io\n",
            "a@[1.2.3.4]",
            "é@x.io",
            "a@b@",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
