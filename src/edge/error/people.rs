//! Refusals to bind or unbind somebody else's account, as administrators see them.

use actix_web::http::StatusCode;

use super::{ApiError, Problem};
use crate::domain::binding::UnclearBinding;
use crate::domain::binding::by_hand::HandBindingError;
use crate::domain::identity_provider::ProviderNames;

/// Why an account was not bound or unbound by an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleRefusal {
    /// The provider knows nobody by this identifier.
    UnknownPerson,
    /// The account has the root role, so nobody else binds it.
    Root,
    /// The binding is that of an account with the root role, and the caller has not got this role.
    BindingOfRoot,
    /// The account is an administrator's.
    Administrator,
    /// The account has no role.
    NoRole,
    /// The account already has a binding at this authenticator.
    AccountBound,
    /// Another account is already bound to the person.
    PersonBound,
    /// The account has no binding at this authenticator.
    NotBound,
    /// The person is bound to several accounts.
    BoundSeveralTimes,
    /// The account that is bound to the person no longer exists.
    AccountMissing,
    /// An account is bound to another person who had the same identifier before.
    Reissued,
}

impl PeopleRefusal {
    /// All variants.
    pub(super) const ALL: [Self; 11] = [
        Self::UnknownPerson,
        Self::Root,
        Self::BindingOfRoot,
        Self::Administrator,
        Self::NoRole,
        Self::AccountBound,
        Self::PersonBound,
        Self::NotBound,
        Self::BoundSeveralTimes,
        Self::AccountMissing,
        Self::Reissued,
    ];

    /// The error for this refusal at this provider.
    pub fn of(self, provider: &'static ProviderNames) -> ApiError {
        ApiError::People(self, provider)
    }

    /// The HTTP status, the code without the provider's prefix, and the message with a placeholder
    /// for the provider's title. What bindings leave unclear has the codes that a sign-in has for it,
    /// but is told to an administrator, and not to the person.
    pub(super) fn parts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::UnknownPerson => (
                S::BAD_REQUEST,
                "UNKNOWN_PERSON",
                "{{provider}} knows nobody with this user ID, or the app's contact scope does not cover them.",
            ),
            Self::Root => (
                S::FORBIDDEN,
                "ROOT",
                "Accounts of root are bound by whoever holds them, not by hand.",
            ),
            Self::BindingOfRoot => (
                S::FORBIDDEN,
                "ROOT",
                "Only root can remove the binding of an account with the root role.",
            ),
            Self::Administrator => (
                S::FORBIDDEN,
                "ADMINISTRATOR",
                "Only who may change roles can bind or unbind administrators.",
            ),
            Self::NoRole => (
                S::BAD_REQUEST,
                "ACCOUNT_WITHOUT_ROLE",
                "This account has no role, so nobody could use it.",
            ),
            Self::AccountBound => (
                S::BAD_REQUEST,
                "ACCOUNT_BOUND",
                "This account is bound to a {{provider}} user already. Remove that binding first.",
            ),
            Self::PersonBound => (
                S::BAD_REQUEST,
                "PERSON_BOUND",
                "This {{provider}} user is bound to another account.",
            ),
            Self::NotBound => (
                S::BAD_REQUEST,
                "ACCOUNT_NOT_BOUND",
                "This account is not bound to a {{provider}} user.",
            ),
            Self::BoundSeveralTimes => (
                S::FORBIDDEN,
                "AMBIGUOUS",
                "This {{provider}} user is bound to several accounts. Remove those bindings first.",
            ),
            Self::AccountMissing => (
                S::FORBIDDEN,
                "CONFLICT",
                "This {{provider}} user is bound to an account that no longer exists. Remove that binding first.",
            ),
            Self::Reissued => (
                S::FORBIDDEN,
                "REISSUED",
                "Another person had this {{provider}} user ID before, and their account is still bound. Remove that binding first.",
            ),
        }
    }
}

impl ApiError {
    /// The error for an account that an administrator could not bind, or not unbind, at this
    /// provider.
    pub fn of_binding_by_hand(error: HandBindingError, provider: &'static ProviderNames) -> Self {
        use HandBindingError as E;
        let refusal = match error {
            E::UnknownAccount => return Self::invalid("userId", Problem::WRONG),
            E::Root => PeopleRefusal::Root,
            E::BindingOfRoot => PeopleRefusal::BindingOfRoot,
            E::Administers => PeopleRefusal::Administrator,
            E::NoRole => PeopleRefusal::NoRole,
            E::AlreadyBound => PeopleRefusal::AccountBound,
            E::BoundElsewhere(_) => PeopleRefusal::PersonBound,
            E::NotBound => PeopleRefusal::NotBound,
            E::Person(UnclearBinding::SeveralTimes(_)) => PeopleRefusal::BoundSeveralTimes,
            E::Person(UnclearBinding::AccountMissing(_)) => PeopleRefusal::AccountMissing,
            E::Person(UnclearBinding::Reissued(_)) => PeopleRefusal::Reissued,
            E::Person(UnclearBinding::Store(error)) | E::Store(error) => return error.into(),
        };
        refusal.of(provider)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::MessageBody;
    use serde_json::Value;

    use super::*;
    use crate::edge::error::SignInRefusal;
    use crate::locale::Locale;
    use crate::provider::dingtalk::NAMES;

    #[test]
    fn what_is_unclear_of_a_person_has_the_code_of_a_sign_in_and_ends_no_session() {
        for unclear in [
            UnclearBinding::SeveralTimes(vec![7, 8]),
            UnclearBinding::AccountMissing(7),
            UnclearBinding::Reissued(7),
        ] {
            let of_sign_in = SignInRefusal::from(&unclear).of(&NAMES);
            let error = HandBindingError::Person(unclear);
            let by_hand = ApiError::of_binding_by_hand(error, &NAMES);
            assert_eq!(by_hand.code(), of_sign_in.code());
            let english = Locale::default();
            assert_ne!(by_hand.message(english), of_sign_in.message(english));
            let answer = by_hand.into_response(english);
            let body = answer.into_body().try_into_bytes().unwrap();
            let sent: Value = serde_json::from_slice(&body).unwrap();
            assert!(sent["errors"][0]["code"].is_string(), "{sent}");
            assert_eq!(sent["errors"][0]["endsSession"], Value::Null, "{sent}");
        }
    }

    #[test]
    fn each_refusal_has_its_text_in_every_language() {
        for refusal in PeopleRefusal::ALL {
            let (_, _, message) = refusal.parts();
            let message = message.replace("{{provider}}", NAMES.title);
            for locale in Locale::all() {
                let texts = locale.texts();
                assert!(texts[&message].is_string(), "{}: {message}", locale.code());
            }
        }
    }
}
