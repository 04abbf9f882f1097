//! `apiKeys:*`: tokens for programs, each with one role of its owner.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use entity::api_key;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::api_key::{self as api_keys, NewKey};
use crate::edge::access::Caller;
use crate::edge::allowed_actions::AllowedActions;
use crate::edge::shape::{Role, date};
use crate::edge::text::Text;
use crate::edge::{ApiError, Call, envelope, rows};
use crate::store::query::{Filter, Operator};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyForm {
    name: Option<Text>,
    role: Option<RoleName>,
    expires_in: Option<Value>,
}

#[derive(Deserialize)]
struct RoleName {
    name: Text,
}

#[derive(Serialize)]
struct Created<'a> {
    token: &'a str,
}

/// The role of the API key that the caller uses; none for a person.
fn role_of_key(caller: &Caller) -> Option<&str> {
    caller.claims.role_name.as_deref()
}

/// `apiKeys:create`: creates a key and shows its token, which is never shown again.
pub async fn create(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = call.caller()?;
    let app = &call.app;
    let form: KeyForm = call.body.parse()?;
    // A caller who uses an API key has only its role and its time, and can give no more.
    let end = role_of_key(caller).and(caller.claims.exp);
    let end = end.and_then(|end| DateTime::from_timestamp(end, 0));
    let key = NewKey {
        name: form.name.map(Text::into_column).transpose()?,
        role: form.role.map(|role| role.name.into_string()),
        expires_in: form.expires_in,
        longest: end.map(|end| end - app.clock.now()),
    };
    let roles: Vec<_> = caller
        .roles
        .iter()
        .filter(|(role, _)| role_of_key(caller).is_none() || role.name == caller.role.name())
        .cloned()
        .collect();
    let token = api_keys::create(&app.store, &app.sessions, caller.user.id, &roles, key);
    let token = token.await?;
    Ok(envelope::data(Created { token: &token }))
}

/// A key without its token.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Key {
    id: i64,
    #[serde(serialize_with = "date")]
    created_at: DateTime<Utc>,
    name: Option<String>,
    role_name: Option<String>,
    expires_in: Option<String>,
    created_by_id: Option<i64>,
}

impl From<api_key::Model> for Key {
    fn from(row: api_key::Model) -> Self {
        Self {
            id: row.id,
            created_at: row.created_at,
            name: row.name,
            role_name: row.role_name,
            expires_in: row.expires_in,
            created_by_id: row.created_by_id,
        }
    }
}

/// The keys that the caller sees: their own, and of these a program sees only those of the role of its key.
fn visible(caller: &Caller) -> Vec<Filter> {
    let equals = |column: &str, value: Value| Filter::Is {
        column: column.to_owned(),
        operator: Operator::Equal,
        value,
    };
    let mut conditions = vec![equals("createdById", Value::from(caller.user.id))];
    conditions.extend(role_of_key(caller).map(|role| equals("roleName", Value::from(role))));
    conditions
}

/// `apiKeys:list`: the keys of the caller, with their roles when the request appends them.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = call.caller()?;
    let mut listing = call.query.listing()?;
    // The request's conditions come last, so that they are asked of these rows alone.
    let conditions = visible(caller).into_iter().chain(listing.filter);
    listing.filter = Some(Filter::All(conditions.collect()));
    let found = call.app.store.list::<api_key::Entity>(&listing).await?;
    let rows = rows::whole(found.rows.into_iter().map(Key::from))?;
    let mut sent = rows::sent::<api_key::Entity>(&call, &rows).await?;
    if call.query.words("appends").contains(&"role") {
        for (sent, row) in sent.iter_mut().zip(&rows) {
            let name = row.get("roleName").and_then(Value::as_str);
            let role = caller
                .roles
                .iter()
                .find(|(role, _)| Some(role.name.as_str()) == name);
            let role = serde_json::to_value(role.map(|(role, _)| Role::from(role.as_ref())));
            if let Some(sent) = sent.as_object_mut() {
                sent.insert("role".to_owned(), role.map_err(ApiError::internal)?);
            }
        }
    }
    let allowed = AllowedActions::of::<api_key::Entity>(&call, &rows)?;
    Ok(envelope::page_with_actions(
        sent,
        found.count,
        listing.page,
        allowed.as_ref(),
    ))
}

/// `apiKeys:destroy`: removes a key and blocks its token. Answers how many keys were removed.
pub async fn destroy(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = call.caller()?;
    let ids = call.key_numbers(ApiError::NothingToDestroy)?;
    let app = &call.app;
    let role = role_of_key(caller);
    let mut destroyed = 0;
    for id in ids {
        let gone = api_keys::destroy(&app.store, &app.sessions, caller.user.id, role, id);
        destroyed += u64::from(gone.await?);
    }
    Ok(envelope::data(destroyed))
}
