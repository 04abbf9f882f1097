//! Counts requests by method, path and status, for tests.
//!
//! Nothing else is recorded, because queries, headers and bodies contain tokens, codes and secrets.

use serde::Serialize;

/// The most rows, so that a client with ever new paths cannot fill the memory.
const MAXIMUM_ROWS: usize = 1000;

/// A number of equal requests.
#[derive(Clone, Serialize, PartialEq, Eq)]
pub struct Row {
    /// The HTTP method.
    pub method: String,
    /// The path without query.
    pub path: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The number of such requests.
    pub count: u64,
}

/// The rows, in the order in which the first request of each arrived.
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

    /// Removes all rows.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
