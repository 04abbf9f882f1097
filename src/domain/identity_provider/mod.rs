//! Identity providers: services that identify people, such as DingTalk.
//!
//! A provider reads the options of authenticators of its type, gives the address of its login page,
//! and turns an authorization code into an [`Identity`]. It decides whether a person belongs to the
//! organization, because only it knows what the organization says, and refuses everybody else. Which
//! account the person gets, or that they get none, is decided by [`super::sign_in`] by the [`Rules`]
//! that the options contain. That, and all else about signing in, is the same for all providers and
//! uses these traits. The module `server` decides which providers there are.

mod error;
mod finding;
mod ready;
mod registry;
mod secrets;
#[cfg(test)]
mod tests;

pub use error::{IdentifyError, OptionsError, Unidentified};
pub use finding::{ConnectionFinding, Level, Tested};
pub use ready::{UnusableOptions, ready};
pub use registry::Providers;
pub use secrets::MASK;

use std::borrow::Cow;

use async_trait::async_trait;
use serde_json::Value;
use url::Url;

use super::events::{CallbackReader, CallbackSecrets, EventConnection, StreamError};
use super::identity::Identity;
use super::message::{Messenger, Way};
use super::organization::Directory;
use super::sign_in_rules::Rules;
use crate::config::Origin;

/// The names of a provider for clients, people and stored rows. They never change.
#[derive(Debug, PartialEq, Eq)]
pub struct ProviderNames {
    /// The type of its authenticators.
    pub auth_type: &'static str,
    /// Its name for people; a key of the files in `locale/`.
    pub title: &'static str,
    /// The resource of its actions: `dingtalk` in `/api/dingtalk:redirect`. Parameters of addresses
    /// and labels of metrics begin with it, too.
    pub resource: &'static str,
    /// The prefix of the codes of its refusals, before an underscore.
    pub code_prefix: &'static str,
    /// The parameters in which it sends a code. If several are present, they must be the same.
    pub code_parameters: &'static [&'static str],
}

/// An authorization code of a provider. A provider accepts each kind only in its own place, so the
/// kind follows from the way by which the code came, never from its form.
#[derive(Clone, Copy)]
pub enum Code<'a> {
    /// A code from the login page.
    LoginPage(&'a str),
    /// A code from the provider's own client, for a page inside it.
    InApp(&'a str),
}

/// A problem with one option. It contains nothing of the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionProblem {
    /// The key of the option, with dots between levels.
    pub path: &'static str,
    /// The title of the option, in English.
    pub title: &'static str,
    /// The broken rule, with `{{field}}` as the placeholder for the title.
    pub rule: &'static str,
}

/// What a sign-in page loads from a provider to embed its login page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// The address of the provider's script.
    pub script: Url,
    /// The host whose page the script shows in a frame.
    pub frame: Url,
}

/// A service that identifies people.
pub trait IdentityProvider: Send + Sync {
    /// The names of the provider.
    fn names(&self) -> &'static ProviderNames;

    /// Whether the provider's own client can identify its user to a page that is opened inside it.
    fn signs_in_inside(&self) -> bool {
        false
    }

    /// Whether the provider can list the people of an organization.
    fn has_directory(&self) -> bool {
        false
    }

    /// Whether it carries messages to people.
    fn carries_messages(&self) -> bool {
        false
    }

    /// The JSON Schema of the options, from which the administrator's form is generated. In
    /// addition to the standard keywords, `x-widget` says how the form shows an option. If there is
    /// an option `newUserRoles`, the roles to choose from are filled in, and if there is a
    /// `redirectUrl`, the address is.
    fn schema(&self) -> &Value;

