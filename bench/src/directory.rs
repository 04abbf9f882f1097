//! Measures how a generated company is copied into a server without a NocoBase, on SQLite: the first run, one without
//! any changes and one after a change of one person. It also measures the memory with a company ten times as large.
//!
//! DingTalk limits the calls of a second, and the server keeps to this limit. So the time for reading is printed by
//! itself, and the bars are for what comes after it. Tests of the directory prove that a run without changes writes
//! nothing; here only the changes that runs report are counted.

use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

use crate::copied_company::CopiedCompany;
use crate::process::Process;
use crate::report::Report;
use crate::session::Session;
use crate::{Failure, megabytes};

/// The number of people, unless `BENCH_DIRECTORY_PEOPLE` sets a smaller one for a quick try.
const PEOPLE: u64 = 10_000;
/// How many times as many people the larger company has.
const LARGER: u64 = 10;
/// The number of people in a department.
const OF_A_DEPARTMENT: u64 = 20;
/// How long the sandbox may take to create a company.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often the progress of a run is asked for. Each question is additional work for the server.
const LOOK: Duration = Duration::from_millis(250);
/// The counters of a run that are changes of accounts or departments.
const CHANGES: [&str; 9] = [
    "created",
    "linked",
    "adopted",
    "updated",
    "returned",
    "left",
    "departmentsCreated",
    "departmentsChanged",
    "departmentsRemoved",
];

/// The times and the changes of a run.
pub struct Measured {
    reading: f64,
    rest: f64,
    worked: f64,
    counts: Value,
}

/// A company in the sandbox, and a server that copies it.
struct Company {
    sandbox: Process,
    copied: CopiedCompany,
    client: Client,
}

impl Company {
    /// Creates a company of this number of people.
    async fn of(program: &str, people: u64, departments: u64) -> Result<Self, Failure> {
        let sandbox = Process::sandbox(program).await?;
        let client = Client::builder().timeout(PATIENCE).build()?;
        let company = json!({"people": people, "departments": departments, "seed": 1});
        let asked = client.put(format!("{}/_sandbox/company", sandbox.url));
        asked.json(&company).send().await?.error_for_status()?;

        let source = json!({"authenticator": "dingtalk"});
        let copied = CopiedCompany::at(&sandbox, program, &source).await?;
        Ok(Self {
            sandbox,
            copied,
            client,
        })
    }

    async fn run(&self) -> Result<Measured, Failure> {
        run(&self.copied.server, &self.copied.session).await
    }

    /// Gives another name to one person.
    async fn change_one(&self) -> Result<(), Failure> {
        let change = json!({"name": "Somebody else"});
        let one = format!("{}/_sandbox/people/p1", self.sandbox.url);
        let asked = self.client.patch(one).json(&change);
        asked.send().await?.error_for_status()?;
        Ok(())
    }
}

/// Measures runs of both companies. Returns whether all bars are kept.
pub async fn measure(program: &str) -> Result<bool, Failure> {
    let people = match std::env::var("BENCH_DIRECTORY_PEOPLE") {
        Ok(people) if !people.is_empty() => people.parse()?,
        _ => PEOPLE,
    };
    let mut report = Report::default();
    let departments = (people / OF_A_DEPARTMENT).max(1);
    let company = Company::of(program, people, departments).await?;
    report.heading(&format!("{people} people in {departments} departments"));
    let first = company.run().await?;
    report.line("first run: reading, s", &format!("{:.1}", first.reading));
    report.at_most("first run: the rest, s", first.rest, 30.0, 1);
    let second = company.run().await?;
    report.line("second run: reading, s", &format!("{:.1}", second.reading));
    report.at_most("second run: seconds of a core", second.worked, 2.0, 1);
    report.at_most("second run: changes", changes(&second.counts), 0.0, 1);
    company.change_one().await?;
    let third = company.run().await?;
    report.at_most(
        "one person changed: changes",
        changes(&third.counts),
        1.0,
        1,
    );
    drop(company);

    // The departments are larger: with small ones, DingTalk's limit of calls alone would take a quarter of an hour.
    let (many, departments) = (people * LARGER, departments);
    let company = Company::of(program, many, departments).await?;
    report.heading(&format!("{many} people in {departments} departments"));
    let first = company.run().await?;
    report.line("first run: reading, s", &format!("{:.1}", first.reading));
    report.line("first run: the rest, s", &format!("{:.1}", first.rest));
    company.change_one().await?;
    let second = company.run().await?;
    report.at_most(
        "one person changed: changes",
        changes(&second.counts),
        1.0,
        1,
    );
    let memory = megabytes(company.copied.server.most_resident()?);
    report.at_most("memory at its most, MB", memory, 120.0, 1);
    Ok(report.all_held())
}

/// Makes one run, and waits for its end.
pub async fn run(server: &Process, session: &Session) -> Result<Measured, Failure> {
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
