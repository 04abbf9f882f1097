//! Accounts that people create for themselves, with a password.
//!
//! Rules and order of checks are those of NocoBase 2.2.15, seen on a running server.

use serde_json::Value;

use super::profile::{Field, first_taken, is_email, is_username};
use super::username::is_plain;
use crate::domain::password;
use crate::store::{NewUser, Store, StoreError};

/// What somebody filled in.
#[derive(Clone, Debug, Default)]
pub struct SignUp {
    /// Display name.
    pub nickname: Option<String>,
    /// Name to sign in with.
    pub username: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Password.
    pub password: Option<String>,
    /// The password once more.
    pub confirmation: Option<String>,
}

/// Why nobody was signed up.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    /// The authenticator signs nobody up.
    #[error("the authenticator does not sign people up")]
    NotAllowed,
    /// A value is missing or none for its field.
    #[error("the {} is not valid", .0.name())]
    Invalid(Field),
    /// A field that the form requires is empty.
    #[error("the {} is missing", .0.name())]
    Missing(Field),
    /// No password.
    #[error("the password is missing")]
    NoPassword,
    /// The two passwords differ.
    #[error("the passwords differ")]
    PasswordsDiffer,
    /// Another account has the value.
    #[error("the {} is taken", .0.name())]
    Taken(Field),
    /// The password could not be hashed.
    #[error(transparent)]
    Password(#[from] password::HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Creates an account, if the authenticator with these options signs people up. Gives its id.
pub async fn sign_up(store: &Store, options: &Value, values: SignUp) -> Result<i64, SignUpError> {
    let form = Form::of_options(options).ok_or(SignUpError::NotAllowed)?;
    let mut user = form.check(&values)?;
    let password = values.password.filter(|password| !password.is_empty());
    let password = password.ok_or(SignUpError::NoPassword)?;
    if values.confirmation.as_ref() != Some(&password) {
        return Err(SignUpError::PasswordsDiffer);
    }
    // Before the hash, which is slow on purpose.
    refuse_taken(store, &user).await?;
    user.password = Some(password::hash(&password).await?);
    let transaction = store.begin().await?;
    match transaction.create_user(user.clone()).await {
        Ok(user) => {
            transaction.commit().await?;
            Ok(user.id)
        }
        Err(error @ StoreError::Conflict(_)) => {
            // Somebody was faster. Given up first, so that what they did can be seen.
            drop(transaction);
            refuse_taken(store, &user).await?;
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

async fn refuse_taken(store: &Store, user: &NewUser) -> Result<(), SignUpError> {
    let (username, email) = (user.username.as_deref(), user.email.as_deref());
    if let Some(username) = username
        && store.username_is_taken_in_any_case(username, None).await?
    {
        return Err(SignUpError::Taken(Field::Username));
    }
    match first_taken(store, username, email, None).await? {
        Some(field) => Err(SignUpError::Taken(field)),
        None => Ok(()),
    }
}

/// The fields that an authenticator's sign-up form shows, each with whether it is required.
///
/// Only fields that people may fill in for themselves are known; a form that shows a phone number
/// or a column of somebody's own asks for it in vain. See [`super::profile::update`] for why.
#[derive(Debug, PartialEq, Eq)]
struct Form(Vec<(Field, bool)>);

impl Form {
    /// The form; nothing when the authenticator signs nobody up.
    fn of_options(options: &Value) -> Option<Self> {
        let public = options.get("public")?;
        if !is_truthy(public.get("allowSignUp")) {
            return None;
        }
        let rows = public.get("signupForm").and_then(Value::as_array);
        let shown = rows.into_iter().flatten().filter_map(|row| {
            let name = row.get("field").and_then(Value::as_str)?;
            let field = [Field::Username, Field::Email, Field::Nickname]
                .into_iter()
                .find(|field| field.name() == name)?;
            let required = is_truthy(row.get("required"));
            is_truthy(row.get("show")).then_some((field, required))
        });
        let mut fields: Vec<_> = shown.collect();
        let identifies = |(field, required): &(Field, bool)| {
            *required && matches!(field, Field::Username | Field::Email)
        };
        if !fields.iter().any(identifies) {
            // An account must have something to sign in with.
            fields.push((Field::Username, true));
        }
        Some(Self(fields))
    }

    /// The account to create, without its password. What the form does not show is dropped.
    fn check(&self, values: &SignUp) -> Result<NewUser, SignUpError> {
        let value = |field| {
            let value = match field {
                Field::Username => &values.username,
                Field::Email => &values.email,
                Field::Nickname => &values.nickname,
                Field::Phone => &None,
            };
            value.clone().filter(|value| !value.is_empty())
        };
        for (field, is_valid) in [
            (Field::Username, is_own_username as fn(&str) -> bool),
            (Field::Email, is_email),
        ] {
            let Some((_, required)) = self.0.iter().find(|(shown, _)| *shown == field) else {
                continue;
            };
            let good = value(field).map_or(!required, |value| is_valid(&value));
            if !good {
                return Err(SignUpError::Invalid(field));
            }
        }
        for (field, required) in &self.0 {
            if *required && value(*field).is_none() {
                return Err(SignUpError::Missing(*field));
            }
        }
        let shown = |field| {
            let shown = self.0.iter().any(|(shown, _)| *shown == field);
            value(field).filter(|_| shown)
        };
        Ok(NewUser {
            nickname: shown(Field::Nickname),
            username: shown(Field::Username),
            email: shown(Field::Email),
            ..NewUser::default()
        })
    }
}

/// Whether somebody may call themselves that.
fn is_own_username(name: &str) -> bool {
    is_username(name) && is_plain(name)
}

/// Whether JavaScript takes a value for true.
fn is_truthy(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(value)) => *value,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(_) | Value::Object(_)) => true,
    }
}
