//! Measures the gateway beside nginx, in front of the same upstream.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::database::{BenchDatabase, DatabaseKind};
use crate::load::{Load, Measured, median};
use crate::process::{Process, free_port};
use crate::report::Report;
use crate::upstream::{FILE, STREAM};
use crate::{Failure, megabytes, nginx};

/// How often the gateway and nginx take turns.
const ROUNDS: usize = 5;
/// The length of one turn.
const TURN: Duration = Duration::from_secs(4);
/// The number of open pages.
const PAGES: usize = 1000;
/// How long the CPU time for silent pages is measured.
const SILENCE: Duration = Duration::from_secs(3);
/// The least number of requests per second of CPU time, as a share of nginx's.
const WORK_BAR: f64 = 0.8;
/// The greatest time of the slowest answers, as a multiple of nginx's.
const WAIT_BAR: f64 = 1.5;

/// The measurements of one proxy in one turn.
struct Turn {
    measured: Measured,
    /// Requests per second of CPU time.
    per_core: f64,
}

/// The two proxies in front of the upstream.
struct Contest<'a> {
    gateway: &'a Process,
    nginx: &'a Process,
}

/// Measures everything. Returns whether all bars are kept.
pub async fn measure(program: &str) -> Result<bool, Failure> {
    let mut report = Report::default();
    let folder = tempfile::tempdir()?;
    let storage = folder.path().join("storage");
    std::fs::create_dir(&storage)?;
    // A first start creates the database.
    drop(Process::server(program, &storage, free_port()?).await?);
    let database = BenchDatabase::create(DatabaseKind::Sqlite, &storage).await?;
    database.look_like_nocobases().await?;
    let upload = folder.path().join("upload.lua");
    let body = "wrk.method = \"POST\"\nwrk.body = string.rep(\"x\", ";
    std::fs::write(&upload, format!("{body}{FILE})\n"))?;

    let upstream = Process::upstream().await?;
    let workers = std::thread::available_parallelism()?.get();
    report.line("workers of each", &workers.to_string());
    {
        let gateway = Process::gateway(program, &storage, &upstream.url).await?;
        let nginx = nginx::start(folder.path(), &upstream.url, workers).await?;
        let contest = Contest {
            gateway: &gateway,
            nginx: &nginx,
        };
        report
            .heading("the gateway, and nginx: requests/s (p50, p99), requests in a second of work");
        contest
            .run(
                &mut report,
                "small answers, 64 connections",
                "small",
                64,
                None,
            )
            .await?;
        contest
            .run(&mut report, "20 MB down, 8 connections", "file", 8, None)
            .await?;
        contest
            .run(
                &mut report,
                "20 MB up, 8 connections",
                "upload",
                8,
                Some(upload),
            )
            .await?;
    }
    let gateway = Process::gateway(program, &storage, &upstream.url).await?;
    let nginx = nginx::start(folder.path(), &upstream.url, workers).await?;
    pages(&mut report, &gateway, &nginx).await?;
    drop(nginx);
    drop(gateway);
    let gateway = Process::gateway(program, &storage, &upstream.url).await?;
    long_stream(&mut report, &gateway).await?;
    Ok(report.all_held())
}

