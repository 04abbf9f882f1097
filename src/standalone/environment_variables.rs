//! `environmentVariables:*`: variables and secrets that options use as `{{ $env.NAME }}`.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use entity::environment_variable::{Entity, Model};
use serde::Serialize;
use serde_json::{Value, json};

use super::authenticators::author;
use crate::domain::authenticator;
use crate::domain::environment::{self, VariableEdit, VariableError, VariableKind};
use crate::edge::error::Problem;
use crate::edge::shape::date;
use crate::edge::{ApiError, Call, envelope, rows};
use crate::store::fits_string_column;
use crate::store::query::{Filter, Listing, Operator, Sort};

/// A variable. The value of a secret is never sent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Variable {
    #[serde(serialize_with = "date")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "date")]
    updated_at: DateTime<Utc>,
    name: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    value: Option<String>,
}

impl From<Model> for Variable {
    fn from(row: Model) -> Self {
        let is_secret = VariableKind::of(row.kind.as_deref()) == VariableKind::Secret;
        Self {
            created_at: row.created_at,
            updated_at: row.updated_at,
            name: row.name,
            kind: row.kind,
            value: row.value.filter(|_| !is_secret),
        }
    }
}

/// `environmentVariables:list`: all variables that match the filter, by name. `updated` would tell
/// NocoBase's page that a restart is due, which is never the case here.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    let listing = Listing {
        filter: call.query.listing()?.filter.map(plain_values_only),
        sort: vec![Sort {
            column: "name".to_owned(),
            descending: false,
        }],
        page: None,
    };
    let found = call.app.store.list::<Entity>(&listing).await?;
    let rows = found.rows.into_iter().map(Variable::from);
    Ok(envelope::data_with_meta(
        rows.collect::<Vec<_>>(),
        json!({"updated": false}),
    ))
}

/// `environmentVariables:get`.
pub async fn get(call: Call) -> Result<HttpResponse, ApiError> {
    let mut listing = rows::listing_of_one::<Entity>(&call)?.unwrap_or_default();
    listing.filter = listing.filter.map(plain_values_only);
    let found = call.app.store.list::<Entity>(&listing).await?;
    let row = found.rows.into_iter().next().map(Variable::from);
    let row = row.map(|row| call.query.selection().of::<Entity, _>(&row));
    Ok(envelope::data(row.transpose()?))
}

/// Restricts a filter that compares values to variables whose values the caller may read.
fn plain_values_only(filter: Filter) -> Filter {
    if !filter.mentions("value") {
        return filter;
    }
    Filter::All(vec![
        filter,
        Filter::Is {
            column: "type".to_owned(),
            operator: Operator::Equal,
            value: Value::from(VariableKind::Default.word()),
        },
    ])
}

/// `environmentVariables:create`.
pub async fn create(call: Call) -> Result<HttpResponse, ApiError> {
    let change = change(&call)?;
    let name = match call.body.get("name") {
        None | Some(Value::Null) => return Err(ApiError::invalid("name", Problem::NULL)),
        Some(Value::String(name)) if fits_string_column(name) => name,
        Some(_) => return Err(ApiError::InvalidVariableName),
    };
    check_power(&call, std::slice::from_ref(name)).await?;
    let app = &call.app;
    let row = environment::create(&app.store, &app.vault, name, change).await?;
    Ok(envelope::data(Variable::from(row)))
}

/// `environmentVariables:update`. The name cannot be changed.
pub async fn update(call: Call) -> Result<HttpResponse, ApiError> {
    let names = names(&call, ApiError::NothingToUpdate)?;
    let change = change(&call)?;
    check_power(&call, &names).await?;
    let app = &call.app;
    let rows = environment::update(&app.store, &app.vault, &names, &change).await?;
    let rows = rows.into_iter().map(Variable::from);
    Ok(envelope::data(rows.collect::<Vec<_>>()))
}

/// `environmentVariables:destroy`.
pub async fn destroy(call: Call) -> Result<HttpResponse, ApiError> {
    let names = names(&call, ApiError::NothingToDestroy)?;
    let destroyed = environment::destroy(&call.app.store, &names).await?;
    Ok(envelope::data(destroyed))
}

/// Refuses variables that lead an authenticator to other people, from callers who may not give them
/// the accounts that they would get. A variable that is removed leads to nobody.
async fn check_power(call: &Call, names: &[String]) -> Result<(), ApiError> {
    let author = author(call)?;
    let app = &call.app;
    Ok(authenticator::check_variables(&app.store, &app.providers, names, author).await?)
}

/// Bytes of a value. MariaDB's `text` holds 65535, and encrypted it is twice as long.
const LONGEST_VALUE: usize = 30_000;

/// What the body asks for. Unknown keys are dropped.
fn change(call: &Call) -> Result<VariableEdit, ApiError> {
    let kind = match call.body.get("type") {
        None | Some(Value::Null) => None,
        Some(Value::String(word)) if word == VariableKind::Secret.word() => {
            Some(VariableKind::Secret)
        }
        Some(Value::String(word)) if word == VariableKind::Default.word() => {
            Some(VariableKind::Default)
        }
        Some(_) => return Err(ApiError::invalid("type", Problem::WRONG)),
    };
    // A secret is listed without its value, so null is no value to set.
    let value = match call.body.get("value") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.len() <= LONGEST_VALUE && !text.contains('\0') => {
            Some(text.clone())
        }
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(_) => return Err(ApiError::invalid("value", Problem::WRONG)),
    };
    Ok(VariableEdit { kind, value })
}

fn names(call: &Call, without: ApiError) -> Result<Vec<String>, ApiError> {
    let names = call.keys();
    if names.is_empty() {
        return Err(without);
    }
    Ok(names)
}

impl From<VariableError> for ApiError {
    fn from(error: VariableError) -> Self {
        match error {
            VariableError::Name => Self::InvalidVariableName,
            VariableError::Taken => ApiError::invalid("name", Problem::TAKEN),
            VariableError::NoValue => ApiError::invalid("value", Problem::NULL),
            VariableError::Vault(error) => Self::internal(error),
            VariableError::Store(error) => error.into(),
        }
    }
}
