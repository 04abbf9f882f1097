//! Measures the server beside a bare handler that sends the same bytes. `make bench` runs it;
//! `docs/performance.md` has a run and says how to read it. `make bench-gateway` measures the gateway
//! beside nginx, and while its database is slow; `make bench-scale` measures both kinds of server with few accounts and
//! with very many, `make bench-directory` runs of a directory, `make bench-events` events that come in a burst, and
//! `make bench-messages` messages of NocoBase's inbox.

mod bare;
mod copied_company;
mod database;
mod directory;
mod disk_commits;
mod events;
mod gateway;
mod load;
mod messages;
mod nginx;
mod process;
mod relay;
mod report;
mod scale;
mod session;
mod sign_in;
mod slow_database;
mod upstream;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use load::Load;
use process::{Process, free_port};
use report::Report;
use session::Session;

/// The allocator of the server, so that the bare handler has the same advantages and scrypt the same cost.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// An error of a measurement, which ends the run.
type Failure = Box<dyn Error>;

/// The requests, each with its bar: the least share of the bare handler's speed.
const QUESTIONS: [(&str, Option<f64>); 5] = [
    ("auth:check", Some(0.5)),
    ("authenticators:publicList", Some(0.7)),
    ("app:getInfo", Some(0.7)),
    ("pm:listEnabled", None),
    ("roles:check", None),
];
/// How often the server and the bare handler take turns at each request.
const ROUNDS: usize = 5;
/// The length of one turn.
const TURN: Duration = Duration::from_secs(2);
/// The number of requests after which memory is measured again.
const MANY: u64 = 1_000_000;

#[actix_web::main]
async fn main() -> ExitCode {
    let arguments = std::env::args().skip(1);
    let arguments: Vec<String> = arguments.collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["bare", file] => bare::serve(file).await.map(|()| true),
        ["upstream"] => upstream::serve().await.map(|()| true),
        ["directory", program] => directory::measure(program).await,
        ["events", program] => events::measure(program).await,
        ["messages", program] => messages::measure(program).await,
        ["gateway", program] => gateway::measure(program).await,
        ["scale", program, kinds @ ..] => scale::measure(program, kinds).await,
        ["slow-database", kind, program] => slow_database::measure(kind, program).await,
        [program] => measure(program).await,
        _ => Err("give the program to measure, or call `make bench`".into()),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("bench: a bar is missed");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures everything. Returns whether all bars are kept.
async fn measure(program: &str) -> Result<bool, Failure> {
    let mut report = Report::default();
    let folder = tempfile::tempdir()?;
    let size = std::fs::metadata(program)?.len();
    report.line("binary", &format!("{:.1} MB", megabytes(size)));

    // The first start creates the database.
    drop(Process::server(program, folder.path(), free_port()?).await?);
    let mut starts = Vec::new();
    for _ in 0..ROUNDS {
        let server = Process::server(program, folder.path(), free_port()?).await?;
        starts.push(server.first_answer.as_secs_f64() * 1000.0);
    }
    report.at_most(
        "first answer after a start, ms",
        load::median(starts),
        100.0,
        1,
    );

    let server = Process::server(program, folder.path(), free_port()?).await?;
    report.at_most("memory, idle, MB", megabytes(server.resident()?), 25.0, 1);
    let session = Session::begin(&server.url).await?;
    speed(&mut report, &session).await?;
    sign_in::measure(&mut report, &session).await?;
    disk_commits::measure(&mut report).await?;

    let mut answered = 0;
    while answered < MANY {
        for (action, _) in QUESTIONS.iter().take(3) {
            answered += Load::of(&session, action, TURN).run().await?.requests;
        }
    }
    let after = format!("memory after {answered} more requests, MB");
    report.at_most(&after, megabytes(server.resident()?), 40.0, 1);
    drop(server);

    match std::env::var("NOCOBASE_PEER_URL") {
        Ok(url) if !url.is_empty() => peer(&mut report, program, folder.path(), &url).await?,
        _ => report.line("a NocoBase", "not measured; NOCOBASE_PEER_URL names one"),
    }
    Ok(report.all_held())
}

/// Measures requests per second beside the bare handler.
async fn speed(report: &mut Report, session: &Session) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let answers = folder.path().join("answers.json");
    let mut recorded = Vec::new();
    for (action, _) in QUESTIONS {
        recorded.push(session.record(action).await?);
    }
    std::fs::write(&answers, serde_json::to_vec(&recorded)?)?;
    let bare = Process::bare(&answers, free_port()?).await?;
    let bare = session.at(&bare.url);
    report.heading("requests/s (p50, p99), and the bare handler's");
    for (action, bar) in QUESTIONS {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(Load::of(session, action, TURN).run().await?);
            theirs.push(Load::of(&bare, action, TURN).run().await?);
        }
        report.ratio(action, &load::typical(ours), &load::typical(theirs), bar);
    }
    Ok(())
}

/// Measures the same load at a NocoBase.
async fn peer(
    report: &mut Report,
    program: &str,
    folder: &std::path::Path,
    url: &str,
) -> Result<(), Failure> {
    let server = Process::server(program, folder, free_port()?).await?;
    let ours = Session::begin(&server.url).await?;
    let theirs = Session::begin(url).await?;
    report.heading("requests/s (p50, p99), and a NocoBase's");
    for (action, _) in QUESTIONS {
        let (mut our, mut their) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            our.push(Load::of(&ours, action, TURN).run().await?);
            their.push(Load::of(&theirs, action, TURN).run().await?);
        }
        report.ratio(action, &load::typical(our), &load::typical(their), None);
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1_000_000.0
}
