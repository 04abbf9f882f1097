//! Runs of a directory in front of a NocoBase. A server without a NocoBase does in its place what concerns
//! accounts; departments are as the script says. `tests/it/steps_peer/runs.rs` has a real one.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::nocobase::{answer, target};
use crate::support::upstream::ScriptedUpstream;
use crate::support::{Browser, TestGateway, Told, run_ends};

/// What was written, in order: action and body.
type Written = Arc<Mutex<Vec<String>>>;

/// A company behind a gateway.
pub struct Office {
    pub gateway: TestGateway,
    pub written: Written,
    pub token: String,
    pub browser: Browser,
}

/// Says something to a server on a connection of its own.
fn forwarded(to: SocketAddr, head: &str, body: &[u8]) -> Vec<u8> {
    let lines = head.trim_end().lines();
    let lines = lines.filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    let head = lines.collect::<Vec<_>>().join("\r\n");
    let mut stream = TcpStream::connect(to).unwrap();
    let head = format!("{head}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut told = Vec::new();
    let _ = stream.read_to_end(&mut told);
    told
}

/// What the gateway asks NocoBase for.
pub struct Asked<'a> {
    pub is_change: bool,
    pub action: &'a str,
    pub query: &'a str,
    pub text: &'a str,
}

/// What a NocoBase does beyond what every office's does.
pub trait Script: Send + Sync {
    /// What it answers; nothing where it answers as every office's.
    fn answers(&self, _: &Asked<'_>) -> Option<String> {
        None
    }

    /// It has done what it was asked for, and is about to say this.
    fn done(&self, _: &Asked<'_>, _: &[u8]) {}
}

impl Script for () {}

impl Office {
    /// With NocoBase's plugin for departments, or without.
    pub async fn open(has_departments: bool) -> Self {
        Self::with(has_departments, Arc::new(())).await
    }

    /// The same with a NocoBase that does something else, too.
    pub async fn with(has_departments: bool, script: Arc<dyn Script>) -> Self {
        let written = Written::default();
        let accounts: Arc<OnceLock<SocketAddr>> = Arc::default();
        let (log, other) = (written.clone(), accounts.clone());
        let ids = Arc::new(AtomicI64::new(500_000));
        let upstream = ScriptedUpstream::start(move |mut connection| {
            while let Some(head) = connection.request() {
                let body = connection.body(&head);
                let text = String::from_utf8_lossy(&body).into_owned();
                let (path, query) = target(&head);
                let action = path.strip_prefix("/api/").unwrap_or(path);
                if head.starts_with("POST ") {
                    let mut log = log.lock().unwrap();
                    log.push(format!("{action}?{query} {text}"));
                }
                let id = || ids.fetch_add(1, Ordering::Relaxed);
                let asked = Asked {
                    is_change: head.starts_with("POST "),
                    action,
                    query,
                    text: &text,
                };
                if let Some(told) = script.answers(&asked) {
                    script.done(&asked, told.as_bytes());
                    connection.say(told);
                    continue;
                }
                let told = match action {
                    action if action.starts_with("departments") && !has_departments => answer(
                        &json!({"errors": [{"message": "Not Found"}]}),
                    )
                    .replacen("200 OK", "404 Not Found", 1),
                    "departments:list" => answer(&json!({"data": [], "meta": {"count": 0}})),
                    "departments:get" => answer(&json!({"data": {"id": 1}})),
                    "departments:create" => answer(&json!({"data": {"id": id()}})),
                    action if action.starts_with("departments") => answer(&json!({"data": [{}]})),
                    "userData:listSyncTypes" => answer(&json!({"data": [{"name": "other"}]})),
                    "userDataSyncTasks:list" => answer(&json!({"data": [{"id": 4}]})),
                    "userDataSyncTasks:create" => answer(&json!({"data": {"id": id()}})),
                    action if action.starts_with("userData") => answer(&json!({"data": [{}]})),
                    // This server has no main departments.
                    "users:update" if text.contains("mainDepartmentId") => {
                        answer(&json!({"data": [{"id": 1}]}))
                    }
                    _ => {
                        let to = *other.get().expect("the server is there");
                        let told = forwarded(to, &head, &body);
                        script.done(&asked, &told);
                        connection.say(told);
                        // It has closed its connection, and so says its answer.
                        return;
                    }
                };
                connection.say(told);
            }
        });
        let gateway = TestGateway::before(upstream).await;
        accounts.set(gateway.app.server.address).unwrap();
        gateway.create_authenticator("dingtalk", true).await;
        gateway.enable_plugin().await;
        let token = gateway.root_token().await;
        let browser = gateway.browser();
        let mut office = Self {
            gateway,
            written,
            token,
            browser,
        };
        office.save(json!({})).await;
        office
    }

