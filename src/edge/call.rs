//! One request, read: what an action gets.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderValue;

use super::ApiError;
use super::access::{self, Caller};
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
    /// The application.
    pub app: Arc<AppState>,
    /// What is asked.
    pub address: Address,
    /// The query string.
    pub query: Query,
    /// The values that were sent.
    pub body: Body,
    /// The language of messages.
    pub locale: Locale,
    /// The request itself.
    pub request: HttpRequest,
    /// Its id, in the log and in the answer.
    pub request_id: HeaderValue,
    /// Who calls; nobody at public actions.
    pub(super) caller: Option<Caller>,
}

impl Call {
    /// Who calls. An action that is reached without having been authorised is refused.
    pub fn caller(&self) -> Result<&Caller, ApiError> {
        self.caller.as_ref().ok_or(ApiError::NoToken)
    }

    /// Who calls, as the rules for accounts see them.
    pub fn administrator(&self) -> Result<Administrator, ApiError> {
        let caller = self.caller()?;
        Ok(Administrator {
            id: caller.user.id,
            is_root: caller.role.is_root(),
        })
    }

    /// A header as text, unless it is empty.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.request, name)
    }

    /// The keys of the rows that a change is for: from the path, else from `filterByTk`.
    pub fn keys(&self) -> Vec<String> {
        match &self.address.key {
            Some(key) => vec![key.clone()],
            None => self.query.keys(),
        }
    }

    /// The same for tables whose keys are numbers. Nothing has a key that is none. Without any
    /// key the change is refused like this.
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

    /// The role for the cookie of a new session: the named one if it is held, else the default,
    /// else the first.
    pub async fn session_role(&self, held: &HeldRoles) -> Result<Option<String>, ApiError> {
        let named = self.header("x-role");
        let asked = named.map_or(RequestedRole::Nothing, RequestedRole::Remembered);
        let role = choose(held, access::role_mode(&self.app).await?, asked);
        Ok(role.ok().map(|role| role.name().to_owned()))
    }

    /// The address of whoever sent the request, seen through trusted proxies.
    pub fn client_address(&self) -> IpAddr {
        peer::address(&self.request, &self.app.config.http)
    }

    /// Makes cookies for the browser that called.
    pub fn cookies(&self) -> Cookies<'_> {
        Cookies::new(&self.request, &self.app.config.http)
    }
}
