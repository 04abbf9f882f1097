//! The database of a first start on PostgreSQL, which is made once and copied for each test: a fifth of the
//! time of all tests is saved, which its migrations would take. MariaDB would copy each table, which is no faster.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::mpsc;

use nocobase_dingtalk::clock::Clock;
use nocobase_dingtalk::config::DingTalkHosts;
use sea_orm::ConnectionTrait;

use super::app::settings;
use super::database::{TestDatabase, age_seconds, all, naming, on_server, server};
use super::{Kind, first_start};

/// How old a database may be that is still copied. Later it may go at any moment, as what a killed test left behind.
const FRESH_SECONDS: i64 = 1800;

/// A database that holds what a first start creates; none on other databases than PostgreSQL.
pub fn copy() -> Option<TestDatabase> {
    if Kind::chosen() != Kind::Postgres {
        return None;
    }
    let template = found_or_made();
    let copy = TestDatabase::at_server();
    let create = format!("CREATE DATABASE {} TEMPLATE {template}", copy.name());
    on_server(move |server| {
        Box::pin(async move {
            server.execute_unprepared(&create).await.unwrap();
        })
    });
    Some(copy)
}

/// The name of the database that is copied. The first process makes it, and the others wait for that.
fn found_or_made() -> String {
    let mut note = note();
    let mut noted = String::new();
    note.read_to_string(&mut noted).unwrap();
    let maker = maker();
    if let Some(name) = noted.strip_prefix(&maker)
        && is_fresh(name)
    {
        return name.to_owned();
    }
    let name = make();
    note.set_len(0).unwrap();
    note.rewind().unwrap();
    write!(note, "{maker}{name}").unwrap();
    name
}

/// The file that names the database, for this process alone until it is closed.
fn note() -> File {
    let port = server().port().unwrap_or_default();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("first-start-{port}"));
    let note = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .unwrap();
    note.lock().unwrap();
    note
}

/// Which program made a database and with which settings: another one may make it in another way.
fn maker() -> String {
    let program = env::current_exe().unwrap().metadata().unwrap();
    format!("{:?} {:?}\n", naming(), program.modified().unwrap())
}

fn is_fresh(name: &str) -> bool {
    let is_young = age_seconds(name).is_some_and(|age| age < FRESH_SECONDS);
    is_young && exists(name)
}

fn exists(name: &str) -> bool {
    let name = name.to_owned();
    let (send, receive) = mpsc::channel();
    on_server(move |server| {
        Box::pin(async move {
            send.send(all(server).await.contains(&name)).unwrap();
        })
    });
    receive.recv().unwrap()
}

/// Makes the database, and leaves it for others.
fn make() -> String {
    let folder = tempfile::tempdir().unwrap();
    let database = ManuallyDrop::new(TestDatabase::create(folder.path()));
    let mut flags = database.flags();
    flags.push(format!("--storage-path={}", folder.path().display()));
    let nowhere = DingTalkHosts::all_at(&"http://127.0.0.1:9".parse().unwrap());
    first_start::prepare(settings(&flags, nowhere), Clock::system());
    database.name().to_owned()
}
