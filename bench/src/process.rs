//! Servers as processes of their own.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Failure;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server, ended with this value.
pub struct Process {
    /// Where it answers.
    pub url: String,
    /// From its start to its first answer.
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
    /// The server with its data in this folder, and everything else as it is by default.
    pub async fn server(program: &str, folder: &Path, port: u16) -> Result<Self, Failure> {
        let mut command = Command::new(std::fs::canonicalize(program)?);
        let ui = std::env::current_dir()?.join("ui");
        // The addresses of the simultaneous sign-ins are in a header.
        command
            .args(["serve", "--trusted-proxies=127.0.0.1"])
            .arg(format!("--app-port={port}"))
            .arg(format!("--storage-path={}", folder.display()))
            .arg(format!("--ui-dir={}", ui.display()))
            .current_dir(folder);
        Self::start(command, port, "/api/app:getInfo").await
    }

    /// The bare handler with these answers.
    pub async fn bare(answers: &Path, port: u16) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("bare")
            .arg(answers)
            .env("APP_PORT", port.to_string());
        Self::start(command, port, "/api/app:getInfo").await
    }

    async fn start(mut command: Command, port: u16, path: &str) -> Result<Self, Failure> {
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

    /// Its resident memory, in bytes.
    pub fn resident(&self) -> Result<u64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        let kilobytes: u64 = kilobytes.ok_or("no VmRSS in /proc")?.trim().parse()?;
        Ok(kilobytes * 1024)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
