//! Why a sign-in leads to no account.

use crate::domain::binding::UnclearBinding;
use crate::store::StoreError;

/// Why a sign-in leads to no account.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No account is bound or found, and none may be created.
    #[error(
        "no account is bound to this person, none has their phone number, and the authenticator does not sign people up"
    )]
    UserNotFound,
    /// Several accounts have the phone number or the mailbox.
    #[error(
        "several accounts have this person's phone number or mailbox: {0:?}; remove it from all but one, or bind one by hand"
    )]
    Ambiguous(Vec<i64>),
    /// The account that would be linked may not be linked.
    #[error(
        "account {0} has this person's phone number or mailbox and the root role; the root account is not linked automatically, bind it by hand"
    )]
    RootNotLinked(i64),
    /// The account that would be linked is an administrator's.
    #[error(
        "account {0} has this person's phone number or mailbox and a role that opens settings; allow administrators to be linked in the authenticator's options, or bind it by hand"
    )]
    AdministratorNotLinked(i64),
    /// The account that would be linked belongs to another person.
    #[error("account {0} has this person's phone number or mailbox but is bound to somebody else")]
    BoundToAnother(i64),
    /// Bindings do not say which account is the person's.
    #[error(transparent)]
    Unclear(UnclearBinding),
    /// The account has no role. That is how accounts are locked: NocoBase has no other way to
    /// disable them.
    #[error("account {0} has no role; give it one if this person is to get in")]
    NoRole(i64),
    /// A new account would have no role.
    #[error(
        "new accounts get no role: choose one in the authenticator's options, or make a role the default"
    )]
    NoRoleForNewAccounts,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<UnclearBinding> for SignInError {
    fn from(error: UnclearBinding) -> Self {
        match error {
            UnclearBinding::Store(error) => error.into(),
            error => Self::Unclear(error),
        }
    }
}

impl SignInError {
    /// The account that was refused, if there is one.
    pub fn account(&self) -> Option<i64> {
        match self {
            Self::RootNotLinked(id)
            | Self::AdministratorNotLinked(id)
            | Self::BoundToAnother(id)
            | Self::NoRole(id) => Some(*id),
            Self::Unclear(error) => error.account(),
            Self::UserNotFound
            | Self::Ambiguous(_)
            | Self::NoRoleForNewAccounts
            | Self::Store(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_account_that_it_is_about() {
        for (error, account) in [
            (SignInError::RootNotLinked(1), Some(1)),
            (SignInError::AdministratorNotLinked(2), Some(2)),
            (SignInError::BoundToAnother(3), Some(3)),
            (SignInError::NoRole(4), Some(4)),
            (UnclearBinding::Reissued(5).into(), Some(5)),
            (UnclearBinding::AccountMissing(6).into(), Some(6)),
            (UnclearBinding::SeveralTimes(vec![7, 8]).into(), None),
            (SignInError::Ambiguous(vec![7, 8]), None),
            (SignInError::UserNotFound, None),
        ] {
            assert_eq!(error.account(), account, "{error}");
        }
    }

    #[test]
    fn a_failure_of_the_store_is_no_doubt_about_a_binding() {
        let failed = UnclearBinding::Store(StoreError::Conflict(String::new()));
        assert!(matches!(SignInError::from(failed), SignInError::Store(_)));
    }
}
