//! An error with everything that led to it, in one line for the log.

use std::error::Error;
use std::fmt::{self, Display, Formatter};

/// Writes an error and its sources, from the outermost to the first cause: «the database failed:
/// connection refused».
pub struct Chain<'a>(pub &'a (dyn Error + 'static));

impl Display for Chain<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut last = self.0.to_string();
        f.write_str(&last)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            let text = error.to_string();
            // Many libraries repeat the text of a source in their own text.
            if !last.ends_with(&text) {
                write!(f, ": {text}")?;
                last = text;
            }
            source = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("connection refused")]
    struct First;

    #[derive(Debug, thiserror::Error)]
    #[error("no connection: {0}")]
    struct Repeating(#[source] First);

    #[derive(Debug, thiserror::Error)]
    #[error("the database failed")]
    struct Outermost(#[source] Repeating);

    #[test]
    fn each_cause_is_told_once() {
        let error = Outermost(Repeating(First));
        assert_eq!(
            Chain(&error).to_string(),
            "the database failed: no connection: connection refused"
        );
        assert_eq!(Chain(&First).to_string(), "connection refused");
    }
}
