//! Accounts that people create for themselves, with a password.
//!
//! The rules and the order of the checks are those of NocoBase 2.2.15, observed on a running
//! server.

use serde_json::Value;

use super::profile::{Field, first_taken, is_email, is_username};
use super::username::is_plain;
use crate::domain::password;
use crate::store::{NewUser, Store, StoreError};

/// The values of the form.
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
    /// The password again.
    pub confirmation: Option<String>,
}

/// Why no account was created.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    /// The authenticator does not allow people to sign up.
    #[error("the authenticator does not sign people up")]
    NotAllowed,
    /// A value is missing, or not valid for its field.
    #[error("the {} is not valid", .0.name())]
    Invalid(Field),
    /// A field that the form requires is empty.
    #[error("the {} is missing", .0.name())]
    Missing(Field),
    /// The password is missing.
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

/// Creates an account, if the authenticator with these options allows it. Returns its id.
pub async fn sign_up(store: &Store, options: &Value, values: SignUp) -> Result<i64, SignUpError> {
    let form = SignUpForm::of_options(options).ok_or(SignUpError::NotAllowed)?;
    let mut user = form.check(&values)?;
    let password = values.password.filter(|password| !password.is_empty());
    let password = password.ok_or(SignUpError::NoPassword)?;
    if values.confirmation.as_ref() != Some(&password) {
        return Err(SignUpError::PasswordsDiffer);
    }
    // This is checked before the password is hashed, which is slow on purpose.
    refuse_taken(store, &user).await?;
    user.password = Some(password::hash(&password).await?);
    let transaction = store.begin().await?;
    match transaction.create_user(user.clone()).await {
        Ok(user) => {
            transaction.commit().await?;
            Ok(user.id)
        }
        Err(error @ StoreError::Conflict(_)) => {
            // Another transaction was faster. This one is dropped first, so that the other's
            // changes can be seen.
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

/// The fields of an authenticator's sign-up form, and whether each is required.
///
/// Only fields that people may set for themselves are supported; a phone number or a custom column
/// in the form is ignored. See [`super::profile::update`] for the reason.
#[derive(Debug, PartialEq, Eq)]
struct SignUpForm(Vec<(Field, bool)>);

impl SignUpForm {
    /// The form; none when the authenticator does not allow people to sign up.
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
            // An account needs a name with which its owner can sign in.
            fields.push((Field::Username, true));
        }
        Some(Self(fields))
    }

    /// Checks the values and returns the account to create, without its password. Values that are
    /// not in the form are dropped.
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
            (Field::Username, may_be_chosen as fn(&str) -> bool),
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

/// Whether people may choose this user name for themselves.
fn may_be_chosen(name: &str) -> bool {
    is_username(name) && is_plain(name)
}

/// Whether JavaScript treats a value as true.
fn is_truthy(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(value)) => *value,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(_) | Value::Object(_)) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_true_as_in_javascript() {
        assert!(!is_truthy(None));
        for value in [json!(null), json!(false), json!(0), json!("")] {
            assert!(!is_truthy(Some(&value)), "{value}");
        }
        for value in [json!(true), json!(1), json!("no"), json!([]), json!({})] {
            assert!(is_truthy(Some(&value)), "{value}");
        }
    }
}
