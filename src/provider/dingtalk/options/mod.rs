//! The options of a DingTalk authenticator, as stored in `authenticators.options`.
//!
//! This type is the only place where an option is described. Its JSON Schema ([`schema()`])
//! generates the administrator's form, its rules validate what is sent ([`problems_of`]), and
//! sign-ins read it ([`DingTalkOptions::parse`]). Titles, descriptions and rules are keys of the
//! files in `locale/`. The order is that of the form; `x-group` names the collapsible group of an
//! option, `x-when` the choices with which it has a meaning, and `x-required` those with which it
//! must be set.
//!
//! Unknown keys are kept and ignored, because a row may be shared with a NocoBase that knows more.

mod choices;
mod condition;
mod form;
mod in_app;
mod legacy;
mod rules;
mod schema;
mod stored_secret;
mod values;

use std::fmt::Write as _;

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use validator::Validate;

pub use choices::{AutoSignInBy, BindBy, LinkExisting, ProfileField};
pub use form::form;
pub use legacy::without_legacy_groups;
pub use schema::{problems_of, schema, secrets, tidy};
pub use stored_secret::problem_of_stored_secret;

use crate::config::Origin;
use crate::domain::identity_provider::OptionsError;

/// What an administrator sets, in the order of the form. Visitors may see only what is under
/// `public`.
#[derive(Clone, Debug, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-groups" = [
    {"name": "access", "title": "Who gets in"},
    {"name": "existing", "title": "Existing accounts"},
    {"name": "new", "title": "New accounts"},
    {"name": "inside", "title": "Inside DingTalk"},
    {"name": "messages", "title": "Messages"},
    {"name": "page", "title": "Sign-in page"},
    {"name": "address", "title": "Address"},
]))]
pub struct DingTalkOptions {
    /// Client ID of the application (also called `AppKey`).
    #[schemars(
        title = "Client ID",
        description = "Also called AppKey. It stands on the app's page in the DingTalk developer console.",
        extend("x-rule" = "{{field}} holds signs that DingTalk never uses in it; copy it again from the developer console")
    )]
    #[validate(length(min = 1, max = 128))]
    #[serde(deserialize_with = "values::identifier")]
    pub client_id: String,
    /// Client Secret of the application (also called `AppSecret`).
    #[schemars(
        with = "String",
        title = "Client Secret",
        description = "Also called AppSecret. A stored secret is shown as a mask; leave the mask to keep it.",
        extend("writeOnly" = true, "x-rule" = "{{field}} holds signs that DingTalk never uses in it; copy it again from the developer console")
    )]
    #[serde(deserialize_with = "values::secret")]
    pub client_secret: SecretString,
    /// The part that visitors may see.
    #[serde(default)]
    pub public: PublicOptions,
    /// The organization. If set, the person must have chosen it while signing in.
    #[schemars(
        with = "String",
        title = "Corp ID",
        description = "When set, people must choose this organization on DingTalk's page. It begins with «ding», and stands on the start page of the developer console.",
        extend(
            "x-group" = "access",
            "x-required" = {"public.autoSignIn": [true], "public.autoSignInBy": ["clientCode"]},
            "x-rule" = "{{field}} holds signs that DingTalk never uses in it; copy it again from the developer console",
        )
    )]
    #[serde(default, deserialize_with = "values::optional_identifier")]
    #[validate(length(max = 128))]
    pub corp_id: Option<String>,
    /// The identifier by which accounts are bound to people.
    #[schemars(
        title = "Bind accounts by",
        description = "What ties an account to a person. People who are bound stay so when this is changed.",
        extend("x-group" = "access")
    )]
    #[serde(default)]
    pub bind_by: BindBy,
    /// Whether only employees may sign in, or also external contacts of the organization.
    #[schemars(
        title = "Members of the organization only",
        description = "Without this, external contacts that the organization keeps can sign in, too. Nobody else ever can.",
        extend("x-group" = "access")
    )]
    #[serde(default = "yes")]
    pub members_only: bool,
    /// Which existing account a person gets at the first sign-in.
    #[schemars(
        title = "Link existing accounts",
        description = "Who signs in for the first time gets the account with the phone number or mailbox that the organization keeps of them.",
        extend("x-group" = "existing")
    )]
    #[serde(default)]
    pub link_existing: LinkExisting,
    /// The domains whose mailboxes may link accounts, in lower case.
    #[schemars(
        with = "String",
        title = "Email domains that link",
        description = "Separated by commas. Only mailboxes of exactly these domains link an account. Do not let people edit their own email address then.",
        extend(
            "x-group" = "existing",
            "x-when" = {"linkExisting": ["phoneOrEmail"]},
            "x-required" = {"linkExisting": ["phoneOrEmail"]},
            "x-rule" = "{{field}} must be domains such as example.com, separated by commas",
        )
    )]
    #[serde(default, deserialize_with = "values::domains")]
    pub email_domains: Vec<String>,
    /// Whether accounts of administrators may be linked.
    #[schemars(
        title = "Also link administrators",
        description = "Accounts with a role that opens settings. The root account is never linked.",
        extend("x-group" = "existing", "x-when" = {"linkExisting": ["phone", "phoneOrEmail"]})
    )]
    #[serde(default)]
    pub link_administrators: bool,
    /// The roles of new accounts; without any, the default role.
    #[schemars(
        title = "Roles of new accounts",
        description = "Without any, new accounts get the default role.",
        extend("x-group" = "new", "x-when" = {"public.autoSignup": [true]})
    )]
    #[serde(default)]
    pub new_user_roles: Vec<String>,
    /// The profile fields that are copied to new accounts.
    #[schemars(
        title = "Copied to new accounts",
        description = "What the organization knows about a person. What another account has already is left out.",
        extend("x-group" = "new")
    )]
    #[serde(default = "ProfileField::all")]
    pub profile_fields: Vec<ProfileField>,
    /// Whether the fields are copied again at each sign-in.
    #[schemars(
        title = "Copy again at each sign-in",
        description = "Changes in DingTalk replace what the account says. Nothing is ever emptied.",
        extend("x-group" = "new")
    )]
    #[serde(default)]
    pub refresh_profile: bool,
    /// Number of the application's agent, in whose name work notifications come.
    #[schemars(
        with = "String",
        title = "Agent ID",
        description = "Needed to send work notifications. It stands on the app's page in the DingTalk developer console.",
        extend(
            "x-group" = "messages",
            "x-rule" = "{{field}} must be a number; copy it again from the developer console",
        )
    )]
    #[serde(default, deserialize_with = "values::optional_number")]
    pub agent_id: Option<String>,
    /// The scheme, host and port of the Redirect URL, if they differ from those of the request.
    #[schemars(
        with = "String",
        title = "Origin of the Redirect URL",
        description = "Only when the Redirect URL does not begin with the address that browsers use, such as https://nocobase.example.com.",
        extend(
            "x-group" = "address",
            "x-rule" = "{{field}} must be an address such as https://nocobase.example.com, without a path",
        )
    )]
    #[serde(default, deserialize_with = "values::origin")]
    pub callback_origin: Option<Origin>,
}

