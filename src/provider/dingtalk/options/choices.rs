//! What options choose among. Titles are keys of the files in `locale/`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An identifier of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BindBy {
    /// The organisation's own, `userid`.
    #[default]
    #[serde(alias = "userid")]
    #[schemars(title = "User ID in the organization")]
    UserId,
    /// The one that all applications of a developer share.
    #[serde(alias = "unionid")]
    #[schemars(title = "Union ID")]
    UnionId,
    /// The phone number that the organisation keeps.
    #[schemars(title = "Phone number")]
    Mobile,
}

/// How an existing account is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum LinkExisting {
    /// By the phone number that the organisation keeps.
    #[default]
    #[schemars(title = "By phone number")]
    Phone,
    /// By that, or by the mailbox that the organisation gave the person.
    #[schemars(title = "By phone number or the organization's mailbox")]
    PhoneOrEmail,
    /// Never: only bound accounts and new ones.
    #[schemars(title = "Never")]
    Off,
}

/// Something that the organisation knows about a person, and an account can keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ProfileField {
    /// The name.
    #[schemars(title = "Nickname")]
    Nickname,
    /// The phone number.
    #[schemars(title = "Phone")]
    Phone,
    /// The organisation's mailbox.
    #[schemars(title = "Email")]
    Email,
    /// The address of a picture, which is kept with the binding.
    #[schemars(title = "Avatar")]
    Avatar,
}

impl ProfileField {
    /// All of them, which new accounts get unless somebody chose.
    pub fn all() -> Vec<Self> {
        vec![Self::Nickname, Self::Phone, Self::Email, Self::Avatar]
    }
}
