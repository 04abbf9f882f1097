//! The encrypted cookies that bind pending sign-ins to the browser that began them.
//!
//! Each pending sign-in has a cookie of its own. With one cookie for all, two tabs that begin at
//! the same moment would overwrite each other's state. So each is a session of actix-session's
//! cookie store, used without its middleware, which has only one cookie.

use std::collections::HashMap;

use actix_session::storage::{CookieSessionStore, SessionKey, SessionStore};
use actix_web::HttpResponse;
use actix_web::cookie::time::Duration as CookieDuration;
use actix_web::cookie::{Cookie, CookieJar, Key, SameSite};

use crate::domain::pending_sign_in::{LIFETIME_MINUTES, PendingSignIn, PendingSignIns};
use crate::edge::peer::is_https;
use crate::edge::{ApiError, Call, cookies};

/// The prefix of the cookies' names; the name of the attempt follows.
const PREFIX: &str = "nocobase_dingtalk_";
/// The key of the attempt in its session.
const PENDING: &str = "pending";
/// How long the browser keeps the cookie.
const LIFETIME: CookieDuration = CookieDuration::minutes(LIFETIME_MINUTES);

/// The sign-ins that the browser of a call has begun.
pub struct LoginState<'a> {
    call: &'a Call,
    key: Key,
    found: PendingSignIns,
}

impl<'a> LoginState<'a> {
    /// Reads the cookies of a request. Unreadable ones are ignored.
    pub async fn of(call: &'a Call) -> Self {
        let key = Key::derive_from(call.app.sessions.cookie_key());
        let mut jar = CookieJar::new();
        let mut names = Vec::new();
        let readable = cookies::readable(&call.request);
        for cookie in readable.filter(|cookie| cookie.name().starts_with(PREFIX)) {
            names.push(cookie.name().to_owned());
            jar.add_original(cookie.into_owned());
        }
        let jar = jar.private(&key);
        let mut found = Vec::new();
        for cookie in names.iter().filter_map(|name| jar.get(name)) {
            found.extend(read(cookie.value()).await);
        }
        let found = found.into_iter().collect();
        Self { call, key, found }
    }

    /// The pending sign-ins that were found.
    pub fn pending(&self) -> PendingSignIns {
        self.found.clone()
    }

    /// Adds the cookies that have changed to the answer.
    pub async fn save(
        &self,
        pending: &PendingSignIns,
        response: &mut HttpResponse,
    ) -> Result<(), ApiError> {
        let mut changed = Vec::new();
        for one in pending.iter() {
            if self.found.find(&one.state) != Some(one) {
                changed.push(self.sealed(one).await?);
            }
        }
        for one in self.found.iter() {
            if pending.find(&one.state).is_none() {
                let mut cookie = self.cookie(one, String::new());
                cookie.make_removal();
                changed.push(cookie);
            }
        }
        cookies::add(response, changed)
    }

    async fn sealed(&self, pending: &PendingSignIn) -> Result<Cookie<'static>, ApiError> {
        let pending_text = serde_json::to_string(pending).map_err(ApiError::internal)?;
        let session = HashMap::from([(PENDING.to_owned(), pending_text)]);
        let saved = CookieSessionStore::default().save(session, &LIFETIME).await;
        // The cookie store's error does not implement `std::error::Error`.
        let unkept = |_| ApiError::unexpected("a sign-in cannot be kept in a cookie");
        let value = saved.map_err(unkept)?;
        let value = value.as_ref().to_owned();
        let cookie = self.cookie(pending, value);
        let name = cookie.name().to_owned();
        let mut jar = CookieJar::new();
        jar.private_mut(&self.key).add(cookie);
        let sealed = jar.get(&name).cloned();
        sealed.ok_or_else(|| ApiError::unexpected("a cookie jar has lost a cookie"))
    }

    /// A cookie that is sent to the API only, is hidden from scripts, and is also sent on the
    /// top-level return from the provider, which `Lax` allows.
    fn cookie(&self, pending: &PendingSignIn, value: String) -> Cookie<'static> {
        let http = &self.call.app.config.http;
        Cookie::build(format!("{PREFIX}{}", pending.name()), value)
            .path(http.api_path())
            .max_age(LIFETIME)
            .same_site(SameSite::Lax)
            .http_only(true)
            .secure(is_https(self.call.request.head(), http))
            .finish()
    }
}

/// The attempt of a session; none when it cannot be read.
async fn read(session: &str) -> Option<PendingSignIn> {
    let key = SessionKey::try_from(session.to_owned()).ok()?;
    let session = CookieSessionStore::default().load(&key).await.ok()??;
    serde_json::from_str(session.get(PENDING)?).ok()
}
