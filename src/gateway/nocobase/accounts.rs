//! Steps that change accounts in NocoBase. Bindings are not among NocoBase's calls: the gateway
//! writes their rows itself.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::client::NocoBase;
use super::departments::{Given, id_of, newest_since};
use super::error::CallError;
use crate::domain::directory::{self, NewAccount, Profile, StepError, StepOutcome};
use crate::domain::profile::Field;
use crate::domain::role;

/// Columns of the table `users` that a profile may not set as an additional column, because they
/// decide who somebody is and what they may do, or belong to NocoBase.
pub(super) const NOT_ADDED: [&str; 21] = [
    "id",
    "username",
    "nickname",
    "phone",
    "email",
    "password",
    "passwordChangeTz",
    "resetToken",
    "appLang",
    "systemSettings",
    "sort",
    "roles",
    "departments",
    "mainDepartment",
    "mainDepartmentId",
    "createdAt",
    "updatedAt",
    "createdBy",
    "createdById",
    "updatedBy",
    "updatedById",
];

/// Creates an account and binds it. A repeated attempt finds the account of the first one, so the
/// account is created once, and workflows that start on new accounts run once.
pub async fn create(
    nocobase: &NocoBase,
    given: &Given,
    authenticator: &str,
    new: &NewAccount,
) -> Result<StepOutcome, StepError> {
    let store = &nocobase.app().store;
    let bound = directory::account_of(store, authenticator, &new.binding).await?;
    if let Some(account) = bound {
        directory::bind(store, authenticator, account, &new.binding).await?;
        return Ok(StepOutcome::Made(account));
    }
    let made = match new.tried_at {
        Some(since) => made_since(nocobase, given, authenticator, new, since).await?,
        None => None,
    };
    let is_new = made.is_none();
    let account = if let Some(account) = made {
        account
    } else {
        let account = create_anew(nocobase, new).await?;
        given.claim([account]);
        account
    };
    match directory::bind(store, authenticator, account, &new.binding).await {
        Ok(()) => Ok(StepOutcome::Made(account)),
        Err(StepError::BoundToAnother) => {
            // The person has signed in meanwhile, which created and bound another account. The
            // account that was created here is unused, so it is deleted. One that was found may be
            // in use.
            if is_new {
                nocobase
                    .post_to("users:destroy", account, &json!({}))
                    .await?;
            }
            let bound = directory::account_of(store, authenticator, &new.binding).await?;
            bound
                .map(StepOutcome::Made)
                .ok_or(StepError::BoundToAnother)
        }
        Err(error) => Err(error),
    }
}

async fn create_anew(nocobase: &NocoBase, new: &NewAccount) -> Result<i64, StepError> {
    let mut values = values_of(&new.profile)?;
    let given: Vec<_> = new
        .roles
        .iter()
        .filter(|name| *name != role::ROOT)
        .cloned()
        .collect();
    let store = &nocobase.app().store;
    let roles = store
        .existing_roles(&given)
        .await
        .map_err(StepError::of_store)?;
    // NocoBase gives the default role when no role is named.
    if !roles.is_empty() {
        values.insert("roles".to_owned(), json!(roles));
    }
    match nocobase
        .post("users:create", &[], &Value::Object(values))
        .await
    {
        Ok(row) => Ok(id_of(&row).ok_or(CallError::Unreadable)?),
        Err(error) => Err(taken_or(nocobase, &new.profile, None, error).await),
    }
}