impl Contest<'_> {
    /// Lets both answer in turn, and compares them with the bars.
    async fn run(
        &self,
        report: &mut Report,
        what: &str,
        path: &str,
        connections: usize,
        script: Option<PathBuf>,
    ) -> Result<(), Failure> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            for (process, turns) in [(self.gateway, &mut ours), (self.nginx, &mut theirs)] {
                let load = Load::at(format!("{}/{path}", process.url), connections, TURN);
                let load = match &script {
                    Some(script) => load.with_script(script.clone()),
                    None => load,
                };
                turns.push(turn(process, &load).await?);
            }
        }
        let shown = |turns: &[Turn]| {
            let of = |value: fn(&Turn) -> f64| median(turns.iter().map(value).collect());
            let (speed, per_core) = (of(|turn| turn.measured.speed), of(|turn| turn.per_core));
            let (p50, p99) = (of(|turn| turn.measured.p50), of(|turn| turn.measured.p99));
            let text = format!("{speed:.0} ({p50:.2} ms, {p99:.2} ms), {per_core:.0}");
            (text, per_core, p99)
        };
        let (our_text, our_work, our_wait) = shown(&ours);
        let (their_text, their_work, their_wait) = shown(&theirs);
        report.line(what, &format!("{our_text}   {their_text}"));
        report.at_least(
            "  requests in a second of work / nginx's",
            our_work / their_work,
            WORK_BAR,
        );
        report.at_most("  p99 / nginx's", our_wait / their_wait, WAIT_BAR, 2);
        Ok(())
    }
}

async fn turn(process: &Process, load: &Load) -> Result<Turn, Failure> {
    let before = process.worked()?;
    let measured = load.run().await?;
    let worked = process.worked()? - before;
    #[expect(
        clippy::cast_precision_loss,
        reason = "far from the end of exact numbers"
    )]
    let requests = measured.requests as f64;
    Ok(Turn {
        measured,
        per_core: requests / worked.max(0.01),
    })
}

/// Opens pages over which nothing is sent.
async fn pages(report: &mut Report, gateway: &Process, nginx: &Process) -> Result<(), Failure> {
    report.heading("a thousand open WebSockets over which nothing is said");
    for (name, process) in [("gateway", gateway), ("nginx", nginx)] {
        let mut open = Vec::with_capacity(PAGES);
        for _ in 0..PAGES {
            open.push(connect(&process.url).await?);
        }
        let before = process.worked()?;
        tokio::time::sleep(SILENCE).await;
        let share = (process.worked()? - before) / SILENCE.as_secs_f64() * 100.0;
        report.line(&format!("{name}: of a core, %"), &format!("{share:.1}"));
        let memory = megabytes(process.resident()?);
        if name == "gateway" {
            report.at_most("gateway: memory, MB", memory, 60.0, 1);
        } else {
            report.line("nginx: memory, MB", &format!("{memory:.1}"));
        }
    }
    Ok(())
}

/// Opens a `WebSocket`, as far as a proxy looks at it.
async fn connect(url: &str) -> Result<TcpStream, Failure> {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut heard = Vec::new();
    while !heard.ends_with(b"\r\n\r\n") {
        heard.push(stream.read_u8().await?);
    }
    if heard.starts_with(b"HTTP/1.1 101 ") {
        return Ok(stream);
    }
    Err(format!("no WebSocket: {}", String::from_utf8_lossy(&heard)).into())
}

/// Reads a gigabyte and measures the memory meanwhile.
async fn long_stream(report: &mut Report, gateway: &Process) -> Result<(), Failure> {
    report.heading("a stream of a gigabyte");
    let before = gateway.resident()?;
    let (done, watched) = watch::channel(());
    let started = Instant::now();
    let url = gateway.url.clone();
    let reader = actix_web::rt::spawn(async move {
        let outcome = read_all(&url).await.map_err(|error| error.to_string());
        drop(done);
        outcome
    });
    let mut most = before;
    while watched.has_changed().is_ok() {
        most = most.max(gateway.resident()?);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let length = reader.await??;
    if length < STREAM {
        return Err("the stream broke off".into());
    }
    let speed = megabytes(STREAM as u64) / started.elapsed().as_secs_f64();
    report.line("MB/s", &format!("{speed:.0}"));
    report.at_most(
        "memory, MB more than before",
        megabytes(most - before),
        20.0,
        1,
    );
    Ok(())
}

/// Reads to the end, and returns the number of bytes.
async fn read_all(url: &str) -> Result<usize, Failure> {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /stream HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = vec![0; 256 * 1024];
    let mut length = 0;
    loop {
        match stream.read(&mut buffer).await? {
            0 => return Ok(length),
            read => length += read,
        }
    }
}
