//! How an installation of NocoBase names its tables and columns in the database.
//!
//! Entities and statements say `usersAuthenticators` and `createdAt`, as NocoBase's collections and its API do. With
//! `DB_UNDERSCORED=true` the database has `users_authenticators` and `created_at` instead, and with `DB_TABLE_PREFIX`
//! every table has that before its name. [`NamedConnection`] turns the first into the second for every statement that
//! passes it, so that nothing else has to know about these settings.

mod connection;
mod statement;
mod token;

use std::borrow::Cow;

pub use connection::NamedConnection;

/// The two settings by which NocoBase chooses names. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Naming {
    prefix: String,
    underscored: bool,
}

impl Naming {
    /// Names with this prefix before tables, and written `like_this` when `underscored`.
    pub fn new(prefix: impl Into<String>, underscored: bool) -> Self {
        let prefix = prefix.into();
        Self {
            prefix,
            underscored,
        }
    }

    /// Whether names in the database are those of the collections.
    pub fn is_plain(&self) -> bool {
        self.prefix.is_empty() && !self.underscored
    }

    /// The prefix before the names of tables.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether names are written `like_this`.
    pub fn is_underscored(&self) -> bool {
        self.underscored
    }

    /// The name of a table in the database. An index has its name by the same rule: on PostgreSQL indexes and tables
    /// share one set of names, so two installations in one schema would collide.
    pub fn table<'a>(&self, name: &'a str) -> Cow<'a, str> {
        let name = self.column(name);
        // NocoBase 2.2.15 adds no prefix to a name that begins with it.
        if name.starts_with(&self.prefix) {
            name
        } else {
            Cow::Owned(format!("{}{name}", self.prefix))
        }
    }

    /// The name of a column in the database.
    pub fn column<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if self.underscored && name.contains(|c: char| c.is_ascii_uppercase()) {
            Cow::Owned(underscored(name))
        } else {
            Cow::Borrowed(name)
        }
    }
}

/// `passwordChangeTz` as `password_change_tz`: an underscore before each capital, as the library `inflection` does it,
/// which NocoBase uses.
fn underscored(name: &str) -> String {
    let mut converted = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !converted.is_empty() {
            converted.push('_');
        }
        converted.push(c.to_ascii_lowercase());
    }
    converted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_nocobase_gives() {
        let both = Naming::new("nb_", true);
        for (table, name) in [
            ("users", "nb_users"),
            ("usersAuthenticators", "nb_users_authenticators"),
            ("dingtalk_audit", "nb_dingtalk_audit"),
            ("nb_users", "nb_users"),
        ] {
            assert_eq!(both.table(table), name);
        }
        for (column, name) in [
            ("id", "id"),
            ("passwordChangeTz", "password_change_tz"),
            ("createdById", "created_by_id"),
            ("already_so", "already_so"),
        ] {
            assert_eq!(both.column(column), name);
        }
        let prefix = Naming::new("nb_", false);
        assert_eq!(prefix.table("rolesUsers"), "nb_rolesUsers");
        assert_eq!(prefix.column("userId"), "userId");
        let plain = Naming::default();
        assert!(plain.is_plain() && !prefix.is_plain() && !both.is_plain());
        assert_eq!(plain.table("rolesUsers"), "rolesUsers");
    }
}
