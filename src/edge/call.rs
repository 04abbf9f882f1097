//! A parsed request, as an action receives it.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::HeaderValue;

use super::ApiError;
use super::access::{self, Access, Caller};
use super::address::Address;
use super::body::Body;
use super::cookies::Cookies;
use super::head::{authenticator_name, header, language};
use super::peer;
use super::query::Query;
use crate::domain::account::Administrator;
use crate::domain::role::{RequestedRole, choose};
use crate::locale::Locale;
use crate::state::AppState;
use crate::store::HeldRoles;

/// A request to an action.
pub struct Call {
    /// The parts of the server that actions use.
    pub app: Arc<AppState>,
    /// The address: resource, action and key.
    pub address: Address,
    /// The query string.
    pub query: Query,
    /// The values in the body.
    pub body: Body,
    /// The language of messages to the client.
    pub locale: Locale,
    /// The request itself.
    pub request: HttpRequest,
    /// The id of the request, as it is in the log and in the answer.
    pub request_id: HeaderValue,
    /// The caller; none for public actions.
    pub(super) caller: Option<Caller>,
}

impl Call {
    /// The caller. An action that was reached without authorisation is refused here.
    pub fn caller(&self) -> Result<&Caller, ApiError> {
        self.caller.as_ref().ok_or(ApiError::NoToken)
    }

    /// The caller, in the form that the rules for accounts need.
    pub fn administrator(&self) -> Result<Administrator, ApiError> {
        let caller = self.caller()?;
        Ok(Administrator {
            id: caller.user.id,
            is_root: caller.role.is_root(),
            may_give_power: caller.may(Access::Administer("update", "pm.acl.roles")),
            by_key: caller.claims.role_name.is_some(),
        })
    }

    /// Refuses every method but POST, so that a link or an image cannot perform the action.
    pub fn only_posted(&self) -> Result<(), ApiError> {
        if self.request.method() == Method::POST {
            Ok(())
        } else {
            Err(ApiError::NotFound)
        }
    }

    /// A header as text, unless it is empty.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.request, name)
    }

    /// The keys of the rows to change: from the path, else from `filterByTk`.
    pub fn keys(&self) -> Vec<String> {
        match &self.address.key {
            Some(key) => vec![key.clone()],
            None => self.query.keys(),
        }
    }

    /// Like [`Self::keys`], for tables with integer keys. A key that is not an integer matches no
    /// row and is dropped. When the request has no key at all, the error `without` is returned.
    pub fn key_numbers(&self, without: ApiError) -> Result<Vec<i64>, ApiError> {
        let keys = self.keys();
        if keys.is_empty() {
            return Err(without);
        }
        Ok(keys.iter().filter_map(|key| key.parse().ok()).collect())
    }

    /// The language that the request names, such as `zh-CN`; empty when it names none.
    pub fn language(&self) -> &str {
        language(&self.request, &self.query).unwrap_or_default()
    }

    /// The authenticator that the request names: by header, else by cookie, else `basic`.
    pub fn authenticator_name(&self) -> String {
        authenticator_name(&self.request)
    }

    /// The role for the cookie of a new session: the one that the request names if the account has
    /// it, else the default, else the first.
    pub async fn session_role(&self, held: &HeldRoles) -> Result<Option<String>, ApiError> {
        let named = self.header("x-role");
        let asked = named.map_or(RequestedRole::Nothing, RequestedRole::Remembered);
        let role = choose(held, access::role_mode(&self.app).await?, asked);
        Ok(role.ok().map(|role| role.name().to_owned()))
    }

    /// The address of the client, as far as trusted proxies tell it.
    pub fn client_address(&self) -> IpAddr {
        peer::address(&self.request, &self.app.config.http)
    }

    /// Makes cookies for the browser that called.
    pub fn cookies(&self) -> Cookies<'_> {
        Cookies::new(&self.request, &self.app.config.http)
    }
}
