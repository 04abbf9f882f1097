//! Checking that the gateway and the NocoBase behind it share a database and a signing secret.

mod database;
mod elsewhere;
mod finding;
mod questions;
mod version;

pub use database::database;
pub use elsewhere::Elsewhere;
pub use finding::{UnfitError, UpstreamFinding};

use std::mem;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::time::sleep;

use self::questions::Questions;
use self::version::age_of;
use super::upstream::UpstreamError;
use crate::chain::Chain;
use crate::config::{Dialect, UpstreamUrl};
use crate::domain::plugin;
use crate::state::AppState;

/// How long to wait before a NocoBase that did not answer is asked again.
const AGAIN: Duration = Duration::from_secs(2);

/// Whether anything answers at NocoBase's address. While NocoBase starts, or switches a plugin, it
/// answers and tells its clients to wait.
pub async fn is_reachable(app: &AppState, url: &UpstreamUrl) -> Result<(), UpstreamError> {
    let questions = Questions { app, url };
    questions.try_ask("__health_check", None).await.map(drop)
}

/// Whether a node reports that it can be used.
pub async fn is_well(app: &AppState, url: &UpstreamUrl) -> bool {
    let questions = Questions { app, url };
    let asked = questions.try_ask("__health_check", None).await;
    asked.is_ok_and(|(status, _)| status == 200)
}

/// The findings about the NocoBase behind the gateway.
pub async fn upstream(app: &AppState, url: &UpstreamUrl) -> Vec<UpstreamFinding> {
    let mut findings = Vec::new();
    if let Err(finding) = look(app, url, &mut findings).await {
        findings.push(finding);
    }
    findings
}

/// Waits for NocoBase, and reports the findings. Fails with what would keep everybody from signing in, if it is found
/// twice in a row: a NocoBase that starts for the first time answers some questions before all its rows are there.
pub async fn report_when_there(app: &AppState, url: &UpstreamUrl) -> Result<(), UpstreamFinding> {
    let mut was_fatal = false;
    loop {
        sleep(AGAIN).await;
        let findings = upstream(app, url).await;
        let is_unsure = |finding: &UpstreamFinding| {
            finding.may_pass() || matches!(finding, UpstreamFinding::Store(_))
        };
        if findings.iter().any(is_unsure) {
            was_fatal = false;
            continue;
        }
        let (fatal, others): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(UpstreamFinding::is_fatal);
        if !fatal.is_empty() && !mem::replace(&mut was_fatal, true) {
            continue;
        }
        for finding in &others {
            log::warn!("{}", Chain(finding));
        }
        if let Some(fatal) = fatal.into_iter().next() {
            return Err(fatal);
        }
        log::info!("NocoBase at {url} is there");
        return Ok(());
    }
}

async fn look(
    app: &AppState,
    url: &UpstreamUrl,
    findings: &mut Vec<UpstreamFinding>,
) -> Result<(), UpstreamFinding> {
    let questions = Questions { app, url };
    let info = questions.ask("app:getInfo", None).await?;
    let version = text(&info.data, "version");
    if version != plugin::NOCOBASE_VERSION {
        findings.push(UpstreamFinding::OtherVersion(
            version.to_owned(),
            age_of(version),
        ));
    }
    let dialect = info
        .data
        .get("database")
        .map(|database| text(database, "dialect"))
        .unwrap_or_default();
    let settings = questions.ask("systemSettings:get", None).await?;
    let theirs = text(&settings.data, "createdAt")
        .parse::<DateTime<Utc>>()
        .ok();
    let ours = app.store.system_settings().await?.map(|row| row.created_at);
    // The date of NocoBase's installation, to the millisecond, identifies the database.
    if !is_dialect(app.config.database.dialect, dialect) || theirs != ours {
        return Err(UpstreamFinding::OtherDatabase);
    }
    // The token belongs to an account that does not exist, so it is useless to anybody who gets
    // hold of it.
    let probe = app.sessions.probe().unwrap_or_default();
    let check = questions.ask("auth:check", Some(&probe)).await?;
    if check.code != "NOT_EXIST_USER" {
        return Err(UpstreamFinding::OtherSecret);
    }
    let names = app.store.authenticators_shown_to_nocobase().await?;
    for (name, auth_type) in names {
        if let Some(provider) = app.providers.of_type(&auth_type) {
            let title = provider.names().title;
            findings.push(UpstreamFinding::EnabledInNocoBase(title, name));
        }
    }
    for row in app.store.authenticators().await? {
        let Some(provider) = app.providers.of_type(&row.auth_type) else {
            continue;
        };
        let powerful = app.providers.give_power(&row.auth_type, &row.options);
        let (owner, secrets) = (app.store.owner(), provider.secrets());
        if powerful && !app.options_key.may_give_power(owner, &row, secrets) {
            let title = provider.names().title;
            findings.push(UpstreamFinding::PowerNotSigned(title, row.name));
        }
    }
    Ok(())
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn is_dialect(ours: Dialect, theirs: &str) -> bool {
    match ours {
        Dialect::Sqlite => theirs == "sqlite",
        Dialect::Postgres => theirs == "postgres",
        Dialect::Mysql | Dialect::Mariadb => matches!(theirs, "mysql" | "mariadb"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_another_kind_is_another_database() {
        let kinds: [(Dialect, &[&str]); 4] = [
            (Dialect::Sqlite, &["sqlite"]),
            (Dialect::Postgres, &["postgres"]),
            (Dialect::Mysql, &["mysql", "mariadb"]),
            (Dialect::Mariadb, &["mysql", "mariadb"]),
        ];
        for (ours, same) in kinds {
            for theirs in ["sqlite", "postgres", "mysql", "mariadb", ""] {
                assert_eq!(is_dialect(ours, theirs), same.contains(&theirs), "{theirs}");
            }
        }
    }
}
