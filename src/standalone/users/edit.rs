//! Creating, changing and removing accounts.

use actix_web::HttpResponse;
use serde_json::Value;

use super::list::Changed;
use crate::domain::account::{self, AccountEdit};
use crate::domain::audit::Action;
use crate::domain::profile::Field;
use crate::edge::audit::About;
use crate::edge::shape::{User, UserWithRoles};
use crate::edge::text::Text;
use crate::edge::{ApiError, Call, envelope};

/// `users:create`.
pub async fn create(call: Call) -> Result<HttpResponse, ApiError> {
    let change = change(&call)?;
    let with_roles = change.roles.is_some();
    let user = account::create(&call.app.store, change, call.administrator()?).await?;
    let held = call.app.store.roles_of(user.id).await?;
    Ok(envelope::data(if with_roles {
        Changed::WithRoles(UserWithRoles::new(&user, &held))
    } else {
        Changed::Plain(User::from(&user))
    }))
}

/// `users:update`.
pub async fn update(call: Call) -> Result<HttpResponse, ApiError> {
    let ids = call.key_numbers(ApiError::NothingToUpdate)?;
    let change = change(&call)?;
    let updated = account::update(&call.app.store, &ids, &change, call.administrator()?).await;
    let updated = updated.map_err(ApiError::from);
    if change.password.is_some() {
        for id in &ids {
            let about = About::user(*id);
            call.record_outcome(Action::PasswordChange, &updated, about)
                .await;
        }
    }
    let users = updated?;
    let changed: Vec<_> = users.iter().map(|user| user.id).collect();
    let held = call.app.store.roles_of_each(&changed).await?;
    let none = Vec::new();
    let shown = users.iter().map(|user| match change.roles {
        Some(_) => {
            let held = held.get(&user.id).unwrap_or(&none);
            Changed::WithRoles(UserWithRoles::new(user, held))
        }
        None => Changed::Plain(User::from(user)),
    });
    Ok(envelope::data(shown.collect::<Vec<_>>()))
}

/// `users:destroy`. Whoever had a binding can no longer sign in by it, which is recorded as when it alone is
/// removed.
pub async fn destroy(call: Call) -> Result<HttpResponse, ApiError> {
    let ids = call.key_numbers(ApiError::NothingToDestroy)?;
    let by = call.administrator()?;
    let removed = account::destroy(&call.app.store, &ids, by).await?;
    for (id, authenticator) in &removed.bindings {
        log::info!(
            "account {} removed the binding of account {id} at {authenticator}, with the account",
            by.id
        );
        let about = About::user(*id).at(authenticator);
        call.record(Action::Unbind, about).await;
    }
    Ok(envelope::data(removed.accounts))
}

/// Validates the body. Unknown keys are ignored.
fn change(call: &Call) -> Result<AccountEdit, ApiError> {
    let body = &call.body;
    let mut change = AccountEdit::default();
    for field in Field::ALL {
        if let Some(value) = body.get(field.name()) {
            // An empty value counts as missing, so that two accounts without a value do not
            // conflict.
            let value = Text::of(value)?.filter(|text| !text.is_empty());
            change.fields.push((field, value));
        }
    }
    if let Some(language) = body.get("appLang") {
        change.app_lang = Some(Text::of(language)?);
    }
    if let Some(password) = body.get("password") {
        change.password = Text::of(password)?;
    }
    if let Some(roles) = body.get("roles") {
        change.roles = Some(role_names(roles)?);
    }
    Ok(change)
}

/// Role names from `["admin"]` or `[{"name": "admin"}]`.
pub(super) fn role_names(value: &Value) -> Result<Vec<String>, ApiError> {
    let items = value.as_array().ok_or(ApiError::BodyWrongType)?;
    let name = |item: &Value| {
        let name = item
            .as_str()
            .or_else(|| item.get("name").and_then(Value::as_str));
        name.map(str::to_owned).ok_or(ApiError::BodyWrongType)
    };
    items.iter().map(name).collect()
}
