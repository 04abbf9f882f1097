//! What options of a source choose among. Titles are keys of the files in `locale/`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When a value of the organisation takes the place of the account's. An empty one never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FieldRule {
    /// Whenever it differs.
    #[schemars(title = "Always")]
    Always,
    /// When the account has none.
    #[schemars(title = "When empty")]
    WhenEmpty,
    /// Never, not even in new accounts.
    #[schemars(title = "Never")]
    Never,
}

/// What becomes of accounts of people who are gone. Root, the account that the source acts as, and
/// accounts that the source neither made nor bound stay as they are in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Leavers {
    /// They lose all access, and what they have made stays theirs.
    #[default]
    #[schemars(title = "Disable the account")]
    Disable,
    /// Their binding is removed, so that nobody signs in to them through the provider, and they leave
    /// their departments.
    #[schemars(title = "Remove the binding")]
    Unbind,
    /// Nothing: they stay as they are, in their departments too.
    #[schemars(title = "Do nothing")]
    Nothing,
    /// They are removed, and nobody gets them back.
    #[schemars(title = "Delete the account")]
    Delete,
}
