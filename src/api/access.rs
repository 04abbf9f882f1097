//! Who may do what.
//!
//! Each route names its [`Access`]; this is the one place where it is held to that.

use std::sync::Arc;

use actix_web::HttpRequest;
use entity::{role, user};

use super::ApiError;
use super::call::{header, token, wants_stream};
use super::cookies::Cookies;
use super::query::Query;
use crate::app::App;
use crate::domain::role::{self as roles, HeldRole, Scope};
use crate::domain::session::{Claims, Renewal, Verified};

/// Who may call an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody. No token is looked at.
    Public,
    /// Anybody who is signed in.
    SignedIn,
    /// The same, to end that: a token that is too old is not renewed for it.
    SigningOut,
    /// Who acts with the root role.
    Root,
    /// Whose role may do this with data: `view`, `create`, `update` or `destroy`. Of their own
    /// rows only, a role may at most view.
    Data(&'static str),
    /// Whose role may do this with data and use this settings area: what is done to accounts gives
    /// power, which a role for data alone must not have.
    Administer(&'static str, &'static str),
    /// Whose role may use this settings area.
    Snippet(&'static str),
}

/// Somebody who is signed in.
pub struct Caller {
    /// Their account.
    pub user: Arc<user::Model>,
    /// All roles of the account, by name.
    pub roles: Arc<[HeldRole]>,
    /// The role that this request acts with.
    pub role: Arc<role::Model>,
    /// The token to use from now on: the one that they showed, or its successor.
    pub token: String,
    /// What the token that they showed says.
    pub claims: Claims,
}

impl Caller {
    /// Whether they could call what asks for this.
    pub(super) fn may(&self, access: Access) -> bool {
        allows(&self.role, access)
    }

    /// The role to give to a browser that remembers one, which may no longer be theirs. Nothing
    /// where the request or its API key names the role.
    pub(super) fn role_to_remember(&self, request: &HttpRequest) -> Option<String> {
        let is_named = self.claims.role_name.is_some() || header(request, "x-role").is_some();
        (!is_named && Cookies::role(request).is_some()).then(|| self.role.name.clone())
    }
}

/// Checks the token that a protected action was called with. Nobody calls a public one.
pub(super) async fn authenticate(
    app: &App,
    request: &HttpRequest,
    query: &Query,
    access: Access,
) -> Result<Option<(String, Verified)>, ApiError> {
    if access == Access::Public {
        return Ok(None);
    }
    let token = token(request, query).ok_or(ApiError::NoToken)?;
    // A token that NocoBase renews at the same time would get two successors, of which it knows one.
    let elsewhere = app.config.gateway.is_on();
    let renewal = if access == Access::SigningOut {
        Renewal::Pointless
    } else if elsewhere {
        Renewal::Elsewhere
    } else if wants_stream(request) {
        Renewal::Impossible
    } else {
        Renewal::Wanted
    };
    let verified = app.sessions.verify(&app.store, &token, renewal).await?;
    Ok(Some((token, verified)))
}

/// Holds somebody with a good token to what their role may do.
pub(super) fn authorise(
    request: &HttpRequest,
    (token, verified): (String, Verified),
    access: Access,
) -> Result<Caller, ApiError> {
    let held = &verified.account.roles;
    // An API key acts with its own role, whatever the request says.
    let named = verified
        .claims
        .role_name
        .as_deref()
        .or_else(|| header(request, "x-role"));
    let remembered = Cookies::role(request);
    let role = roles::choose(held, named, remembered.as_deref())?.clone();
    if !allows(&role, access) {
        return Err(ApiError::Forbidden);
    }
    Ok(Caller {
        user: verified.account.user,
        roles: verified.account.roles,
        role,
        token: verified.renewed.unwrap_or(token),
        claims: verified.claims,
    })
}

/// Whether a role may call what asks for this.
fn allows(role: &role::Model, access: Access) -> bool {
    match access {
        Access::Public | Access::SignedIn | Access::SigningOut => true,
        Access::Root => role.name == roles::ROOT,
        Access::Data("view") => roles::scope(role, "view").is_some(),
        Access::Data(action) => roles::scope(role, action) == Some(Scope::All),
        Access::Administer(action, snippet) => {
            roles::scope(role, action) == Some(Scope::All) && roles::allows(role, snippet)
        }
        Access::Snippet(snippet) => roles::allows(role, snippet),
    }
}
