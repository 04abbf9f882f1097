//! An error with everything that led to it, in one line for the log.

use std::error::Error;
use std::fmt::{self, Display, Formatter};

/// Writes an error and its sources, from the outermost to the first cause: «the database failed:
/// connection refused».
pub struct Chain<'a>(pub &'a (dyn Error + 'static));

impl Chain<'_> {
    /// The text without the first source of which this is true, and without what led to that.
    pub fn until(&self, is_left_out: impl Fn(&(dyn Error + 'static)) -> bool) -> String {
        let mut all = self.0.to_string();
        let mut last = all.clone();
        let mut source = self.0.source();
        while let Some(error) = source.filter(|error| !is_left_out(*error)) {
            let text = error.to_string();
            // Many libraries repeat the text of a source in their own text.
            if !last.ends_with(&text) {
                all.push_str(": ");
                all.push_str(&text);
                last = text;
            }
            source = error.source();
        }
        all
    }
}

impl Display for Chain<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.until(|_| false))
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

    #[test]
    fn a_cause_that_is_left_out_takes_what_led_to_it_along() {
        let error = Outermost(Repeating(First));
        let is_repeating = |error: &(dyn Error + 'static)| error.is::<Repeating>();
        assert_eq!(Chain(&error).until(is_repeating), "the database failed");
    }
}
