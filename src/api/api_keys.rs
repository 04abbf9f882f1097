//! `apiKeys:*` — tokens for programs, each with one role of whoever made it.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use entity::api_key;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::shape::date;
use super::text::Text;
use super::{ApiError, Call, envelope};
use crate::domain::api_key::{self as api_keys, NewKey};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form {
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

/// `apiKeys:create`: the one time that the token is shown.
pub async fn create(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = call.caller()?;
    let form: Form = call.body.parse()?;
    let key = NewKey {
        name: form.name.map(Text::into_column).transpose()?,
        role: form.role.map(|role| role.name.into_string()),
        expires_in: form.expires_in,
    };
    let app = &call.app;
    // Who acts by a key has its role alone, and gives no other.
    let roles: Vec<_> = caller
        .roles
        .iter()
        .filter(|(role, _)| caller.claims.role_name.is_none() || role.name == caller.role.name)
        .cloned()
        .collect();
    let token = api_keys::create(&app.store, &app.sessions, caller.user.id, &roles, key);
    let token = token.await?;
    Ok(envelope::data(Created { token: &token }))
}

/// A key without its token.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Key<'a> {
    id: i64,
    #[serde(serialize_with = "date")]
    created_at: DateTime<Utc>,
    name: Option<&'a str>,
    role_name: Option<&'a str>,
    expires_in: Option<&'a str>,
    created_by_id: Option<i64>,
}

impl<'a> From<&'a api_key::Model> for Key<'a> {
    fn from(row: &'a api_key::Model) -> Self {
        Self {
            id: row.id,
            created_at: row.created_at,
            name: row.name.as_deref(),
            role_name: row.role_name.as_deref(),
            expires_in: row.expires_in.as_deref(),
            created_by_id: row.created_by_id,
        }
    }
}

/// Keys on a page unless the request says otherwise.
const PAGE_SIZE: usize = 20;

/// `apiKeys:list`: those of the caller.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = call.caller()?;
    let rows = call.app.store.api_keys_of(caller.user.id).await?;
    let number = |name| call.query.get(name).and_then(|text| text.parse().ok());
    let page: usize = number("page").filter(|page| *page > 0).unwrap_or(1);
    let size: usize = number("pageSize").unwrap_or(PAGE_SIZE).max(1);
    let first = (page - 1).saturating_mul(size);
    let shown: Vec<_> = rows.iter().skip(first).take(size).map(Key::from).collect();
    let meta = json!({
        "count": rows.len(),
        "page": page,
        "pageSize": size,
        "totalPage": rows.len().div_ceil(size),
    });
    Ok(envelope::data_with_meta(shown, meta))
}

/// `apiKeys:destroy`: the key is gone and its token good for nothing. Answers how many there were.
pub async fn destroy(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = call.caller()?;
    let ids = call.key_numbers("to do destroy action, filter or filterByTk is required")?;
    let app = &call.app;
    let mut destroyed = 0;
    for id in ids {
        let gone = api_keys::destroy(&app.store, &app.sessions, caller.user.id, id).await?;
        destroyed += u64::from(gone);
    }
    Ok(envelope::data(destroyed))
}