    pub async fn post(&mut self, action: &str, body: Value) -> Value {
        let path = format!("/api/{action}");
        let answer = self.browser.post_as(&self.token, &path, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{action}: {}", answer.text);
        answer.json()["data"].clone()
    }

    pub async fn save(&mut self, options: Value) {
        let body = json!({"authenticator": "dingtalk", "enabled": true, "options": options});
        self.post("dingtalkDirectory:saveSource", body).await;
    }

    pub async fn rows(&self, action: &str, filter: Value) -> Vec<Value> {
        let path = format!("/api/dingtalkDirectory:{action}?pageSize=200&filter={filter}");
        let answer = self.gateway.browser().get_as(&self.token, &path).await;
        assert_eq!(answer.status, StatusCode::OK, "{action}: {}", answer.text);
        answer.json()["data"].as_array().unwrap().clone()
    }

    /// The end of a run.
    pub async fn end_of(&self, id: i64) -> Value {
        run_ends(self.gateway.app.store(), id).await;
        self.rows("runs", json!({"id": id})).await.remove(0)
    }

    /// A run or a preview, and its row when it has ended.
    pub async fn go(&mut self, action: &str) -> Value {
        let body = json!({"authenticator": "dingtalk"});
        let begun = self
            .post(&format!("dingtalkDirectory:{action}"), body)
            .await;
        self.end_of(begun["runId"].as_i64().unwrap()).await
    }

    pub async fn kinds(&self, run: &Value) -> Vec<String> {
        let rows = self.rows("findings", json!({"runId": run["id"]})).await;
        let kinds = rows
            .iter()
            .map(|row| row["kind"].as_str().unwrap().to_owned());
        kinds.collect()
    }

    /// Puts the people into departments whom runs have put there, after what was written.
    pub async fn fill_departments(&self, written: &[String]) -> Vec<(i64, i64)> {
        let added = written.iter().filter_map(|entry| {
            let (department, rest) = entry.strip_prefix("departments/")?.split_once('/')?;
            let accounts = rest.strip_prefix("members:add? ")?;
            let accounts: Vec<i64> = serde_json::from_str(accounts).unwrap();
            Some((department.parse().unwrap(), accounts))
        });
        let pairs = added.flat_map(|(department, accounts): (i64, _)| {
            let accounts = accounts.into_iter();
            accounts.map(move |account| (department, account))
        });
        let pairs: Vec<_> = pairs.collect();
        self.gateway.have_members(&pairs).await;
        pairs
    }

    /// What the program says that stands before the same NocoBase.
    pub fn told(&self, arguments: &[&str]) -> Told {
        Told::by(&mut self.program(arguments))
    }

    /// The program, before the same NocoBase.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let sandbox = self.gateway.app.sandbox.url();
        let mut program = Command::new(env!("CARGO_BIN_EXE_nocobase-dingtalk"));
        program
            .args(arguments)
            .args(self.gateway.app.flags())
            .arg(format!(
                "--nocobase-upstream-url={}",
                self.gateway.upstream.url()
            ))
            .arg("--app-port=65000")
            .env("RUST_LOG", "error")
            .env("DINGTALK_LOGIN_URL", sandbox.as_str())
            .env("DINGTALK_API_URL", sandbox.as_str())
            .env("DINGTALK_OAPI_URL", sandbox.as_str());
        program
    }

