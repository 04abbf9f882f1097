//! The audit trail: who did, or was refused, what concerns who gets in.
//!
//! A row is written after what it tells of, and never in its way: whatever is wrong with the table,
//! people sign in, and the log has the same record and says that the row is missing. Refusals are
//! kept one by one only up to a budget (see [`super::attempts`]).

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::timeout;

use super::attempts::Attempts;
use crate::chain::Chain;
use crate::clock::Clock;
use crate::store::{NewAuditRow, Store, StoreError, shortened};

/// How long a row may take; after that somebody has waited long enough.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often old rows are looked for.
const EVERY: Duration = Duration::from_hours(24);

/// What somebody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// To sign in through the login page of a provider.
    SignIn,
    /// To be signed in inside the provider's own client.
    InAppSignIn,
    /// To sign in with a password.
    PasswordSignIn,
    /// An account.
    SignUp,
    /// An account was found for somebody by what the organisation knows.
    Link,
    /// To bind an account.
    Bind,
    /// To remove the binding of an account.
    Unbind,
    /// To end a session.
    SignOut,
    /// To end all sessions of an account.
    SignOutEverywhere,
    /// Another password.
    PasswordChange,
    /// To switch the plugin on.
    PluginEnable,
    /// To switch the plugin off.
    PluginDisable,
    /// A new authenticator.
    AuthenticatorCreate,
    /// To change an authenticator.
    AuthenticatorUpdate,
    /// To remove an authenticator.
    AuthenticatorDestroy,
}

impl Action {
    /// Its name, which stays the same.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "signIn",
            Self::InAppSignIn => "inAppSignIn",
            Self::PasswordSignIn => "passwordSignIn",
            Self::SignUp => "signUp",
            Self::Link => "link",
            Self::Bind => "bind",
            Self::Unbind => "unbind",
            Self::SignOut => "signOut",
            Self::SignOutEverywhere => "signOutEverywhere",
            Self::PasswordChange => "passwordChange",
            Self::PluginEnable => "pluginEnable",
            Self::PluginDisable => "pluginDisable",
            Self::AuthenticatorCreate => "authenticatorCreate",
            Self::AuthenticatorUpdate => "authenticatorUpdate",
            Self::AuthenticatorDestroy => "authenticatorDestroy",
        }
    }
}

/// Where a request came from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Address of the client.
    pub address: IpAddr,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// Id of the request.
    pub request_id: Option<String>,
}

/// Something to record. No part of it is ever a secret, a token or a code of somebody's.
#[derive(Clone, Debug)]
pub struct Event {
    /// What was asked for.
    pub action: Action,
    /// Why it was refused, by a code that stays the same; nothing when it was done.
    pub refused: Option<Cow<'static, str>>,
    /// The account that it concerns, where one is known.
    pub user_id: Option<i64>,
    /// The account that asked for it, where somebody is signed in.
    pub actor_id: Option<i64>,
    /// Name of the authenticator.
    pub authenticator: Option<String>,
    /// Where the request came from.
    pub origin: Origin,
}

/// Records what happened, in the log and in the table.
pub async fn record(store: &Store, attempts: &Attempts, event: Event) {
    if event.refused.is_some() && !attempts.may_keep_refusal(event.origin.address) {
        return;
    }
    let row = event.into_row();
    log::info!(target: "audit", "{}", Line(&row));
    match timeout(PATIENCE, store.add_audit_row(row)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => log::error!(
            "the audit trail lacks a row: {error}",
            error = Chain(&error)
        ),
        Err(_) => log::error!("the audit trail lacks a row: the database is too slow"),
    }
}

impl Event {
    fn into_row(self) -> NewAuditRow {
        let origin = self.origin;
        NewAuditRow {
            action: self.action.name(),
            result: if self.refused.is_some() {
                "refused"
            } else {
                "success"
            },
            reason: self.refused.map(Cow::into_owned),
            user_id: self.user_id,
            actor_id: self.actor_id,
            authenticator: self.authenticator.as_deref().map(one_line),
            address: origin.address.to_canonical().to_string(),
            user_agent: origin.user_agent.as_deref().map(one_line),
            request_id: origin.request_id,
        }
    }
}

/// As much of a text as its column can hold, without characters that could break out of a line.
fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { '?' } else { c });
    shortened(&plain.collect::<String>())
}

/// A row as one line, always with the same fields.
struct Line<'a>(&'a NewAuditRow);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(row) = self;
        let number = |id: Option<i64>| id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        let quoted =
            |text: Option<&str>| text.map_or_else(|| "-".to_owned(), |text| format!("{text:?}"));
        write!(
            f,
            "action={} result={} reason={} user={} actor={} authenticator={} address={} agent={} request={}",
            row.action,
            row.result,
            row.reason.as_deref().unwrap_or("-"),
            number(row.user_id),
            number(row.actor_id),
            quoted(row.authenticator.as_deref()),
            row.address,
            quoted(row.user_agent.as_deref()),
            row.request_id.as_deref().unwrap_or("-"),
        )
    }
}

/// Removes rows that are older than this many days; none when it is 0.
pub async fn prune(store: &Store, clock: &Clock, days: u32) -> Result<u64, StoreError> {
    if days == 0 {
        return Ok(0);
    }
    let age = TimeDelta::days(i64::from(days));
    // Nothing is as old as what no calendar holds.
    match clock.now().checked_sub_signed(age) {
        Some(before) => store.remove_audit_rows(before).await,
        None => Ok(0),
    }
}

/// Removes old rows and says how it went.
pub async fn tidy(store: &Store, clock: &Clock, days: u32) {
    match prune(store, clock, days).await {
        Ok(0) => {}
        Ok(removed) => log::info!("removed {removed} old rows of the audit trail"),
        Err(error) => log::error!(
            "old rows of the audit trail are still there: {error}",
            error = Chain(&error)
        ),
    }
}

/// Waits until it is time to look for old rows again.
pub async fn until_next_day() {
    tokio::time::sleep(EVERY).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::STRING_CHARACTERS;

    #[test]
    fn a_line_has_all_fields_and_nothing_breaks_out_of_it() {
        let event = Event {
            action: Action::Bind,
            refused: Some("EXAMPLE_NOT_MEMBER".into()),
            user_id: Some(7),
            actor_id: None,
            authenticator: Some("a\" user=1".to_owned()),
            origin: Origin {
                address: "::ffff:192.0.2.1".parse().unwrap(),
                user_agent: Some(format!("x\naction=signIn{}", "y".repeat(300))),
                request_id: None,
            },
        };
        let row = event.into_row();
        let user_agent = row.user_agent.as_ref().unwrap();
        assert_eq!(user_agent.chars().count(), STRING_CHARACTERS);
        let line = Line(&row).to_string();
        assert!(
            line.starts_with(
                r#"action=bind result=refused reason=EXAMPLE_NOT_MEMBER user=7 actor=- authenticator="a\" user=1" address=192.0.2.1 agent="x?action=signIn"#
            ),
            "{line}"
        );
        assert!(line.ends_with("request=-"));
    }
}
