//! Reading rows of tables, for all resources alike.

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::Value;

use super::allowed_actions::AllowedActions;
use super::appends::Authors;
use super::{ApiError, Call, envelope};
use crate::store::query::{Filter, Listed, Listing, Operator};

/// Answers `list`: the rows of `E` that the request asks for, in the shape `S`.
pub async fn list<E, S>(call: &Call) -> Result<HttpResponse, ApiError>
where
    E: Listed,
    E::Model: Send + Sync,
    S: From<E::Model> + Serialize,
{
    list_as::<E, S>(call, S::from).await
}

/// Like [`list`], for a shape that needs more than the row.
pub async fn list_as<E, S>(
    call: &Call,
    shape: impl Fn(E::Model) -> S,
) -> Result<HttpResponse, ApiError>
where
    E: Listed,
    E::Model: Send + Sync,
    S: Serialize,
{
    let listing = call.query.listing()?;
    let found = call.app.store.list::<E>(&listing).await?;
    page::<E, S>(
        call,
        &listing,
        found.rows.into_iter().map(shape),
        found.count,
    )
    .await
}

/// The answer to a `list`: these rows of `E` of all that match the listing, with what the caller
/// may do with each.
pub async fn page<E: Listed, S: Serialize>(
    call: &Call,
    listing: &Listing,
    rows: impl IntoIterator<Item = S>,
    count: u64,
) -> Result<HttpResponse, ApiError> {
    let rows = whole(rows)?;
    let allowed = AllowedActions::of::<E>(call, &rows)?;
    let sent = sent::<E>(call, &rows).await?;
    Ok(envelope::page_with_actions(
        sent,
        count,
        listing.page,
        allowed.as_ref(),
    ))
}

/// Rows with all their columns, whatever the request selects.
pub fn whole<S: Serialize>(rows: impl IntoIterator<Item = S>) -> Result<Vec<Value>, ApiError> {
    let rows = rows.into_iter().map(serde_json::to_value);
    rows.collect::<Result<_, _>>().map_err(ApiError::internal)
}

/// The parts of rows that are sent: the keys that the request selects, and its appended
/// associations.
pub async fn sent<E: Listed>(call: &Call, rows: &[Value]) -> Result<Vec<Value>, ApiError> {
    let authors = Authors::of(call, rows).await?;
    let selection = call.query.selection();
    let mut all = Vec::new();
    for row in rows {
        let mut sent = selection.of::<E, _>(row)?;
        authors.add_to(&mut sent, row);
        all.push(sent);
    }
    Ok(all)
}

/// Answers `get`: the row with the requested key, else the first that matches the filter, else
/// null.
pub async fn get<E, S>(call: &Call) -> Result<HttpResponse, ApiError>
where
    E: Listed,
    E::Model: Send + Sync,
    S: From<E::Model> + Serialize,
{
    get_as::<E, S>(call, S::from).await
}

/// Like [`get`], for a shape that needs more than the row.
pub async fn get_as<E, S>(
    call: &Call,
    shape: impl Fn(E::Model) -> S,
) -> Result<HttpResponse, ApiError>
where
    E: Listed,
    E::Model: Send + Sync,
    S: Serialize,
{
    let rows = whole(first::<E>(call).await?.map(shape))?;
    let allowed = AllowedActions::of::<E>(call, &rows)?;
    let row = sent::<E>(call, &rows).await?.pop();
    Ok(envelope::row(row.unwrap_or_default(), allowed.as_ref()))
}

/// The row that a `get` asks for.
pub async fn first<E>(call: &Call) -> Result<Option<E::Model>, ApiError>
where
    E: Listed,
    E::Model: Send + Sync,
{
    let Some(listing) = listing_of_one::<E>(call)? else {
        return Ok(None);
    };
    let found = call.app.store.list::<E>(&listing).await?;
    Ok(found.rows.into_iter().next())
}

/// The listing whose first row a `get` asks for; none when no row can have the requested key.
pub fn listing_of_one<E: Listed>(call: &Call) -> Result<Option<Listing>, ApiError> {
    let Some(key) = call.keys().into_iter().next() else {
        return Ok(Some(call.query.listing()?));
    };
    // A key of several columns cannot be given as one value.
    if E::key_column().is_none() {
        return Err(ApiError::InvalidReference);
    }
    Ok(by_key::<E>(key).map(|filter| Listing {
        filter: Some(filter),
        ..Listing::default()
    }))
}

/// The filter for a key; none when no row can have it.
fn by_key<E: Listed>(key: String) -> Option<Filter> {
    let column = E::key_column()?;
    // In a table with integer keys no row has a key that is not an integer.
    if E::has_number_keys() && key.parse::<i64>().is_err() {
        return None;
    }
    Some(Filter::Is {
        column,
        operator: Operator::Equal,
        value: Value::String(key),
    })
}
