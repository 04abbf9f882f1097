//! Checks a request for sign-in (DingTalk's page "Obtain identity credentials").

use std::collections::BTreeMap;

use url::{Url, form_urlencoded};

use crate::state::redirect_uri;
use crate::state::{person::Person, platform::State};

/// A valid request, which may be answered with a redirect.
pub struct Authorization {
    /// The app that requests the sign-in.
    pub client_id: String,
    /// The registered address to which the browser returns.
    pub redirect_uri: Url,
    /// The `state` of the app, which is returned unchanged.
    pub state: Option<String>,
    /// Whether the app asks for the organization in addition to the person.
    pub with_organization: bool,
    organization: Option<String>,
    administrators_only: bool,
}

/// Why a request for sign-in is refused.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizationError {
    /// A required parameter is absent or empty.
    #[error("The parameter {0} is missing.")]
    Missing(&'static str),
    /// A parameter was given more than once.
    #[error("The parameter {0} was given twice.")]
    Repeated(String),
    /// A parameter has a value that DingTalk does not document.
    #[error("The parameter {name} must be {expected}, not «{actual}».")]
    Invalid {
        /// The name of the parameter.
        name: &'static str,
        /// The documented values.
        expected: &'static str,
        /// The value in the request.
        actual: String,
    },
    /// The app does not exist.
    #[error("No app has the client ID «{0}».")]
    UnknownClient(String),
    /// The app has not registered this address.
    #[error(
        "«{0}» is not a redirect URI of this app. Scheme, host, port and path must be exactly the registered ones."
    )]
    RedirectUri(String),
}

impl Authorization {
    /// Checks a query. There is never a redirect before the redirect URI is known to be the app's.
    pub fn parse(state: &State, query: &str) -> Result<Self, AuthorizationError> {
        let parameters = Parameters::read(query)?;
        let client_id = parameters.required("client_id")?;
        let app = state
            .apps
            .get(client_id)
            .ok_or_else(|| AuthorizationError::UnknownClient(client_id.to_owned()))?;
        let redirect_uri = parameters.required("redirect_uri")?;
        let redirect_uri = redirect_uri::match_registered(redirect_uri, &app.redirect_uris)
            .ok_or_else(|| AuthorizationError::RedirectUri(redirect_uri.to_owned()))?;
        parameters.one_of("response_type", &["code"], "code")?;
        // The value `auto` is not documented, but clients that use it work.
        parameters.one_of("prompt", &["consent", "auto"], "consent")?;
        let with_organization = check_scope(parameters.required("scope")?)?;
        // Both parameters are documented to apply only with the scope `corpid`.
        let (organization, administrators_only) = if with_organization {
            let administrators_only = parameters.optional("org_type") == Some("management");
            (
                parameters.optional("corpId").map(str::to_owned),
                administrators_only,
            )
        } else {
            (None, false)
        };
        Ok(Self {
            client_id: client_id.to_owned(),
            redirect_uri,
            state: parameters.optional("state").map(str::to_owned),
            with_organization,
            organization,
            administrators_only,
        })
    }

    /// Whether a person may sign in here. With a preselected organization only its people may, and
    /// on request only administrators.
    pub fn admits(&self, person: &Person) -> bool {
        let organization_fits = self
            .organization
            .as_ref()
            .is_none_or(|corp_id| person.is_employee_of(corp_id));
        organization_fits && (person.admin || !self.administrators_only)
    }
}

/// Checks the scopes and returns whether the organization is among them. Names with a dot are
/// personal permissions such as `Contact.User.Read`, which may be added.
fn check_scope(scope: &str) -> Result<bool, AuthorizationError> {
    let names: Vec<_> = scope.split_whitespace().collect();
    let known = |name: &&str| matches!(*name, "openid" | "corpid") || name.contains('.');
    if !names.contains(&"openid") || !names.iter().all(known) {
        return Err(AuthorizationError::Invalid {
            name: "scope",
            expected: "«openid» or «openid corpid»",
            actual: scope.to_owned(),
        });
    }
    Ok(names.contains(&"corpid"))
}

struct Parameters(BTreeMap<String, String>);

impl Parameters {
    fn read(query: &str) -> Result<Self, AuthorizationError> {
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
            if parameters.contains_key(&name) {
                return Err(AuthorizationError::Repeated(name));
            }
            parameters.insert(name, value);
        }
        Ok(Self(parameters))
    }

    fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn required(&self, name: &'static str) -> Result<&str, AuthorizationError> {
        self.optional(name)
            .filter(|value| !value.is_empty())
            .ok_or(AuthorizationError::Missing(name))
    }

    fn one_of(
        &self,
        name: &'static str,
        accepted: &[&str],
        expected: &'static str,
    ) -> Result<(), AuthorizationError> {
        let actual = self.required(name)?;
        if accepted.contains(&actual) {
            return Ok(());
        }
        Err(AuthorizationError::Invalid {
            name,
            expected,
            actual: actual.to_owned(),
        })
    }
}
