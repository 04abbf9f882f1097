//! What is kept in memory, cut into the parts that a write can make stale.
//!
//! Each part is a *partition* with a number of its own: one for all settings, and a few dozen each for
//! accounts and for tokens that were signed out, so that a change of one account leaves most others
//! alone. The numbers are the same in every process and stand in the table `dingtalk_changes`.

use std::ops::{BitAnd, BitOr, BitOrAssign};

/// Parts into which accounts, and tokens that were signed out, are cut.
const STRIPES: u8 = 32;

/// How many partitions there are, from 0.
pub(in crate::store) const PARTITIONS: u8 = 1 + 2 * STRIPES + 2;

/// A set of partitions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Partitions(u128);

impl Partitions {
    /// None.
    pub(in crate::store) const NONE: Self = Self(0);
    /// Authenticators and their variables, plugins, roles, system settings, the token policy.
    pub(in crate::store) const SETTINGS: Self = Self(1);
    /// All accounts, with who has which role.
    pub(in crate::store) const ACCOUNTS: Self = Self::range(1, STRIPES);
    /// All tokens that were signed out.
    pub(in crate::store) const REVOCATIONS: Self = Self::range(1 + STRIPES, STRIPES);
    /// How many accounts there are, where some were removed.
    pub(in crate::store) const REMOVED_USERS: Self = Self::range(1 + 2 * STRIPES, 1);
    /// How many rows the audit trail has, where some were removed.
    pub(in crate::store) const REMOVED_AUDIT: Self = Self::range(2 + 2 * STRIPES, 1);
    /// Everything.
    pub(in crate::store) const ALL: Self = Self::range(0, PARTITIONS);

    const fn range(first: u8, count: u8) -> Self {
        Self(((1 << count) - 1) << first)
    }

    /// The part with this account.
    pub(in crate::store) fn account(id: i64) -> Self {
        // Of a negative number too: `u64` wraps in the same way everywhere.
        let stripe = id.cast_unsigned() % u64::from(STRIPES);
        Self(1 << (1 + stripe))
    }

    /// The part with this token, or the name of one.
    pub(in crate::store) fn revocation(token: &str) -> Self {
        // FNV-1a: it has to be the same in all processes, whichever release they are of.
        let hash = token.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(1 << (1 + u64::from(STRIPES) + hash % u64::from(STRIPES)))
    }

    /// A write to accounts that touches this one alone.
    pub(in crate::store) fn only_account(id: i64) -> Self {
        Self::no_account() | Self::account(id)
    }

    /// A write to accounts that touches none which could be kept.
    pub(in crate::store) fn no_account() -> Self {
        Self(Self::ALL.0 & !Self::ACCOUNTS.0)
    }

    /// A write to tokens that were signed out which touches this one alone.
    pub(in crate::store) fn only_revocation(token: &str) -> Self {
        Self::no_revocation() | Self::revocation(token)
    }

    /// A write to tokens that were signed out which touches none that could be kept.
    pub(in crate::store) fn no_revocation() -> Self {
        Self(Self::ALL.0 & !Self::REVOCATIONS.0)
    }

    /// The one with this number; none when there is no such partition.
    pub(in crate::store) fn numbered(number: i32) -> Self {
        match u8::try_from(number) {
            Ok(number) if number < PARTITIONS => Self(1 << number),
            _ => Self::NONE,
        }
    }

    /// Their numbers, in order.
    pub(in crate::store) fn numbers(self) -> impl Iterator<Item = u8> {
        (0..PARTITIONS).filter(move |number| self.0 >> number & 1 == 1)
    }

    /// Whether there are none.
    pub(in crate::store) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What a write to this statement's table makes stale, unless it says that it does less.
    pub(in crate::store) fn written_by(sql: &str) -> Self {
        match written(sql) {
            Written::Nothing => Self::NONE,
            Written::Table(table) if sql.starts_with("DELETE") => {
                Self::of_table(table) | Self::of_removal_from(table)
            }
            Written::Table(table) => Self::of_table(table),
            Written::Unknown => Self::ALL,
        }
    }

    /// What only a removal makes stale: new rows are counted by those who ask how many there are.
    fn of_removal_from(table: &str) -> Self {
        match table {
            "users" => Self::REMOVED_USERS,
            "dingtalk_audit" => Self::REMOVED_AUDIT,
            _ => Self::NONE,
        }
    }

    fn of_table(table: &str) -> Self {
        match table {
            "users" | "rolesUsers" => Self::ACCOUNTS,
            "tokenBlacklist" => Self::REVOCATIONS,
            // Variables are part of what is made of authenticators.
            "applicationPlugins"
            | "authenticators"
            | "environmentVariables"
            | "roles"
            | "systemSettings"
            | "tokenControlConfig" => Self::SETTINGS,
            // Nothing of these is kept. Whoever changes that gives the table a line above.
            "apiKeys"
            | "dingtalk_audit"
            | "dingtalk_audit_hours"
            | "dingtalk_bound_people"
            | "dingtalk_changes"
            | "dingtalk_consumed_states"
            | "dingtalk_contacts"
            | "dingtalk_departments"
            | "dingtalk_directory_findings"
            | "dingtalk_directory_runs"
            | "dingtalk_directory_sources"
            | "dingtalk_leases"
            | "dingtalk_members"
            | "dingtalk_switches"
            | "issuedTokens"
            | "usersAuthenticators" => Self::NONE,
            // A table that is missing above makes everything stale, which costs time but is never wrong.
            _ => Self::ALL,
        }
    }
}

impl BitOr for Partitions {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Partitions {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOrAssign for Partitions {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

/// What a statement changes.
#[derive(Debug, PartialEq, Eq)]
enum Written<'a> {
    Nothing,
    Table(&'a str),
    /// It is none of those that the query builder makes.
    Unknown,
}

fn written(sql: &str) -> Written<'_> {
    let mut words = sql.split_ascii_whitespace();
    let table = match (words.next(), words.next()) {
        (Some("SELECT"), _) => return Written::Nothing,
        (Some("UPDATE"), table) => table,
        (Some("INSERT"), Some("INTO")) | (Some("DELETE"), Some("FROM")) => words.next(),
        _ => None,
    };
    let quoted = |quote| table?.strip_prefix(quote)?.strip_suffix(quote);
    match quoted('"').or_else(|| quoted('`')) {
        Some(table) => Written::Table(table),
        None => Written::Unknown,
    }
}

#[cfg(test)]
mod tests;