    /// The keys of secret options.
    fn secrets(&self) -> &[&'static str];

    /// The options, with values that another program wrote to other places moved to where they
    /// belong.
    fn without_legacy_groups<'a>(&self, options: &'a Value) -> Cow<'a, Value> {
        Cow::Borrowed(options)
    }

    /// The keys of the options that say whose people it identifies: with other values, the same
    /// identifier may be another person's.
    fn says_whose_people(&self) -> &[&'static str] {
        &[]
    }

    /// Removes invisible characters that came with pasting from options, before they are stored.
    fn tidy(&self, _options: &mut Value) {}

    /// All problems of options that an administrator wants to save.
    fn problems(&self, options: &Value) -> Vec<OptionProblem>;

    /// The problem of using new options with the secrets of stored ones. Whoever may edit options
    /// must not be able to send a secret that they cannot read to somewhere else.
    fn problem_of_stored_secrets(&self, options: &Value, stored: &Value) -> Option<OptionProblem>;

    /// The names of the roles that options give to new accounts, even if other values are invalid.
    fn roles_given(&self, options: &Value) -> Vec<String> {
        let configured = self.configure(options);
        configured.map_or_else(|_| Vec::new(), |configured| configured.rules().roles)
    }

    /// The provider, configured with the options of one authenticator, whose variables have been
    /// filled in.
    fn configure(&self, options: &Value) -> Result<Box<dyn ConfiguredProvider>, OptionsError>;

    /// What sign-in pages load from the provider, if these options embed its login page.
    fn embedded(&self, _options: &Value) -> Option<Embedded> {
        None
    }

    /// The hosts that it calls, and the state of the circuit breaker of each.
    fn breakers(&self) -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }
}

/// A provider, configured with the options of one authenticator.
#[async_trait]
pub trait ConfiguredProvider: Send + Sync {
    /// The address of its login page for one sign-in attempt.
    fn authorization_url(&self, redirect_uri: &str, state: &str) -> Url;

    /// The person for whom the provider issued this code. Everybody who is not clearly allowed by
    /// the options is refused.
    async fn identify(&self, code: Code<'_>) -> Result<Identity, IdentifyError>;

    /// The person with this identifier in the organization; none if there is nobody, or the
    /// provider cannot look people up. The conditions are those of [`Self::identify`].
    async fn look_up(&self, _identifier: &str) -> Result<Option<Identity>, IdentifyError> {
        Ok(None)
    }

    /// What those people get whom [`Self::identify`] lets in.
    fn rules(&self) -> Rules;

    /// The origin to which browsers come back, if it differs from that of the request.
    fn redirect_origin(&self) -> Option<&Origin> {
        None
    }

    /// What a page inside the provider's client needs to ask it for a code, if people are to be
    /// signed in there. Visitors can see it.
    fn in_app(&self) -> Option<Value> {
        None
    }

    /// The reader of the organization's directory, if the provider has one.
    fn directory(&self) -> Option<Box<dyn Directory>> {
        None
    }

    /// Who carries messages in this way, where the options have what that needs.
    fn messenger(&self, _way: Way) -> Option<Box<dyn Messenger>> {
        None
    }

    /// The reader of callbacks that are signed and encrypted with these secrets. None when the provider sends no
    /// callbacks, or when the secrets do not have the form that it demands.
    fn callbacks(&self, _secrets: CallbackSecrets<'_>) -> Option<Box<dyn CallbackReader>> {
        None
    }

    /// For which application of the provider it opens connections that tell events: several authenticators may
    /// have one application, and share its connection. Nothing where the provider has no such connections.
    fn event_application(&self) -> Option<String> {
        None
    }

    /// Opens a connection over which the provider tells events.
    async fn open_events(&self) -> Result<Box<dyn EventConnection>, StreamError> {
        Err(StreamError::Unsupported)
    }

    /// Checks whether such a connection could be opened, without opening one: the provider could send
    /// an event over it.
    async fn check_events(&self) -> Result<(), StreamError> {
        Err(StreamError::Unsupported)
    }

    /// Asks the provider whether these options would work, before anybody signs in.
    async fn test_connection(&self) -> Tested;
}
