//! The choices among which options select. Titles are keys of the files in `locale/`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When a value of the organization replaces that of the account. An empty value never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FieldRule {
    /// Whenever the values differ.
    #[schemars(title = "Always")]
    Always,
    /// When the account has no value.
    #[schemars(title = "When empty")]
    WhenEmpty,
    /// Never, not even in new accounts.
    #[schemars(title = "Never")]
    Never,
}

/// What happens to the accounts of people who are gone. Root, the account that the source acts as,
/// and accounts that the source neither created nor bound are never changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Leavers {
    /// The account loses all access, and what it has created stays.
    #[default]
    #[schemars(title = "Disable the account")]
    Disable,
    /// The binding is removed, so that nobody can sign in to the account through the provider, and
    /// the account is removed from its departments.
    #[schemars(title = "Remove the binding")]
    Unbind,
    /// The account stays as it is, in its departments, too.
    #[schemars(title = "Do nothing")]
    Nothing,
    /// The account is deleted. This cannot be undone.
    #[schemars(title = "Delete the account")]
    Delete,
}
