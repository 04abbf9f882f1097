//! The command `doctor` in NocoBase's folder: its findings for the usual mistakes, and the next
//! command.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use chrono::SecondsFormat;
use entity::{application_plugin, authenticator, system_setting};
use nocobase_dingtalk::clock::Clock;
use sea_orm::{ActiveModelTrait, ConnectionTrait, Database, EntityTrait, IntoActiveModel, Set};
use serde_json::json;
use url::Url;

use super::check::{nocobase, nocobase_that};
use super::{channels, forwarding};
use crate::read_only_commands::tree;
use crate::support::upstream::ScriptedUpstream;
use crate::support::{Kind, Place, TestDatabase, TestGateway, Told, as_of_nocobase, naming};

pub(super) const FITS: &str = "NOT_EXIST_USER";

/// NocoBase's folder, with `.env`, storage and database.
pub(super) struct Office {
    pub(super) place: Place,
    folder: PathBuf,
    /// When NocoBase was installed.
    installed: String,
}

impl Office {
    pub(super) async fn new() -> Self {
        let place = Place::new();
        place.start().stop();
        let connection = place.database.connect().await;
        as_of_nocobase(&connection).await;
        let settings = system_setting::Entity::find().one(&connection).await;
        let installed = settings.unwrap().unwrap().created_at;
        connection.into_inner().close().await.unwrap();
        let folder = place.storage().parent().unwrap().join("nocobase");
        fs::create_dir(&folder).unwrap();
        let office = Self {
            installed: installed.to_rfc3339_opts(SecondsFormat::Millis, true),
            place,
            folder,
        };
        office.write_env(&[]);
        office
    }

    /// Writes NocoBase's settings, followed by these.
    pub(super) fn write_env(&self, further: &[(&str, &str)]) {
        let mut settings = self.place.database.settings();
        let storage = self.place.storage().display().to_string();
        settings.push(("STORAGE_PATH", storage));
        let settings = settings
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .chain(further.iter().copied());
        let lines = settings.map(|(name, value)| format!("{name}={value}\n"));
        fs::write(self.folder.join(".env"), lines.collect::<String>()).unwrap();
    }

    /// A NocoBase of this version that shares secret and database.
    pub(super) fn nocobase(&self, version: &str, code: &str) -> ScriptedUpstream {
        let dialect = self.place.database.kind.dialect();
        nocobase(version, dialect, &self.installed, code)
    }

    fn program(&self, settings: &[(&str, &str)]) -> Command {
        self.command(&["doctor"], settings)
    }

    /// What this command says, for a gateway in front of a NocoBase at this address.
    pub(super) fn run(&self, command: &[&str], upstream: &str) -> Told {
        let settings = [("NOCOBASE_UPSTREAM_URL", upstream), ("APP_PORT", "65000")];
        Told::by(&mut self.command(command, &settings))
    }

    fn command(&self, command: &[&str], settings: &[(&str, &str)]) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_nocobase-dingtalk"));
        program
            .args(command)
            .current_dir(&self.folder)
            .env_clear()
            .env("RUST_LOG", "error")
            .envs(settings.iter().copied());
        program
    }

    /// The output with these settings in the environment. Nothing may change.
    fn doctor(&self, settings: &[(&str, &str)]) -> Told {
        let before = (tree(self.place.storage()), tree(&self.folder));
        let told = Told::by(&mut self.program(settings));
        assert!(
            before == (tree(self.place.storage()), tree(&self.folder)),
            "{told:?}"
        );
        told
    }

    /// Like `doctor`, for a gateway in front of this NocoBase, with a port of its own.
    fn doctor_before(&self, upstream: &ScriptedUpstream, further: &[(&str, &str)]) -> Told {
        let url = upstream.url();
        let usual = [
            ("NOCOBASE_UPSTREAM_URL", url.as_str()),
            ("APP_PORT", "65000"),
        ];
        self.doctor(&[&usual, further].concat())
    }
}

