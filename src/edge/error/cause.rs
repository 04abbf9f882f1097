//! The cause of an error on the server's side.

use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use crate::chain::Chain;

/// The cause of an error on the server's side, with all errors that led to it. It is for the log
/// and never for the client.
#[derive(Clone, Debug)]
pub struct Cause(Arc<dyn Error + Send + Sync>);

impl Cause {
    /// Wraps an error.
    pub fn new(error: impl Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }

    /// A cause in words, for something that should not happen.
    pub fn of_words(what: &'static str) -> Self {
        Self::new(Unexpected(what))
    }
}

impl Display for Cause {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Chain(&*self.0).fmt(f)
    }
}

/// Two causes are equal when their texts are.
impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Cause {}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unexpected(&'static str);
