//! Refusals to bind or unbind somebody else's account, as administrators see them.

use actix_web::http::StatusCode;

use super::{ApiError, Problem, SignInRefusal};
use crate::domain::binding::by_hand::HandBindingError;
use crate::domain::identity_provider::ProviderNames;

/// Why an account was not bound or unbound by an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleRefusal {
    /// The provider knows nobody by this identifier.
    UnknownPerson,
    /// The account has the root role.
    Root,
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
}

impl PeopleRefusal {
    /// All variants.
    pub(super) const ALL: [Self; 7] = [
        Self::UnknownPerson,
        Self::Root,
        Self::Administrator,
        Self::NoRole,
        Self::AccountBound,
        Self::PersonBound,
        Self::NotBound,
    ];

    /// The error for this refusal at this provider.
    pub fn of(self, provider: &'static ProviderNames) -> ApiError {
        ApiError::People(self, provider)
    }

    /// The HTTP status, the code without the provider's prefix, and the message with a placeholder
    /// for the provider's title.
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
            E::Administers => PeopleRefusal::Administrator,
            E::NoRole => PeopleRefusal::NoRole,
            E::AlreadyBound => PeopleRefusal::AccountBound,
            E::BoundElsewhere(_) => PeopleRefusal::PersonBound,
            E::NotBound => PeopleRefusal::NotBound,
            E::Person(error) => return SignInRefusal::from(&error).of(provider),
            E::Store(error) => return error.into(),
        };
        refusal.of(provider)
    }
}
