//! The program, as an operator runs it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::{Kind, TestDatabase};

/// A folder and a database for the program, which are removed with the test.
pub(crate) struct Place {
    database: TestDatabase,
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            database: TestDatabase::create(&folder.path().join("storage")),
            folder,
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

pub(crate) fn program(storage: &Place) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nocobase-dingtalk"));
    command
        .current_dir(storage.path())
        .env("STORAGE_PATH", storage.path().join("storage"))
        .env("APP_PORT", "0")
        .env("SANDBOX_PORT", "0")
        .env("RUST_LOG", "info")
        .envs(storage.database.settings())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The first line of output that contains `text`.
pub(crate) fn line_with(child: &mut Child, text: &str) -> String {
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains(text) {
        line.clear();
        assert_ne!(
            output.read_line(&mut line).unwrap(),
            0,
            "ended without {text}"
        );
    }
    child.stdout = Some(output.into_inner());
    line
}

/// Stops the program with Ctrl-C; returns whether it ended well, and its log.
pub(crate) fn interrupt(mut child: Child) -> (bool, String) {
    ask_to_stop(&child);
    let mut log = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut log)
        .unwrap();
    (child.wait().unwrap().success(), log)
}

/// Like [`interrupt`], for a program whose log goes elsewhere; returns whether it ended well.
pub(crate) fn interrupted(child: &mut Child) -> bool {
    ask_to_stop(child);
    child.wait().unwrap().success()
}

fn ask_to_stop(child: &Child) {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// The status of a page.
fn status_of(url: &str) -> u16 {
    let (address, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn serve_starts_with_nothing_and_ends_with_ctrl_c() {
    let storage = Place::new();
    let mut child = program(&storage).arg("serve").spawn().unwrap();
    let line = line_with(&mut child, "Listening on ");
    let address = line.trim().strip_prefix("Listening on ").unwrap();
    assert_eq!(status_of(&format!("{address}/api/app:getInfo")), 200);
    let (ended_well, log) = interrupt(child);
    assert!(ended_well, "{log}");
    assert!(
        log.contains("first start: created the root account nocobase"),
        "{log}"
    );
    assert!(!log.contains("admin123"), "{log}");
    let file = storage.path().join("storage/db/nocobase.sqlite");
    assert_eq!(file.is_file(), storage.database.kind == Kind::Sqlite);

    // The second start finds everything.
    let mut child = program(&storage).arg("serve").spawn().unwrap();
    line_with(&mut child, "Listening on ");
    let (ended_well, log) = interrupt(child);
    assert!(ended_well && !log.contains("first start"), "{log}");
}

#[test]
fn those_who_watch_have_an_address_of_their_own_when_they_want_one() {
    let storage = Place::new();
    let mut child = program(&storage)
        .arg("serve")
        .env("METRICS_PORT", "0")
        .spawn()
        .unwrap();
    let line = line_with(&mut child, "Health and metrics on ");
    let address = line.trim().rsplit(' ').next().unwrap();
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(status_of(&format!("{address}{path}")), 200, "{path}");
    }
    assert_eq!(status_of(&format!("{address}/api/app:getInfo")), 404);
    assert!(interrupt(child).0);

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = program(&storage)
        .arg("serve")
        .env("METRICS_PORT", port)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && text.contains("METRICS_PORT"),
        "{text}"
    );
}

#[test]
fn doctor_says_what_it_finds() {
    let storage = Place::new();
    let mut child = program(&storage).arg("serve").spawn().unwrap();
    line_with(&mut child, "Listening on ");
    assert!(interrupt(child).0);
    let output = program(&storage).arg("doctor").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for line in [
        "ok       there is a signing secret",
        "ok       the database can be used",
        "note     there is no DingTalk authenticator yet",
        "note     APP_PUBLIC_URL is not set",
        "note     TRUSTED_PROXIES names nobody",
    ] {
        assert!(text.contains(line), "{text}");
    }

    // Nobody listens there, and this product's own database is not NocoBase's.
    let output = program(&storage)
        .arg("doctor")
        .env("NOCOBASE_UPSTREAM_URL", "http://127.0.0.1:9")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success(), "{text}");
    assert!(
        text.contains("problem  NocoBase itself has the plugin"),
        "{text}"
    );
}

#[test]
fn demo_starts_twice_over_the_same_data() {
    let storage = Place::new();
    for _ in 0..2 {
        let mut child = program(&storage)
            .arg("demo")
            .env("DB_DIALECT", "sqlite")
            .spawn()
            .unwrap();
        let line = line_with(&mut child, "Open http://");
        let address = line.trim().strip_prefix("Open ").unwrap();
        assert_eq!(
            status_of(&format!("{address}api/authenticators:publicList")),
            200
        );
        let (ended_well, log) = interrupt(child);
        assert!(ended_well, "{log}");
        assert!(!log.contains(dingtalk_sandbox::seed::CLIENT_SECRET));
        assert!(!log.contains("root included"), "{log}");
    }
}

