//! Measures messages that go from NocoBase's inbox to DingTalk, on SQLite: the cost of looking for new messages beside a
//! million old ones, the time until one message is sent, and the time until thousands of people have one each.
//!
//! DingTalk limits the calls of a second, and the server keeps to this limit, which sets the bar for many messages.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reqwest::Client;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::copied_company::CopiedCompany;
use crate::database::{BenchDatabase, DatabaseKind};
use crate::load::median;
use crate::process::{Process, free_port};
use crate::report::Report;
use crate::scale::{CLIENT_ID, CLIENT_SECRET};
use crate::{Failure, directory, megabytes};

/// The number of people who get a message, unless `BENCH_MESSAGES` sets a smaller one for a quick try.
const PEOPLE: u64 = 5_000;
/// The number of old messages, unless `BENCH_MESSAGES_OLD` sets a smaller one.
const OLD: u64 = 1_000_000;
/// How many calls the server makes in a second at most.
const CALLS_A_SECOND: f64 = 15.0;
/// The number of single messages that are timed.
const PROBES: u64 = 10;
/// How long the cost of looking for new messages is measured.
const SILENCE: Duration = Duration::from_mins(1);
/// How long to wait for a message before the measurement fails.
const PATIENCE: Duration = Duration::from_mins(3);
/// The agent of the sandbox's application.
const AGENT_ID: &str = "1900000001";

/// A gateway, the database that it shares with NocoBase, and DingTalk.
struct Office {
    gateway: Process,
    metrics: String,
    sandbox: Process,
    database: DatabaseConnection,
    client: Client,
    /// When the last message was inserted, so that each has a time of its own.
    next: u64,
}

/// Measures everything. Returns whether all bars are kept.
pub async fn measure(program: &str) -> Result<bool, Failure> {
    let people = number("BENCH_MESSAGES", PEOPLE)?;
    let old = number("BENCH_MESSAGES_OLD", OLD)?;
    let mut report = Report::default();
    let sandbox = Process::sandbox(program).await?;
    let client = Client::builder().timeout(PATIENCE).build()?;
    let folder = company(program, &sandbox, &client, people).await?;
    let database = BenchDatabase::create(DatabaseKind::Sqlite, folder.path()).await?;
    database.look_like_nocobases().await?;
    let connection = database.connect().await?;
    nocobases_tables(&connection, old).await?;

    let upstream = Process::upstream().await?;
    let port = free_port()?;
    let hosts = ["login", "api", "oapi"];
    let mut flags = hosts
        .map(|one| format!("--dingtalk-{one}-url={}", sandbox.url))
        .to_vec();
    flags.push(format!("--metrics-port={port}"));
    let gateway = Process::gateway_on(program, folder.path(), &upstream.url, &flags).await?;
    let mut office = Office {
        gateway,
        metrics: format!("http://127.0.0.1:{port}/metrics"),
        sandbox,
        database: connection,
        client,
        next: 0,
    };

    report.heading(&format!("beside {old} old messages of one channel"));
    let without = office.cost().await?;
    office.choose_channel().await?;
    // The first look sees all of them.
    for person in office.bound(1).await? {
        office.probe(person).await?;
    }
    let with = office.cost().await?;
    report.at_most(
        "looking: statements in a second",
        with.0 - without.0,
        1.0,
        2,
    );
    report.at_most("looking: % of a core", (with.1 - without.1) * 100.0, 1.0, 2);
    let mut times = Vec::new();
    for person in office.bound(PROBES).await? {
        times.push(office.probe(person).await?);
    }
    let slowest = times.iter().copied().fold(0.0, f64::max);
    report.line(
        "from row to call, median, s",
        &format!("{:.2}", median(times)),
    );
    report.at_most("from row to call, the slowest, s", slowest, 1.5, 2);

    report.heading(&format!("{people} messages to one person each"));
    let took = office.send_to_all(people).await?;
    report.line("all are sent, s", &format!("{took:.1}"));
    report.at_least(
        "share of the speed that DingTalk allows",
        people_a_second(people, took) / CALLS_A_SECOND,
        0.9,
    );
    report.at_most("memory, MB", megabytes(office.gateway.resident()?), 80.0, 1);
    Ok(report.all_held())
}

#[expect(clippy::cast_precision_loss, reason = "a share with two decimals")]
fn people_a_second(people: u64, seconds: f64) -> f64 {
    people as f64 / seconds
}

fn number(name: &str, usual: u64) -> Result<u64, Failure> {
    Ok(match std::env::var(name) {
        Ok(number) if !number.is_empty() => number.parse()?,
        _ => usual,
    })
}

/// Lets a directory sync create accounts that are bound. Returns the folder with the database.
async fn company(
    program: &str,
    sandbox: &Process,
    client: &Client,
    people: u64,
) -> Result<TempDir, Failure> {
    let company = json!({"people": people, "departments": (people / 20).max(1), "seed": 1});
    let asked = client.put(format!("{}/_sandbox/company", sandbox.url));
    asked.json(&company).send().await?.error_for_status()?;
    let source = json!({"authenticator": "dingtalk"});
    let copied = CopiedCompany::at(sandbox, program, &source).await?;
    directory::run(&copied.server, &copied.session).await?;
    Ok(copied.folder)
}

