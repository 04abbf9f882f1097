//! NocoBase's cookies. Browsers need them to fetch files and to remember choices; no cookie
//! authenticates a request to the API.

use actix_web::cookie::time::Duration as CookieDuration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{COOKIE, HeaderValue, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;

use super::{ApiError, peer};
use crate::config::Http;

const TOKEN: &str = "nb_auth_token_main";
const AUTHENTICATOR: &str = "nb_authenticator_main";
const CSRF: &str = "nb_csrf_token_main";
const ROLE: &str = "nb_role_main";

/// The readable cookies of a request. Other programs under the same host name set cookies too, some
/// with bytes that are not text. Only those are skipped, and the rest stays usable.
pub fn readable(request: &HttpRequest) -> impl Iterator<Item = Cookie<'_>> {
    let headers = request.headers().get_all(COOKIE);
    let pairs = headers.flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(|pair| Cookie::parse_encoded(std::str::from_utf8(pair).ok()?).ok())
}

/// Adds cookies to an answer. Values are encoded, since a name that somebody chose may contain
/// characters that would end the value.
pub fn add(response: &mut HttpResponse, cookies: Vec<Cookie<'static>>) -> Result<(), ApiError> {
    for cookie in cookies {
        let value = HeaderValue::from_str(&cookie.encoded().to_string());
        response
            .headers_mut()
            .append(SET_COOKIE, value.map_err(ApiError::internal)?);
    }
    Ok(())
}

/// Creates cookies for one request.
pub struct Cookies<'a> {
    request: &'a HttpRequest,
    http: &'a Http,
}

impl<'a> Cookies<'a> {
    /// Cookies for the browser that sent this request.
    pub fn new(request: &'a HttpRequest, http: &'a Http) -> Self {
        Self { request, http }
    }

    /// The token that the browser remembers, to tell whether it has a session.
    pub fn token(request: &HttpRequest) -> Option<String> {
        value(request, TOKEN)
    }

    /// The authenticator that the browser remembers.
    pub fn authenticator(request: &HttpRequest) -> Option<String> {
        value(request, AUTHENTICATOR)
    }

    /// The role that the browser remembers.
    pub fn role(request: &HttpRequest) -> Option<String> {
        value(request, ROLE)
    }

    /// The four cookies of a session that lasts `session`.
    pub fn of_session(
        &self,
        token: &str,
        authenticator: &str,
        role: Option<&str>,
        session: TimeDelta,
    ) -> Vec<Cookie<'static>> {
        let csrf = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 24]>());
        let mut cookies = self.of_token(token, authenticator, session);
        cookies.push(self.cookie(CSRF, csrf, session, false));
        if let Some(role) = role {
            cookies.push(self.cookie(ROLE, role.to_owned(), session, false));
        }
        cookies
    }

    /// The two cookies that a renewed token changes.
    pub fn of_token(
        &self,
        token: &str,
        authenticator: &str,
        session: TimeDelta,
    ) -> Vec<Cookie<'static>> {
        vec![
            self.cookie(TOKEN, token.to_owned(), session, true),
            self.cookie(AUTHENTICATOR, authenticator.to_owned(), session, true),
        ]
    }

    /// Adds the cookie with the role, which lasts until the browser is closed, as in NocoBase. An
    /// answer that already sets that cookie is left alone.
    pub fn with_role(
        &self,
        mut response: HttpResponse,
        role: String,
    ) -> Result<HttpResponse, ApiError> {
        if response.cookies().all(|cookie| cookie.name() != ROLE) {
            let mut cookie = self.cookie(ROLE, role, TimeDelta::zero(), false);
            cookie.set_max_age(None);
            add(&mut response, vec![cookie])?;
        }
        Ok(response)
    }

    /// Cookies that delete all cookies of a session.
    pub fn removal(&self) -> Vec<Cookie<'static>> {
        [
            (TOKEN, true),
            (AUTHENTICATOR, true),
            (CSRF, false),
            (ROLE, false),
        ]
        .map(|(name, http_only)| {
            let mut cookie = self.cookie(name, String::new(), TimeDelta::zero(), http_only);
            cookie.make_removal();
            cookie
        })
        .into()
    }

    fn cookie(
        &self,
        name: &'static str,
        value: String,
        life: TimeDelta,
        http_only: bool,
    ) -> Cookie<'static> {
        let prefix = self.http.app_public_path.prefix();
        let path = if prefix.is_empty() { "/" } else { prefix };
        Cookie::build(name, value)
            .path(path.to_owned())
            .max_age(CookieDuration::seconds(life.num_seconds()))
            .same_site(SameSite::Lax)
            .http_only(http_only)
            .secure(peer::is_https(self.request.head(), self.http))
            .finish()
    }
}

fn value(request: &HttpRequest, name: &str) -> Option<String> {
    readable(request)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
        .filter(|value| !value.is_empty())
}
