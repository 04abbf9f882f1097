//! Access tokens of apps and of people.

use std::collections::HashMap;

use uuid::Uuid;

use crate::state::codes::Consent;

/// The lifetime of every access token: two hours (DingTalk's page "Obtain user token").
pub const LIFETIME_SECONDS: i64 = 7200;
/// The lifetime of a refresh token: thirty days (same page).
const REFRESH_LIFETIME_SECONDS: i64 = 30 * 24 * 3600;

/// Why a token is refused.
pub enum TokenRefusal {
    /// It was never issued, or was revoked or replaced.
    Unknown,
    /// It has expired.
    Expired,
}

struct AppToken {
    value: String,
    expires_at: i64,
}

/// The permission that a person gave to an app, with its tokens.
#[derive(Clone)]
pub struct UserGrant {
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// The app.
    pub client_id: String,
    /// The sandbox id of the person.
    pub person: String,
    /// The organization that was chosen while signing in; only with the scope `corpid`.
    pub corp_id: Option<String>,
    expires_at: i64,
    refresh_expires_at: i64,
}

/// All valid tokens.
#[derive(Default)]
pub struct Tokens {
    by_app: HashMap<String, AppToken>,
    of_people: Vec<UserGrant>,
}

impl Tokens {
    /// The app's token. It stays the same until it expires, and each call extends its lifetime
    /// (DingTalk's page "Obtain the access token of an internal app").
    pub fn for_app(&mut self, client_id: &str, now: i64) -> String {
        let token = self
            .by_app
            .entry(client_id.to_owned())
            .or_insert_with(|| AppToken {
                value: new_token(),
                expires_at: i64::MAX,
            });
        if token.expires_at <= now {
            token.value = new_token();
        }
        token.expires_at = now.saturating_add(LIFETIME_SECONDS);
        token.value.clone()
    }

    /// The client ID of the app to which a token belongs.
    pub fn app_of(&self, value: &str, now: i64) -> Result<&str, TokenRefusal> {
        let (client_id, token) = self
            .by_app
            .iter()
            .find(|(_, token)| token.value == value)
            .ok_or(TokenRefusal::Unknown)?;
        if token.expires_at <= now {
            return Err(TokenRefusal::Expired);
        }
        Ok(client_id)
    }

    /// Issues tokens for a person who has just signed in.
    pub fn grant(&mut self, consent: Consent, client_id: &str, now: i64) -> UserGrant {
        self.of_people
            .retain(|grant| grant.refresh_expires_at > now);
        let grant = UserGrant {
            access_token: new_token(),
            refresh_token: new_token(),
            client_id: client_id.to_owned(),
            person: consent.person,
            corp_id: consent.corp_id,
            expires_at: now.saturating_add(LIFETIME_SECONDS),
            refresh_expires_at: now.saturating_add(REFRESH_LIFETIME_SECONDS),
        };
        self.of_people.push(grant.clone());
        grant
    }

    /// Renews a grant. While its access token is valid, the token stays the same and its lifetime
    /// is extended, as documented.
    pub fn refresh(&mut self, refresh_token: &str, client_id: &str, now: i64) -> Option<UserGrant> {
        let grant = self.of_people.iter_mut().find(|grant| {
            grant.refresh_token == refresh_token
                && grant.client_id == client_id
                && grant.refresh_expires_at > now
        })?;
        if grant.expires_at <= now {
            grant.access_token = new_token();
        }
        grant.expires_at = now.saturating_add(LIFETIME_SECONDS);
        grant.refresh_expires_at = now.saturating_add(REFRESH_LIFETIME_SECONDS);
        Some(grant.clone())
    }

    /// The grant to which a person's access token belongs.
    pub fn grant_of(&self, value: &str, now: i64) -> Result<&UserGrant, TokenRefusal> {
        let grant = self
            .of_people
            .iter()
            .find(|grant| grant.access_token == value)
            .ok_or(TokenRefusal::Unknown)?;
        if grant.expires_at <= now {
            return Err(TokenRefusal::Expired);
        }
        Ok(grant)
    }

    /// Removes all tokens.
    pub fn revoke_all(&mut self) {
        *self = Self::default();
    }
}

fn new_token() -> String {
    Uuid::new_v4().simple().to_string()
}
