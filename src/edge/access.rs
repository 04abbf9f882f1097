//! Who may do what.
//!
//! Each route names its [`Access`]; this is the one place where it is held to that.

use std::sync::Arc;

use actix_web::HttpRequest;
use entity::user;

use super::ApiError;
use super::cookies::Cookies;
use super::head::{header, token, wants_stream};
use super::query::Query;
use crate::domain::role::{Acting, HeldRole, RoleMode, Scope};
use crate::domain::session::{Claims, Renewal, Verified};
use crate::state::AppState;

/// Who may call an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody. No token is looked at.
    Public,
    /// Anybody who is signed in.
    SignedIn,
    /// The same, also without any role: for what only takes away.
    WithoutRole,
    /// The same, to end the session: a token that is too old is not renewed for it.
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
    /// What this request acts with; nothing where no role was asked for.
    pub role: Acting,
    /// The token to use from now on: the one that they showed, or the one that replaces it.
    pub token: String,
    /// What the token that they showed says.
    pub claims: Claims,
}

impl Access {
    /// Whether somebody needs no role for it. Taking away is never behind a check for giving:
    /// otherwise whoever lost all roles could not even sign out.
    pub(super) fn needs_no_role(self) -> bool {
        matches!(self, Self::Public | Self::WithoutRole | Self::SigningOut)
    }
}

impl Caller {
    /// Whether they could call what asks for this.
    pub fn may(&self, access: Access) -> bool {
        allows(&self.role, access)
    }

    /// The role to give to a browser that remembers one, which may no longer be theirs. Nothing
    /// where the request or its API key names the role, and of a union, as in NocoBase 2.2.15.
    pub(super) fn role_to_remember(&self, request: &HttpRequest) -> Option<String> {
        let is_named = self.claims.role_name.is_some() || header(request, "x-role").is_some();
        let is_remembered = !is_named && Cookies::role(request).is_some();
        let is_remembered = is_remembered && !self.role.is_nothing();
        (is_remembered && !self.role.is_union()).then(|| self.role.name().to_owned())
    }
}

/// Checks the token that a protected action was called with. Nobody calls a public one.
pub(super) async fn authenticate(
    app: &AppState,
    request: &HttpRequest,
    query: &Query,
    access: Access,
) -> Result<Option<(String, Verified)>, ApiError> {
    if access == Access::Public {
        return Ok(None);
    }
    let token = token(request, query).ok_or(ApiError::NoToken)?;
    // A token that NocoBase renews at the same time would be replaced by two new ones, of which NocoBase knows one.
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
    (token, verified): (String, Verified),
    role: Acting,
    access: Access,
) -> Result<Caller, ApiError> {
    if !allows(&role, access) {
        return Err(ApiError::Forbidden);
    }
    Ok(Caller {
        user: verified.account.user,
        roles: verified.account.held.roles,
        role,
        token: verified.renewed.unwrap_or(token),
        claims: verified.claims,
    })
}

/// Whether roles can be united.
pub async fn role_mode(app: &AppState) -> Result<RoleMode, ApiError> {
    let settings = app.store.settings().await?;
    let system = settings.system.as_ref();
    let mode = system.and_then(|system| system.role_mode.as_deref());
    Ok(RoleMode::stored(mode))
}

/// Whether who acts like this may call what asks for this.
fn allows(role: &Acting, access: Access) -> bool {
    match access {
        Access::Public | Access::WithoutRole | Access::SigningOut | Access::SignedIn => true,
        Access::Root => role.is_root(),
        Access::Data("view") => role.scope("view").is_some(),
        Access::Data(action) => role.scope(action) == Some(Scope::All),
        Access::Administer(action, snippet) => {
            role.scope(action) == Some(Scope::All) && role.allows(snippet)
        }
        Access::Snippet(snippet) => role.allows(snippet),
    }
}
