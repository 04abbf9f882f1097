//! Divides lists into pages.

/// Marks a request whose answer must repeat its cursor (see `FaultKind::StuckCursor`).
pub struct StuckCursor;

/// A page: some rows of a list, and the start of the next page.
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The start of the next page; none on the last page.
    pub next: Option<usize>,
}

impl<T> Page<T> {
    /// At most `size` rows, beginning at `cursor`.
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
