//! A generated company is copied into a server without a NocoBase, on SQLite: from nothing, with nothing changed,
//! and with one person changed.
//!
//! DingTalk allows so many calls in a second, and the server keeps to that. So reading is shown by itself, and the
//! bars are for what comes after it.

use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

use crate::process::{Process, free_port};
use crate::report::Report;
use crate::scale::{CLIENT_ID, CLIENT_SECRET};
use crate::session::Session;
use crate::{Failure, megabytes};

/// People, unless `BENCH_DIRECTORY_PEOPLE` says that fewer are enough for a quick try.
const PEOPLE: u64 = 10_000;
/// People of one department.
const OF_A_DEPARTMENT: u64 = 20;
/// How long the sandbox may take to make a company.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often is looked how far a run is.
const LOOK: Duration = Duration::from_millis(50);
/// What counts as a change of an account or a department.
const CHANGES: [&str; 6] = [
    "created", "linked", "adopted", "updated", "returned", "left",
];

/// How long a run took, and what it did.
struct Measured {
    reading: f64,
    rest: f64,
    worked: f64,
    counts: Value,
}

/// Measures three runs. Whether all bars are held.
pub async fn measure(program: &str) -> Result<bool, Failure> {
    let people = match std::env::var("BENCH_DIRECTORY_PEOPLE") {
        Ok(people) if !people.is_empty() => people.parse()?,
        _ => PEOPLE,
    };
    let departments = (people / OF_A_DEPARTMENT).max(1);
    let sandbox = Process::sandbox(program).await?;
    let client = Client::builder().timeout(PATIENCE).build()?;
    let company = json!({"people": people, "departments": departments, "seed": 1});
    let asked = client.put(format!("{}/_sandbox/company", sandbox.url));
    asked.json(&company).send().await?.error_for_status()?;

    let folder = tempfile::tempdir()?;
    let flags = ["login", "api", "oapi"].map(|one| format!("--dingtalk-{one}-url={}", sandbox.url));
    let server = Process::server_on(program, folder.path(), free_port()?, &flags).await?;
    let session = Session::begin(&server.url).await?;
    let authenticator = json!({
        "name": "dingtalk", "authType": "dingtalk", "enabled": true,
        "options": {"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET},
    });
    session
        .post("authenticators:create", &authenticator)
        .await?;
    let source = json!({"authenticator": "dingtalk"});
    session
        .post("dingtalkDirectory:saveSource", &source)
        .await?;

    let mut report = Report::default();
    report.heading(&format!("{people} people in {departments} departments"));
    let first = run(&server, &session).await?;
    report.line("first run: reading, s", &format!("{:.1}", first.reading));
    report.at_most("first run: the rest, s", first.rest, 30.0);
    let second = run(&server, &session).await?;
    report.line("second run: reading, s", &format!("{:.1}", second.reading));
    report.at_most("second run: seconds of a core", second.worked, 2.0);
    report.at_most("second run: changes", changes(&second.counts), 0.0);

    let change = json!({"name": "Somebody else"});
    let asked = client.patch(format!("{}/_sandbox/people/p1", sandbox.url));
    asked.json(&change).send().await?.error_for_status()?;
    let third = run(&server, &session).await?;
    report.at_most("one person changed: changes", changes(&third.counts), 1.0);
    report.at_most("memory, MB", megabytes(server.resident()?), 120.0);
    Ok(report.all_held())
}

/// One run, to its end.
async fn run(server: &Process, session: &Session) -> Result<Measured, Failure> {
    let (began, worked) = (Instant::now(), server.worked()?);
    let source = json!({"authenticator": "dingtalk"});
    let answer = session.post("dingtalkDirectory:run", &source).await?;
    let id = answer.get("runId").cloned().unwrap_or_default();
    let action = format!("dingtalkDirectory:runs?filter={}", json!({"id": id}));
    let mut reading = None;
    loop {
        let rows = session.post(&action, &json!({})).await?;
        let text = |key: &str| rows.pointer(&format!("/0/{key}")).and_then(Value::as_str);
        if !matches!(text("phase"), Some("departments" | "people")) {
            reading.get_or_insert_with(|| began.elapsed());
        }
        match text("state") {
            Some("running") => tokio::time::sleep(LOOK).await,
            Some("succeeded") => {
                let reading = reading.unwrap_or_else(|| began.elapsed());
                return Ok(Measured {
                    reading: reading.as_secs_f64(),
                    rest: began.elapsed().saturating_sub(reading).as_secs_f64(),
                    worked: server.worked()? - worked,
                    counts: rows.pointer("/0/counts").cloned().unwrap_or_default(),
                });
            }
            state => return Err(format!("the run ended as {state:?}: {rows}").into()),
        }
    }
}

/// How many accounts a run has changed.
fn changes(counts: &Value) -> f64 {
    let count = |key: &str| counts.get(key).and_then(Value::as_f64);
    CHANGES.into_iter().filter_map(count).sum()
}
