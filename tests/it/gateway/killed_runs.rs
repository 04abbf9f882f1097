//! Runs in front of a NocoBase whose process is killed, and runs that two processes are asked for at once.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use nocobase_dingtalk::clock::Clock;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::directory::{Asked, Office, Script};
use crate::support::nocobase::answer;

/// How many writes further each process comes than the one before it.
const FURTHER: usize = 3;
/// More processes than it takes to come to the end.
const MOST: usize = 60;

/// A department that NocoBase has.
#[derive(Clone)]
struct Unit {
    title: String,
    parent: Option<i64>,
    created: DateTime<Utc>,
}

/// What NocoBase keeps.
#[derive(Default)]
struct Kept {
    departments: BTreeMap<i64, Unit>,
    /// Department and account, and whether it owns the department.
    members: BTreeMap<(i64, i64), bool>,
    main: BTreeMap<i64, i64>,
    /// Accounts that were made, with their values.
    accounts: Vec<(i64, Value, DateTime<Utc>)>,
}

/// When a process is killed: at this write, before NocoBase has done it or after.
#[derive(Clone, Copy, Default)]
struct Plan {
    process: u32,
    at: usize,
    is_after: bool,
}

/// A NocoBase that remembers, and kills whoever asks it for the wrong thing at the wrong time.
#[derive(Default)]
struct Memory {
    kept: Mutex<Kept>,
    plan: Mutex<Plan>,
    writes: Mutex<usize>,
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// A value of a query.
fn parameter(query: &str, name: &str) -> Option<String> {
    let mut all = form_urlencoded::parse(query.as_bytes());
    all.find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// The part of an answer behind its head.
fn body_of(told: &[u8]) -> Value {
    let text = String::from_utf8_lossy(told);
    let body = text.split_once("\r\n\r\n").map(|(_, body)| body);
    serde_json::from_str(body.unwrap_or_default()).unwrap_or_default()
}

fn is_write(asked: &Asked<'_>) -> bool {
    asked.is_change && !asked.action.starts_with("userData")
}

impl Memory {
    fn kills_at(&self, plan: Plan) {
        *self.plan.lock().unwrap() = plan;
        *self.writes.lock().unwrap() = 0;
    }

    /// Kills the process as nobody can hinder or notice.
    fn kill(&self) {
        let process = self.plan.lock().unwrap().process.to_string();
        let killed = Command::new("kill").args(["-9", &process]).status();
        assert!(killed.unwrap().success());
    }

    fn rows(&self, filter: &Value) -> Value {
        let kept = self.kept.lock().unwrap();
        let is_it = |unit: &Unit| {
            filter["title"] == unit.title.as_str() && number(&filter["parentId"]) == unit.parent
        };
        let rows = kept.departments.iter().rev();
        let rows = rows.filter(|(_, unit)| is_it(unit));
        let rows = rows.map(|(id, unit)| json!({"id": id, "createdAt": unit.created}));
        Value::from(rows.collect::<Vec<_>>())
    }

    fn accounts(&self, filter: &Value) -> Value {
        let kept = self.kept.lock().unwrap();
        let asked = filter.as_object().unwrap();
        let is_it = |values: &Value| {
            let mut asked = asked.iter().filter(|(key, _)| *key != "createdById");
            asked.all(|(key, value)| values[key] == *value)
        };
        let rows = kept.accounts.iter().rev();
        let rows = rows.filter(|(_, values, _)| is_it(values));
        let rows = rows.map(|(id, _, at)| json!({"id": id, "createdAt": at}));
        Value::from(rows.collect::<Vec<_>>())
    }

    /// What it does with departments; nothing with what concerns others.
    fn does(&self, asked: &Asked<'_>) -> Option<Value> {
        let filter = || -> Value {
            let filter = parameter(asked.query, "filter").unwrap_or_default();
            serde_json::from_str(&filter).unwrap_or_default()
        };
        let key = || parameter(asked.query, "filterByTk")?.parse::<i64>().ok();
        let values: Value = serde_json::from_str(asked.text).unwrap_or_default();
        let parent = || number(&values["parent"]["id"]);
        if asked.action == "departments:list" {
            return Some(self.rows(&filter()));
        }
        if asked.action == "users:list" {
            return Some(self.accounts(&filter()));
        }
        let mut kept = self.kept.lock().unwrap();
        match asked.action {
            "departments:get" => Some(match kept.departments.get(&key()?) {
                Some(_) => json!({"id": key()?}),
                None => Value::Null,
            }),
            "departments:create" => {
                let last = kept.departments.last_key_value();
                let id = last.map_or(500_000, |(last, _)| last + 1);
                let unit = Unit {
                    title: values["title"].as_str().unwrap().to_owned(),
                    parent: parent(),
                    created: Clock::system().now(),
                };
                kept.departments.insert(id, unit);
                Some(json!({"id": id}))
            }
            "departments:setOwner" | "departments:removeOwner" => {
                let key = (number(&values["departmentId"])?, number(&values["userId"])?);
                if let Some(is_owner) = kept.members.get_mut(&key) {
                    *is_owner = asked.action.ends_with("setOwner");
                }
                Some(json!({}))
            }
            "users:update" if values.get("mainDepartmentId").is_some() => {
                let (account, department) = (key()?, number(&values["mainDepartmentId"])?);
                assert!(kept.members.contains_key(&(department, account)));
                kept.main.insert(account, department);
                Some(json!([{"id": account}]))
            }
            action => {
                let (department, rest) = action.strip_prefix("departments/")?.split_once('/')?;
                let department: i64 = department.parse().ok()?;
                for account in values.as_array()?.iter().filter_map(number) {
                    if rest == "members:add" {
                        kept.members.entry((department, account)).or_insert(false);
                    } else {
                        kept.members.remove(&(department, account));
                    }
                }
                Some(json!({}))
            }
        }
    }
}

impl Script for Memory {
    fn answers(&self, asked: &Asked<'_>) -> Option<String> {
        if is_write(asked) {
            let plan = *self.plan.lock().unwrap();
            let mut writes = self.writes.lock().unwrap();
            *writes += 1;
            if *writes == plan.at && !plan.is_after {
                self.kill();
            }
            // What several connections bring at once after a kill is not done either.
            if plan.at > 0 && (*writes > plan.at || (*writes == plan.at && !plan.is_after)) {
                return Some("HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n".to_owned());
            }
        }
        self.does(asked).map(|data| answer(&json!({"data": data})))
    }

    fn done(&self, asked: &Asked<'_>, told: &[u8]) {
        if asked.action == "users:create"
            && let Some(id) = number(&body_of(told)["data"]["id"])
        {
            let values = serde_json::from_str(asked.text).unwrap_or_default();
            let mut kept = self.kept.lock().unwrap();
            kept.accounts.push((id, values, Clock::system().now()));
        }
        let plan = *self.plan.lock().unwrap();
        if is_write(asked) && plan.is_after && *self.writes.lock().unwrap() == plan.at {
            self.kill();
        }
    }
}

/// The end state, in words that do not depend on ids.
#[derive(Debug, PartialEq)]
struct Picture {
    /// Names of departments, with those above them.
    departments: BTreeMap<String, Option<String>>,
    /// Who is in which department, and whether they own it.
    members: BTreeSet<(String, String, bool)>,
    /// The main department of each.
    main: BTreeMap<String, String>,
    /// Who has an account.
    people: BTreeSet<String>,
    accounts: usize,
}

/// A company, and its NocoBase's memory.
struct Company {
    office: Office,
    memory: Arc<Memory>,
}

impl Company {
    async fn open() -> Self {
        let memory = Arc::new(Memory::default());
        let office = Office::with(true, memory.clone()).await;
        Self { office, memory }
    }

    /// Has the database be what NocoBase keeps.
    async fn write_down(&self) {
        let (departments, members) = {
            let kept = self.memory.kept.lock().unwrap();
            let units = kept.departments.iter();
            let units = units.map(|(id, unit)| (*id, unit.title.clone(), unit.parent));
            let members = kept.members.keys().copied();
            (units.collect::<Vec<_>>(), members.collect::<Vec<_>>())
        };
        let gateway = &self.office.gateway;
        gateway.have_only_departments(&departments).await;
        gateway.have_members(&members).await;
    }

    async fn picture(&self) -> Picture {
        let rows = self.office.rows("members", json!({})).await;
        let names: BTreeMap<i64, String> = rows
            .iter()
            .filter_map(|row| {
                let id = row["userId"].as_i64()?;
                Some((id, row["externalId"].as_str()?.to_owned()))
            })
            .collect();
        let accounts = self.office.gateway.app.count_users().await;
        let kept = self.memory.kept.lock().unwrap();
        let title = |id: &i64| kept.departments[id].title.clone();
        let units = kept.departments.values();
        let departments: BTreeMap<_, _> = units
            .map(|unit| (unit.title.clone(), unit.parent.as_ref().map(title)))
            .collect();
        assert_eq!(departments.len(), kept.departments.len(), "none twice");
        let members = kept.members.iter();
        let main = kept.main.iter();
        Picture {
            departments,
            members: members
                .map(|((unit, account), owns)| (title(unit), names[account].clone(), *owns))
                .collect(),
            main: main
                .map(|(account, unit)| (names[account].clone(), title(unit)))
                .collect(),
            people: names.values().cloned().collect(),
            accounts,
        }
    }
}

#[actix_web::test]
async fn runs_that_are_killed_end_as_one_that_nobody_disturbed() {
    let mut company = Company::open().await;
    let mut killed = 0;
    for number in 0..MOST {
        company.write_down().await;
        company.office.gateway.end_leases().await;
        let mut program = company.office.program(&["directory", "run", "dingtalk"]);
        program.stdout(Stdio::null()).stderr(Stdio::null());
        // Nothing is asked for before the process is known.
        let mut plan = company.memory.plan.lock().unwrap();
        let mut child = program.spawn().unwrap();
        *company.memory.writes.lock().unwrap() = 0;
        *plan = Plan {
            process: child.id(),
            at: 1 + number * FURTHER,
            is_after: number % 2 == 1,
        };
        drop(plan);
        if child.wait().unwrap().success() {
            break;
        }
        killed += 1;
    }
    assert!((5..MOST).contains(&killed), "{killed}");
    company.memory.kills_at(Plan::default());
    company.write_down().await;
    let last = company.office.go("run").await;
    assert_eq!(last["state"], "succeeded", "{last}");
    assert_eq!(*company.memory.writes.lock().unwrap(), 0, "all was done");

    let mut other = Company::open().await;
    let run = other.office.go("run").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    assert_eq!(company.picture().await, other.picture().await);
}

/// A NocoBase that says when it is asked for a change, and does it when it is told to go on.
struct Gate {
    memory: Memory,
    asked: Mutex<Sender<()>>,
    goes_on: Mutex<Option<Receiver<()>>>,
}

impl Script for Gate {
    fn answers(&self, asked: &Asked<'_>) -> Option<String> {
        let gate = is_write(asked).then(|| self.goes_on.lock().unwrap().take());
        if let Some(gate) = gate.flatten() {
            self.asked.lock().unwrap().send(()).unwrap();
            gate.recv().unwrap();
        }
        self.memory.answers(asked)
    }
}

#[actix_web::test]
async fn of_two_processes_that_are_asked_at_once_one_runs() {
    let (asked, hears) = channel();
    let (go_on, goes_on) = channel();
    let gate = Gate {
        memory: Memory::default(),
        asked: Mutex::new(asked),
        goes_on: Mutex::new(Some(goes_on)),
    };
    let office = Office::with(true, Arc::new(gate)).await;
    let run = ["directory", "run", "dingtalk"];
    let first = office.program(&run).stdout(Stdio::null()).spawn();
    let mut first = first.unwrap();
    hears.recv().unwrap();
    let second = office.told(&run);
    assert!(!second.ended_well, "{second:?}");
    assert!(
        second.errors.contains("being synchronized already"),
        "{second:?}"
    );
    go_on.send(()).unwrap();
    assert!(first.wait().unwrap().success());
    let runs = office.rows("runs", json!({})).await;
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert_eq!(runs[0]["state"], "succeeded");
}
