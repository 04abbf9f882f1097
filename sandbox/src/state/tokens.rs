//! Access tokens of apps and of people.

use std::collections::HashMap;

use uuid::Uuid;

use crate::state::codes::Consent;

/// Two hours, for every access token (DingTalk's page "Obtain user token").
pub const LIFETIME_SECONDS: i64 = 7200;
/// Thirty days, for a refresh token (same page).
const REFRESH_LIFETIME_SECONDS: i64 = 30 * 24 * 3600;

/// Why a token is not accepted.
pub enum TokenRefusal {
    /// Never issued, revoked, or replaced since.
    Unknown,
    /// Issued, and too old.
    Expired,
}

struct AppToken {
    value: String,
    expires_at: i64,
}

/// What a person allowed an app, and the tokens that prove it.
#[derive(Clone)]
pub struct UserGrant {
    /// Proves the grant, for two hours.
    pub access_token: String,
    /// Renews the former, for thirty days.
    pub refresh_token: String,
    /// The app.
    pub client_id: String,
    /// Sandbox id of the person.
    pub person: String,
    /// Organisation chosen while signing in; only with the scope `corpid`.
    pub corp_id: Option<String>,
    expires_at: i64,
    refresh_expires_at: i64,
}

/// All tokens in force.
#[derive(Default)]
pub struct Tokens {
    by_app: HashMap<String, AppToken>,
    of_people: Vec<UserGrant>,
}

impl Tokens {
    /// The app's token: the same one until it expires, with its time renewed by each call
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

    /// The client ID of the app that a token belongs to.
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

    /// New tokens for somebody who has just signed in.
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

    /// Renews a grant: while its access token is valid that token stays and lives longer, as documented.
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

    /// The grant that a person's access token belongs to.
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

    /// Forgets every token.
    pub fn revoke_all(&mut self) {
        *self = Self::default();
    }
}

fn new_token() -> String {
    Uuid::new_v4().simple().to_string()
}
