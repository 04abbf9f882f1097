//! Ten thousand events are sent in a burst over the Stream. The time is measured until the server
//! has stored and acknowledged all of them. Processing them takes longer, because it keeps to
//! DingTalk's rate limit.

use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt, TryStreamExt};
use reqwest::Client;
use serde_json::{Value, json};

use crate::copied_company::CopiedCompany;
use crate::process::Process;
use crate::report::Report;
use crate::{Failure, megabytes};

/// The number of events, unless `BENCH_EVENTS` says that fewer are enough for a quick try.
const EVENTS: u32 = 10_000;
/// The number of people whom the events name.
const PEOPLE: u32 = 100;
/// How long the server may take to connect, and to acknowledge everything.
const PATIENCE: Duration = Duration::from_mins(2);
/// How often the progress of the server is checked.
const LOOK: Duration = Duration::from_millis(50);
/// How many events are handed to the sandbox at the same time.
const AT_ONCE: usize = 16;

/// Measures one burst. Returns whether all bars are kept.
pub async fn measure(program: &str) -> Result<bool, Failure> {
    let events = match std::env::var("BENCH_EVENTS") {
        Ok(events) if !events.is_empty() => events.parse()?,
        _ => EVENTS,
    };
    let sandbox = Process::sandbox(program).await?;
    let client = Client::builder().timeout(PATIENCE).build()?;
    let source = json!({
        "authenticator": "dingtalk", "enabled": true, "options": {"events": {"mode": "stream"}},
    });
    let company = CopiedCompany::at(&sandbox, program, &source).await?;
    until(&client, &sandbox, |open| !open.is_empty()).await?;

    let began = Instant::now();
    let url = format!("{}/_sandbox/events", sandbox.url);
    let sent = stream::iter(0..events)
        .map(Ok)
        .try_for_each_concurrent(AT_ONCE, |number| {
            let body = json!({
                "eventType": "user_modify_org",
                "data": {"userId": [format!("nobody{}", number % PEOPLE)]},
            });
            let request = client.post(&url).json(&body);
            async move { request.send().await?.error_for_status().map(drop) }
        });
    sent.await?;
    let handed = began.elapsed().as_secs_f64();
    until(&client, &sandbox, |open| {
        acknowledged(open) >= u64::from(events)
    })
    .await?;
    let took = began.elapsed().as_secs_f64();

    let mut report = Report::default();
    report.heading(&format!("{events} events in a burst"));
    report.line("handed to the sandbox, s", &format!("{handed:.1}"));
    report.line("stored and acknowledged, s", &format!("{took:.1}"));
    report.at_least(
        "stored and acknowledged in a second",
        f64::from(events) / took,
        500.0,
    );
    report.at_most("memory, MB", megabytes(company.server.resident()?), 80.0, 1);
    Ok(report.all_held())
}

/// Waits until the open connections fulfil this condition.
async fn until(
    client: &Client,
    sandbox: &Process,
    holds: impl Fn(&[Value]) -> bool,
) -> Result<(), Failure> {
    let (url, began) = (format!("{}/_sandbox/stream", sandbox.url), Instant::now());
    loop {
        let open: Vec<Value> = client.get(&url).send().await?.json().await?;
        if holds(&open) {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            return Err(format!("the server is not that far: {open:?}").into());
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// How many events were acknowledged over these connections.
fn acknowledged(open: &[Value]) -> u64 {
    let counts = open
        .iter()
        .filter_map(|one| one.get("acknowledged")?.as_u64());
    counts.sum()
}