/// Checks for this problem, and for this command at the end.
fn assert_leads(told: &Told, problem: &str, next: &str) {
    assert!(
        told.output.contains(&format!("problem  {problem}")),
        "{problem}: {told:?}"
    );
    assert_next(told, next);
}

fn assert_next(told: &Told, next: &str) {
    // A terminal shows both outputs, and what comes after the command would hide it.
    assert_eq!(told.errors, "", "{told:?}");
    let last = told.output.lines().last().unwrap_or_default();
    assert_eq!(last, format!("next     {next}"), "{told:?}");
}

#[actix_web::test]
async fn a_nocobase_that_fits_is_described_and_the_start_is_next() {
    let office = Office::new().await;
    let upstream = office.nocobase("2.2.15", FITS);
    let told = office.doctor_before(&upstream, &[]);
    assert!(told.ended_well, "{told:?}");
    let kind = match office.place.database.kind {
        Kind::Sqlite => "SQLite 3.",
        Kind::Postgres => "PostgreSQL ",
        Kind::Mariadb => "MariaDB ",
    };
    let named = format!(
        "tables are named as in {} ({})",
        naming().table("usersAuthenticators"),
        naming().column("userId")
    );
    for text in [
        &format!("{}/.env and the environment", office.folder.display()),
        &format!("ok       the database can be used: {kind}"),
        &named,
        "ok       there is a signing secret: the file ",
        &format!(
            "ok       NocoBase 2.2.15 at {} shares database and signing secret",
            upstream.url()
        ),
    ] {
        assert!(told.output.contains(text), "{text}: {told:?}");
    }
    assert_next(&told, "nocobase-dingtalk serve");
}