    /// What was written since this was asked last, but for the list of tasks.
    pub fn written(&self) -> Vec<String> {
        let written = std::mem::take(&mut *self.written.lock().unwrap());
        let is_work = |entry: &String| !entry.starts_with("userData");
        written.into_iter().filter(is_work).collect()
    }
}

#[actix_web::test]
async fn people_are_copied_by_nocobase_and_a_second_run_writes_nothing() {
    let mut office = Office::open(false).await;
    let preview = office.go("preview").await;
    assert_eq!(preview["state"], "succeeded", "{preview}");
    assert!(
        office
            .kinds(&preview)
            .await
            .contains(&"noDepartments".to_owned())
    );
    assert_eq!(office.written(), [""; 0], "a preview writes nothing");

    let run = office.go("run").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    let created = run["counts"]["created"].as_u64().unwrap();
    let written = office.written();
    let made = written
        .iter()
        .filter(|entry| entry.starts_with("users:create"));
    assert_eq!(made.count() as u64, created, "{written:?}");
    assert!(created > 5, "{run}");

    let again = office.go("run").await;
    assert_eq!(again["state"], "succeeded", "{again}");
    assert_eq!(office.written(), [""; 0], "{again}");

    // Whoever signs in has the account that was made.
    let sandbox = &office.gateway.app.sandbox;
    let page = office.gateway.browser().sign_in(sandbox, "lina").await;
    let session = page.session().expect(&page.text);
    let known = office
        .gateway
        .known_to_nocobase(session["token"].as_str().unwrap());
    let known = known.await;
    let lina = office
        .rows("members", json!({"externalId": "user-lina"}))
        .await;
    assert_eq!(known["id"], lina[0]["userId"]);
}

#[actix_web::test]
async fn departments_are_made_with_their_people_and_again_when_somebody_removes_one() {
    let mut office = Office::open(true).await;
    let run = office.go("run").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    let made = run["counts"]["departmentsCreated"].as_u64().unwrap();
    let written = office.written();
    let of = |name: &str| written.iter().filter(|entry| entry.contains(name)).count();
    assert_eq!(of("departments:create") as u64, made, "{written:?}");
    assert!(of("members:add") >= 6, "{written:?}");
    assert!(
        !office
            .kinds(&run)
            .await
            .contains(&"noDepartments".to_owned())
    );

    let rows = office.rows("departments", json!({})).await;
    office.gateway.have_departments(&rows).await;
    office.fill_departments(&written).await;
    let again = office.go("run").await;
    assert_eq!(again["state"], "succeeded", "{again}");
    assert_eq!(office.written(), [""; 0], "{again}");

    // 平台组 is removed by hand in NocoBase, and another one renamed.
    office.gateway.lose_department("平台组").await;
    office.gateway.rename_department("销售部", "Sales").await;
    let mended = office.go("run").await;
    assert_eq!(mended["counts"]["departmentsCreated"], 1, "{mended}");
    assert_eq!(mended["counts"]["departmentsChanged"], 1, "{mended}");
    let written = office.written();
    let of = |name: &str| written.iter().filter(|entry| entry.contains(name)).count();
    assert_eq!(
        (of("departments:create"), of("departments:update")),
        (1, 1),
        "{written:?}"
    );
    assert_eq!(of("members:add"), 1, "{written:?}");
}

#[actix_web::test]
async fn whoever_is_taken_out_of_a_managed_department_by_hand_is_put_back_alone() {
    let mut office = Office::open(true).await;
    office.go("run").await;
    let written = office.written();
    let rows = office.rows("departments", json!({})).await;
    office.gateway.have_departments(&rows).await;
    let mut pairs = office.fill_departments(&written).await;
    let lina = office
        .rows("members", json!({"externalId": "user-lina"}))
        .await;
    let lina = lina[0]["userId"].as_i64().unwrap();
    let taken: Vec<i64> = pairs
        .extract_if(.., |(_, account)| *account == lina)
        .map(|(department, _)| department)
        .collect();
    assert!(!taken.is_empty(), "{written:?}");
    // Somebody whom no run knows is in a department of ours, and stays there.
    pairs.push((taken[0], 999_999));
    office.gateway.have_members(&pairs).await;

    let preview = office.go("preview").await;
    let of_lina = json!({"runId": preview["id"], "kind": "changeDepartments"});
    let told = office.rows("findings", of_lina).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["personId"], "user-lina");
    assert_eq!(office.written(), [""; 0]);
    let mended = office.go("run").await;
    assert_eq!(mended["state"], "succeeded", "{mended}");
    let written = office.written();
    for department in &taken {
        let put_back = format!("departments/{department}/members:add? [{lina}]");
        assert!(written.contains(&put_back), "{put_back}: {written:?}");
        pairs.push((*department, lina));
    }
    for entry in &written {
        assert!(entry.contains(&lina.to_string()), "{entry}");
        assert!(!entry.contains("members:remove"), "{entry}");
    }

