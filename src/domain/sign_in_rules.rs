//! What an authenticator of a provider allows: data that the provider makes of its options, and that
//! [`super::sign_in`] decides by.

/// What an authenticator allows and does.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box that an administrator ticks or not"
)]
pub struct Rules {
    /// Give somebody who is not bound the existing account with the same phone number.
    pub link_by_phone: bool,
    /// The same with the same mailbox, when its domain is one of these, in small letters.
    pub link_by_email_of: Vec<String>,
    /// Also accounts that administer this server. Never those of root.
    pub link_administrators: bool,
    /// Give somebody without an account a new one.
    pub sign_up: bool,
    /// Roles of new accounts; the default one without any.
    pub roles: Vec<String>,
    /// What accounts get.
    pub copied: Copied,
    /// Whether they get it again at each sign-in.
    pub refresh: bool,
}

impl Rules {
    /// Whether people get power over this server by signing in. Who sets that must have such power.
    pub fn give_power(&self) -> bool {
        self.link_administrators || !self.roles.is_empty()
    }

    /// Whether somebody without an account gets the one with this mailbox.
    pub fn links_email(&self, email: &str) -> bool {
        is_of(email, &self.link_by_email_of)
    }

    /// The same rules without that power.
    #[must_use]
    pub fn without_power(self) -> Self {
        Self {
            link_administrators: false,
            roles: Vec::new(),
            ..self
        }
    }
}

/// What of an identity is copied to an account.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each field")]
pub struct Copied {
    /// The name.
    pub nickname: bool,
    /// The phone number, unless another account has it.
    pub phone: bool,
    /// The mailbox, unless another account has it.
    pub email: bool,
    /// The address of a picture, which is kept with the binding.
    pub avatar: bool,
}

/// Whether a mailbox is of one of these domains: equal, not below one.
pub(super) fn is_of(email: &str, domains: &[String]) -> bool {
    let domain = match email.split_once('@') {
        Some((name, domain)) if !name.is_empty() && !domain.contains('@') => domain,
        _ => return false,
    };
    domains
        .iter()
        .any(|allowed| domain.eq_ignore_ascii_case(allowed))
}
