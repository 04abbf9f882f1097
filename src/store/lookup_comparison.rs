//! Comparing the lookup tables with their originals, a page at a time.

use std::collections::BTreeMap;

use super::{Result, Store, StoreError, Transaction, repeated};

/// The number of rows of a page.
pub(super) const PAGE: u64 = 500;
/// How often a page is compared again after it was corrected.
const ROUNDS: u32 = 3;

/// A lookup table, or a part of it.
#[derive(Clone, Copy, Debug)]
pub enum Copies<'a> {
    /// The copies of accounts.
    Accounts,
    /// The copies of the bindings of this authenticator.
    BindingsAt(&'a str),
}

/// The result for a page.
pub(super) struct Compared {
    /// The last account of the page; none when there are no more.
    pub end: Option<i64>,
    /// Whether every copy was correct.
    pub is_right: bool,
}

impl Store {
    /// Compares the page after this account, and corrects its copies. Returns the last account of
    /// the page; none when there are no more.
    pub async fn reconcile(&self, copies: Copies<'_>, after: i64) -> Result<Option<i64>> {
        // Usually nothing differs, so nobody should wait for a transaction that writes nothing.
        let seen = match copies {
            Copies::Accounts => self.contacts_that_differ(after).await?.compared(),
            Copies::BindingsAt(name) => {
                self.bound_people_that_differ(name, after).await?.compared()
            }
        };
        if seen.is_right {
            return Ok(seen.end);
        }
        repeated(|| self.put_right(copies, after), StoreError::is_overlap).await
    }

    /// Corrects the copies of a page. A row may be changed after it was read and before its copy is
    /// written, so the page is compared again after writing; until the end of the transaction
    /// nobody else can change a copy that was written.
    async fn put_right(&self, copies: Copies<'_>, after: i64) -> Result<Option<i64>> {
        let transaction = self.begin().await?;
        let mut seen = transaction.write_page(copies, after).await?;
        for _ in 1..ROUNDS {
            if seen.is_right {
                break;
            }
            seen = transaction.write_page(copies, after).await?;
        }
        transaction.commit().await?;
        Ok(seen.end)
    }
}

impl Transaction {
    async fn write_page(&self, copies: Copies<'_>, after: i64) -> Result<Compared> {
        match copies {
            Copies::Accounts => {
                let differences = self.contacts_that_differ(after).await?;
                let compared = differences.compared();
                self.write_contacts(differences).await?;
                Ok(compared)
            }
            Copies::BindingsAt(name) => {
                let differences = self.bound_people_that_differ(name, after).await?;
                let compared = differences.compared();
                self.write_bound_people(name, differences).await?;
                Ok(compared)
            }
        }
    }
}

/// The wrong copies of a page.
pub(super) struct Differences<W> {
    /// The last key of the page; none when there are no more.
    pub end: Option<i64>,
    /// The rows without a copy, or with a wrong one.
    pub wrong: Vec<W>,
    /// The keys of copies whose rows no longer exist.
    pub gone: Vec<i64>,
}

impl<W> Differences<W> {
    pub fn compared(&self) -> Compared {
        Compared {
            end: self.end,
            is_right: self.wrong.is_empty() && self.gone.is_empty(),
        }
    }
}

/// Rows and their copies, both read in the order of their keys from the same key on.
pub(super) struct ComparedPage<C, R> {
    end: Option<i64>,
    copies: BTreeMap<i64, C>,
    rows: Vec<(i64, R)>,
}

impl<C, R> ComparedPage<C, R> {
    /// The part of the page that both sides cover completely: up to [`PAGE`] rows were read from
    /// each.
    pub fn new(
        copies: Vec<C>,
        key_of_copy: impl Fn(&C) -> i64,
        rows: Vec<R>,
        key_of_row: impl Fn(&R) -> i64,
    ) -> Self {
        let mut copies: BTreeMap<i64, C> = copies
            .into_iter()
            .map(|copy| (key_of_copy(&copy), copy))
            .collect();
        let mut rows: Vec<(i64, R)> = rows
            .into_iter()
            .map(|row| (key_of_row(&row), row))
            .collect();
        let last_copy = copies.keys().next_back().copied();
        let last_row = rows.last().map(|(key, _)| *key);
        let ends = [(copies.len(), last_copy), (rows.len(), last_row)];
        // A side with fewer rows than [`PAGE`] has no more.
        let end = ends
            .into_iter()
            .filter(|(count, _)| *count as u64 >= PAGE)
            .filter_map(|(_, last)| last)
            .min();
        if let Some(end) = end {
            copies.retain(|key, _| *key <= end);
            rows.retain(|(key, _)| *key <= end);
        }
        Self { end, copies, rows }
    }

    /// Drops rows for which the function returns false; the end of the page stays the same.
    pub fn only_rows(mut self, is_wanted: impl Fn(&R) -> bool) -> Self {
        self.rows.retain(|(_, row)| is_wanted(row));
        self
    }

    /// The differences. The function gets a row with its copy, and returns what has to be written.
    pub fn differences<W>(self, wrong: impl Fn(R, Option<C>) -> Option<W>) -> Differences<W> {
        let Self {
            end,
            mut copies,
            rows,
        } = self;
        let wrong = rows
            .into_iter()
            .filter_map(|(key, row)| wrong(row, copies.remove(&key)))
            .collect();
        Differences {
            end,
            wrong,
            gone: copies.into_keys().collect(),
        }
    }
}
