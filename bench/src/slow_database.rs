//! Measures requests through the gateway while its database takes two seconds for each answer.

use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait;

use crate::Failure;
use crate::database::{BenchDatabase, DatabaseKind};
use crate::load::{Load, typical};
use crate::process::{Process, free_port};
use crate::relay::Relay;
use crate::report::Report;

/// The delay of each answer of the database.
const LATE: Duration = Duration::from_secs(2);
/// How often the slow database and the usual one take turns.
const ROUNDS: usize = 5;
/// The length of one turn, which is long enough for cached data to be read again.
const TURN: Duration = Duration::from_secs(4);
/// How long an action of this product may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// The least number of requests, as a share of those with the usual database.
const SPEED_BAR: f64 = 0.8;
/// The greatest time of the slowest answers, as a multiple of that with the usual database.
const WAIT_BAR: f64 = 2.0;

/// Measures it on a database of this kind. Returns whether all bars are kept.
pub async fn measure(kind: &str, program: &str) -> Result<bool, Failure> {
    let mut report = Report::default();
    let folder = tempfile::tempdir()?;
    let storage = folder.path().join("storage");
    std::fs::create_dir(&storage)?;
    let database = BenchDatabase::create(DatabaseKind::of(kind)?, &storage).await?;
    // The first start creates the tables.
    let port = free_port()?;
    drop(Process::server_on(program, &storage, port, &database.flags()).await?);
    database.look_like_nocobases().await?;
    add_authenticator(&database).await?;

    let relay = Relay::to(&database.server.0, database.server.1).await?;
    let upstream = Process::upstream().await?;
    let flags = database.flags_at("127.0.0.1", relay.port);
    let gateway = Process::gateway_on(program, &storage, &upstream.url, &flags).await?;

    report.heading(&format!(
        "through the gateway while {} answers after {} s, and as usual: requests/s (p50, p99)",
        database.kind.name(),
        LATE.as_secs()
    ));
    // As the browser of somebody who signed in through DingTalk sends it: names of authenticators are
    // replaced, and answers searched for secrets.
    let load = Load::at(format!("{}/api/small", gateway.url), 64, TURN)
        .with_header("X-Authenticator: dingtalk")
        .with_header("Cookie: nb_authenticator_main=dingtalk");
    let (mut slow, mut usual) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        usual.push(load.run().await?);
        relay.delay(LATE);
        slow.push(load.run().await?);
        relay.delay(Duration::ZERO);
    }
    let (slow, usual) = (typical(slow), typical(usual));
    let what = "small answers, 64 connections";
    report.ratio(what, &slow, &usual, Some(SPEED_BAR));
    report.at_most("  p99 / usual", slow.p99 / usual.p99, WAIT_BAR, 2);

    // An action that has to ask the database shows that the database is slow.
    relay.delay(LATE);
    let started = Instant::now();
    let own = format!("{}/api/dingtalk:getAuthUrl", gateway.url);
    let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let asked = client.post(own);
    let asked = asked.header("x-authenticator", "dingtalk").send().await?;
    report.line(
        "an action of our own meanwhile, s",
        &format!(
            "{:.1} ({})",
            started.elapsed().as_secs_f64(),
            asked.status()
        ),
    );
    Ok(report.all_held())
}

/// A DingTalk authenticator with a secret, as NocoBase stores it.
async fn add_authenticator(database: &BenchDatabase) -> Result<(), Failure> {
    let quote = match database.kind {
        DatabaseKind::Mariadb => '`',
        _ => '"',
    };
    let q = |name: &str| format!("{quote}{name}{quote}");
    let statement = format!(
        "INSERT INTO authenticators (name, {}, description, options, enabled, sort, {}, {}) VALUES \
         ('dingtalk', 'dingtalk', '', '{{\"clientId\":\"x\",\"clientSecret\":\"{}\",\
         \"dingtalkGateway\":{{\"enabled\":true}}}}', false, 2, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)",
        q("authType"),
        q("createdAt"),
        q("updatedAt"),
        "s".repeat(64),
    );
    let connection = database.connect().await?;
    connection.execute_unprepared(&statement).await?;
    connection.close().await?;
    Ok(())
}
