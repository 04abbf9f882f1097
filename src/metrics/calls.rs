//! Calls to DingTalk.

use std::time::Instant;

use prometheus::{Error, HistogramVec, IntCounterVec, Opts, Registry};

use super::requests::durations;

/// The ends of paths that are called, and the names under which they are counted. A path that is
/// not here is counted as `other`: some hold identifiers.
const ENDPOINTS: [(&str, &str); 8] = [
    ("/v1.0/oauth2/userAccessToken", "oauth2/userAccessToken"),
    ("/v1.0/oauth2/accessToken", "oauth2/accessToken"),
    ("/v1.0/contact/users/me", "contact/users/me"),
    ("/topapi/v2/user/getuserinfo", "user/getuserinfo"),
    ("/topapi/user/getbyunionid", "user/getbyunionid"),
    ("/topapi/v2/user/get", "user/get"),
    ("/auth/scopes", "auth/scopes"),
    ("/topapi/v2/department/listsub", "department/listsub"),
];

/// Calls by what was called and what came of it.
#[derive(Clone)]
pub struct Calls {
    total: IntCounterVec,
    duration: HistogramVec,
}

/// A call on its way.
pub struct Call<'a> {
    calls: &'a Calls,
    endpoint: &'static str,
    started: Instant,
}

impl Calls {
    pub(super) fn new(registry: &Registry) -> Result<Self, Error> {
        let total = IntCounterVec::new(
            Opts::new(
                "dingtalk_calls_total",
                "Calls to DingTalk by what was called and what came of it.",
            ),
            &["endpoint", "outcome"],
        )?;
        let duration = durations(
            "dingtalk_call_duration_seconds",
            "Time of a call to DingTalk.",
            "endpoint",
        )?;
        registry.register(Box::new(total.clone()))?;
        registry.register(Box::new(duration.clone()))?;
        Ok(Self { total, duration })
    }

    /// A call begins, at this path.
    pub fn begin(&self, path: &str) -> Call<'_> {
        let known = ENDPOINTS.iter().find(|(end, _)| path.ends_with(end));
        Call {
            calls: self,
            endpoint: known.map_or("other", |(_, name)| name),
            started: Instant::now(),
        }
    }
}

impl Call<'_> {
    /// It ended like this.
    pub fn end(self, outcome: &'static str) {
        let Self {
            calls,
            endpoint,
            started,
        } = self;
        calls.total.with_label_values(&[endpoint, outcome]).inc();
        let duration = calls.duration.with_label_values(&[endpoint]);
        duration.observe(started.elapsed().as_secs_f64());
    }
}
