//! Measures the same requests with few accounts and with very many.
//!
//! A database of each size is filled, and servers on all of them are asked in turn, so that other work of the
//! machine slows down all sizes alike. The median of many times is compared with that of the smallest database.

mod fill;
mod measures;
mod people;

pub use people::{CLIENT_ID, CLIENT_SECRET};

use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::database::{BenchDatabase, DatabaseKind};
use crate::load::median;
use crate::process::{PATIENCE, Process, free_port};
use crate::report::Report;
use crate::{Failure, megabytes};
use measures::{GATEWAY, Measure, STANDALONE, Subject};
use people::People;

/// The numbers of accounts, unless `BENCH_SCALE_MOST` sets a smaller limit for a quick try.
const SIZES: [u64; 3] = [10, 10_000, 1_000_000];
/// How often each request is measured.
const ROUNDS: u64 = 41;
/// How often each request is made before without being counted, because code and tables are read for the first time.
const WARM_UP: u64 = 5;
/// The bar for the resident memory at the end, in megabytes.
const MEMORY_BAR: f64 = 60.0;

/// How long the server may take to copy a million accounts and bindings into its lookup tables.
const COPY_PATIENCE: Duration = Duration::from_mins(30);

/// A server on a filled database, with its folder.
struct Filled {
    accounts: u64,
    server: Process,
    /// The port of its metrics.
    metrics: u16,
    _folder: TempDir,
}

/// What was measured of one thing at one size.
#[derive(Clone, Default)]
struct Taken {
    /// How long it took, in milliseconds.
    times: Vec<f64>,
    /// The most resident memory after it, in bytes.
    memory: u64,
}

/// Measures databases of these kinds, each with a standalone server and with a gateway. Returns whether all bars are
/// kept.
pub async fn measure(program: &str, kinds: &[&str]) -> Result<bool, Failure> {
    let most = match std::env::var("BENCH_SCALE_MOST") {
        Ok(most) if !most.is_empty() => most.parse()?,
        _ => u64::MAX,
    };
    let mut sizes: Vec<u64> = SIZES.iter().map(|size| most.min(*size)).collect();
    sizes.dedup();
    let mut report = Report::default();
    let sandbox = Process::sandbox(program).await?;
    let upstream = Process::upstream().await?;
    let stage = Stage {
        program,
        people: People::at(&sandbox.url).await?,
        sandbox: &sandbox.url,
        upstream: &upstream.url,
    };
    for kind in kinds {
        let kind = DatabaseKind::of(kind)?;
        stage.run(&mut report, kind, &sizes, false).await?;
        stage.run(&mut report, kind, &sizes, true).await?;
    }
    Ok(report.all_held())
}

/// The other processes: the sandbox and the upstream.
struct Stage<'a> {
    program: &'a str,
    people: People,
    sandbox: &'a str,
    upstream: &'a str,
}

impl Stage<'_> {
    async fn run(
        &self,
        report: &mut Report,
        kind: DatabaseKind,
        sizes: &[u64],
        gateway: bool,
    ) -> Result<(), Failure> {
        let mode = if gateway { "the gateway" } else { "standalone" };
        report.heading(&format!("{}, {mode}", kind.name()));
        let mut all = Vec::new();
        for accounts in sizes {
            let started = Instant::now();
            let filled = self.filled(kind, *accounts, gateway).await?;
            report.line(
                &format!("{accounts} accounts: filled, s; first answer, ms"),
                &format!(
                    "{:.0}; {:.1}",
                    started.elapsed().as_secs_f64(),
                    filled.server.first_answer.as_secs_f64() * 1000.0
                ),
            );
            all.push(filled);
        }
        for filled in &all {
            let took = filled.until_copied().await?.as_secs_f64();
            let what = format!("{} accounts: found by an index after, s", filled.accounts);
            report.line(&what, &format!("{took:.0}"));
        }
        let mut subjects = Vec::new();
        for filled in &all {
            subjects.push(Subject::at(&self.people, &filled.server, gateway).await?);
        }
        let measures: &[Measure] = if gateway { &GATEWAY } else { &STANDALONE };
        let mut taken = vec![vec![Taken::default(); subjects.len()]; measures.len()];
        for round in 0..WARM_UP + ROUNDS {
            for (what, taken) in measures.iter().zip(&mut taken) {
                for (subject, taken) in subjects.iter_mut().zip(taken) {
                    let took = subject.measure(*what, round).await?;
                    taken.memory = taken.memory.max(subject.resident()?);
                    if round >= WARM_UP {
                        taken.times.push(took);
                    }
                }
            }
        }
        report.line("ms, and beside the smallest", &columns(sizes));
        for (what, taken) in measures.iter().zip(taken) {
            let memory = taken.iter().map(|one| megabytes(one.memory));
            let memory: Vec<String> = memory.map(|memory| format!("{memory:>9.1}")).collect();
            let medians: Vec<f64> = taken.into_iter().map(|one| median(one.times)).collect();
            report.scales(what.name(), &medians, what.bar());
            report.line("  memory after it, at its most, MB", &memory.join(" "));
        }
        for (filled, subject) in all.iter().zip(&subjects) {
            let what = format!("memory with {} accounts, MB", filled.accounts);
            report.at_most(&what, megabytes(subject.resident()?), MEMORY_BAR, 1);
        }
        Ok(())
    }

    /// Starts a server with this number of accounts.
    async fn filled(
        &self,
        kind: DatabaseKind,
        accounts: u64,
        gateway: bool,
    ) -> Result<Filled, Failure> {
        let folder = tempfile::tempdir()?;
        let storage: &Path = folder.path();
        let database = BenchDatabase::create(kind, storage).await?;
        let flags = database.flags();
        let (port, metrics) = (free_port()?, free_port()?);
        // The first start creates the tables.
        drop(Process::server_on(self.program, storage, port, &flags).await?);
        if gateway {
            database.look_like_nocobases().await?;
        }
        fill::fill(&database, accounts).await?;
        let mut flags = flags;
        flags.push(format!("--metrics-port={metrics}"));
        for host in ["login", "api", "oapi"] {
            flags.push(format!("--dingtalk-{host}-url={}", self.sandbox));
        }
        let server = if gateway {
            flags.push("--trusted-proxies=127.0.0.1".to_owned());
            Process::gateway_on(self.program, storage, self.upstream, &flags).await?
        } else {
            Process::server_on(self.program, storage, port, &flags).await?
        };
        Ok(Filled {
            accounts,
            server,
            metrics,
            _folder: folder,
        })
    }
}

impl Filled {
    /// Waits until the server has copied accounts and bindings into its lookup tables. Returns how long that took.
    async fn until_copied(&self) -> Result<Duration, Failure> {
        let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
        let url = format!("http://127.0.0.1:{}/metrics", self.metrics);
        let begun = Instant::now();
        while begun.elapsed() < COPY_PATIENCE {
            let text = client.get(&url).send().await?.text().await?;
            let gauge = "nocobase_dingtalk_lookup_tables_complete 1";
            if text.lines().any(|line| line == gauge) {
                return Ok(begun.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        Err("accounts are still being copied".into())
    }
}

fn columns(sizes: &[u64]) -> String {
    let sizes: Vec<String> = sizes.iter().map(|size| format!("{size:>9}")).collect();
    sizes.join(" ")
}
