//! Steps of a directory sync in front of a NocoBase: which calls they make, in which order, and what is
//! made of the answers. `tests/it/steps_peer` has a real NocoBase do them.

mod accounts;
mod answers;
mod bindings;
mod departments;
mod leaving;
mod protected;
mod retries;

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use nocobase_dingtalk::domain::directory::{
    Binding, NewAccount, NewDepartment, Profile, Step, StepError, StepExecutor, StepOutcome,
};
use nocobase_dingtalk::gateway::nocobase::NocoBaseExecutor;
use nocobase_dingtalk::store::{NewApiKey, NewUser};
use serde_json::{Value, json};

use crate::support::TestGateway;
use crate::support::nocobase::{answer, target};
use crate::support::upstream::ScriptedUpstream;

const AUTHENTICATOR: &str = "dingtalk";
/// A department that NocoBase has, and one that it has not.
const HERE: i64 = 399_964_920_938_496;
const GONE: i64 = 404;
/// What NocoBase gives a new department.
const NEW: i64 = 399_964_920_938_497;
const KEY: &str = "the-token-of-a-program";

/// What NocoBase was asked for, in order: method, action with its query, body.
type Asked = Arc<Mutex<Vec<String>>>;

struct Office {
    gateway: TestGateway,
    executor: Arc<NocoBaseExecutor>,
    asked: Asked,
    /// Somebody who works here, bound to nobody.
    account: i64,
}

/// A department that has others below it.
const PARENT: i64 = 77;

/// An answer with this status.
fn refused(status: u16, code: &str, message: &str) -> String {
    let body = json!({"errors": [{"message": message, "code": code}]});
    answer(&body).replacen("200 OK", &format!("{status} Status"), 1)
}

/// What NocoBase 2.2.15 was seen to say.
fn usual(action: &str, query: &str, account: i64) -> String {
    let key = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("filterByTk="));
    answer(&match action {
        "departments:get" if key == Some("404") => json!({"data": null}),
        "departments:get" => {
            json!({"data": {"id": HERE, "isLeaf": key != Some(&PARENT.to_string())}})
        }
        "departments:create" => json!({"data": {"id": NEW, "isLeaf": true}}),
        "departments:destroy" | "users:destroy" => json!({"data": 1}),
        "departments:list" | "users:list" => json!({"data": [], "meta": {"count": 0}}),
        "users:create" => json!({"data": {"id": account}}),
        "users:update" | "departments:update" => json!({"data": [{"id": account}]}),
        "apiKeys:destroy" => json!({"data": 0}),
        "auth:check" => return refused(401, "BLOCKED_TOKEN", "Your session has expired."),
        _ => json!({}),
    })
}

impl Office {
    async fn open() -> Self {
        Self::with(|_, _| None).await
    }

    /// One whose NocoBase says something else to some actions.
    async fn with(other: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static) -> Self {
        let asked = Asked::default();
        let account = Arc::new(Mutex::new(0));
        let (log, made) = (asked.clone(), account.clone());
        let upstream = ScriptedUpstream::start(move |mut connection| {
            while let Some(head) = connection.request() {
                let body = connection.body(&head);
                let body = String::from_utf8(body).unwrap();
                let method = head.split(' ').next().unwrap_or_default();
                let (path, query) = target(&head);
                let action = path.strip_prefix("/api/").unwrap_or(path);
                let question = if query.is_empty() { "" } else { "?" };
                let entry = format!("{method} {action}{question}{query} {body}");
                let mut all = log.lock().unwrap_or_else(PoisonError::into_inner);
                all.push(entry.trim_end().to_owned());
                drop(all);
                let account = *made.lock().unwrap();
                let told = other(action, &body);
                connection.say(told.unwrap_or_else(|| usual(action, query, account)));
            }
        });
        let gateway = TestGateway::before(upstream).await;
        let app = gateway.server.app.clone();
        let user = async move { app.store.create_user(NewUser::default()).await };
        let user = gateway.server.does(user).await.unwrap().id;
        *account.lock().unwrap() = user;
        let app = gateway.server.app.clone();
        let executor = async move { NocoBaseExecutor::new(&app, AUTHENTICATOR, 1).await };
        let executor = gateway.server.does(executor).await.unwrap();
        Self {
            gateway,
            executor: Arc::new(executor),
            asked,
            account: user,
        }
    }

    async fn apply_all(&self, steps: Vec<Step>) -> Vec<Result<StepOutcome, StepError>> {
        let executor = self.executor.clone();
        let done = async move { executor.apply(&steps).await };
        self.gateway.server.does(done).await
    }

    async fn apply(&self, step: Step) -> Result<StepOutcome, StepError> {
        self.apply_all(vec![step]).await.remove(0)
    }

    fn now(&self) -> DateTime<Utc> {
        self.gateway.server.app.clock.now()
    }

    /// What NocoBase was asked for since the last time.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives somebody a key for a program.
    async fn give_key(&self) {
        let (app, account) = (self.gateway.server.app.clone(), self.account);
        let key = NewApiKey {
            name: None,
            role_name: "member".to_owned(),
            expires_in: "never".to_owned(),
            token: KEY.to_owned(),
            created_by_id: account,
        };
        let made = async move { app.store.create_api_key(key).await };
        self.gateway.server.does(made).await.unwrap();
    }

    async fn keys(&self) -> usize {
        let (app, account) = (self.gateway.server.app.clone(), self.account);
        let keys = async move { app.store.api_keys_of(account, 10).await };
        self.gateway.server.does(keys).await.unwrap().len()
    }

    async fn bound(&self) -> Option<String> {
        let (app, account) = (self.gateway.server.app.clone(), self.account);
        let found = async move { app.store.binding_of_user(AUTHENTICATOR, account).await };
        let found = self.gateway.server.does(found).await.unwrap();
        found.map(|binding| binding.uuid)
    }
}

fn binding(subject: &str) -> Binding {
    Binding {
        subject: subject.to_owned(),
        stable_id: None,
        nickname: "Lina".to_owned(),
        avatar: None,
        meta: json!({"userId": subject}),
    }
}

fn department(parent: Option<i64>) -> Step {
    Step::CreateDepartment(NewDepartment {
        title: "R&D".to_owned(),
        parent,
        order: Some(3),
        tried_at: None,
    })
}

fn person(roles: &[&str]) -> NewAccount {
    NewAccount {
        profile: Profile {
            nickname: Some("Lina".to_owned()),
            phone: Some("+8613900000001".to_owned()),
            ..Profile::default()
        },
        roles: roles.iter().map(|&name| name.to_owned()).collect(),
        binding: binding("lina"),
        tried_at: None,
    }
}

/// Calls with the keys of their bodies in an order of their own.
fn sorted(calls: Vec<String>) -> Vec<String> {
    let body = |call: String| match call.split_once(" {") {
        Some((action, body)) => {
            let body: Value = serde_json::from_str(&format!("{{{body}")).unwrap();
            let mut parts: Vec<_> = body.as_object().unwrap().iter().collect();
            parts.sort_by_key(|(key, _)| key.as_str());
            format!("{action} {parts:?}")
        }
        None => call,
    };
    calls.into_iter().map(body).collect()
}
