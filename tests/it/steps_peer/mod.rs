//! Steps of a directory sync, done by a real NocoBase and looked at through its own API.
//!
//! Needs a running NocoBase 2.2.15 with its plugin `departments` and a root account `nocobase` / `admin123`.
//! Its settings (`DB_*`, `APP_KEY`, `STORAGE_PATH`) are in the environment too. `make test-peer` starts one
//! for it on each database:
//!
//! ```text
//! cd tests/browser && node peer/beside.mjs cargo test --test it steps_peer:: -- --ignored --test-threads 1
//! ```

mod accounts;
mod departments;
mod leaving;
mod runs;

use std::env;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use nocobase_dingtalk::clock::Clock;
use nocobase_dingtalk::config::DingTalkHosts;
use nocobase_dingtalk::domain::directory::{
    Binding, NewAccount, NewDepartment, Profile, Step, StepError, StepExecutor, StepOutcome,
};
use nocobase_dingtalk::domain::identity::StableId;
use nocobase_dingtalk::gateway::nocobase::NocoBaseExecutor;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::TestServer;

/// The authenticator that accounts are bound at.
const AUTHENTICATOR: &str = "dingtalk-of-the-executor";
const PASSWORD: &str = "a-password-of-people";

/// A NocoBase, and an executor that acts as one of its administrators, who is not root.
struct Peer {
    server: TestServer,
    executor: Arc<NocoBaseExecutor>,
    http: reqwest::Client,
    url: String,
    root: String,
    acting: i64,
}

impl Peer {
    async fn start() -> Self {
        let url = env::var("NOCOBASE_PEER_URL").expect("NOCOBASE_PEER_URL is set");
        // NocoBase closes connections that are not used for a while, also in the moment when one is.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0);
        let http = http.build().unwrap();
        let root = sign_in(&http, &url, "nocobase", "admin123").await;
        let flags = [format!("--nocobase-upstream-url={url}")];
        let nowhere = DingTalkHosts::all_at(&"http://127.0.0.1:9".parse().unwrap());
        let server = TestServer::start(&flags, nowhere, Clock::system());
        let administrator = json!({"nickname": unique("Administrator"), "roles": ["admin"]});
        let made = said(&http, &url, &root, "users:create", Some(&administrator)).await;
        let acting = id(&made.1);
        let executor = Self::hand_of(&server, acting).await;
        Self {
            server,
            executor: Arc::new(executor),
            http,
            url,
            root,
            acting,
        }
    }

    async fn hand_of(server: &TestServer, acting: i64) -> NocoBaseExecutor {
        let app = server.app.clone();
        let made = async move { NocoBaseExecutor::new(&app, AUTHENTICATOR, acting).await };
        server.does(made).await.unwrap()
    }

    /// Has the executor do one step.
    async fn apply(&self, step: Step) -> Result<StepOutcome, StepError> {
        let mut done = self.apply_all(vec![step]).await;
        assert_eq!(done.len(), 1);
        done.remove(0)
    }

    async fn apply_all(&self, steps: Vec<Step>) -> Vec<Result<StepOutcome, StepError>> {
        let executor = self.executor.clone();
        self.server
            .does(async move { executor.apply(&steps).await })
            .await
    }

    /// A moment ago.
    fn lately(&self) -> DateTime<Utc> {
        self.server.app.clock.now() - TimeDelta::seconds(5)
    }

    /// Status and body of what NocoBase says to somebody.
    async fn said(&self, token: &str, action: &str, body: Option<&Value>) -> (u16, Value) {
        said(&self.http, &self.url, token, action, body).await
    }

    /// `data` of a good answer to root.
    async fn data(&self, action: &str) -> Value {
        let (status, mut answer) = self.said(&self.root, action, None).await;
        assert_eq!(status, 200, "{action}: {answer}");
        answer["data"].take()
    }

    /// Has root do something.
    async fn root_does(&self, action: &str, body: &Value) -> Value {
        let (status, answer) = self.said(&self.root, action, Some(body)).await;
        assert_eq!(status, 200, "{action}: {answer}");
        answer
    }

    /// Makes a department, as a run does.
    async fn department(&self, title: &str, parent: Option<i64>) -> i64 {
        made(self.apply(new_department(title, parent)).await)
    }

