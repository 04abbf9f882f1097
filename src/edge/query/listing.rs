//! The parameters of a list: `filter`, `sort`, `page`, `pageSize`, `paginate`.

use serde_json::Value;

use super::{Query, filter};
use crate::edge::ApiError;
use crate::store::query::{Listing, Page, Sort};

/// How many columns a list may be sorted by: more than any table has. Databases refuse thousands.
const MOST_SORTED: usize = 50;

/// Rows on a page, unless the request says how many.
const PAGE_SIZE: u64 = 20;

impl Query {
    /// The listing that these parameters describe.
    pub fn listing(&self) -> Result<Listing, ApiError> {
        let filter = match self.tree.get("filter") {
            None => None,
            Some(Value::String(text)) if text.is_empty() => None,
            Some(value) => Some(filter::parse(value)?),
        };
        let sort = self.words("sort").into_iter().map(|word| {
            let (column, descending) = match word.strip_prefix('-') {
                Some(column) => (column, true),
                None => (word, false),
            };
            Sort {
                column: column.to_owned(),
                descending,
            }
        });
        let sort: Vec<_> = sort.collect();
        if sort.len() > MOST_SORTED {
            return Err(ApiError::InvalidReference);
        }
        Ok(Listing {
            filter,
            sort,
            page: self.page()?,
        })
    }

    /// The page that the request wants; none when it wants all rows.
    fn page(&self) -> Result<Option<Page>, ApiError> {
        if self.get("paginate") == Some("false") {
            return Ok(None);
        }
        // Page numbers of 0 and below mean the first page.
        let number = self.number("page", 1)?.max(1);
        Ok(Some(Page {
            number,
            size: self.number("pageSize", PAGE_SIZE)?,
        }))
    }

    fn number(&self, name: &str, default: u64) -> Result<u64, ApiError> {
        let Some(text) = self.get(name) else {
            return Ok(default);
        };
        let number: i64 = text
            .trim()
            .parse()
            .map_err(|_| ApiError::InvalidReference)?;
        Ok(u64::try_from(number).unwrap_or_default())
    }
}
