//! The rules of an authenticator, as data: the provider makes them from its options, and
//! [`super::sign_in`] decides by them.

/// The rules of an authenticator.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box that an administrator ticks or not"
)]
pub struct Rules {
    /// Whether a person without a binding gets the existing account with the same phone number.
    pub link_by_phone: bool,
    /// Whether they also get the account with the same mailbox: the domains for which this is
    /// allowed, in lower case.
    pub link_by_email_of: Vec<String>,
    /// Whether accounts of administrators can be linked, too. Those of root never can.
    pub link_administrators: bool,
    /// Whether a person without an account gets a new one.
    pub sign_up: bool,
    /// The roles of new accounts; without any, the default role.
    pub roles: Vec<String>,
    /// Which values are copied to accounts.
    pub copied: Copied,
    /// Whether the values are copied again at each sign-in.
    pub refresh: bool,
}

impl Rules {
    /// Whether the rules give people power over this server. Whoever sets them must have such
    /// power.
    pub fn give_power(&self) -> bool {
        self.link_administrators || !self.roles.is_empty()
    }

    /// Whether a person without an account gets the one with this mailbox.
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

/// Which values of an identity are copied to an account.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each field")]
pub struct Copied {
    /// The name.
    pub nickname: bool,
    /// The phone number, unless another account has it.
    pub phone: bool,
    /// The mailbox, unless another account has it.
    pub email: bool,
    /// The address of a picture, which is stored with the binding.
    pub avatar: bool,
}

/// Whether a mailbox is in one of these domains. Subdomains do not count.
pub(super) fn is_of(email: &str, domains: &[String]) -> bool {
    let domain = match email.split_once('@') {
        Some((name, domain)) if !name.is_empty() && !domain.contains('@') => domain,
        _ => return false,
    };
    domains
        .iter()
        .any(|allowed| domain.eq_ignore_ascii_case(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linking_administrators_and_giving_roles_are_power() {
        let linking = Rules {
            link_administrators: true,
            ..Rules::default()
        };
        let giving = Rules {
            roles: vec!["admin".to_owned()],
            ..Rules::default()
        };
        for rules in [linking, giving] {
            assert!(rules.give_power(), "{rules:?}");
            assert!(!rules.without_power().give_power());
        }
        assert!(!Rules::default().give_power());
    }
}
