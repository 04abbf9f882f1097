//! The pages of a list.

/// Marks a request whose answer shall point to where it began (see `Kind::StuckCursor`).
pub struct StuckCursor;

/// Some rows of a list, and where the next ones begin.
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins; none: this was the last.
    pub next: Option<usize>,
}

impl<T> Page<T> {
    /// The rows from `cursor` on, `size` at most.
    pub fn of(rows: impl Iterator<Item = T>, cursor: usize, size: usize, stuck: bool) -> Self {
        let mut rows = rows.skip(cursor);
        let page: Vec<_> = rows.by_ref().take(size).collect();
        let next = match rows.next() {
            _ if stuck => Some(cursor),
            Some(_) => Some(cursor.saturating_add(page.len())),
            None => None,
        };
        Self { rows: page, next }
    }
}
