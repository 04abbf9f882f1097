//! Choosing the role of a request.

use super::acting_role::ActingRole;
use crate::store::{HeldRoles, UNION};

/// How several roles of an account are combined, according to the system settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoleMode {
    /// A request has one role.
    #[default]
    OneAtATime,
    /// A request has one role, or the union of all.
    UnionAllowed,
    /// A request always has the union of all roles.
    UnionOnly,
}

impl RoleMode {
    const ALL: [Self; 3] = [Self::OneAtATime, Self::UnionAllowed, Self::UnionOnly];

    /// The mode with this name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// The stored mode. Unknown values mean [`Self::OneAtATime`].
    pub fn stored(name: Option<&str>) -> Self {
        name.and_then(Self::named).unwrap_or_default()
    }

    /// NocoBase's name for the mode.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneAtATime => "default",
            Self::UnionAllowed => "allow-use-union",
            Self::UnionOnly => "only-use-union",
        }
    }
}

/// Which role a request asks for, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestedRole<'a> {
    /// The role of its API key, which cannot be changed by settings.
    Key(&'a str),
    /// The role that the request names.
    Named(&'a str),
    /// The role in the browser's cookie, which may no longer be the account's.
    Remembered(&'a str),
    /// No role.
    Nothing,
}

/// Why a request has no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    /// The account has no roles at all.
    #[error("the account has no roles")]
    None,
    /// The account does not have the role that was asked for.
    #[error("the account does not have this role")]
    NotHeld,
}

/// The role of a request, as in NocoBase 2.2.15: the one that it names, else the one in the
/// browser's cookie, else the account's default, else its first. The name [`UNION`] stands for the
/// union of all roles if the mode allows that, and otherwise for the first role.
pub fn choose(
    held: &HeldRoles,
    mode: RoleMode,
    asked: RequestedRole<'_>,
) -> Result<ActingRole, RoleError> {
    let (first, _) = held.roles.first().ok_or(RoleError::None)?;
    let one = ActingRole::one;
    let union = || match mode {
        RoleMode::OneAtATime => one(first),
        RoleMode::UnionAllowed | RoleMode::UnionOnly => ActingRole::union(first, &held.roles),
    };
    if mode == RoleMode::UnionOnly && !matches!(asked, RequestedRole::Key(_)) {
        return Ok(union());
    }
    let find = |name: &str| match name {
        UNION => Some(union()),
        name => {
            let mut roles = held.roles.iter().map(|(role, _)| role);
            roles.find(|role| role.name == name).map(one)
        }
    };
    let by_default = || {
        if held.default_is_union {
            return Some(union());
        }
        let mut roles = held.roles.iter();
        let default = roles.find(|(_, assignment)| assignment.default == Some(true));
        default.map(|(role, _)| one(role))
    };
    match asked {
        RequestedRole::Key(name) | RequestedRole::Named(name) => {
            find(name).ok_or(RoleError::NotHeld)
        }
        RequestedRole::Remembered(name) => {
            Ok(find(name).or_else(by_default).unwrap_or_else(|| one(first)))
        }
        RequestedRole::Nothing => Ok(by_default().unwrap_or_else(|| one(first))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::held;
    use super::*;
    use crate::store::HeldRole;
    use RoleMode::{OneAtATime, UnionAllowed, UnionOnly};
    use serde_json::json;

    fn account(default: Option<&str>) -> HeldRoles {
        let role = |name| {
            let (role, mut assignment): HeldRole = held(name, json!([]));
            assignment.default = (default == Some(name)).then_some(true);
            (role, assignment)
        };
        HeldRoles {
            roles: [role("admin"), role("member")].into(),
            default_is_union: default == Some(UNION),
        }
    }

    #[test]
    fn a_named_role_must_be_held_while_a_remembered_one_may_be_stale() {
        let account = account(Some("member"));
        for mode in [OneAtATime, UnionAllowed] {
            let name = |asked| choose(&account, mode, asked).map(|role| role.name().to_owned());
            let is = |name: &str| Ok(name.to_owned());
            assert_eq!(name(RequestedRole::Nothing), is("member"));
            assert_eq!(name(RequestedRole::Named("admin")), is("admin"));
            assert_eq!(name(RequestedRole::Key("admin")), is("admin"));
            assert_eq!(name(RequestedRole::Named("root")), Err(RoleError::NotHeld));
            assert_eq!(name(RequestedRole::Key("root")), Err(RoleError::NotHeld));
            assert_eq!(name(RequestedRole::Remembered("admin")), is("admin"));
            assert_eq!(name(RequestedRole::Remembered("root")), is("member"));
        }
    }

    #[test]
    fn roles_are_united_where_the_mode_allows_it() {
        let account = account(Some("member"));
        let name = |mode, asked| choose(&account, mode, asked).unwrap().name().to_owned();
        for asked in [
            RequestedRole::Named(UNION),
            RequestedRole::Remembered(UNION),
            RequestedRole::Key(UNION),
        ] {
            assert_eq!(name(OneAtATime, asked), "admin");
            assert_eq!(name(UnionAllowed, asked), UNION);
        }
        for asked in [
            RequestedRole::Nothing,
            RequestedRole::Named("nobody"),
            RequestedRole::Remembered("admin"),
        ] {
            assert_eq!(name(UnionOnly, asked), UNION);
        }
        // An API key for a role with few permissions must not get more of them.
        assert_eq!(name(UnionOnly, RequestedRole::Key("member")), "member");
    }

    #[test]
    fn the_union_can_be_the_default() {
        let account = account(Some(UNION));
        let name = |mode, asked| choose(&account, mode, asked).unwrap().name().to_owned();
        assert_eq!(name(UnionAllowed, RequestedRole::Nothing), UNION);
        assert_eq!(name(UnionAllowed, RequestedRole::Remembered("gone")), UNION);
        assert_eq!(name(UnionAllowed, RequestedRole::Named("member")), "member");
        assert_eq!(name(OneAtATime, RequestedRole::Nothing), "admin");
    }

    #[test]
    fn an_account_without_roles_acts_with_none() {
        let account = HeldRoles {
            roles: [].into(),
            default_is_union: true,
        };
        for mode in [OneAtATime, UnionAllowed, UnionOnly] {
            for asked in [
                RequestedRole::Nothing,
                RequestedRole::Named(UNION),
                RequestedRole::Key("admin"),
            ] {
                assert_eq!(
                    choose(&account, mode, asked).map(|_| ()),
                    Err(RoleError::None)
                );
            }
        }
    }

    #[test]
    fn modes_have_the_names_of_nocobase() {
        for mode in RoleMode::ALL {
            assert_eq!(RoleMode::named(mode.name()), Some(mode));
        }
        for none in [None, Some(""), Some("Only-use-union")] {
            assert_eq!(RoleMode::stored(none), OneAtATime);
        }
    }
}
