//! Pages of rows.

use sea_orm::sea_query::{Asterisk, Expr, Func, Order, Query};
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, IntoSimpleExpr, Iterable, PrimaryKeyToColumn,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::{Filter, Listed, QueryError};
use crate::store::cache::Counted;
use crate::store::{Store, StoreError};

/// The parameters of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// The condition that rows must meet.
    pub filter: Option<Filter>,
    /// The order, before the key decides.
    pub sort: Vec<Sort>,
    /// The page; without one, all rows.
    pub page: Option<Page>,
}

/// A column to sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// Name of the column.
    pub column: String,
    /// Whether the greatest value comes first.
    pub descending: bool,
}

/// How many rows one answer has at most. Larger lists must be read in pages, because otherwise the
/// server's memory would have to grow with its tables.
pub const MOST_ROWS: u64 = 10_000;

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The number of the page, from 1.
    pub number: u64,
    /// The number of rows on each page.
    pub size: u64,
}

impl Page {
    /// How many rows are before the page. The library panics over numbers that are no `i64`.
    pub(in crate::store) fn skipped(self) -> u64 {
        let before = self.number.saturating_sub(1).saturating_mul(self.size);
        before.min(i64::MAX.unsigned_abs())
    }
}

/// How the number of rows is found when a list has no filter.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) enum Total<'a> {
    /// The database counts them.
    Counted,
    /// They are all rows of a table whose number is kept in memory.
    Table(Counted),
    /// They are the accounts bound at this authenticator, whose number is kept when it is large.
    BoundAt(&'a str),
}

/// The rows of a page, and the number of rows on all pages.
#[derive(Clone, Debug)]
pub struct Found<M> {
    /// The rows of the page.
    pub rows: Vec<M>,
    /// The number of rows on all pages.
    pub count: u64,
}

impl Store {
    /// The rows that a listing asks for.
    pub async fn list<E>(&self, listing: &Listing) -> Result<Found<E::Model>, QueryError>
    where
        E: Listed,
        E::Model: FromQueryResult + Sized + Send + Sync,
    {
        let backend = self.connection.get_database_backend();
        let keys = E::PrimaryKey::iter().map(|key| key.into_column().into_simple_expr());
        let rows = E::rows(backend);
        let total = E::counted().map_or(Total::Counted, Total::Table);
        self.list_of(rows, listing, keys.collect(), total).await
    }

    /// Those of these rows that a listing asks for; the database filters, counts, sorts and cuts
    /// them into pages. `keys` identify a row, and `total` tells how many rows there are without a
    /// filter.
    pub(in crate::store) async fn list_of<E>(
        &self,
        rows: Select<E>,
        listing: &Listing,
        keys: Vec<Expr>,
        total: Total<'_>,
    ) -> Result<Found<E::Model>, QueryError>
    where
        E: Listed,
        E::Model: FromQueryResult + Sized + Send + Sync,
    {
        let backend = self.connection.get_database_backend();
        let mut select = rows;
        let mut total = total;
        if let Some(filter) = listing.filter.as_ref().filter(|filter| !filter.is_empty()) {
            select = select.filter(filter.condition::<E>(backend)?);
            total = Total::Counted;
        }
        let most = E::COUNTED_UP_TO.filter(|_| listing.page.is_some());
        let (count, may_be_more) = match (total, most) {
            (Total::Table(table), _) => (self.rows_of(table).await?, false),
            (Total::BoundAt(authenticator), _) => self.bound_rows(authenticator).await?,
            (Total::Counted, None) => (self.count_of(&select).await?, false),
            (Total::Counted, Some(most)) => {
                let count = self.count_up_to(&select, most).await?;
                (count, count == most)
            }
        };
        refuse_too_many(count, listing.page)?;
        let (skipped, size) = match listing.page {
            Some(page) => (page.skipped(), page.size.min(MOST_ROWS)),
            None => (0, MOST_ROWS),
        };
        if skipped >= count && !may_be_more {
            let rows = Vec::new();
            return Ok(Found { rows, count });
        }
        // A late page is read from the end, so that the database need not skip all pages before it.
        let from_end = skipped > count / 2 && !may_be_more;
        let (skipped, size) = if from_end {
            let size = size.min(count - skipped);
            (count - skipped - size, size)
        } else {
            (skipped, size)
        };
        select = ordered(select, &listing.sort, keys, from_end)?;
        let mut rows = select
            .offset(skipped)
            .limit(size)
            .all(&self.connection)
            .await
            .map_err(StoreError::from)?;
        if from_end {
            rows.reverse();
        }
        Ok(Found { rows, count })
    }

    /// The number of rows, counted at most up to `most`.
    async fn count_up_to<E: EntityTrait>(
        &self,
        select: &Select<E>,
        most: u64,
    ) -> Result<u64, StoreError> {
        let mut some = select.clone().select_only().expr(Expr::val(1)).into_query();
        let all = Func::count(Expr::col(Asterisk));
        let count = Query::select()
            .expr(all)
            .from_subquery(some.limit(most).take(), "some")
            .take();
        let row = self.connection.query_one(&count).await;
        let row = row.map_err(StoreError::from)?;
        let count: Option<i64> = row
            .map(|row| row.try_get_by_index(0))
            .transpose()
            .map_err(StoreError::from)?;
        Ok(count.unwrap_or_default().unsigned_abs())
    }

    /// The number of rows. The query has no subselect of rows, which some databases would
    /// materialise.
    async fn count_of<E: EntityTrait>(&self, select: &Select<E>) -> Result<u64, StoreError> {
        let all = Func::count(Expr::col(Asterisk));
        let count = select.clone().select_only().expr(all);
        let count: Option<i64> = count.into_tuple().one(&self.connection).await?;
        Ok(count.unwrap_or_default().unsigned_abs())
    }
}

/// Sorts rows. Rows with equal values are sorted by their keys, so that pages never overlap. The
/// keys are sorted in the same direction as the last column, so that one index covers the whole
/// order.
fn ordered<E: Listed>(
    select: Select<E>,
    sort: &[Sort],
    keys: Vec<Expr>,
    backwards: bool,
) -> Result<Select<E>, QueryError> {
    let order = |descending: bool| {
        if descending == backwards {
            Order::Asc
        } else {
            Order::Desc
        }
    };
    let mut select = select;
    for sort in sort {
        let column = E::column(&sort.column).ok_or(QueryError::UnknownColumn)?;
        select = select.order_by(column, order(sort.descending));
    }
    let last = sort.last().is_some_and(|sort| sort.descending);
    for key in keys {
        select = select.order_by(key, order(last));
    }
    Ok(select)
}

/// Refuses a list whose answer would be too large. `count` is the number of rows on all pages.
fn refuse_too_many(count: u64, page: Option<Page>) -> Result<(), QueryError> {
    let rows = match page {
        Some(page) => count.saturating_sub(page.skipped()).min(page.size),
        None => count,
    };
    if rows > MOST_ROWS {
        return Err(QueryError::TooManyRows);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_is_further_on_than_a_database_can_count() {
        let page = |number| Page { number, size: 200 };
        assert_eq!(page(3).skipped(), 400);
        assert_eq!(page(u64::MAX).skipped(), i64::MAX.unsigned_abs());
    }
}
