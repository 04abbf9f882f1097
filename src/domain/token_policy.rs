//! How long tokens and sessions last.

use chrono::TimeDelta;
use serde_json::{Value, json};

/// The token policy (NocoBase's `tokenControlConfig`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenPolicy {
    /// The lifetime of a token. An older one is renewed.
    pub token: TimeDelta,
    /// The lifetime of a session, counted from the sign-in.
    pub session: TimeDelta,
    /// How long after its expiry a token can still be renewed; zero means as long as the session
    /// lasts.
    pub renewal: TimeDelta,
}

impl Default for TokenPolicy {
    /// The policy that NocoBase installs: a day, a week, a day.
    fn default() -> Self {
        Self {
            token: TimeDelta::days(1),
            session: TimeDelta::days(7),
            renewal: TimeDelta::days(1),
        }
    }
}

impl TokenPolicy {
    /// The default, as NocoBase stores it.
    pub fn default_config() -> Value {
        json!({
            "tokenExpirationTime": "1d",
            "sessionExpirationTime": "7d",
            "expiredTokenRenewLimit": "1d",
        })
    }

    /// The names of the values that are not time spans, or too short to sign in with.
    pub fn problems_of(config: &Value) -> Vec<&'static str> {
        let span = |key| config.get(key).and_then(Value::as_str).and_then(parse_span);
        let long_enough = |span: Option<TimeDelta>| span.is_some_and(|span| span >= SHORTEST);
        let mut wrong = Vec::new();
        for key in ["tokenExpirationTime", "sessionExpirationTime"] {
            if !long_enough(span(key)) {
                wrong.push(key);
            }
        }
        if span("expiredTokenRenewLimit").is_none() {
            wrong.push("expiredTokenRenewLimit");
        }
        wrong
    }

    /// Parses a stored policy. NocoBase lets values be saved that are not time spans. Each of those
    /// is replaced by its default, so that a typing mistake locks nobody out.
    pub fn of_config(config: &Value) -> Self {
        let default = Self::default();
        let span = |key: &str, default: TimeDelta| {
            let span = config.get(key).and_then(Value::as_str).and_then(parse_span);
            span.unwrap_or_else(|| {
                log::warn!("the token policy's {key} is no time span; using the default");
                default
            })
        };
        Self {
            token: span("tokenExpirationTime", default.token),
            session: span("sessionExpirationTime", default.session),
            renewal: span("expiredTokenRenewLimit", default.renewal),
        }
    }
}

/// The shortest lifetime of a token with which somebody can work.
const SHORTEST: TimeDelta = TimeDelta::seconds(1);
/// The longest time span that is accepted: a hundred years.
const LONGEST_MS: f64 = 100.0 * 365.25 * 86_400_000.0;

/// Parses a time span as the npm package `ms` does: a number and a unit, milliseconds without one.
pub fn parse_span(text: &str) -> Option<TimeDelta> {
    let text = text.trim();
    let at = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(at)?;
    let number: f64 = number.trim().parse().ok()?;
    let unit_ms = match unit.to_ascii_lowercase().as_str() {
        "" | "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => 1_000.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60_000.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600_000.0,
        "d" | "day" | "days" => 86_400_000.0,
        "w" | "week" | "weeks" => 7.0 * 86_400_000.0,
        "y" | "yr" | "yrs" | "year" | "years" => 365.25 * 86_400_000.0,
        _ => return None,
    };
    let ms = (number * unit_ms).round();
    if !(0.0..=LONGEST_MS).contains(&ms) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "within a hundred years")]
    Some(TimeDelta::milliseconds(ms as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_ms_writes_them() {
        for (text, ms) in [
            ("1d", 86_400_000),
            ("12h", 43_200_000),
            ("30m", 1_800_000),
            ("1.5 hours", 5_400_000),
            ("90 s", 90_000),
            ("250", 250),
            ("0d", 0),
            ("2 weeks", 1_209_600_000),
            ("1w", 604_800_000),
            ("1y", 31_557_600_000),
            ("0.5 years", 15_778_800_000),
        ] {
            assert_eq!(
                parse_span(text),
                Some(TimeDelta::milliseconds(ms)),
                "{text}"
            );
        }
        for text in [
            "",
            "d",
            "abc",
            "1 fortnight",
            "-1d",
            "1e300y",
            "NaN",
            "inf",
            "1d2h",
        ] {
            assert_eq!(parse_span(text), None, "{text}");
        }
    }

    #[test]
    fn a_policy_that_locks_everybody_out_is_no_policy() {
        let policy = |token: &str| json!({"tokenExpirationTime": token, "sessionExpirationTime": "7d", "expiredTokenRenewLimit": "0"});
        assert!(TokenPolicy::problems_of(&policy("1d")).is_empty());
        assert!(TokenPolicy::problems_of(&policy("1s")).is_empty());
        assert_eq!(
            TokenPolicy::problems_of(&policy("999ms")),
            ["tokenExpirationTime"]
        );
        assert_eq!(
            TokenPolicy::problems_of(&policy("abc")),
            ["tokenExpirationTime"]
        );
        assert_eq!(
            TokenPolicy::problems_of(&policy("0")),
            ["tokenExpirationTime"]
        );
        assert_eq!(TokenPolicy::problems_of(&json!({})).len(), 3);
    }

    #[test]
    fn the_default_is_what_is_installed() {
        assert_eq!(
            TokenPolicy::of_config(&TokenPolicy::default_config()),
            TokenPolicy::default()
        );
        assert_eq!(TokenPolicy::of_config(&json!({})), TokenPolicy::default());
        let problems = TokenPolicy::problems_of(&TokenPolicy::default_config());
        assert!(problems.is_empty(), "{problems:?}");
    }
}
