//! Why a call got no answer.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::chain::Chain;

/// Why a call got no answer: in a few words, and with the error of the library that knows more, whether it was the
/// name, the certificate or the connection. Neither contains an address, which could hold a token.
#[derive(Clone, Debug)]
pub struct ConnectionFailure {
    what: &'static str,
    /// Several callers can wait for one call, so each gets the same error.
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl ConnectionFailure {
    /// A failure with the error that led to it.
    pub fn new(what: &'static str, cause: impl Error + Send + Sync + 'static) -> Self {
        Self {
            what,
            cause: Some(Arc::new(cause)),
        }
    }
}

impl From<&'static str> for ConnectionFailure {
    /// A failure that no other error led to.
    fn from(what: &'static str) -> Self {
        Self { what, cause: None }
    }
}

impl fmt::Display for ConnectionFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

impl Error for ConnectionFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let cause: &(dyn Error + 'static) = self.cause.as_deref()?;
        Some(cause)
    }
}

/// Two failures are equal when all that they tell is.
impl PartialEq for ConnectionFailure {
    fn eq(&self, other: &Self) -> bool {
        Chain(self).to_string() == Chain(other).to_string()
    }
}

impl Eq for ConnectionFailure {}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::provider::dingtalk::error::DingTalkError;

    fn refused() -> ConnectionFailure {
        ConnectionFailure::new("no connection", io::Error::other("connection refused"))
    }

    #[test]
    fn a_call_without_an_answer_tells_in_the_log_what_led_to_it() {
        let error = DingTalkError::Unreachable(refused());
        let short = "DingTalk cannot be reached: no connection";
        assert_eq!(error.to_string(), short);
        let all = format!("{short}: connection refused");
        assert_eq!(Chain(&error).to_string(), all);
        assert_eq!(Chain(&error.clone()).to_string(), all);
        let error = DingTalkError::NoAnswer("it took too long".into());
        let all = "DingTalk did not answer: it took too long";
        assert_eq!(Chain(&error).to_string(), all);
    }

    #[test]
    fn failures_with_different_causes_differ() {
        assert_eq!(refused(), refused());
        assert_ne!(refused(), ConnectionFailure::from("no connection"));
    }
}