    /// Makes an account, as a run does.
    async fn account(&self, roles: &[&str]) -> i64 {
        made(self.apply(Step::CreateAccount(person(roles))).await)
    }

    /// An account that somebody has made by hand, and that is signed in; its id and its token.
    async fn colleague(&self, roles: &[&str]) -> (i64, String) {
        let name = unique("colleague");
        let values =
            json!({"nickname": name, "username": name, "password": PASSWORD, "roles": roles});
        let account = id(&self.root_does("users:create", &values).await);
        let token = sign_in(&self.http, &self.url, &name, PASSWORD).await;
        assert_eq!(self.status(&token, "auth:check").await, 200);
        (account, token)
    }

    /// The status of what somebody gets.
    async fn status(&self, token: &str, action: &str) -> u16 {
        self.said(token, action, None).await.0
    }

    /// The roles of an account, by name.
    async fn roles(&self, account: i64) -> Vec<String> {
        let rows = self
            .data(&format!("users/{account}/roles:list?fields=name&sort=name"))
            .await;
        let names = rows.as_array().unwrap().iter();
        names
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn binding_of(&self, account: i64) -> Option<String> {
        let app = self.server.app.clone();
        let found = async move { app.store.binding_of_user(AUTHENTICATOR, account).await };
        let found = self.server.does(found).await.unwrap();
        found.map(|binding| binding.uuid)
    }
}

async fn said(
    http: &reqwest::Client,
    url: &str,
    token: &str,
    action: &str,
    body: Option<&Value>,
) -> (u16, Value) {
    let address = format!("{url}/api/{action}");
    let request = match body {
        Some(body) => http.post(address).json(body),
        None => http.get(address),
    };
    let request = if token.is_empty() {
        request
    } else {
        request.bearer_auth(token)
    };
    loop {
        let request = request.try_clone().unwrap();
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let answer: Value = response.json().await.unwrap_or_default();
        // On SQLite there is one writer, who may be the gateway that has just started.
        if status == 500 && answer.to_string().contains("SQLITE_BUSY") {
            continue;
        }
        return (status, answer);
    }
}

async fn sign_in(http: &reqwest::Client, url: &str, account: &str, password: &str) -> String {
    let body = json!({"account": account, "password": password});
    let (status, answer) = said(http, url, "", "auth:signIn", Some(&body)).await;
    assert_eq!(status, 200, "{answer}");
    answer["data"]["token"].as_str().unwrap().to_owned()
}

/// The id of a row that NocoBase gives.
fn id(answer: &Value) -> i64 {
    let id = &answer["data"]["id"];
    let number = id.as_i64().or_else(|| id.as_str()?.parse().ok());
    number.unwrap_or_else(|| panic!("{answer}"))
}

/// The id that a step has given.
fn made(done: Result<StepOutcome, StepError>) -> i64 {
    match done {
        Ok(StepOutcome::Made(id)) => id,
        other => panic!("{other:?}"),
    }
}

fn unique(name: &str) -> String {
    format!("{name} {}", Uuid::new_v4().simple()).replace(' ', "_")
}

fn new_department(title: &str, parent: Option<i64>) -> Step {
    Step::CreateDepartment(NewDepartment {
        title: title.to_owned(),
        parent,
        order: None,
        tried_at: None,
    })
}

fn new_binding(subject: &str) -> Binding {
    let stable_id = format!("union-{subject}");
    Binding {
        subject: subject.to_owned(),
        stable_id: Some(StableId {
            key: "unionId",
            value: stable_id.clone(),
        }),
        nickname: "李娜".to_owned(),
        avatar: None,
        meta: json!({"userId": subject, "unionId": stable_id}),
    }
}

/// Somebody new, of whom the organization keeps a name and a phone number.
fn person(roles: &[&str]) -> NewAccount {
    let number = Uuid::new_v4().as_u128() % 10_000_000_000;
    NewAccount {
        profile: Profile {
            nickname: Some("李娜 'O’Neil' <b>".to_owned()),
            phone: Some(format!("+861{number:010}")),
            ..Profile::default()
        },
        roles: roles.iter().map(|&name| name.to_owned()).collect(),
        binding: new_binding(&unique("person")),
        tried_at: None,
    }
}
