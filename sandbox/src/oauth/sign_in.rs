//! Ends a sign-in by creating the address to which the browser is sent.

use url::Url;
use uuid::Uuid;

use super::authorization::{Authorization, AuthorizationError};
use crate::state::{codes::Purpose, platform::State};

/// The outcome of a sign-in.
pub enum Choice {
    /// This person agrees.
    Person(String),
    /// The sign-in fails with this value of `error`. DingTalk does not list the possible values.
    Error(String),
}

/// The outcome, and deviations of the redirect from the usual form.
pub struct Wish {
    /// The outcome.
    pub choice: Choice,
    /// Whether `code` and `authCode` differ. The real platform never does this, and a client must
    /// refuse it.
    pub different_codes: bool,
    /// Whether the state is left out.
    pub without_state: bool,
}

impl Wish {
    /// An outcome without deviations.
    pub fn new(choice: Choice) -> Self {
        Self {
            choice,
            different_codes: false,
            without_state: false,
        }
    }
}

/// Why the redirect could not be created.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The request is wrong.
    #[error(transparent)]
    Authorization(#[from] AuthorizationError),
    /// No person has this id.
    #[error("There is no person «{0}».")]
    UnknownPerson(String),
    /// The request allows only other people.
    #[error(
        "«{0}» is not offered: the request asks for people of a certain organization, or for administrators."
    )]
    NotOffered(String),
}

/// Ends the sign-in that began with this query.
pub fn complete(state: &mut State, query: &str, wish: &Wish) -> Result<Url, SignInError> {
    let authorization = Authorization::parse(state, query)?;
    let answer = match &wish.choice {
        Choice::Person(id) => {
            let code = issue_code(state, &authorization, id)?;
            let auth_code = if wish.different_codes {
                Uuid::new_v4().simple().to_string()
            } else {
                code.clone()
            };
            vec![("code", code), ("authCode", auth_code)]
        }
        Choice::Error(error) => vec![("error", error.clone())],
    };
    let mut location = authorization.redirect_uri;
    location.query_pairs_mut().extend_pairs(answer);
    if let Some(value) = authorization.state.filter(|_| !wish.without_state) {
        location.query_pairs_mut().append_pair("state", &value);
    }
    Ok(location)
}

fn issue_code(
    state: &mut State,
    authorization: &Authorization,
    id: &str,
) -> Result<String, SignInError> {
    let person = state
        .person(id)
        .ok_or_else(|| SignInError::UnknownPerson(id.to_owned()))?;
    if !authorization.admits(person) {
        return Err(SignInError::NotOffered(id.to_owned()));
    }
    let purpose = Purpose::OAuth {
        client_id: authorization.client_id.clone(),
        // The page has no step for choosing an organization, because every person here has exactly
        // one.
        corp_id: authorization
            .with_organization
            .then(|| person.corp_id.clone()),
    };
    let now = state.clock.now();
    Ok(state.codes.issue(purpose, id, now))
}
