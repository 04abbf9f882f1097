//! Pages of rows.

use sea_orm::sea_query::Order;
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, Iterable, PaginatorTrait, PrimaryKeyToColumn,
    QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::{Filter, Listed, QueryError};
use crate::store::{Connection, Store, StoreError};

/// What a list is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// Which rows.
    pub filter: Option<Filter>,
    /// In which order; then by key.
    pub sort: Vec<Sort>,
    /// Which part of them; all without one.
    pub page: Option<Page>,
}

/// One column to sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// Name of the column.
    pub column: String,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Which, from 1.
    pub number: u64,
    /// Rows on each.
    pub size: u64,
}

/// Rows, and how many there are on all pages.
#[derive(Clone, Debug)]
pub struct Found<M> {
    /// The rows of the page.
    pub rows: Vec<M>,
    /// Rows on all pages.
    pub count: u64,
}

impl<C: Connection> Store<C> {
    /// The rows that a listing asks for.
    pub async fn list<E>(&self, listing: &Listing) -> Result<Found<E::Model>, QueryError>
    where
        E: Listed,
        E::Model: FromQueryResult + Sized + Send + Sync,
    {
        let backend = self.connection.get_database_backend();
        let mut select = E::rows(backend);
        if let Some(filter) = &listing.filter {
            select = select.filter(filter.condition::<E>(backend)?);
        }
        let count = select
            .clone()
            .count(&self.connection)
            .await
            .map_err(StoreError::from)?;
        for sort in &listing.sort {
            let column = E::column(&sort.column).ok_or(QueryError::UnknownColumn)?;
            select = select.order_by(
                column,
                if sort.descending {
                    Order::Desc
                } else {
                    Order::Asc
                },
            );
        }
        select = by_key(select);
        let rows = paged(select, listing.page)
            .all(&self.connection)
            .await
            .map_err(StoreError::from)?;
        Ok(Found { rows, count })
    }
}

/// Leaves out the rows of other pages.
pub fn paged<E: EntityTrait>(select: Select<E>, page: Option<Page>) -> Select<E> {
    let Some(page) = page else { return select };
    let skipped = page.number.saturating_sub(1).saturating_mul(page.size);
    // Databases take signed numbers.
    let most = i64::MAX.unsigned_abs();
    select.offset(skipped.min(most)).limit(page.size.min(most))
}

/// Rows that are otherwise equal come in the order of their keys, so that pages never overlap.
fn by_key<E: EntityTrait>(select: Select<E>) -> Select<E> {
    E::PrimaryKey::iter().fold(select, |select, key| select.order_by_asc(key.into_column()))
}
