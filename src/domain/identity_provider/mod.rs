//! Identity providers: services that say who somebody is, such as DingTalk.
//!
//! A provider never decides who gets in. It reads the options of authenticators of its type, leads to
//! its login page, and turns what comes back into an [`Identity`]; with which [`Rules`] that person is
//! let in is said in the options, too. Everything else about signing in from elsewhere is the same for
//! all providers, and asks through these traits. Which providers a server has, the composition says.

mod error;
mod finding;
mod ready;
mod registry;
mod secrets;

pub use error::{IdentifyError, OptionsError, Unidentified};
pub use finding::{Finding, Level, Tested};
pub use ready::{UnusableOptions, ready};
pub use registry::Providers;
pub use secrets::MASK;

use std::borrow::Cow;

use async_trait::async_trait;
use serde_json::Value;
use url::Url;

use super::identity::Identity;
use super::organisation::Directory;
use super::sign_in_rules::Rules;
use crate::config::Origin;

/// The names under which a provider is known to clients, people and stored rows. They never change.
#[derive(Debug, PartialEq, Eq)]
pub struct ProviderNames {
    /// The type of its authenticators.
    pub auth_type: &'static str,
    /// What people call it; a key of the files in `locale/`.
    pub title: &'static str,
    /// The resource of its actions, `dingtalk` in `/api/dingtalk:redirect`. Parameters of addresses and
    /// values of metrics begin with it.
    pub resource: &'static str,
    /// What the codes of its refusals begin with, before an underscore.
    pub code_prefix: &'static str,
    /// The parameters in which it brings back a code. All that are there must agree.
    pub code_parameters: &'static [&'static str],
}

/// A code that a provider gave for a person. A provider takes each kind at its own place only, and so
/// which kind it is follows from the way by which it came, never from how it looks.
#[derive(Clone, Copy)]
pub enum Code<'a> {
    /// From the login page.
    LoginPage(&'a str),
    /// From the provider's own client, for a page inside it.
    InApp(&'a str),
}

/// What is wrong with one option. Nothing of its value is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionProblem {
    /// Its key, with dots between levels.
    pub path: &'static str,
    /// Its title, in English.
    pub title: &'static str,
    /// The rule that it breaks, with `{{field}}` for the title.
    pub rule: &'static str,
}

/// What a sign-in page loads from a provider, to show its login within itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// Address of the provider's script.
    pub script: Url,
    /// The host whose page the script shows in a frame.
    pub frame: Url,
}

/// A service that says who somebody is.
pub trait IdentityProvider: Send + Sync {
    /// Under which names it is known.
    fn names(&self) -> &'static ProviderNames;

    /// Whether its own client can say who holds it, for a page that is opened inside it.
    fn signs_in_inside(&self) -> bool {
        false
    }

    /// Whether it can tell who is in an organisation.
    fn has_directory(&self) -> bool {
        false
    }

    /// The JSON Schema of the options, from which the administrator's form is drawn. Beside the
    /// standard's words it has `x-widget`, which says how the form shows an option. Where there is an
    /// option `newUserRoles` it is given the roles to choose from, and `redirectUrl` the address.
    fn schema(&self) -> &Value;

    /// Keys of options that are secret.
    fn secrets(&self) -> &[&'static str];

    /// The options with what another program wrote in the places where ours stand.
    fn without_legacy_groups<'a>(&self, options: &'a Value) -> Cow<'a, Value> {
        Cow::Borrowed(options)
    }

    /// Takes out of options what came with pasting, before they are stored.
    fn tidy(&self, _options: &mut Value) {}

    /// What is wrong with options that an administrator wants to store: all of it.
    fn problems(&self, options: &Value) -> Vec<OptionProblem>;

    /// What is wrong when new options are used with the secrets of stored ones: whoever may edit options
    /// must not lead a secret that they cannot read to somewhere else.
    fn problem_of_stored_secrets(&self, options: &Value, stored: &Value) -> Option<OptionProblem>;

    /// Names of the roles that options give to new accounts, whatever else is wrong with them.
    fn roles_given(&self, options: &Value) -> Vec<String> {
        let configured = self.configure(options);
        configured.map_or_else(|_| Vec::new(), |configured| configured.rules().roles)
    }

    /// The provider with the options of one authenticator, whose variables are filled in.
    fn configure(&self, options: &Value) -> Result<Box<dyn ConfiguredProvider>, OptionsError>;

    /// What sign-in pages load from the provider, when these options want its login within them.
    fn embedded(&self, _options: &Value) -> Option<Embedded> {
        None
    }

    /// The hosts that it calls, and the state of the circuit breaker of each.
    fn breakers(&self) -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }
}

/// A provider with the options of one authenticator.
#[async_trait]
pub trait ConfiguredProvider: Send + Sync {
    /// The address of its login page for one sign-in attempt.
    fn authorization_url(&self, redirect_uri: &str, state: &str) -> Url;

    /// Who it is that it gave this code for. Fails closed: whoever is not positively one of those whom
    /// the options let in is refused.
    async fn identify(&self, code: Code<'_>) -> Result<Identity, IdentifyError>;

    /// Who it is that the organisation keeps under this identifier of its own; nothing where it keeps nobody, or
    /// the provider cannot be asked for people. With the same conditions as [`Self::identify`].
    async fn look_up(&self, _identifier: &str) -> Result<Option<Identity>, IdentifyError> {
        Ok(None)
    }

    /// Whom the options let in, and what people get.
    fn rules(&self) -> Rules;

    /// The origin that browsers come back to, where it differs from that of the request.
    fn callback_origin(&self) -> Option<&Origin> {
        None
    }

    /// What a page inside the provider's client must know to ask it for a code, when people are to be
    /// signed in there. Visitors see it.
    fn in_app(&self) -> Option<Value> {
        None
    }

    /// Who reads the organisation, where the provider has a directory.
    fn directory(&self) -> Option<Box<dyn Directory>> {
        None
    }

    /// Asks the provider whether these options would work, before anybody signs in.
    async fn test_connection(&self) -> Tested;
}
