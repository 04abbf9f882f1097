//! The audit trail: who performed, or was denied, security-relevant actions.
//!
//! A row is written after the action, and must never be in its way: when the table cannot be
//! written, people can still sign in, and the log has the same record and a line that the row is
//! missing. Refusals are stored only up to a budget (see [`super::guess_limits`]).

mod action;

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::timeout;

pub use action::Action;

use super::guess_limits::GuessLimits;
use super::identity::Identity;
use crate::chain::Chain;
use crate::clock::Clock;
use crate::store::{NewAuditRow, Store, StoreError, shortened};

/// The target of the lines with the records.
pub const TARGET: &str = "audit";

/// How long writing a row may take, since somebody is waiting.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);
/// How often old rows are removed.
const EVERY: Duration = Duration::from_hours(24);

/// Where a request came from.
#[derive(Clone, Debug)]
pub struct RequestOrigin {
    /// Address of the client.
    pub address: IpAddr,
    /// The client's `User-Agent`.
    pub user_agent: Option<String>,
    /// Id of the request.
    pub request_id: Option<String>,
}

/// A person, as the provider names them.
#[derive(Clone, Debug)]
pub struct PersonNamed {
    /// The identifier by which administrators of the organization name the person.
    pub key: String,
    /// The name.
    pub name: String,
}

impl From<&Identity> for PersonNamed {
    fn from(identity: &Identity) -> Self {
        Self {
            key: identity.key.clone(),
            name: identity.name.clone(),
        }
    }
}

/// An event to record. It never contains a secret, a token or a code.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    /// The action.
    pub action: Action,
    /// The code of the refusal, which never changes; none when the action was performed.
    pub refused: Option<Cow<'static, str>>,
    /// The account that the action concerns, if it is known.
    pub user_id: Option<i64>,
    /// The person who was refused, if the provider said who it is. Of others the account is enough.
    pub person: Option<PersonNamed>,
    /// The account that requested the action, if somebody is signed in.
    pub actor_id: Option<i64>,
    /// The name of the authenticator.
    pub authenticator: Option<String>,
    /// Where the request came from.
    pub origin: RequestOrigin,
}

/// Writes an event to the log and to the table.
pub async fn record(store: &Store, limits: &GuessLimits, event: AuditEvent) {
    if event.refused.is_some() && !limits.may_keep_refusal(event.origin.address) {
        return;
    }
    let row = event.into_row();
    log::info!(target: TARGET, "{}", Line(&row));
    match timeout(WRITE_TIMEOUT, store.add_audit_row(row)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => log::error!(
            "the audit trail lacks a row: {error}",
            error = Chain(&error)
        ),
        Err(_) => log::error!("the audit trail lacks a row: the database is too slow"),
    }
}

impl AuditEvent {
    fn into_row(self) -> NewAuditRow {
        let origin = self.origin;
        let (person_id, person_name) = match &self.person {
            Some(person) => (Some(one_line(&person.key)), Some(one_line(&person.name))),
            None => (None, None),
        };
        NewAuditRow {
            action: self.action.name(),
            result: if self.refused.is_some() {
                "refused"
            } else {
                "success"
            },
            reason: self.refused.map(Cow::into_owned),
            user_id: self.user_id,
            person_id,
            person_name,
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

/// Removes rows that are older than this many days; 0 keeps all rows. None is removed while the clock may be ahead.
pub async fn prune(store: &Store, clock: &Clock, days: u32) -> Result<u64, StoreError> {
    if days == 0 {
        return Ok(0);
    }
    let age = TimeDelta::days(i64::from(days));
    // A moment that the calendar cannot represent is older than any row.
    match clock.now().checked_sub_signed(age) {
        Some(before) => store.remove_audit_rows(before).await,
        None => Ok(0),
    }
}

/// Removes old rows, and writes the outcome to the log.
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

/// Waits until old rows should be removed again.
pub async fn pause_for_a_day() {
    tokio::time::sleep(EVERY).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::test_installation::TestInstallation;
    use crate::store::STRING_CHARACTERS;

    #[test]
    fn a_line_has_all_fields_and_nothing_breaks_out_of_it() {
        let event = AuditEvent {
            action: Action::Bind,
            refused: Some("EXAMPLE_NOT_MEMBER".into()),
            user_id: Some(7),
            person: None,
            actor_id: None,
            authenticator: Some("a\" user=1".to_owned()),
            origin: RequestOrigin {
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

    fn event(refused: Option<Cow<'static, str>>) -> AuditEvent {
        AuditEvent {
            action: Action::SignIn,
            refused,
            user_id: None,
            person: None,
            actor_id: None,
            authenticator: None,
            origin: RequestOrigin {
                address: "192.0.2.1".parse().unwrap(),
                user_agent: None,
                request_id: None,
            },
        }
    }

    #[tokio::test]
    async fn refusals_are_kept_up_to_a_budget_and_what_was_performed_always() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        store.clock().stop();
        let limits = GuessLimits::new(store.clock());
        for _ in 0..61 {
            record(store, &limits, event(Some("EXAMPLE_NOT_MEMBER".into()))).await;
        }
        let rows = store.audit_batch(None, None, 100).await.unwrap();
        assert_eq!(rows.len(), 60);
        record(store, &limits, event(None)).await;
        let rows = store.audit_batch(None, None, 100).await.unwrap();
        assert_eq!(rows.len(), 61);
    }

    #[tokio::test]
    async fn rows_are_removed_after_so_many_days_and_never_with_zero() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let clock = store.clock();
        let limits = GuessLimits::new(clock);
        record(store, &limits, event(None)).await;
        clock.advance(TimeDelta::days(10));
        assert_eq!(prune(store, clock, 0).await.unwrap(), 0);
        assert_eq!(prune(store, clock, 11).await.unwrap(), 0);
        let rows = store.audit_batch(None, None, 100).await.unwrap();
        assert_eq!(rows.len(), 1);
        // Without a newer row, the clock may be ahead.
        assert_eq!(prune(store, clock, 9).await.unwrap(), 0);
        record(store, &limits, event(None)).await;
        tidy(store, clock, 9).await;
        let rows = store.audit_batch(None, None, 100).await.unwrap();
        assert_eq!(rows.len(), 1);
    }
}
