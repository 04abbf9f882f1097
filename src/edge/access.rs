//! Who may call which action.
//!
//! Each route declares an [`Access`], which is enforced only here.

use std::sync::Arc;

use actix_web::HttpRequest;
use entity::user;

use super::ApiError;
use super::cookies::Cookies;
use super::head::{header, token, wants_stream};
use super::query::Query;
use crate::domain::role::{ActingRole, HeldRole, RoleMode, Scope};
use crate::domain::session::{Claims, Renewal, Verified};
use crate::state::AppState;

/// Who may call an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody may call it. No token is looked at.
    Public,
    /// Anybody who is signed in may call it.
    SignedIn,
    /// Anybody who is signed in may call it, even without any role. This is for actions that only
    /// take something away.
    WithoutRole,
    /// Like [`Self::WithoutRole`], for ending the session: a token that has become too old is not
    /// renewed.
    SigningOut,
    /// Only the root role may call it.
    Root,
    /// The role must allow this action on data: `view`, `create`, `update` or `destroy`. A role
    /// that is limited to its own rows may at most view.
    Data(&'static str),
    /// The role must allow this action on data and have this settings area. Changing accounts gives
    /// power, so permission for data alone is not enough.
    Administer(&'static str, &'static str),
    /// The role must have this settings area.
    Snippet(&'static str),
    /// The role must have one of these settings areas.
    EitherSnippet(&'static str, &'static str),
}

/// Somebody who is signed in.
pub struct Caller {
    /// Their account.
    pub user: Arc<user::Model>,
    /// All roles of the account, by name.
    pub roles: Arc<[HeldRole]>,
    /// The role of this request; none where the route asks for no role.
    pub role: ActingRole,
    /// The token to use from now on: the one of the request, or the one that replaces it.
    pub token: String,
    /// The claims of the token of the request.
    pub claims: Claims,
}

impl Access {
    /// Whether the action needs no role. Actions that only take something away must not: otherwise
    /// somebody who lost all roles could not even sign out.
    pub(super) fn needs_no_role(self) -> bool {
        matches!(self, Self::Public | Self::WithoutRole | Self::SigningOut)
    }
}

impl Caller {
    /// Whether the caller may call an action with this access.
    pub fn may(&self, access: Access) -> bool {
        allows(&self.role, access)
    }

    /// The role that the browser's cookie should say when the one it remembers is no longer held.
    /// It is none when the request or its API key names the role, and for a union of roles, as in
    /// NocoBase 2.2.15.
    pub(super) fn role_to_remember(&self, request: &HttpRequest) -> Option<String> {
        let is_named = self.claims.role_name.is_some() || header(request, "x-role").is_some();
        let is_remembered = !is_named && Cookies::role(request).is_some();
        let is_remembered = is_remembered && !self.role.is_nothing();
        (is_remembered && !self.role.is_union()).then(|| self.role.name().to_owned())
    }
}

/// Checks the token of a request to a protected action. Gives nothing for a public action.
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
    // If NocoBase renewed the same token at the same time, there would be two new tokens, of which
    // it knows one.
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

/// Checks that the role of a caller with a valid token allows this access.
pub(super) fn authorise(
    (token, verified): (String, Verified),
    role: ActingRole,
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

/// How the roles of an account are combined.
pub async fn role_mode(app: &AppState) -> Result<RoleMode, ApiError> {
    let settings = app.store.settings().await?;
    let system = settings.system.as_ref();
    let mode = system.and_then(|system| system.role_mode.as_deref());
    Ok(RoleMode::stored(mode))
}

/// Whether a role allows this access.
fn allows(role: &ActingRole, access: Access) -> bool {
    match access {
        Access::Public | Access::WithoutRole | Access::SigningOut | Access::SignedIn => true,
        Access::Root => role.is_root(),
        Access::Data("view") => role.scope("view").is_some(),
        Access::Data(action) => role.scope(action) == Some(Scope::All),
        Access::Administer(action, snippet) => {
            role.scope(action) == Some(Scope::All) && role.allows(snippet)
        }
        Access::Snippet(snippet) => role.allows(snippet),
        Access::EitherSnippet(one, other) => role.allows(one) || role.allows(other),
    }
}