/// Creates NocoBase's tables of notifications with many messages, and the authenticator as a gateway expects it.
async fn nocobases_tables(database: &DatabaseConnection, old: u64) -> Result<(), Failure> {
    let options = json!({
        "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET, "agentId": AGENT_ID,
        "dingtalkGateway": {"enabled": true},
    });
    for statement in [
        r#"CREATE TABLE "notificationChannels" ("name" varchar(255) PRIMARY KEY, "title" varchar(255), "notificationType" varchar(255), "options" json)"#.to_owned(),
        r#"INSERT INTO "notificationChannels" VALUES ('news', 'News', 'in-app-message', '{}')"#.to_owned(),
        r#"CREATE TABLE "notificationInAppMessages" ("id" char(36) PRIMARY KEY, "userId" bigint, "channelName" varchar(255), "title" text, "content" text, "status" varchar(255), "receiveTimestamp" bigint, "options" json)"#.to_owned(),
        r#"CREATE INDEX "in_app_channel" ON "notificationInAppMessages" ("channelName")"#.to_owned(),
        format!(r#"WITH RECURSIVE "n"("i") AS (SELECT 1 UNION ALL SELECT "i" + 1 FROM "n" WHERE "i" < {old}) INSERT INTO "notificationInAppMessages" SELECT lower(hex(randomblob(16))), "i" % 5000, 'news', 'A title', 'What a message says, in some words', 'read', 1700000000000 + "i", '{{"url":"/admin"}}' FROM "n""#),
        format!(r#"UPDATE "authenticators" SET "enabled" = 0, "options" = '{options}' WHERE "name" = 'dingtalk'"#),
        r#"INSERT OR REPLACE INTO "dingtalk_switches" ("name", "enabled", "changedAt") VALUES ('auth-dingtalk', 1, 0)"#.to_owned(),
    ] {
        database.execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// The present time in milliseconds since the epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "rows have the time of this machine, as the server has"
)]
fn now_ms() -> Result<u64, Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(u64::try_from(now.as_millis())?)
}

impl Office {
    /// Has the messages of the channel sent to DingTalk from now on.
    async fn choose_channel(&self) -> Result<(), Failure> {
        let now = now_ms()?;
        let statement = format!(
            r#"INSERT INTO "dingtalk_mirrored_channels" ("channel", "createdAt", "updatedAt", "authenticator", "startedMs", "markMs") VALUES ('news', '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 'dingtalk', {now}, {now})"#
        );
        self.database.execute_unprepared(&statement).await?;
        Ok(())
    }

    /// Statements per second and the share of a core while no message comes.
    async fn cost(&self) -> Result<(f64, f64), Failure> {
        let (began, worked) = (Instant::now(), self.gateway.worked()?);
        let before = self.statements().await?;
        tokio::time::sleep(SILENCE).await;
        let statements = self.statements().await? - before;
        let seconds = began.elapsed().as_secs_f64();
        let worked = self.gateway.worked()? - worked;
        Ok((statements / seconds, worked / seconds))
    }

    async fn statements(&self) -> Result<f64, Failure> {
        let text = self.client.get(&self.metrics).send().await?.text().await?;
        let name = "nocobase_dingtalk_database_statements ";
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        Ok(line.ok_or("no statements are counted")?.parse()?)
    }

    /// Seconds from the row of a message to the call that sends it.
    async fn probe(&mut self, person: i64) -> Result<f64, Failure> {
        let before = self.received().await?.len();
        self.insert(&[person]).await?;
        let began = Instant::now();
        while self.received().await?.len() == before {
            if began.elapsed() > PATIENCE {
                return Err("a message does not arrive".into());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(began.elapsed().as_secs_f64())
    }

    /// Seconds until each of so many people has a message of their own.
    async fn send_to_all(&mut self, people: u64) -> Result<f64, Failure> {
        let bound = self.bound(people).await?;
        let before = self.received().await?.len();
        self.insert(&bound).await?;
        let began = Instant::now();
        let patience = PATIENCE + Duration::from_secs(people / 4);
        loop {
            let received = self.received().await?;
            let new = received.get(before..).unwrap_or_default();
            if new.len() >= bound.len() {
                let took = began.elapsed().as_secs_f64();
                let mut counts: HashMap<&str, u32> = HashMap::new();
                for person in new {
                    *counts.entry(person).or_default() += 1;
                }
                if counts.len() != bound.len() {
                    return Err("somebody has got a message twice".into());
                }
                return Ok(took);
            }
            if began.elapsed() > patience {
                return Err(format!("{} of {people} messages arrived", new.len()).into());
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// This many accounts that are bound.
    async fn bound(&self, most: u64) -> Result<Vec<i64>, Failure> {
        let statement =
            format!(r#"SELECT "userId" FROM "usersAuthenticators" ORDER BY "userId" LIMIT {most}"#);
        let statement = Statement::from_string(DbBackend::Sqlite, statement);
        let rows = self.database.query_all_raw(statement).await?;
        let mut bound = Vec::new();
        for row in rows {
            bound.push(row.try_get_by_index::<i64>(0)?);
        }
        if bound.is_empty() {
            return Err("nobody is bound".into());
        }
        Ok(bound)
    }

    /// Inserts a message to each of these accounts, as NocoBase does.
    async fn insert(&mut self, accounts: &[i64]) -> Result<(), Failure> {
        let at = now_ms()?;
        for accounts in accounts.chunks(500) {
            let mut rows = Vec::new();
            for account in accounts {
                self.next += 1;
                let number = self.next;
                rows.push(format!("('00000000-0000-4000-8000-{number:012}', {account}, 'news', 'Message {number}', 'For one person', 'unread', {at}, '{{}}')"));
            }
            let rows = rows.join(", ");
            let statement = format!(r#"INSERT INTO "notificationInAppMessages" VALUES {rows}"#);
            self.database.execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    /// Who got messages, in the order of their arrival.
    async fn received(&self) -> Result<Vec<String>, Failure> {
        let url = format!("{}/_sandbox/messages", self.sandbox.url);
        let all: Vec<Value> = self.client.get(&url).send().await?.json().await?;
        let person = |message: &Value| Some(message.get("userid")?.as_str()?.to_owned());
        Ok(all.iter().filter_map(person).collect())
    }
}
