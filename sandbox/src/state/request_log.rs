//! Which requests arrived and how they were answered, for tests to count.
//!
//! Only method, path and status are kept: tokens, codes and secrets travel in queries, headers and
//! bodies, none of which is ever looked at here.

use serde::Serialize;

/// Rows kept; a client that invents paths without end must not fill the memory.
const MAXIMUM_ROWS: usize = 1000;

/// Equal requests, counted.
#[derive(Clone, Serialize, PartialEq, Eq)]
pub struct Row {
    /// HTTP method.
    pub method: String,
    /// Path without query.
    pub path: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// How many of this kind arrived.
    pub count: u64,
}

/// The requests, in the order in which each kind first arrived.
#[derive(Default)]
pub struct RequestLog(Vec<Row>);

impl RequestLog {
    /// Counts a request.
    pub fn record(&mut self, method: String, path: String, status: u16) {
        let is_full = self.0.len() >= MAXIMUM_ROWS;
        let known = self
            .0
            .iter_mut()
            .find(|row| row.method == method && row.path == path && row.status == status);
        match known {
            Some(row) => row.count += 1,
            None if !is_full => {
                self.0.push(Row {
                    method,
                    path,
                    status,
                    count: 1,
                });
            }
            None => {
                log::warn!("the request log is full: {method} with status {status} not recorded");
            }
        }
    }

    /// The rows.
    pub fn rows(&self) -> &[Row] {
        &self.0
    }

    /// Forgets them.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