async fn rename_table(database: &Url, from: &str, to: &str) {
    let connection = Database::connect(database.as_str()).await.unwrap();
    let rename = format!(r#"ALTER TABLE "{from}" RENAME TO "{to}""#);
    connection.execute_unprepared(&rename).await.unwrap();
    connection.close().await.unwrap();
}

/// `doctor` reads a file that nobody has open without a lock. While it waits for NocoBase, somebody
/// creates a table without which it then fails.
#[actix_web::test]
async fn what_was_read_while_the_file_began_to_change_is_read_again() {
    let office = Office::new().await;
    if office.place.database.kind != Kind::Sqlite {
        return;
    }
    let database = office.place.database.url().clone();
    let table = naming().table("dingtalk_directory_sources").into_owned();
    rename_table(&database, &table, "away").await;
    let once = Once::new();
    let create = move || {
        once.call_once(|| {
            let renamed = rename_table(&database, "away", &table);
            actix_web::rt::System::new().block_on(renamed);
        });
    };
    let upstream = nocobase_that("2.2.15", "sqlite", &office.installed, FITS, create);
    let url = upstream.url();
    let settings = [
        ("NOCOBASE_UPSTREAM_URL", url.as_str()),
        ("APP_PORT", "65000"),
    ];
    let told = Told::by(&mut office.program(&settings));
    assert!(told.ended_well, "{told:?}");
    let again = "note     somebody has begun to write to the database";
    assert_eq!(told.output.matches(again).count(), 1, "{told:?}");
    assert!(!told.output.contains("problem"), "{told:?}");
    assert_next(&told, "nocobase-dingtalk serve");
}

#[actix_web::test]
async fn in_the_folder_of_a_nocobase_the_gateway_is_what_is_proposed() {
    let office = Office::new().await;
    office.write_env(&[("APP_PORT", "13000")]);
    let told = office.doctor(&[]);
    assert!(!told.ended_well, "{told:?}");
    assert_leads(
        &told,
        "the database is that of a NocoBase",
        "export NOCOBASE_UPSTREAM_URL=http://127.0.0.1:13000 APP_PORT=13001 && nocobase-dingtalk doctor",
    );
}

#[actix_web::test]
async fn a_port_that_was_not_moved_is_moved() {
    let office = Office::new().await;
    office.write_env(&[("APP_PORT", "13000")]);
    let told = office.doctor(&[("NOCOBASE_UPSTREAM_URL", "http://localhost:13000")]);
    assert!(!told.ended_well, "{told:?}");
    assert_leads(
        &told,
        "APP_PORT is 13000, at which NocoBase itself listens",
        "export APP_PORT=13001 && nocobase-dingtalk doctor",
    );
}

#[actix_web::test]
async fn a_secret_of_the_environment_that_wins_over_the_file_is_named() {
    let office = Office::new().await;
    office.write_env(&[("APP_KEY", "of-nocobase")]);
    let upstream = office.nocobase("2.2.15", "INVALID_TOKEN");
    let told = office.doctor_before(&upstream, &[("APP_KEY", "of-somebody-else")]);
    assert!(!told.ended_well, "{told:?}");
    assert!(
        told.output
            .contains("note     APP_KEY of the environment wins over")
    );
    assert_leads(
        &told,
        "NocoBase signs tokens with another secret",
        "unset APP_KEY && nocobase-dingtalk doctor",
    );
    assert!(!told.output.contains("of-nocobase") && !told.output.contains("of-somebody-else"));
}

#[actix_web::test]
async fn another_database_is_known_by_when_nocobase_was_installed() {
    let office = Office::new().await;
    let dialect = office.place.database.kind.dialect();
    let upstream = nocobase("2.2.15", dialect, "2020-01-01T00:00:00.000Z", FITS);
    office.write_env(&[("DB_HOST", "127.0.0.1")]);
    let told = office.doctor_before(&upstream, &[("DB_HOST", "localhost")]);
    assert!(!told.ended_well, "{told:?}");
    assert_leads(
        &told,
        "NocoBase uses another database",
        "unset DB_HOST && nocobase-dingtalk doctor",
    );
}

#[actix_web::test]
async fn tables_in_another_schema_or_database_are_found() {
    let office = Office::new().await;
    let upstream = office.nocobase("2.2.15", FITS);
    let other = TestDatabase::create(&office.folder);
    let (wrong, right) = match office.place.database.kind {
        // With SQLite there are no other databases.
        Kind::Sqlite => return,
        Kind::Postgres => (("DB_SCHEMA", "elsewhere"), "DB_SCHEMA=public".to_owned()),
        Kind::Mariadb => (
            ("DB_DATABASE", other.name()),
            format!("DB_DATABASE={}", office.place.database.name()),
        ),
    };
    office.write_env(&[wrong]);
    let told = office.doctor_before(&upstream, &[]);
    assert!(!told.ended_well, "{told:?}");
    let problem = "problem  the tables of NocoBase are not where the settings say";
    assert!(told.output.contains(problem), "{told:?}");
    // The databases of other tests are on the same server.
    if office.place.database.kind == Kind::Postgres {
        assert_next(
            &told,
            &format!("export {right} && nocobase-dingtalk doctor"),
        );
    }
}

#[actix_web::test]
async fn names_that_do_not_fit_are_read_from_the_tables() {
    let office = Office::new().await;
    let upstream = office.nocobase("2.2.15", FITS);
    let names = naming();
    let other = (!names.is_underscored()).to_string();
    office.write_env(&[("DB_TABLE_PREFIX", "wrong_"), ("DB_UNDERSCORED", &other)]);
    let right = format!(
        "DB_TABLE_PREFIX={} DB_UNDERSCORED={}",
        names.prefix(),
        names.is_underscored()
    );
    let told = office.doctor_before(&upstream, &[]);
    assert!(!told.ended_well, "{told:?}");
    let problem =
        format!("the tables of NocoBase are not where the settings say, but found with {right}");
    let next = format!("export {right} && nocobase-dingtalk doctor");
    assert_leads(&told, &problem, &next);
    // Without a setting for NocoBase, no second set of tables is suggested either.
    let told = office.doctor(&[("APP_PORT", "13000")]);
    assert!(!told.ended_well, "{told:?}");
    assert!(
        told.output.contains("the database is that of a NocoBase"),
        "{told:?}"
    );
}

#[actix_web::test]
async fn an_upstream_that_is_a_gateway_is_not_taken_for_nocobase() {
    let office = Office::new().await;
    office.write_env(&[("APP_PORT", "13000")]);
    let url = "http://127.0.0.1:13001";
    let told = office.doctor(&[("NOCOBASE_UPSTREAM_URL", url), ("APP_PORT", "13001")]);
    let next = "export NOCOBASE_UPSTREAM_URL=http://127.0.0.1:13000 && nocobase-dingtalk doctor";
    assert!(!told.ended_well, "{told:?}");
    assert_leads(&told, "NOCOBASE_UPSTREAM_URL leads to port 13001", next);

    // This NocoBase runs, at whichever address.
    let gateway = TestGateway::before(ScriptedUpstream::answering("")).await;
    let url = format!("http://{}", gateway.server.address);
    let told = office.doctor(&[("NOCOBASE_UPSTREAM_URL", &url), ("APP_PORT", "65000")]);
    assert!(!told.ended_well, "{told:?}");
    let problem = format!("what answers at {url} is this gateway, or one like it");
    assert_leads(&told, &problem, next);
}

#[actix_web::test]
async fn an_upstream_that_does_not_answer_is_started_or_looked_for() {
    let office = Office::new().await;
    let settings = [
        ("NOCOBASE_UPSTREAM_URL", "http://127.0.0.1:9"),
        ("APP_PORT", "65000"),
    ];
    office.write_env(&[("APP_PORT", "13100")]);
    let told = office.doctor(&settings);
    assert!(!told.ended_well, "{told:?}");
    let problem = "NocoBase does not answer at http://127.0.0.1:9";
    let next = "export NOCOBASE_UPSTREAM_URL=http://127.0.0.1:13100 && nocobase-dingtalk doctor";
    assert_leads(&told, problem, next);

    office.write_env(&[("APP_PORT", "9")]);
    fs::write(office.folder.join("package.json"), "{}").unwrap();
    let next = format!("cd {} && yarn start", office.folder.display());
    assert_leads(&office.doctor(&settings), problem, &next);
}

/// Lets everybody into a folder of this test and into those above it.
fn open_to_all(folder: &Path) {
    for folder in folder.ancestors().take(2) {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[actix_web::test]
async fn a_storage_folder_of_another_user_is_named_with_its_owner() {
    const OWNER: u32 = 54321;
    const NOBODY: u32 = 65534;
    let office = Office::new().await;
    let secret = office.place.storage().join("apps/main/jwt_secret.dat");
    let settings = [
        ("NOCOBASE_UPSTREAM_URL", "http://127.0.0.1:9"),
        ("APP_PORT", "65000"),
    ];
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if !is_root {
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
        let told = Told::by(&mut office.program(&settings));
        let problem = format!("problem  {} cannot be used", secret.display());
        assert!(told.output.contains(&problem), "{told:?}");
        return;
    }
    for path in [office.place.storage(), &secret] {
        chown(path, Some(OWNER), Some(OWNER)).unwrap();
    }
    open_to_all(&office.folder);
    open_to_all(office.place.storage());
    // Only root may be able to read the program's own folder.
    let copy = office.folder.join("nocobase-dingtalk");
    let program = env!("CARGO_BIN_EXE_nocobase-dingtalk");
    if fs::hard_link(program, &copy).is_err() {
        fs::copy(program, &copy).unwrap();
    }
    let mut as_nobody = Command::new(copy);
    as_nobody
        .arg("doctor")
        .current_dir(&office.folder)
        .env_clear()
        .envs(settings)
        .uid(NOBODY)
        .gid(NOBODY);
    let told = Told::by(&mut as_nobody);
    assert!(!told.ended_well, "{told:?}");
    let problem = format!(
        "{} cannot be used: it belongs to #{OWNER}, and this runs as nobody",
        secret.display()
    );
    let next = format!("sudo --preserve-env -u '#{OWNER}' nocobase-dingtalk doctor");
    assert_leads(&told, &problem, &next);
    let as_root = office.doctor(&settings);
    let note = format!("belongs to #{OWNER}, and this runs as root");
    assert!(as_root.output.contains(&note), "{as_root:?}");
}

#[actix_web::test]
async fn an_old_nocobase_is_named_and_the_start_is_next_all_the_same() {
    let office = Office::new().await;
    let upstream = office.nocobase("2.1.3", FITS);
    let told = office.doctor_before(&upstream, &[]);
    assert!(told.ended_well, "{told:?}");
    let problem = "NocoBase is of version 2.1.3, older than 2.2.15";
    assert_leads(&told, problem, "nocobase-dingtalk serve");
    assert!(told.output.contains("NocoBase 2.1.3 at"), "{told:?}");
}

#[actix_web::test]
async fn an_authenticator_that_was_saved_past_the_gateway_is_named_and_people_can_sign_in_all_the_same()
 {
    let office = Office::new().await;
    let upstream = office.nocobase("2.2.15", FITS);
    let connection = office.place.database.connect().await;
    let now = Clock::system().now();
    let row = authenticator::ActiveModel {
        created_at: Set(now),
        updated_at: Set(now),
        name: Set("ding".to_owned()),
        auth_type: Set("dingtalk".to_owned()),
        description: Set(String::new()),
        options: Set(json!({
            "clientId": dingtalk_sandbox::seed::CLIENT_ID,
            "clientSecret": dingtalk_sandbox::seed::CLIENT_SECRET,
            "newUserRoles": ["admin"],
        })),
        ..Default::default()
    };
    row.insert(&connection).await.unwrap();
    connection.into_inner().close().await.unwrap();
    let told = office.doctor_before(&upstream, &[]);
    assert!(told.ended_well, "{told:?}");
    let problem = "the DingTalk authenticator ding was not saved through the gateway";
    assert_leads(&told, problem, "nocobase-dingtalk serve");
    assert!(
        told.output.contains("shares database and signing secret"),
        "{told:?}"
    );
}

#[actix_web::test]
async fn of_several_nodes_each_is_looked_at() {
    let office = Office::new().await;
    let one = office.nocobase("2.2.15", FITS);
    let other = office.nocobase("2.2.15", "INVALID_TOKEN");
    let urls = format!("{},{}", one.url(), other.url());
    let told = office.doctor(&[
        ("NOCOBASE_UPSTREAM_URL", urls.as_str()),
        ("APP_PORT", "65000"),
    ]);
    assert!(!told.ended_well, "{told:?}");
    let well = format!("ok       NocoBase 2.2.15 at {} shares", one.url());
    assert!(told.output.contains(&well), "{told:?}");
    let problem = format!("{}: NocoBase signs tokens with another secret", other.url());
    assert_leads(&told, &problem, "nocobase-dingtalk doctor");
}

#[actix_web::test]
async fn a_plugin_of_the_same_name_is_disabled_where_it_is() {
    let office = Office::new().await;
    let upstream = office.nocobase("2.2.15", FITS);
    let connection = office.place.database.connect().await;
    let plugin = application_plugin::Entity::find().one(&connection).await;
    let mut plugin = plugin.unwrap().unwrap().into_active_model();
    plugin.name = Set(Some("auth-dingtalk".to_owned()));
    plugin.enabled = Set(Some(true));
    plugin.update(&connection).await.unwrap();
    connection.into_inner().close().await.unwrap();
    let told = office.doctor_before(&upstream, &[]);
    assert!(!told.ended_well, "{told:?}");
    assert_leads(
        &told,
        "NocoBase itself has the plugin @nocobase/plugin-auth-dingtalk enabled",
        &format!(
            "cd {} && yarn nocobase pm disable @nocobase/plugin-auth-dingtalk",
            office.folder.display()
        ),
    );
}

/// The lines about channels, of a `doctor` that stands where this gateway does.
async fn told_of_channels(gateway: &TestGateway) -> Vec<String> {
    let settings = gateway.server.app.store.system_settings().await;
    let installed = settings.unwrap().unwrap().created_at;
    let installed = installed.to_rfc3339_opts(SecondsFormat::Millis, true);
    let dialect = gateway.app.database.kind.dialect();
    let upstream = nocobase("2.2.15", dialect, &installed, FITS);
    let sandbox = gateway.app.sandbox.url();
    let mut program = Command::new(env!("CARGO_BIN_EXE_nocobase-dingtalk"));
    program
        .arg("doctor")
        .args(gateway.app.flags())
        .arg(format!("--nocobase-upstream-url={}", upstream.url()))
        .arg("--app-port=65000")
        .env("RUST_LOG", "error")
        .env("DINGTALK_LOGIN_URL", sandbox.as_str())
        .env("DINGTALK_API_URL", sandbox.as_str())
        .env("DINGTALK_OAPI_URL", sandbox.as_str());
    let told = Told::by(&mut program);
    assert!(told.ended_well, "{told:?}");
    let lines = told.output.lines();
    let lines = lines.filter(|line| line.contains("channel \""));
    lines.map(str::to_owned).collect()
}

#[actix_web::test]
async fn of_each_channel_it_is_told_whether_its_messages_go_to_people() {
    let gateway = forwarding::gateway().await;
    // One of this product, one whose authenticator names no agent, one of another plugin, and one of the inbox alone.
    gateway.create_authenticator("plain", true).await;
    let robot = json!({"authenticator": "dingtalk", "way": "robot"});
    let mut without_agent = channels::kept(&json!({"authenticator": "plain"}));
    without_agent["name"] = json!("bare");
    for row in [channels::kept(&robot), without_agent] {
        channels::have(&gateway, &row).await;
    }
    let others = r#"INSERT INTO "notificationChannels" ("name", "title", "notificationType") VALUES ('old', 'Old', 'dingtalk'), ('quiet', 'Quiet', 'in-app-message')"#;
    forwarding::run(&gateway, others).await;
    // Two of the inbox whose messages also go to DingTalk; the authenticator of one is gone.
    forwarding::forward(&gateway, "news").await;
    let app = gateway.server.app.clone();
    let chosen = async move { app.store.forward_channel("other", "gone", None).await };
    gateway.server.does(chosen).await.unwrap();
    assert_eq!(
        told_of_channels(&gateway).await,
        [
            r#"problem  channel "bare": no message goes to DingTalk, authenticator plain: the authenticator's options have not what this way of sending needs"#,
            r#"ok       channel "dt": messages go to DingTalk through authenticator dingtalk (robot)"#,
            r#"ok       channel "news": messages go to DingTalk through authenticator dingtalk (workNotification)"#,
            r#"problem  channel "other": no message goes to DingTalk, authenticator gone: no authenticator that is in use and carries messages is named, or several could be meant"#,
            r#"problem  channel "old" was made by another DingTalk plugin, and NocoBase sends nothing to it: open it once through the gateway, «Notification manager → Channels → Edit», choose an authenticator and submit, which makes it one of this product"#,
        ]
    );

    gateway.app.sandbox.change_app(json!({"agentId": 1})).await;
    let told = told_of_channels(&gateway).await;
    let wrong = r#"problem  channel "news": messages would not go to DingTalk now, authenticator dingtalk: DingTalk does not know the Agent ID (40056"#;
    assert!(told.iter().any(|line| line.starts_with(wrong)), "{told:?}");
}
