//! Comparing the lookup tables with what they are copies of, a page at a time.

use super::{Result, Store, Transaction};

/// Rows of a page.
pub(super) const PAGE: u64 = 500;
/// How often a page is looked at again after it was written.
const ROUNDS: u32 = 3;
/// How often it is tried when others are in the way.
const ATTEMPTS: u32 = 3;

/// What is compared.
#[derive(Clone, Copy, Debug)]
pub enum Copies<'a> {
    /// Those of accounts.
    Accounts,
    /// Those of the bindings at this authenticator.
    BindingsAt(&'a str),
}

/// What was found on a page.
pub(super) struct Compared {
    /// The last account of the page; nothing when there are no more.
    pub end: Option<i64>,
    /// Whether each copy was as it should be.
    pub is_right: bool,
}

impl Store {
    /// Compares the page after this account, and puts its copies right. Gives the last account of the
    /// page; nothing when there are no more.
    pub async fn reconcile(&self, copies: Copies<'_>, after: i64) -> Result<Option<i64>> {
        // Mostly nothing differs, and nobody has to wait for a transaction that writes nothing.
        let seen = match copies {
            Copies::Accounts => self.contacts_that_differ(after).await?.compared(),
            Copies::BindingsAt(name) => {
                self.bound_people_that_differ(name, after).await?.compared()
            }
        };
        if seen.is_right {
            return Ok(seen.end);
        }
        for _ in 1..ATTEMPTS {
            match self.put_right(copies, after).await {
                Err(error) if error.is_overlap() => {}
                outcome => return outcome,
            }
        }
        self.put_right(copies, after).await
    }

    /// Somebody may change a row after it was read and before its copy is written. So whoever wrote
    /// looks once more: a copy that was written here is changed by nobody else before the end.
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

/// The last key up to which both of these, read in order from the same point, are whole; nothing when
/// both came to their end.
pub(super) fn end_of(
    one: impl Iterator<Item = i64>,
    other: impl Iterator<Item = i64>,
) -> Option<i64> {
    match (last_of_full(one), last_of_full(other)) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn last_of_full(keys: impl Iterator<Item = i64>) -> Option<i64> {
    let (count, last) = keys.fold((0, None), |(count, _), key| (count + 1, Some(key)));
    last.filter(|_| count >= PAGE)
}