/// Finds the account that an earlier attempt created: it has this profile, was created by the
/// acting account since then, is not bound, and is recorded for nobody.
async fn made_since(
    nocobase: &NocoBase,
    given: &Given,
    authenticator: &str,
    new: &NewAccount,
    since: DateTime<Utc>,
) -> Result<Option<i64>, StepError> {
    let mut alike = values_of(&new.profile)?;
    alike.insert("createdById".to_owned(), nocobase.account().into());
    let found = newest_since(nocobase, "users:list", &Value::Object(alike), since).await?;
    let store = &nocobase.app().store;
    let recorded = store.mirrored_accounts(&found).await;
    let recorded = recorded.map_err(StepError::of_store)?;
    for id in found {
        if recorded.iter().any(|row| row.user_id == Some(id)) {
            continue;
        }
        let bound = store.binding_of_user(authenticator, id).await;
        let is_free = bound.map_err(StepError::of_store)?.is_none();
        if is_free && given.claim([id]).is_some() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Updates an account with the profile of its person.
pub async fn update(
    nocobase: &NocoBase,
    account: i64,
    profile: &Profile,
) -> Result<StepOutcome, StepError> {
    if profile.is_empty() {
        return Ok(StepOutcome::Done);
    }
    let values = Value::Object(values_of(profile)?);
    match change(nocobase, account, &values).await {
        Ok(()) => Ok(StepOutcome::Done),
        Err(Unchanged::Gone) => Err(StepError::Gone),
        Err(Unchanged::Call(error)) => Err(taken_or(nocobase, profile, Some(account), error).await),
    }
}

/// Makes a department the main department of an account.
pub async fn set_main_department(
    nocobase: &NocoBase,
    account: i64,
    department: i64,
) -> Result<StepOutcome, StepError> {
    change(nocobase, account, &json!({"mainDepartmentId": department})).await?;
    Ok(StepOutcome::Done)
}

/// Adds roles to those that an account has, or the default role if it has none and gets none.
pub async fn give_roles(
    nocobase: &NocoBase,
    account: i64,
    roles: &[String],
) -> Result<StepOutcome, StepError> {
    let store = &nocobase.app().store;
    let all = store.roles().await.map_err(StepError::of_store)?;
    let held = store.roles_of(account).await.map_err(StepError::of_store)?;
    let has = |name: &str| held.iter().any(|(role, _)| role.name == name);
    let names = all.iter().map(|role| role.name.as_str());
    let asked: Vec<_> = names
        .filter(|name| *name != role::ROOT && roles.iter().any(|asked| asked == name))
        .collect();
    let given: Vec<_> = if asked.is_empty() && held.is_empty() {
        let default = all.iter().find(|role| role.default == Some(true));
        default.into_iter().map(|role| role.name.as_str()).collect()
    } else {
        asked.into_iter().filter(|name| !has(name)).collect()
    };
    if given.is_empty() {
        return Ok(StepOutcome::Done);
    }
    let action = format!("users/{account}/roles:add");
    match nocobase.post(&action, &[], &json!(given)).await {
        Ok(_) => Ok(StepOutcome::Done),
        Err(error) if error.is_refusal() => {
            let user = store.user(account).await.map_err(StepError::of_store)?;
            Err(user.map_or(StepError::Gone, |_| error.into()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Why an account could not be changed.
pub enum Unchanged {
    /// The account does not exist.
    Gone,
    /// NocoBase did not change it.
    Call(CallError),
}

impl From<Unchanged> for StepError {
    fn from(unchanged: Unchanged) -> Self {
        match unchanged {
            Unchanged::Gone => Self::Gone,
            Unchanged::Call(error) => error.into(),
        }
    }
}

/// Sets these values of an account.
pub async fn change(nocobase: &NocoBase, account: i64, values: &Value) -> Result<(), Unchanged> {
    let changed = nocobase.post_to("users:update", account, values);
    let changed = changed.await.map_err(Unchanged::Call)?;
    // NocoBase answers with the changed rows; the list is empty when the account does not exist.
    match changed.as_array().map(Vec::is_empty) {
        Some(false) => Ok(()),
        Some(true) => Err(Unchanged::Gone),
        None => Err(Unchanged::Call(CallError::Unreadable)),
    }
}

pub(super) fn values_of(profile: &Profile) -> Result<Map<String, Value>, StepError> {
    let fields = [
        (Field::Nickname, &profile.nickname),
        (Field::Phone, &profile.phone),
        (Field::Email, &profile.email),
    ];
    let mut values = Map::new();
    for (field, value) in fields {
        if let Some(value) = value {
            values.insert(field.name().to_owned(), value.as_str().into());
        }
    }
    for (name, value) in &profile.columns {
        let is_plain = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_plain || NOT_ADDED.contains(&name.as_str()) {
            let refused = "no administrator has added this column";
            return Err(StepError::Refused(refused.to_owned()));
        }
        values.insert(name.clone(), value.as_str().into());
    }
    Ok(values)
}

/// Finds out why NocoBase refused a profile: the phone number or email may belong to another
/// account. Otherwise the refusal is returned as it is.
async fn taken_or(
    nocobase: &NocoBase,
    profile: &Profile,
    for_account: Option<i64>,
    error: CallError,
) -> StepError {
    if !error.is_refusal() {
        return error.into();
    }
    let store = &nocobase.app().store;
    if let Some(phone) = &profile.phone {
        match store.phone_is_taken(phone, for_account).await {
            Ok(true) => return StepError::Taken(Field::Phone),
            Ok(false) => {}
            Err(error) => return StepError::of_store(error),
        }
    }
    if let Some(email) = &profile.email {
        match store.email_is_taken(email, for_account).await {
            Ok(true) => return StepError::Taken(Field::Email),
            Ok(false) => {}
            Err(error) => return StepError::of_store(error),
        }
    }
    error.into()
}
