//! The values that options can have. Titles are keys of the files in `locale/`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An identifier of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BindBy {
    /// The identifier in the organization, `userid`.
    #[default]
    #[serde(alias = "userid")]
    #[schemars(title = "User ID in the organization")]
    UserId,
    /// The identifier that all applications of a developer share, `unionid`.
    #[serde(alias = "unionid")]
    #[schemars(title = "Union ID")]
    UnionId,
    /// The phone number that the organization keeps.
    #[schemars(title = "Phone number")]
    Mobile,
}

/// How an existing account is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum LinkExisting {
    /// By the phone number in the organization's data.
    #[default]
    #[schemars(title = "By phone number")]
    Phone,
    /// By the phone number, or by the mailbox that the organization gave the person.
    #[schemars(title = "By phone number or the organization's mailbox")]
    PhoneOrEmail,
    /// Existing accounts are never linked.
    #[schemars(title = "Never")]
    Off,
}

/// How people are signed in without a click inside DingTalk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AutoSignInBy {
    /// By a code that DingTalk's client gives to pages of the application.
    #[default]
    #[schemars(title = "By a code of DingTalk's client")]
    ClientCode,
    /// By the login page, as with the button.
    #[schemars(title = "By DingTalk's login page (OAuth redirect)")]
    Redirect,
}

/// A part of the organization's data about a person that an account can store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ProfileField {
    /// The name.
    #[schemars(title = "Nickname")]
    Nickname,
    /// The phone number.
    #[schemars(title = "Phone")]
    Phone,
    /// The organization's mailbox.
    #[schemars(title = "Email")]
    Email,
    /// The address of a picture, which is stored with the binding.
    #[schemars(title = "Avatar")]
    Avatar,
}

impl ProfileField {
    /// All of them, which new accounts get by default.
    pub fn all() -> Vec<Self> {
        vec![Self::Nickname, Self::Phone, Self::Email, Self::Avatar]
    }
}
