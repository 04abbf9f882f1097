//! `dingtalk:overview`: the state of each authenticator of a provider.

use actix_web::HttpResponse;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::problems::{ProblemShown, problems};
use crate::api::provider_actions::ConnectionTestResult;
use crate::domain::audit::Action;
use crate::domain::plugin;
use crate::domain::sign_in_counts::{self, DAYS, Day};
use crate::edge::shape::date;
use crate::edge::{ApiError, Call, envelope};

/// The largest difference between a time zone and UTC, in minutes.
const MOST_AHEAD: i64 = 14 * 60;

/// The overview.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct Overview {
    /// Whether the plugin is enabled.
    plugin_enabled: bool,
    /// The first day that is shown, in the time zone of the request.
    first_day: String,
    /// How many days are shown, including today.
    days: i64,
    authenticators: Vec<AuthenticatorShown>,
    /// The days of sign-ins for which no authenticator is known.
    unassigned: Vec<OfDay>,
    /// The most frequent refusals of the last week, each with advice.
    problems: Vec<ProblemShown>,
    /// The actions of the audit trail, in the order in which a filter offers them.
    actions: Vec<ActionShown>,
}

#[derive(JsonSchema, Serialize)]
struct ActionShown {
    /// The name in the audit trail.
    name: &'static str,
    /// What people read, in the language of the request.
    title: String,
}

#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthenticatorShown {
    id: i64,
    name: String,
    title: Option<String>,
    enabled: bool,
    /// How many people are bound.
    bound: u64,
    /// The last connection test since this server started.
    check: Option<CheckShown>,
    /// The days on which somebody signed in or was refused.
    days: Vec<OfDay>,
}

#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckShown {
    #[schemars(with = "String")]
    #[serde(serialize_with = "date")]
    tested_at: DateTime<Utc>,
    #[serde(flatten)]
    found: ConnectionTestResult,
}

#[derive(JsonSchema, Serialize)]
struct OfDay {
    day: String,
    success: u64,
    refused: u64,
}

impl From<(NaiveDate, Day)> for OfDay {
    fn from((day, Day { success, refused }): (NaiveDate, Day)) -> Self {
        Self {
            day: day.to_string(),
            success,
            refused,
        }
    }
}

/// `dingtalk:overview`.
pub async fn overview(call: Call) -> Result<HttpResponse, ApiError> {
    let app = &call.app;
    let (store, now) = (&app.store, app.clock.now());
    let (first_day, mut days) = sign_in_counts::days(store, now, ahead(&call)).await?;
    let mut of = |name: &str| {
        let days = days.remove(name).unwrap_or_default();
        days.into_iter().map(OfDay::from).collect()
    };
    let mut authenticators = Vec::new();
    for row in store.authenticators().await? {
        if !app.providers.has_type(&row.auth_type) {
            continue;
        }
        let check = app.checks.of(&row.name).map(|check| CheckShown {
            tested_at: check.at,
            found: ConnectionTestResult::of(&check.findings, call.locale),
        });
        authenticators.push(AuthenticatorShown {
            id: row.id,
            bound: store.count_bound(&row.name, None).await?,
            check,
            days: of(&row.name),
            title: row.title,
            enabled: row.enabled == Some(true),
            name: row.name,
        });
    }
    let handling = app.providers.of_type(&plugin::manifest().auth_type);
    let provider = call
        .locale
        .text(handling.map_or("", |provider| provider.names().title));
    let action_shown = |action: &Action| {
        let title = call.locale.text(action.title());
        ActionShown {
            name: action.name(),
            title: title.replace("{{provider}}", provider),
        }
    };
    Ok(envelope::data(Overview {
        plugin_enabled: plugin::this_plugin_is_enabled(store).await?,
        first_day: first_day.to_string(),
        days: DAYS,
        unassigned: of(""),
        authenticators,
        problems: problems(&call, now).await?,
        actions: Action::ALL.iter().map(action_shown).collect(),
    }))
}

/// How far the time zone of the request is ahead of UTC: `X-Timezone: +08:00`, as NocoBase's client
/// sends it.
fn ahead(call: &Call) -> TimeDelta {
    let minutes = call.header("x-timezone").and_then(minutes_ahead);
    TimeDelta::minutes(minutes.unwrap_or_default())
}

fn minutes_ahead(text: &str) -> Option<i64> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let ahead = hours.checked_mul(60)?.checked_add(minutes)?;
    (0..=MOST_AHEAD).contains(&ahead).then_some(sign * ahead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_zones_are_read_as_the_client_sends_them() {
        for (text, expected) in [
            ("+08:00", Some(480)),
            ("-03:30", Some(-210)),
            ("+00:00", Some(0)),
            ("+99:00", None),
            ("+9223372036854775807:00", None),
            ("Asia/Shanghai", None),
            ("08:00", None),
        ] {
            assert_eq!(minutes_ahead(text), expected, "{text}");
        }
    }
}
