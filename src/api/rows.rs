//! Reading tables, for all resources alike.

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::Value;

use super::{ApiError, Call, envelope};
use crate::store::query::{Filter, Listed, Listing, Operator};

/// `list`: the rows of `E` that the request asks for, in the shape `S`.
pub async fn list<E, S>(call: &Call) -> Result<HttpResponse, ApiError>
where
    E: Listed,
    E::Model: Send + Sync,
    S: From<E::Model> + Serialize,
{
    let listing = call.query.listing()?;
    let found = call.app.store.list::<E>(&listing).await?;
    let rows = found.rows.into_iter().map(S::from);
    let rows = call.query.selection().of_all::<E, S>(rows)?;
    Ok(envelope::page(rows, found.count, listing.page))
}

/// `get`: the row with the key that is asked for, else the first that the filter finds, else null.
pub async fn get<E, S>(call: &Call) -> Result<HttpResponse, ApiError>
where
    E: Listed,
    E::Model: Send + Sync,
    S: From<E::Model> + Serialize,
{
    match first::<E>(call).await? {
        Some(row) => Ok(envelope::data(
            call.query.selection().of::<E, S>(&S::from(row))?,
        )),
        None => Ok(envelope::data(Value::Null)),
    }
}

/// The row that a `get` means.
pub async fn first<E>(call: &Call) -> Result<Option<E::Model>, ApiError>
where
    E: Listed,
    E::Model: Send + Sync,
{
    let mut listing = call.query.listing()?;
    if let Some(key) = call.keys().into_iter().next() {
        let Some(filter) = by_key::<E>(key) else {
            return Ok(None);
        };
        listing = Listing {
            filter: Some(filter),
            ..Listing::default()
        };
    }
    Ok(call
        .app
        .store
        .list::<E>(&listing)
        .await?
        .rows
        .into_iter()
        .next())
}

/// The filter for a key; nothing when no row can have it.
fn by_key<E: Listed>(key: String) -> Option<Filter> {
    let column = E::key_column()?;
    // Such a text is the key of no row whose keys are numbers.
    if E::has_number_keys() && key.parse::<i64>().is_err() {
        return None;
    }
    Some(Filter::Is {
        column,
        operator: Operator::Equal,
        value: Value::String(key),
    })
}
