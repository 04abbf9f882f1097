//! Load that wrk generates.

use std::path::PathBuf;
use std::time::Duration;

use tokio::process::Command;

use crate::Failure;
use crate::session::Session;

/// One run of wrk.
pub struct Load {
    url: String,
    time: Duration,
    connections: usize,
    headers: Vec<String>,
    script: Option<PathBuf>,
}

/// The result of a run.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Requests per second.
    pub speed: f64,
    /// The median time of an answer, in milliseconds.
    pub p50: f64,
    /// The time within which 99 of 100 answers came, in milliseconds.
    pub p99: f64,
    /// Requests in all.
    pub requests: u64,
}

impl Load {
    /// A run of requests to this action in this session, for this time.
    pub fn of(session: &Session, action: &str, time: Duration) -> Self {
        let load = Self::at(format!("{}/api/{action}", session.url), 64, time);
        load.with_header(&format!("Authorization: Bearer {}", session.token))
    }

    /// A run of requests to this address without a session, over this number of connections.
    pub fn at(url: String, connections: usize, time: Duration) -> Self {
        Self {
            url,
            time,
            connections,
            headers: Vec::new(),
            script: None,
        }
    }

    /// The same with a header.
    pub fn with_header(mut self, header: &str) -> Self {
        self.headers.push(header.to_owned());
        self
    }

    /// The same with a script of wrk.
    pub fn with_script(self, script: PathBuf) -> Self {
        Self {
            script: Some(script),
            ..self
        }
    }

    /// Runs wrk. Fails when any answer is not a success.
    pub async fn run(&self) -> Result<Measured, Failure> {
        let mut command = Command::new("wrk");
        command
            .args(["--threads", "2", "--latency", "--timeout", "30s"])
            .args(["--connections", &self.connections.to_string()])
            .args(["--duration", &format!("{}s", self.time.as_secs())]);
        for header in &self.headers {
            command.args(["--header", header]);
        }
        if let Some(script) = &self.script {
            command.arg("--script").arg(script);
        }
        let output = command
            .arg(&self.url)
            .output()
            .await
            .map_err(|error| format!("wrk: {error}; `scripts/setup bench` installs it"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() || text.contains("Non-2xx") || text.contains("Socket errors") {
            return Err(format!("{}: {text}", self.url).into());
        }
        parse(&text).ok_or_else(|| format!("wrk printed something else: {text}").into())
    }
}

fn parse(text: &str) -> Option<Measured> {
    let after = |word: &str| {
        let mut lines = text.lines().map(str::trim);
        Some(lines.find_map(|line| line.strip_prefix(word))?.trim())
    };
    let requests = text.lines().find(|line| line.contains(" requests in "))?;
    Some(Measured {
        speed: after("Requests/sec:")?.parse().ok()?,
        p50: milliseconds(after("50%")?)?,
        p99: milliseconds(after("99%")?)?,
        requests: requests.split_whitespace().next()?.parse().ok()?,
    })
}

/// Parses a time of wrk, such as `12.34us`, `1.20ms` or `1.00s`.
fn milliseconds(text: &str) -> Option<f64> {
    for (unit, factor) in [("us", 0.001), ("ms", 1.0), ("s", 1000.0)] {
        if let Some(number) = text
            .strip_suffix(unit)
            .and_then(|text| text.parse::<f64>().ok())
        {
            return Some(number * factor);
        }
    }
    None
}

/// The run with the median speed.
pub fn typical(mut runs: Vec<Measured>) -> Measured {
    runs.sort_by(|one, other| one.speed.total_cmp(&other.speed));
    let middle = runs.len() / 2;
    runs.swap_remove(middle)
}

/// The median.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    values.swap_remove(middle)
}
