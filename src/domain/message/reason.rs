//! Why a message waits or did not arrive.

/// Declares the reasons. Each has a name, which is stored and sent to programs and therefore never changes, and an
/// explanation for people, which is a key of the files in `locale/` and can be a part of a sentence.
macro_rules! reasons {
    ($($(#[$doc:meta])* $reason:ident $name:literal $explanation:literal,)*) => {
        /// Why a message waits or did not arrive.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason {
            $($(#[$doc])* $reason,)*
        }

        impl Reason {
            /// All reasons.
            pub const ALL: &[Self] = &[$(Self::$reason),*];

            /// The name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$reason => $name,)*
                }
            }

            /// The explanation for people.
            pub fn explanation(self) -> &'static str {
                match self {
                    $(Self::$reason => $explanation,)*
                }
            }
        }
    };
}

reasons! {
    /// The application has no such agent.
    Agent "agent" "the Agent ID is not that of the app",
    /// The application lacks a permission.
    Permission "permission" "the app lacks a permission",
    /// The credentials are wrong.
    Credentials "credentials" "the Client ID or the Client Secret is wrong",
    /// The application's token was refused.
    Token "token" "the Client ID or the Client Secret is wrong",
    /// The application does not accept calls from this server's address.
    Address "address" "the app does not allow the address of this server",
    /// The calls of this month are used up.
    Allowance "allowance" "the organization has used up its calls of this month",
    /// Too many calls in a second.
    Throttled "throttled" "the app sent too much at once",
    /// Too many calls in minutes.
    Banned "banned" "the app sent too much at once",
    /// No connection to the provider.
    Unreachable "unreachable" "the service could not be reached or had a problem",
    /// The provider did not answer.
    NoAnswer "no_answer" "the service could not be reached or had a problem",
    /// The provider has a problem.
    Busy "busy" "the service could not be reached or had a problem",
    /// The answer could not be understood.
    Unexpected "unexpected" "the service could not be reached or had a problem",
    /// The message does not fit into a call.
    TooLong "tooLong" "title, links or rows are too long",
    /// The authenticator cannot be used.
    Disabled "disabled" "the authenticator is disabled or cannot be used",
    /// The server ended before it was known what became of the message.
    Interrupted "interrupted" "the server was ended meanwhile",
    /// A message must not overtake an earlier one.
    BehindEarlier "behindEarlier" "an earlier message to the same person waits",
    /// The provider does not know the person.
    UnknownUser "unknown_user" "the person has left, or the app may not see them",
    /// The application may not see the person.
    OutOfScope "out_of_scope" "the person has left, or the app may not see them",
    /// The provider does not know one of several receivers.
    UnknownReceiver "unknownReceiver" "the person has left, or the app may not see them",
    /// The application sent to too many people in this minute.
    TooManyInAMinute "tooManyInAMinute" "the app sent too much at once",
    /// The person got too many messages today.
    TooManyToday "tooManyToday" "the person got too many messages today",
    /// The person got the same words today.
    Repeated "repeated" "the person got the same words today",
    /// The provider does not say why.
    Refused "refused" "the service does not say why",
}

impl Reason {
    /// The reason with this name. A name that an earlier release stored may be unknown.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.name() == name)
    }
}

/// The explanation of a stored name.
pub fn explanation(name: &str) -> &'static str {
    Reason::named(name).unwrap_or(Reason::Refused).explanation()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;

    #[test]
    fn each_reason_has_a_name_of_its_own_and_an_explanation_in_the_locale_files() {
        let english = Locale::of("en-US").texts();
        for reason in Reason::ALL {
            assert_eq!(Reason::named(reason.name()), Some(*reason));
            let words = reason.explanation();
            assert!(english.get(words).is_some(), "{reason:?}: {words:?}");
        }
        let unknown = explanation("a name that nobody knows");
        assert_eq!(unknown, "the service does not say why");
    }
}
