//! The server in a process of its own, which can be killed and looked at from outside.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::json;
use tempfile::TempDir;

use super::{Browser, Kind, TestDatabase, TestSandbox};

/// What outlives a process: its database and its folder, and the DingTalk that it asks.
pub struct Place {
    pub sandbox: TestSandbox,
    pub database: TestDatabase,
    storage: PathBuf,
    folder: TempDir,
}

/// A running server. It is killed unless it is asked to stop.
pub struct Process {
    pub address: SocketAddr,
    child: Child,
    /// Kept open, or writing to it would fail.
    output: BufReader<ChildStdout>,
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
        let storage = folder.path().join("storage");
        Self {
            sandbox: TestSandbox::start(),
            database: TestDatabase::create(&storage),
            storage,
            folder,
        }
    }

    /// Another place, on the SQLite file of this storage folder.
    pub fn at(storage: PathBuf) -> Self {
        Self {
            sandbox: TestSandbox::start(),
            database: TestDatabase::at(&storage),
            storage,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// The storage folder.
    pub fn storage(&self) -> &Path {
        &self.storage
    }

    /// Where SQLite keeps the rows.
    pub fn sqlite_file(&self) -> PathBuf {
        assert_eq!(self.database.kind, Kind::Sqlite);
        self.storage.join("db/nocobase.sqlite")
    }

    /// The program with these arguments, here.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let sandbox = self.sandbox.url();
        let mut program = Command::new(env!("CARGO_BIN_EXE_nocobase-dingtalk"));
        program
            .args(arguments)
            .current_dir(self.folder.path())
            .env("STORAGE_PATH", &self.storage)
            .env("APP_PORT", "0")
            .env("RUST_LOG", "error")
            .env("TRUSTED_PROXIES", "127.0.0.1")
            .env("DINGTALK_LOGIN_URL", sandbox.as_str())
            .env("DINGTALK_API_URL", sandbox.as_str())
            .env("DINGTALK_OAPI_URL", sandbox.as_str())
            .envs(self.database.settings());
        program
    }

    /// A server that is told by an error, and not ended by a signal, when a file may not grow. The limit is for
    /// `prlimit` to set.
    pub fn limitable_server(&self) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\" serve"]);
        shell.arg(env!("CARGO_BIN_EXE_nocobase-dingtalk"));
        shell.current_dir(self.folder.path());
        let program = self.program(&[]);
        let settings = program.get_envs();
        shell.envs(settings.filter_map(|(name, value)| Some((name, value?))));
        shell
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Told {
        Told::by(&mut self.program(arguments))
    }

    /// Starts a server here.
    pub fn start(&self) -> Process {
        self.start_with(self.program(&["serve"]))
    }

    /// Starts a server by this program.
    pub fn start_with(&self, mut program: Command) -> Process {
        let log = self.folder.path().join("log");
        let log = fs::OpenOptions::new().create(true).append(true).open(log);
        let mut child = program
            .stdout(Stdio::piped())
            .stderr(log.unwrap())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let address = address_in(&mut output, "Listening on http://");
        let address = address.unwrap_or_else(|| panic!("it ended: {}", self.log()));
        Process {
            address,
            child,
            output,
        }
    }

    /// Lets everybody of the organization in.
    pub async fn open(&self, server: &Process) {
        let secret = dingtalk_sandbox::seed::CLIENT_SECRET;
        self.create_authenticator(server, secret).await;
    }

    /// The same with the client secret among the variables, where it is encrypted.
    pub async fn open_by_a_variable(&self, server: &Process) {
        let mut browser = Browser::at(server.address);
        let root = browser.sign_in_as_root().await;
        let value = dingtalk_sandbox::seed::CLIENT_SECRET;
        let body = json!({"name": "SECRET", "type": "secret", "value": value});
        let path = "/api/environmentVariables:create";
        let answer = browser.post_as(&root, path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.create_authenticator(server, "{{ $env.SECRET }}").await;
    }

    async fn create_authenticator(&self, server: &Process, client_secret: &str) {
        let mut browser = Browser::at(server.address);
        let root = browser.sign_in_as_root().await;
        let body = json!({
            "name": "dingtalk", "authType": "dingtalk", "enabled": true,
            "options": {
                "clientId": dingtalk_sandbox::seed::CLIENT_ID,
                "clientSecret": client_secret,
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

/// What a program said, and how it ended.
#[derive(Debug)]
pub struct Told {
    pub ended_well: bool,
    pub output: String,
    pub errors: String,
}

impl Told {
    /// Runs a program to its end.
    pub fn by(program: &mut Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = program.output().unwrap();
        Self {
            ended_well: status.success(),
            output: String::from_utf8(stdout).unwrap(),
            errors: String::from_utf8(stderr).unwrap(),
        }
    }
}

/// The address that stands behind this in the first line that has it; nothing when the program ends before.
fn address_in(output: &mut impl BufRead, label: &str) -> Option<SocketAddr> {
    let mut line = String::new();
    while output.read_line(&mut line).unwrap() > 0 {
        if let Some((_, address)) = line.trim().split_once(label) {
            return Some(address.parse().unwrap());
        }
        line.clear();
    }
    None
}

impl Process {
    /// The address of its metrics, if it was started with `METRICS_PORT`.
    pub fn watched_at(&mut self) -> SocketAddr {
        address_in(&mut self.output, "Health and metrics on http://").unwrap()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop as a service manager does, and waits until it has.
    pub fn stop(&mut self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
        assert!(self.child.wait().unwrap().success());
    }

    /// Whether it has ended by itself, and if so, whether well.
    pub fn ended_well(&mut self) -> Option<bool> {
        let status = self.child.try_wait().unwrap();
        status.map(|status| status.success())
    }

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