    office.gateway.have_members(&pairs).await;
    let again = office.go("run").await;
    assert_eq!(again["state"], "succeeded", "{again}");
    assert_eq!(office.written(), [""; 0], "{again}");
}

#[actix_web::test]
async fn a_source_whose_account_may_do_nothing_in_nocobase_does_nothing() {
    let mut office = Office::open(false).await;
    let (member, _) = office.gateway.member("somebody", None).await;
    office.gateway.act_as(member).await;
    let run = office.go("run").await;
    assert_eq!(run["state"], "failed", "{run}");
    let message = run["message"].as_str().unwrap();
    assert!(message.contains("may not do this"), "{message}");
    assert_eq!(office.written(), [""; 0]);
}

#[actix_web::test]
async fn root_and_the_account_that_acts_lose_nothing_and_nobody_goes_beyond_the_limit() {
    let mut office = Office::open(false).await;
    office.go("run").await;
    office.written();
    // Half of the company seems to be gone.
    let sandbox = &office.gateway.app.sandbox;
    sandbox.hire(20).await;
    office.go("run").await;
    office.written();
    for number in 1..=10 {
        let sandbox = &office.gateway.app.sandbox;
        sandbox.dismiss(&format!("employee{number}")).await;
    }
    let stopped = office.go("run").await;
    assert_eq!(stopped["state"], "stopped", "{stopped}");
    assert_eq!(office.written(), [""; 0]);

    let agreed = json!({"authenticator": "dingtalk", "agreed": stopped["fingerprint"]});
    let begun = office.post("dingtalkDirectory:run", agreed).await;
    let run = office.end_of(begun["runId"].as_i64().unwrap()).await;
    assert_eq!(run["counts"]["left"], 10, "{run}");
    let written = office.written();
    let ended = written
        .iter()
        .filter(|entry| entry.contains(r#"{"roles":[]}"#));
    assert_eq!(ended.count(), 10, "{written:?}");

    // The account that the source acts as is a leaver's.
    let row = office
        .rows("members", json!({"externalId": "user-lina"}))
        .await;
    let lina = row[0]["userId"].as_i64().unwrap();
    let admin = ["admin".to_owned()];
    office
        .gateway
        .app
        .store()
        .set_roles(lina, &admin)
        .await
        .unwrap();
    office.gateway.act_as(lina).await;
    office.gateway.app.sandbox.dismiss("lina").await;
    let kept = office.go("run").await;
    assert!(
        office.kinds(&kept).await.contains(&"leaverKept".to_owned()),
        "{kept}"
    );
    assert_eq!(office.written(), [""; 0]);
}

#[actix_web::test]
async fn the_command_previews_and_runs_in_front_of_a_nocobase_and_doctor_looks_at_it() {
    let office = Office::open(false).await;
    let told = office.told(&["directory", "preview", "dingtalk"]);
    assert!(
        told.ended_well && told.output.contains("createAccount"),
        "{told:?}"
    );
    assert_eq!(office.written(), [""; 0]);
    let told = office.told(&["directory", "run", "dingtalk", "--json"]);
    assert!(told.ended_well, "{told:?}");
    let run: Value = serde_json::from_str(told.output.lines().next().unwrap()).unwrap();
    assert_eq!(run["state"], "succeeded", "{run}");
    let made = office.written();
    let made = made
        .iter()
        .filter(|entry| entry.starts_with("users:create"));
    assert_eq!(json!(made.count()), run["counts"]["created"]);

    let told = office.told(&["doctor"]);
    for line in [
        "directory of dingtalk: departments and people can be read",
        "directory of dingtalk: NocoBase's plugin «Departments» is off, so only people are copied",
    ] {
        assert!(told.output.contains(line), "{line}: {told:?}");
    }
    let (member, _) = office.gateway.member("somebody", None).await;
    office.gateway.act_as(member).await;
    let told = office.told(&["doctor"]);
    let line = format!("does not let account {member} make accounts and departments");
    assert!(told.output.contains(&line), "{told:?}");
    office.written();
}