#[test]
fn demo_on_all_addresses_warns_and_tells_one_that_can_be_opened() {
    for (name, text) in [
        ("APP_HOST", "Open "),
        ("SANDBOX_HOST", "leads to the sandbox at "),
    ] {
        let storage = Place::new();
        let mut child = program(&storage)
            .arg("demo")
            .env("DB_DIALECT", "sqlite")
            .env(name, "0.0.0.0")
            .spawn()
            .unwrap();
        let line = line_with(&mut child, text);
        let (ended_well, log) = interrupt(child);
        assert!(ended_well, "{log}");
        assert!(line.contains("http://127.0.0.1:"), "{line}");
        assert_eq!(log.matches("root included").count(), 1, "{log}");
    }
}

#[test]
fn sandbox_runs_alone() {
    let storage = Place::new();
    let mut child = program(&storage).arg("sandbox").spawn().unwrap();
    let line = line_with(&mut child, "DingTalk sandbox listening on ");
    let address = line.trim().rsplit(' ').next().unwrap();
    assert_eq!(status_of(&format!("{address}/_sandbox/people")), 200);
    assert!(interrupt(child).0);
}

#[test]
fn migrate_shows_and_applies_what_is_missing() {
    let storage = Place::new();
    let output = |arguments: &[&str]| {
        let output = program(&storage).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(
        output(&["migrate", "--show"]).contains("missing: m20261122_000001_create_nocobase_tables")
    );
    assert!(output(&["migrate"]).contains("applying: m20261122_000002_create_consumed_states"));
    assert_eq!(output(&["migrate"]), "The database is up to date.\n");
}

#[test]
fn a_command_does_its_work_though_nobody_reads_what_it_prints() {
    let storage = Place::new();
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let mut migrate = program(&storage);
    let migrated = migrate.arg("migrate").stdout(writer).output().unwrap();
    assert!(migrated.status.success(), "{migrated:?}");
    let told = program(&storage).args(["migrate", "--show"]).output();
    assert_eq!(told.unwrap().stdout, b"The database is up to date.\n");
}

#[test]
fn a_wrong_setting_ends_the_start_with_a_sentence_that_names_it() {
    let storage = Place::new();
    std::fs::create_dir_all(storage.path().join("storage/apps/main")).unwrap();
    std::fs::write(
        storage.path().join("storage/apps/main/jwt_secret.dat"),
        "short",
    )
    .unwrap();
    for (name, value, named) in [
        ("APP_PORT", "seventy", "APP_PORT"),
        ("METRICS_PORT", "seventy", "METRICS_PORT"),
        ("APP_PUBLIC_URL", "noco.example.com/x", "APP_PUBLIC_URL"),
        ("APP_PUBLIC_PATH", "/a b/", "APP_PUBLIC_PATH"),
        (
            "DINGTALK_API_URL",
            "http://api.dingtalk.com",
            "DINGTALK_API_URL",
        ),
        ("TRUSTED_PROXIES", "everybody", "TRUSTED_PROXIES"),
        ("DB_DIALECT", "oracle", "DB_DIALECT"),
        (
            "DB_TABLE_PREFIX",
            "n\"b",
            "DB_TABLE_PREFIX is a text of up to 24",
        ),
        (
            "DB_TABLE_PREFIX",
            "this_prefix_is_far_too_long",
            "DB_TABLE_PREFIX is a text of up to 24",
        ),
        ("DB_SCHEMA", "no\"body", "DB_SCHEMA"),
        ("DB_POOL_MAX", "1", "DB_POOL_MAX"),
        ("UNSAFE_USE_DEFAULT_JWT_SECRET", "true", "APP_KEY"),
        ("APP_HOST", "127.0.0.1", "jwt_secret.dat"),
    ] {
        let output = program(&storage)
            .arg("serve")
            .env(name, value)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{name}");
        // Flags are named after their variables.
        let flag = format!("--{}", named.to_lowercase().replace('_', "-"));
        assert!(
            text.contains(named) || text.contains(&flag),
            "{name}: {text}"
        );
    }
}

#[test]
fn variables_that_are_set_to_nothing_count_as_unset() {
    let storage = Place::new();
    let mut command = program(&storage);
    for name in [
        "APP_PUBLIC_URL",
        "TRUSTED_PROXIES",
        "DB_PORT",
        "INIT_ROOT_PASSWORD",
        "APP_KEY",
    ] {
        command.env(name, "");
    }
    let mut child = command
        // The usual port of a database server may be another one.
        .env("DB_DIALECT", "sqlite")
        .env("UNSAFE_USE_DEFAULT_JWT_SECRET", "")
        .arg("serve")
        .spawn()
        .unwrap();
    line_with(&mut child, "Listening on ");
    assert!(interrupt(child).0);
}

#[test]
fn a_secret_that_could_not_be_written_leaves_nothing_in_the_way() {
    let storage = Place::new();
    // Files can be created, but nothing can be written to them, as on a full disk.
    let script = format!(
        "trap '' XFSZ; ulimit -f 0; exec {} serve",
        env!("CARGO_BIN_EXE_nocobase-dingtalk")
    );
    let settings = program(&storage);
    let settings = settings.get_envs();
    let output = Command::new("sh")
        .args(["-c", &script])
        .envs(settings.filter_map(|(name, value)| Some((name, value?))))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    // The database comes first, and SQLite's is in a file, too.
    let refusal = match storage.database.kind {
        Kind::Sqlite => "the database cannot be used",
        _ => "cannot use the signing secret",
    };
    assert!(text.contains(refusal), "{text}");
    let folder = storage.path().join("storage/apps/main");
    let left = std::fs::read_dir(folder).map_or(0, Iterator::count);
    assert_eq!(left, 0);
    let mut child = program(&storage).arg("serve").spawn().unwrap();
    line_with(&mut child, "Listening on ");
    assert!(interrupt(child).0);
}

#[test]
fn what_is_kept_is_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let storage = Place::new();
    let mut child = program(&storage).arg("serve").spawn().unwrap();
    line_with(&mut child, "Listening on ");
    let mut files = vec!["apps/main/jwt_secret.dat"];
    if storage.database.kind == Kind::Sqlite {
        files.extend(["db/nocobase.sqlite", "db/nocobase.sqlite-wal"]);
    }
    for file in files {
        let metadata = std::fs::metadata(storage.path().join("storage").join(file)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{file}");
    }
    assert!(interrupt(child).0);
}

#[test]
fn an_env_file_means_what_it_means_to_nocobase_and_is_quoted_nowhere() {
    let storage = Place::new();
    // The file has a quote in a comment, a line without a setting, a colon, a quote without an end,
    // an old line ending, and bytes that are not UTF-8.
    let mut text = b"APP_KEY='hunter2' # don't change\nINIT_ROOT_NICKNAME=\"a\" # \"b\"\nhunter2\n\
        INIT_APP_LANG: zh-CN\nNOBODYS=\"hunter2\nINIT_ROOT_EMAIL=boss@corp.example\r\
        INIT_ROOT_USERNAME='boss'\n# "
        .to_vec();
    text.extend([0xd5, 0xc5, b'\n']);
    std::fs::write(storage.path().join(".env"), text).unwrap();
    let mut child = program(&storage).arg("serve").spawn().unwrap();
    line_with(&mut child, "Listening on ");
    let (ended, log) = interrupt(child);
    assert!(ended, "{log}");
    let created = "first start: created the root account boss";
    assert!(log.contains(created) && !log.contains("hunter2"), "{log}");
    let secret = storage.path().join("storage/apps/main/jwt_secret.dat");
    assert!(!secret.exists(), "APP_KEY signs");
}

#[test]
fn demo_leaves_other_peoples_settings_alone() {
    let storage = Place::new();
    let mut child = program(&storage)
        .arg("demo")
        .env("DB_DIALECT", "sqlite")
        .env("SANDBOX_CLIENT_ID", "dingreal")
        .spawn()
        .unwrap();
    line_with(&mut child, "Open http://");
    assert!(interrupt(child).0);
    for (name, value, problem) in [
        ("RUST_LOG", "info", "in use by something else"),
        ("DB_DIALECT", "postgres", "unset DB_DIALECT"),
    ] {
        let output = program(&storage)
            .arg("demo")
            .env("DB_DIALECT", "sqlite")
            .env(name, value)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && text.contains(problem), "{text}");
    }
}

/// Only a run that the safety limit stopped can be agreed to.
#[test]
fn a_preview_agrees_to_nothing() {
    let storage = Place::new();
    let preview = ["directory", "preview", "dingtalk", "--agreed=x"];
    let told = program(&storage).args(preview).output().unwrap();
    assert_eq!(told.status.code(), Some(2));
    let error = String::from_utf8(told.stderr).unwrap();
    assert!(error.contains("'--agreed'"), "{error}");
}
