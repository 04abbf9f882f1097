//! Whether we and the NocoBase behind us can share a database and a signing secret.

use std::cmp::Ordering;
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::header::{ACCEPT, AUTHORIZATION, HOST, HeaderMap, HeaderValue};
use http::{Method, Request};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::body::RequestBody;
use super::headers::insert;
use super::upstream::{Upstream, UpstreamError};
use crate::config::{Dialect, UpstreamUrl};
use crate::domain::plugin;
use crate::state::AppState;
use crate::store::{Store, StoreError};

/// How long NocoBase may take for an answer here.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait before a NocoBase that was not there is asked again.
const AGAIN: Duration = Duration::from_secs(2);

/// Why a database cannot be shared.
#[derive(Debug, thiserror::Error)]
pub enum UnfitError {
    /// Another one, or a NocoBase that was never started.
    #[error(
        "the database does not hold a NocoBase: give the same DB_* and STORAGE_PATH as NocoBase has, and start NocoBase first when it is new ({0})"
    )]
    NoNocoBase(StoreError),
    /// Two plugins of one name.
    #[error(
        "NocoBase itself has the plugin {0} enabled: disable it in its plugin manager before the gateway takes its place"
    )]
    PluginInstalled(String),
}

/// What is wrong, or may be, with the NocoBase behind us.
#[derive(Debug, thiserror::Error)]
pub enum Finding {
    /// Nobody answers.
    #[error("NocoBase does not answer at {0}: start it, or correct NOCOBASE_UPSTREAM_URL ({1})")]
    Unreachable(String, UpstreamError),
    /// Something answers.
    #[error(
        "what answers at {0} is no NocoBase that is ready (status {1}): wait until it has started, or correct NOCOBASE_UPSTREAM_URL, APP_PUBLIC_PATH and API_BASE_PATH"
    )]
    NotReady(String, u16),
    /// A session that we start would be refused.
    #[error(
        "NocoBase signs tokens with another secret: give the same APP_KEY, UNSAFE_USE_DEFAULT_JWT_SECRET and STORAGE_PATH as NocoBase has"
    )]
    OtherSecret,
    /// An account that we create would not exist.
    #[error("NocoBase uses another database: give the same DB_* as NocoBase has")]
    OtherDatabase,
    /// Untested.
    #[error(
        "NocoBase is of version {0}, {1} than {version}, with which the gateway was tested: try signing in before relying on it",
        version = plugin::NOCOBASE_VERSION
    )]
    OtherVersion(String, &'static str),
    /// A row that can lock everybody out.
    #[error(
        "NocoBase takes the {0} authenticator {1} for enabled, and would lock everybody out when the others are disabled: save it once in the settings through the gateway"
    )]
    EnabledInNocoBase(&'static str, String),
    /// A row that gives less than it says.
    #[error(
        "the {0} authenticator {1} was not saved through the gateway, so that it gives no roles and links no administrators: save it once in the settings through the gateway"
    )]
    PowerNotSigned(&'static str, String),
    /// The database failed.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
}

impl Finding {
    /// Whether nobody could sign in through a provider like this.
    pub fn is_fatal(&self) -> bool {
        matches!(
            self,
            Self::OtherSecret | Self::OtherDatabase | Self::Store(_)
        )
    }

    /// Whether waiting may help.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(..) | Self::NotReady(..))
    }
}

/// Whether this is the database of a NocoBase that has no DingTalk plugin of its own. Looks into
/// every table that a sign-in uses.
pub async fn database(store: &Store) -> Result<(), UnfitError> {
    let no_nocobase = UnfitError::NoNocoBase;
    let plugins = store.plugins().await.map_err(no_nocobase)?;
    store.user(0).await.map_err(no_nocobase)?;
    store.roles_of(0).await.map_err(no_nocobase)?;
    store.authenticators().await.map_err(no_nocobase)?;
    let bindings = store.bindings_of_subject("", "").await;
    bindings.map_err(no_nocobase)?;
    store.token_policy().await.map_err(no_nocobase)?;
    store.is_blacklisted("").await.map_err(no_nocobase)?;
    store.system_settings().await.map_err(no_nocobase)?;
    let own = plugin::manifest();
    let same = |name: Option<&str>| name == Some(&own.alias) || name == Some(&own.name);
    let rival = plugins.into_iter().find(|row| {
        row.enabled == Some(true)
            && (same(row.name.as_deref()) || same(row.package_name.as_deref()))
    });
    match rival {
        Some(_) => Err(UnfitError::PluginInstalled(own.name.clone())),
        None => Ok(()),
    }
}

/// Whether anything answers where NocoBase should be, whatever it says: while it starts, or
/// switches a plugin, it is there and tells its clients to wait.
pub async fn is_reachable(app: &AppState, url: &UpstreamUrl) -> Result<(), UpstreamError> {
    let questions = Questions { app, url };
    questions.try_ask("__health_check", None).await.map(drop)
}

