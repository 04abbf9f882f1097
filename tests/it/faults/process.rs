//! The server in a process of its own, which can be killed and looked at from outside.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::json;
use tempfile::TempDir;

use crate::support::{Browser, TestDatabase, TestSandbox};

/// What outlives a process: its database and its folder, and the DingTalk that it asks.
pub struct Place {
    pub sandbox: TestSandbox,
    pub database: TestDatabase,
    folder: TempDir,
}

/// A running server. It is killed, and never asked to stop.
pub struct Process {
    pub address: SocketAddr,
    child: Child,
    /// Kept open, or writing to it would fail.
    _output: BufReader<ChildStdout>,
}

/// What a process holds.
#[derive(Clone, Copy, Debug)]
pub struct Holdings {
    /// Open files and sockets.
    pub files: usize,
    pub threads: usize,
    pub memory_kb: usize,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            sandbox: TestSandbox::start(),
            database: TestDatabase::create(&folder.path().join("storage")),
            folder,
        }
    }

    /// Starts a server here.
    pub fn start(&self) -> Process {
        let log = self.folder.path().join("log");
        let log = fs::OpenOptions::new().create(true).append(true).open(log);
        let sandbox = self.sandbox.url();
        let mut child = Command::new(env!("CARGO_BIN_EXE_nocobase-dingtalk"))
            .arg("serve")
            .current_dir(self.folder.path())
            .env("STORAGE_PATH", self.folder.path().join("storage"))
            .env("APP_PORT", "0")
            .env("RUST_LOG", "error")
            .env("TRUSTED_PROXIES", "127.0.0.1")
            .env("DINGTALK_LOGIN_URL", sandbox.as_str())
            .env("DINGTALK_API_URL", sandbox.as_str())
            .env("DINGTALK_OAPI_URL", sandbox.as_str())
            .envs(self.database.settings())
            .stdout(Stdio::piped())
            .stderr(log.unwrap())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            let read = output.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "it ended: {}", self.log());
            if let Some((_, address)) = line.trim().split_once("Listening on http://") {
                break address.parse().unwrap();
            }
        };
        Process {
            address,
            child,
            _output: output,
        }
    }

    /// Lets everybody of the organisation in.
    pub async fn open(&self, server: &Process) {
        let mut browser = Browser::at(server.address);
        let root = browser.sign_in_as_root().await;
        let body = json!({
            "name": "dingtalk", "authType": "dingtalk", "enabled": true,
            "options": {
                "clientId": dingtalk_sandbox::seed::CLIENT_ID,
                "clientSecret": dingtalk_sandbox::seed::CLIENT_SECRET,
                "public": {"autoSignup": true},
            },
        });
        let answer = browser
            .post_as(&root, "/api/authenticators:create", body)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// Errors that servers have logged here.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Process {
    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn holdings(&self) -> Holdings {
        let process = format!("/proc/{}", self.child.id());
        let count = |folder: &str| fs::read_dir(format!("{process}/{folder}")).unwrap().count();
        let status = fs::read_to_string(format!("{process}/status")).unwrap();
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory = memory.unwrap().trim().trim_end_matches(" kB");
        Holdings {
            files: count("fd"),
            threads: count("task"),
            memory_kb: memory.parse().unwrap(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
