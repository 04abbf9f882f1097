//! Servers as processes of their own.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Failure;

/// How long a server may take to answer.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long a server may take to stop.
const LEAVE: Duration = Duration::from_secs(2);
/// Clock ticks in a second, as Linux counts them in /proc on every machine of today.
const TICKS: f64 = 100.0;

/// A server. It is stopped when this value is dropped.
pub struct Process {
    /// The address at which it answers.
    pub url: String,
    /// The time from its start to its first answer.
    pub first_answer: Duration,
    child: Child,
}

/// A port that nobody uses.
pub fn free_port() -> io::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port())
}

impl Process {
    /// Starts the server with its data in this folder and default settings.
    pub async fn server(program: &str, folder: &Path, port: u16) -> Result<Self, Failure> {
        Self::server_on(program, folder, port, &[]).await
    }

    /// The same with these flags.
    pub async fn server_on(
        program: &str,
        folder: &Path,
        port: u16,
        flags: &[String],
    ) -> Result<Self, Failure> {
        let mut command = Command::new(std::fs::canonicalize(program)?);
        let ui = std::env::current_dir()?.join("ui");
        // The addresses of the simultaneous sign-ins are in a header.
        command
            .args(["serve", "--trusted-proxies=127.0.0.1"])
            .arg(format!("--app-port={port}"))
            .arg(format!("--storage-path={}", folder.display()))
            .arg(format!("--ui-dir={}", ui.display()))
            .args(flags)
            .current_dir(folder);
        Self::start(command, port, "/api/app:getInfo").await
    }

    /// Starts the bare handler with these answers.
    pub async fn bare(answers: &Path, port: u16) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("bare")
            .arg(answers)
            .env("APP_PORT", port.to_string());
        Self::start(command, port, "/api/app:getInfo").await
    }

    /// Starts the sandbox, which stands for DingTalk.
    pub async fn sandbox(program: &str) -> Result<Self, Failure> {
        let port = free_port()?;
        let mut command = Command::new(std::fs::canonicalize(program)?);
        command.arg("sandbox").arg(format!("--sandbox-port={port}"));
        Self::start(command, port, "/_sandbox/people").await
    }

    /// Starts the upstream of the gateway.
    pub async fn upstream() -> Result<Self, Failure> {
        let port = free_port()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("upstream").env("APP_PORT", port.to_string());
        Self::start(command, port, "/small").await
    }

    /// Starts the gateway in front of this upstream, with its database in this folder.
    pub async fn gateway(program: &str, folder: &Path, upstream: &str) -> Result<Self, Failure> {
        Self::gateway_on(program, folder, upstream, &[]).await
    }

    /// The same with these flags.
    pub async fn gateway_on(
        program: &str,
        folder: &Path,
        upstream: &str,
        flags: &[String],
    ) -> Result<Self, Failure> {
        let port = free_port()?;
        let mut command = Command::new(std::fs::canonicalize(program)?);
        command
            .arg("serve")
            .arg(format!("--app-port={port}"))
            .arg(format!("--storage-path={}", folder.display()))
            .arg(format!("--nocobase-upstream-url={upstream}"))
            .args(flags)
            .current_dir(folder);
        Self::start(command, port, "/small").await
    }

    /// Starts any other program that answers at this port and path.
    pub async fn start(mut command: Command, port: u16, path: &str) -> Result<Self, Failure> {
        let url = format!("http://127.0.0.1:{port}");
        let started = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut process = Self {
            url,
            first_answer: Duration::ZERO,
            child,
        };
        let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
        loop {
            let asked = client.get(format!("{}{path}", process.url)).send().await;
            if asked.is_ok_and(|answer| answer.status().is_success()) {
                process.first_answer = started.elapsed();
                return Ok(process);
            }
            if started.elapsed() > PATIENCE || process.child.try_wait()?.is_some() {
                return Err("a server does not start".into());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Its resident memory and that of its workers, in bytes.
    pub fn resident(&self) -> Result<u64, Failure> {
        self.memory("VmRSS:")
    }

    /// The largest resident memory that it has had since its start, in bytes.
    pub fn most_resident(&self) -> Result<u64, Failure> {
        self.memory("VmHWM:")
    }

    fn memory(&self, name: &str) -> Result<u64, Failure> {
        let mut sum = 0;
        for id in self.family()? {
            let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
            let kilobytes = kilobytes.ok_or("no memory in /proc")?;
            sum += kilobytes.trim().parse::<u64>()? * 1024;
        }
        Ok(sum)
    }

    /// The CPU time of it and its workers since the start, in seconds.
    pub fn worked(&self) -> Result<f64, Failure> {
        let mut ticks = 0;
        for id in self.family()? {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
            // The name may contain spaces, so fields are counted from the end of the name, which is the second field.
            let (_, fields) = stat.rsplit_once(')').ok_or("no name in /proc")?;
            let times = fields.split_whitespace().skip(11).take(2);
            for time in times {
                ticks += time.parse::<u32>()?;
            }
        }
        Ok(f64::from(ticks) / TICKS)
    }

    /// The process and its children, which do the work of some servers.
    fn family(&self) -> Result<Vec<u32>, Failure> {
        let own = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{own}/task/{own}/children"))?;
        let mut family = vec![own];
        for child in children.split_whitespace() {
            family.push(child.parse()?);
        }
        Ok(family)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The server is asked to stop first, because a killed one leaves its workers behind.
        let asked = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let asked_at = Instant::now();
        while asked.is_ok() && asked_at.elapsed() < LEAVE {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