/// What is found at the NocoBase behind us.
pub async fn upstream(app: &AppState, url: &UpstreamUrl) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Err(finding) = look(app, url, &mut findings).await {
        findings.push(finding);
    }
    findings
}

/// Waits for NocoBase and says what is found.
pub async fn report_when_there(app: &AppState, url: &UpstreamUrl) {
    loop {
        sleep(AGAIN).await;
        let findings = upstream(app, url).await;
        if findings.iter().any(Finding::may_pass) {
            continue;
        }
        for finding in &findings {
            log::error!("{finding}");
        }
        if findings.is_empty() {
            log::info!("NocoBase at {url} is there");
        }
        return;
    }
}

async fn look(
    app: &AppState,
    url: &UpstreamUrl,
    findings: &mut Vec<Finding>,
) -> Result<(), Finding> {
    let questions = Questions { app, url };
    let info = questions.ask("app:getInfo", None).await?;
    let version = text(&info.data, "version");
    if version != plugin::NOCOBASE_VERSION {
        findings.push(Finding::OtherVersion(version.to_owned(), age_of(version)));
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
    // When NocoBase was installed, to the millisecond.
    if !is_dialect(app.config.database.dialect, dialect) || theirs != ours {
        return Err(Finding::OtherDatabase);
    }
    // Of an account that there is not: who gets hold of this token has nothing.
    let probe = app.sessions.probe().unwrap_or_default();
    let check = questions.ask("auth:check", Some(&probe)).await?;
    if check.code != "NOT_EXIST_USER" {
        return Err(Finding::OtherSecret);
    }
    let names = app.store.authenticators_shown_to_nocobase().await?;
    for (name, auth_type) in names {
        if let Some(provider) = app.providers.of_type(&auth_type) {
            let title = provider.names().title;
            findings.push(Finding::EnabledInNocoBase(title, name));
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
            findings.push(Finding::PowerNotSigned(title, row.name));
        }
    }
    Ok(())
}

/// Whether a version is older or newer than the one that was tested.
fn age_of(version: &str) -> &'static str {
    let numbers = |version: &str| -> Vec<u32> {
        let plain = version.split(['-', '+']).next().unwrap_or_default();
        plain
            .split('.')
            .map(|number| number.parse().unwrap_or(0))
            .collect()
    };
    match numbers(version).cmp(&numbers(plugin::NOCOBASE_VERSION)) {
        Ordering::Less => "older",
        Ordering::Greater => "newer",
        Ordering::Equal => "another",
    }
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

/// Asks NocoBase.
struct Questions<'a> {
    app: &'a AppState,
    url: &'a UpstreamUrl,
}

/// What it says.
struct Said {
    data: Value,
    /// Code of the first error.
    code: String,
}

impl Questions<'_> {
    async fn ask(&self, action: &str, token: Option<&str>) -> Result<Said, Finding> {
        let failed = |error| Finding::Unreachable(self.url.to_string(), error);
        let asked = timeout(PATIENCE, self.try_ask(action, token)).await;
        let asked = asked
            .unwrap_or(Err(UpstreamError::Answer))
            .map_err(failed)?;
        let (status, body) = asked;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let errors = body.get("errors").and_then(Value::as_array);
        let code = errors
            .and_then(|errors| errors.first())
            .map(|error| text(error, "code"));
        match (body.get("data"), errors) {
            (None, None) => Err(Finding::NotReady(self.url.to_string(), status)),
            (data, _) => Ok(Said {
                data: data.cloned().unwrap_or_default(),
                code: code.unwrap_or_default().to_owned(),
            }),
        }
    }

    async fn try_ask(
        &self,
        action: &str,
        token: Option<&str>,
    ) -> Result<(u16, bytes::Bytes), UpstreamError> {
        let metrics = &self.app.metrics.upstream;
        let upstream = Upstream::new(self.url, metrics).ok_or(UpstreamError::Unsendable)?;
        let mut head = Request::new(()).into_parts().0;
        head.method = Method::GET;
        head.uri = upstream.uri(&format!("{}{action}", self.app.config.http.api_path()))?;
        let headers: &mut HeaderMap = &mut head.headers;
        insert(headers, HOST, upstream.authority());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(token) = token {
            insert(headers, AUTHORIZATION, &format!("Bearer {token}"));
        }
        let request = Request::from_parts(head, RequestBody::Empty);
        let response = upstream.send(request).await?;
        let status = response.status().as_u16();
        Ok((status, Upstream::read(response.into_body()).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        for (version, age) in [
            ("2.2.9", "older"),
            ("2.2.100", "newer"),
            ("2.2.15-beta.1", "another"),
            ("3.0", "newer"),
            ("", "older"),
        ] {
            assert_eq!(age_of(version), age, "{version}");
        }
    }
}