/// The part that anonymous visitors may see.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the form"
)]
pub struct PublicOptions {
    /// Whether members of the organization without an account get one.
    #[schemars(
        title = "Sign up automatically when the user does not exist",
        description = "Without this, people without an account are refused."
    )]
    #[serde(default)]
    pub auto_signup: bool,
    /// Whether employees who open a page inside DingTalk are signed in without a click.
    #[schemars(
        title = "Sign in automatically inside DingTalk",
        description = "Without a click; needs the Corp ID. Elsewhere and after signing out, the button stays.",
        extend("x-group" = "inside")
    )]
    #[serde(default)]
    pub auto_sign_in: bool,
    /// How they are signed in there.
    #[schemars(
        title = "How people are signed in there",
        description = "The login page needs no Corp ID and no home page at the app. It opens without a click, except after signing out.",
        extend("x-group" = "inside", "x-when" = {"public.autoSignIn": [true]})
    )]
    #[serde(default)]
    pub auto_sign_in_by: AutoSignInBy,
    /// Whether the sign-in page shows DingTalk's QR code, which needs a script from DingTalk.
    #[schemars(
        title = "Show DingTalk's QR code",
        description = "On the sign-in page, above the button. The page loads a script from DingTalk for it; where that fails, the button is there.",
        extend("x-group" = "page")
    )]
    #[serde(default)]
    pub qr_code: bool,
    /// Whether the sign-in page goes to DingTalk without a click.
    #[schemars(
        title = "Go to DingTalk at once",
        description = "Where there is no other way in beside the password. Not after signing out, and who comes back from DingTalk finds the sign-in page.",
        extend("x-group" = "page")
    )]
    #[serde(default)]
    pub at_once: bool,
}

fn yes() -> bool {
    true
}

impl DingTalkOptions {
    /// Parses and validates stored options.
    pub fn parse(options: &Value) -> Result<Self, OptionsError> {
        let (known, problems) = schema::check(options);
        if problems.is_empty()
            && let Ok(options) = Self::deserialize(Value::Object(known))
        {
            return Ok(options);
        }
        // Only names are reported, because a value may be a secret.
        let mut named = String::new();
        for problem in &problems {
            let separator = if named.is_empty() { "" } else { ", " };
            let _ = write!(named, "{separator}{}", problem.path);
        }
        Err(OptionsError(named))
    }

    /// The configured organization.
    pub fn corp_id(&self) -> Option<&str> {
        self.corp_id.as_deref()
    }

    /// The number of the application's agent.
    pub fn agent_id(&self) -> Option<&str> {
        self.agent_id.as_deref()
    }

    /// The secret in clear text.
    pub fn client_secret(&self) -> &str {
        self.client_secret.expose_secret()
    }

    /// Whether this field is copied to new accounts.
    pub fn copies(&self, field: ProfileField) -> bool {
        self.profile_fields.contains(&field)
    }
}

/// The names of the roles in options, even if other values are invalid.
pub fn roles_given(options: &Value) -> Vec<String> {
    let (known, _) = schema::check(options);
    let roles = known.get("newUserRoles").cloned();
    roles
        .and_then(|roles| Vec::deserialize(roles).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
