//! The encrypted cookie that ties a sign-in on its way to the browser that began it.

use std::sync::Arc;

use actix_session::config::{CookieContentSecurity, PersistentSession};
use actix_session::storage::CookieSessionStore;
use actix_session::{Session, SessionExt, SessionGetError, SessionInsertError, SessionMiddleware};
use actix_web::cookie::time::Duration as CookieDuration;
use actix_web::cookie::{Key, SameSite};
use actix_web::dev::HttpServiceFactory;
use actix_web::guard::fn_guard;
use actix_web::{HttpRequest, Resource};

use super::peer::is_https;
use crate::app::App;
use crate::config::Http;
use crate::domain::handshake::{LIFETIME_MINUTES, PendingSignIns};

const COOKIE: &str = "nocobase_dingtalk";
const PENDING: &str = "pending";

/// A resource at this path that has the cookie: `Secure` for those who come by TLS. The middleware
/// decides once for all requests, so there are two, and the way a request came chooses.
pub fn with_login_state<F: Fn() -> Resource>(
    resource: F,
    key: &[u8; 32],
    app: &Arc<App>,
) -> impl HttpServiceFactory + use<F> {
    let by_tls = app.clone();
    let by_tls = fn_guard(move |context| is_https(context.head(), &by_tls.config.http));
    let http = &app.config.http;
    (
        resource()
            .guard(by_tls)
            .wrap(session_middleware(key, http, true)),
        resource().wrap(session_middleware(key, http, false)),
    )
}

/// The middleware that reads and writes the cookie. It is sent to the API only, never to scripts,
/// and on a top-level return from DingTalk, which `Lax` allows.
fn session_middleware(
    key: &[u8; 32],
    http: &Http,
    secure: bool,
) -> SessionMiddleware<CookieSessionStore> {
    let life = PersistentSession::default().session_ttl(CookieDuration::minutes(LIFETIME_MINUTES));
    SessionMiddleware::builder(CookieSessionStore::default(), Key::derive_from(key))
        .cookie_name(COOKIE.to_owned())
        .cookie_content_security(CookieContentSecurity::Private)
        .cookie_path(http.api_path())
        .cookie_same_site(SameSite::Lax)
        .cookie_http_only(true)
        .cookie_secure(secure)
        .session_lifecycle(life)
        .build()
}

/// The sign-ins that this browser has begun.
pub struct LoginState(Session);

impl LoginState {
    /// Those of the browser that sent this request.
    pub fn of(request: &HttpRequest) -> Self {
        Self(request.get_session())
    }

    /// Reads them. What cannot be read counts as none.
    pub fn load(&self) -> PendingSignIns {
        let pending: Result<Option<PendingSignIns>, SessionGetError> = self.0.get(PENDING);
        pending.ok().flatten().unwrap_or_default()
    }

    /// Gives them back to the browser.
    pub fn save(&self, pending: &PendingSignIns) -> Result<(), SessionInsertError> {
        self.0.insert(PENDING, pending)
    }
}
