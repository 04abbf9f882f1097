//! Partitions: the parts of the caches that a write can make stale.
//!
//! There is one partition for all settings and a few dozen each for accounts and for revoked
//! tokens, so that a change of one account leaves most others alone. Each has a number, which is
//! the same in every process and is the key in the table `dingtalk_changes`.

use std::ops::{BitAnd, BitOr, BitOrAssign};

/// How many partitions there are for accounts, and how many for revoked tokens.
const STRIPES: u8 = 32;

/// The number of partitions.
pub(in crate::store) const PARTITIONS: u8 = 1 + 2 * STRIPES + 2;

/// A set of partitions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Partitions(u128);

impl Partitions {
    /// The empty set.
    pub(in crate::store) const NONE: Self = Self(0);
    /// Everything that counts as settings: authenticators and their variables, plugins, roles,
    /// system settings and the token policy.
    pub(in crate::store) const SETTINGS: Self = Self(1);
    /// All accounts, with their roles.
    pub(in crate::store) const ACCOUNTS: Self = Self::range(1, STRIPES);
    /// All revoked tokens.
    pub(in crate::store) const REVOCATIONS: Self = Self::range(1 + STRIPES, STRIPES);
    /// The number of accounts, for counts that a removal makes wrong.
    pub(in crate::store) const REMOVED_USERS: Self = Self::range(1 + 2 * STRIPES, 1);
    /// The number of rows in the audit trail, for counts that a removal makes wrong.
    pub(in crate::store) const REMOVED_AUDIT: Self = Self::range(2 + 2 * STRIPES, 1);
    /// All partitions.
    pub(in crate::store) const ALL: Self = Self::range(0, PARTITIONS);

    const fn range(first: u8, count: u8) -> Self {
        Self(((1 << count) - 1) << first)
    }

    /// The partition of this account.
    pub(in crate::store) fn account(id: i64) -> Self {
        // Negative ids are fine, because the conversion to `u64` is the same everywhere.
        let stripe = id.cast_unsigned() % u64::from(STRIPES);
        Self(1 << (1 + stripe))
    }

    /// The partition of this token, which is given as a whole or by its `jti`.
    pub(in crate::store) fn revocation(token: &str) -> Self {
        // The hash is FNV-1a, because it must be the same in all processes and releases.
        let hash = token.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(1 << (1 + u64::from(STRIPES) + hash % u64::from(STRIPES)))
    }

    /// The limit for a write to accounts that changes this one only.
    pub(in crate::store) fn only_account(id: i64) -> Self {
        Self::no_account() | Self::account(id)
    }

    /// The limit for a write to accounts that changes none that can be cached.
    pub(in crate::store) fn no_account() -> Self {
        Self(Self::ALL.0 & !Self::ACCOUNTS.0)
    }

    /// The limit for a write to revoked tokens that changes this one only.
    pub(in crate::store) fn only_revocation(token: &str) -> Self {
        Self::no_revocation() | Self::revocation(token)
    }

    /// The limit for a write to revoked tokens that changes none that can be cached.
    pub(in crate::store) fn no_revocation() -> Self {
        Self(Self::ALL.0 & !Self::REVOCATIONS.0)
    }

    /// The partition with this number; the empty set when there is none.
    pub(in crate::store) fn numbered(number: i32) -> Self {
        match u8::try_from(number) {
            Ok(number) if number < PARTITIONS => Self(1 << number),
            _ => Self::NONE,
        }
    }

    /// The numbers of the partitions, in order.
    pub(in crate::store) fn numbers(self) -> impl Iterator<Item = u8> {
        (0..PARTITIONS).filter(move |number| self.0 >> number & 1 == 1)
    }

    /// Whether the set is empty.
    pub(in crate::store) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The partitions that a statement makes stale by writing to its table, unless the caller
    /// limits them. None when the statement only reads.
    pub(in crate::store) fn written_by(sql: &str) -> Option<Self> {
        Some(match written(sql) {
            WriteTarget::Nothing => return None,
            WriteTarget::Table(table) if sql.starts_with("DELETE") => {
                Self::of_table(table) | Self::of_removal_from(table)
            }
            WriteTarget::Table(table) => Self::of_table(table),
            WriteTarget::Unknown => Self::ALL,
        })
    }

    /// The partitions that only a removal makes stale. Counts include new rows without that.
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
            // Variables are part of what is computed from authenticators.
            "applicationPlugins"
            | "authenticators"
            | "environmentVariables"
            | "roles"
            | "systemSettings"
            | "tokenControlConfig" => Self::SETTINGS,
            // Nothing of these tables is cached. When that changes, the table moves to a line
            // above.
            "apiKeys"
            | "dingtalk_audit"
            | "dingtalk_audit_hours"
            | "dingtalk_bound_people"
            | "dingtalk_carried_sends"
            | "dingtalk_changes"
            | "dingtalk_consumed_states"
            | "dingtalk_contacts"
            | "dingtalk_departments"
            | "dingtalk_directory_findings"
            | "dingtalk_directory_runs"
            | "dingtalk_directory_sources"
            | "dingtalk_events"
            | "dingtalk_leases"
            | "dingtalk_members"
            | "dingtalk_message_claims"
            | "dingtalk_messages"
            | "dingtalk_mirrored_channels"
            | "dingtalk_renames"
            | "dingtalk_streams"
            | "dingtalk_switches"
            | "dingtalk_waiting_sends"
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

/// What a statement writes to.
#[derive(Debug, PartialEq, Eq)]
enum WriteTarget<'a> {
    Nothing,
    Table(&'a str),
    /// The query builder does not make such a statement.
    Unknown,
}

fn written(sql: &str) -> WriteTarget<'_> {
    let mut words = sql.split_ascii_whitespace();
    let table = match (words.next(), words.next()) {
        (Some("SELECT"), _) => return WriteTarget::Nothing,
        (Some("UPDATE"), table) => table,
        (Some("INSERT"), Some("INTO")) | (Some("DELETE"), Some("FROM")) => words.next(),
        _ => None,
    };
    let quoted = |quote| table?.strip_prefix(quote)?.strip_suffix(quote);
    match quoted('"').or_else(|| quoted('`')) {
        Some(table) => WriteTarget::Table(table),
        None => WriteTarget::Unknown,
    }
}

#[cfg(test)]
mod tests;
