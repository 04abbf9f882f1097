//! Accounts of NocoBase. Bindings are rows that the gateway keeps itself.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::client::NocoBase;
use super::departments::{CLOCKS, id_of, newest};
use super::error::CallError;
use crate::domain::directory::{self, NewAccount, Outcome, Profile, StepError};
use crate::domain::profile::Field;
use crate::domain::role;

/// Columns of accounts that a profile does not write under their names: they say who somebody is and what
/// they may do.
const NOT_ADDED: [&str; 21] = [
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

/// Makes an account and binds it, once: workflows that a new account starts are started once.
pub async fn create(
    nocobase: &NocoBase,
    authenticator: &str,
    new: &NewAccount,
) -> Result<Outcome, StepError> {
    let store = &nocobase.app().store;
    let bound = directory::account_of(store, authenticator, &new.binding).await?;
    if let Some(account) = bound {
        directory::bind(store, authenticator, account, &new.binding).await?;
        return Ok(Outcome::Made(account));
    }
    let made = match new.tried_at {
        Some(since) => made_since(nocobase, authenticator, new, since).await?,
        None => None,
    };
    let account = match made {
        Some(account) => account,
        None => create_anew(nocobase, new).await?,
    };
    match directory::bind(store, authenticator, account, &new.binding).await {
        Ok(()) => Ok(Outcome::Made(account)),
        Err(StepError::BoundToAnother) => {
            // The person has signed in meanwhile, and has an account by that. The one that was made for
            // them a moment ago is nobody's.
            nocobase
                .post_to("users:destroy", account, &json!({}))
                .await?;
            let bound = directory::account_of(store, authenticator, &new.binding).await?;
            bound.map(Outcome::Made).ok_or(StepError::BoundToAnother)
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
    // Without any, NocoBase gives the default one.
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

/// The account that an earlier try has made: with this profile, since then, in our name and bound to nobody.
async fn made_since(
    nocobase: &NocoBase,
    authenticator: &str,
    new: &NewAccount,
    since: DateTime<Utc>,
) -> Result<Option<i64>, StepError> {
    let mut alike = values_of(&new.profile)?;
    alike.insert("createdById".to_owned(), nocobase.account().into());
    let rows = newest(nocobase, "users:list", &Value::Object(alike)).await?;
    for (id, at) in rows {
        if at.is_none_or(|at| at < since - CLOCKS) {
            continue;
        }
        let bound = nocobase
            .app()
            .store
            .binding_of_user(authenticator, id)
            .await;
        if bound.map_err(StepError::of_store)?.is_none() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Changes what an account says about its person.
pub async fn update(
    nocobase: &NocoBase,
    account: i64,
    profile: &Profile,
) -> Result<Outcome, StepError> {
    if profile.is_empty() {
        return Ok(Outcome::Done);
    }
    let values = Value::Object(values_of(profile)?);
    match change(nocobase, account, &values).await {
        Ok(()) => Ok(Outcome::Done),
        Err(Unchanged::Gone) => Err(StepError::Gone),
        Err(Unchanged::Call(error)) => Err(taken_or(nocobase, profile, Some(account), error).await),
    }
}

/// Makes one of somebody's departments their main one.
pub async fn set_main_department(
    nocobase: &NocoBase,
    account: i64,
    department: i64,
) -> Result<Outcome, StepError> {
    change(nocobase, account, &json!({"mainDepartmentId": department})).await?;
    Ok(Outcome::Done)
}

/// Gives an account roles beside those that it has, or the default role if it has none.
pub async fn give_roles(
    nocobase: &NocoBase,
    account: i64,
    roles: &[String],
) -> Result<Outcome, StepError> {
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
        return Ok(Outcome::Done);
    }
    let action = format!("users/{account}/roles:add");
    match nocobase.post(&action, &[], &json!(given)).await {
        Ok(_) => Ok(Outcome::Done),
        Err(error) if error.is_refusal() => {
            let user = store.user(account).await.map_err(StepError::of_store)?;
            Err(user.map_or(StepError::Gone, |_| error.into()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Why an account was not changed.
pub enum Unchanged {
    /// There is no such account.
    Gone,
    /// NocoBase did not do it.
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

/// Changes an account.
pub async fn change(nocobase: &NocoBase, account: i64, values: &Value) -> Result<(), Unchanged> {
    let changed = nocobase.post_to("users:update", account, values);
    let changed = changed.await.map_err(Unchanged::Call)?;
    // NocoBase gives the rows that it has changed, and says nothing of one that it did not find.
    match changed.as_array().map(Vec::is_empty) {
        Some(false) => Ok(()),
        Some(true) => Err(Unchanged::Gone),
        None => Err(Unchanged::Call(CallError::Unreadable)),
    }
}

fn values_of(profile: &Profile) -> Result<Map<String, Value>, StepError> {
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
            let refused = "the column is none that an administrator has added";
            return Err(StepError::Refused(refused.to_owned()));
        }
        values.insert(name.clone(), value.as_str().into());
    }
    Ok(values)
}

/// What is wrong with a profile that NocoBase refuses.
async fn taken_or(
    nocobase: &NocoBase,
    profile: &Profile,
    own: Option<i64>,
    error: CallError,
) -> StepError {
    if !error.is_refusal() {
        return error.into();
    }
    let store = &nocobase.app().store;
    if let Some(phone) = &profile.phone {
        match store.phone_is_taken(phone, own).await {
            Ok(true) => return StepError::Taken(Field::Phone),
            Ok(false) => {}
            Err(error) => return StepError::of_store(error),
        }
    }
    if let Some(email) = &profile.email {
        match store.email_is_taken(email, own).await {
            Ok(true) => return StepError::Taken(Field::Email),
            Ok(false) => {}
            Err(error) => return StepError::of_store(error),
        }
    }
    error.into()
}
