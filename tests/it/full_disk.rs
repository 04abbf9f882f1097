//! A disk that is full, or fails, under a running server.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::support::{Answer, Browser, Kind, Place, Process};

const SENTENCE: &str =
    "Nothing can be saved right now. Please try again later or contact your administrator.";
/// More accounts than fit.
const MOST: usize = 3000;
/// Attempts while there is no room, and after there is some again.
const ATTEMPTS: usize = 30;

/// Somebody who makes accounts, one after the other.
struct Writer {
    browser: Browser,
    root: String,
    acknowledged: BTreeSet<String>,
    refused: BTreeSet<String>,
}

impl Writer {
    async fn at(server: &Process) -> Self {
        let mut browser = Browser::at(server.address);
        let root = browser.sign_in_as_root().await;
        Self {
            browser,
            root,
            acknowledged: BTreeSet::new(),
            refused: BTreeSet::new(),
        }
    }

    /// Makes one more; gives the answer, which says that it is there or that it is not.
    async fn write(&mut self) -> Answer {
        let name = format!("ada{}", self.acknowledged.len() + self.refused.len());
        // Long enough to fill something.
        let body = json!({"username": name, "nickname": "a".repeat(200)});
        let path = "/api/users:create";
        let answer = self.browser.post_as(&self.root, path, body).await;
        if answer.status == 200 {
            self.acknowledged.insert(name);
        } else {
            assert_eq!(answer.status, 503, "{}", answer.text);
            assert_eq!(answer.message(), SENTENCE);
            self.refused.insert(name);
        }
        answer
    }
}

async fn readiness(watched: SocketAddr) -> Answer {
    Browser::at(watched).get("/readyz").await
}

/// Accounts that are there.
async fn kept(place: &Place) -> BTreeSet<String> {
    let server = place.start();
    let mut browser = Browser::at(server.address);
    let root = browser.sign_in_as_root().await;
    let mut names = BTreeSet::new();
    for page in 1.. {
        let path = format!("/api/users:list?fields=username&pageSize=200&page={page}");
        let list = browser.get_as(&root, &path).await.json();
        let rows = list["data"].as_array().unwrap();
        if rows.is_empty() {
            break;
        }
        let row = |row: &serde_json::Value| row["username"].as_str().map(str::to_owned);
        names.extend(rows.iter().filter_map(row));
    }
    names.remove("nocobase");
    names
}

/// Writes until the disk takes no more, goes on for a while, makes room, and goes on: everything that was
/// acknowledged is there afterwards, nothing of what was refused is, and nobody had to do anything but make room.
async fn until_there_is_room(
    place: &Place,
    limit: impl FnOnce(&Process),
    make_room: impl FnOnce(&Process),
    says: &str,
) {
    let mut program = place.limitable_server();
    program.env("METRICS_PORT", "0");
    let mut server = place.start_with(program);
    let watched = server.watched_at();
    place.open(&server).await;
    let mut writer = Writer::at(&server).await;
    assert_eq!(readiness(watched).await.status, 200);

    limit(&server);
    while writer.write().await.status == 200 {
        assert!(writer.acknowledged.len() < MOST, "there is always room");
    }
    let ready = readiness(watched).await;
    assert_eq!(ready.status, 503, "{}", ready.text);
    assert!(ready.text.contains("database: "), "{}", ready.text);
    for _ in 0..ATTEMPTS {
        writer.write().await;
    }
    let page = Browser::at(server.address)
        .sign_in(&place.sandbox, "zhangwei")
        .await;
    // A few bytes may fit where a hundred did not.
    let told = page.session().is_none().then(|| page.failure()).flatten();
    assert!(
        told.as_deref()
            .is_none_or(|told| told == "DINGTALK_NOT_SAVED"),
        "{told:?}"
    );

    make_room(&server);
    let ready = readiness(watched).await;
    assert_eq!(ready.status, 200, "{}", ready.text);
    for _ in 0..ATTEMPTS {
        let answer = writer.write().await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let said = place.log();
    let said = said.lines().filter(|line| line.contains(says)).count();
    assert_eq!(said, 1, "{}", place.log());
    server.kill();
    let kept = kept(place).await;
    let lost: Vec<_> = writer.acknowledged.difference(&kept).collect();
    assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
    let there: Vec<_> = writer.refused.intersection(&kept).collect();
    assert!(there.is_empty(), "refused and there: {there:?}");
}

/// Sets how long a file of the server may get.
fn set_limit(server: &Process, bytes: &str) {
    let set = Command::new("prlimit")
        .arg(format!("--pid={}", server.id()))
        .arg(format!("--fsize={bytes}:unlimited"))
        .status()
        .unwrap();
    assert!(set.success());
}

#[actix_web::test]
async fn after_a_disk_that_failed_nothing_is_lost_and_it_goes_on_by_itself() {
    let place = Place::new();
    if place.database.kind != Kind::Sqlite {
        return;
    }
    let log = place.storage().join("db/nocobase.sqlite-wal");
    until_there_is_room(
        &place,
        |server| {
            let length = fs::metadata(log).unwrap().len();
            set_limit(server, &(length + 100_000).to_string());
        },
        |server| set_limit(server, "unlimited"),
        "the disk fails: ",
    )
    .await;
}

/// A file system of its own, for whoever may mount one.
struct Mounted(PathBuf);

impl Mounted {
    fn on(folder: &Path, size: &str) -> Option<Self> {
        let size = format!("size={size}");
        let mount = ["-t", "tmpfs", "-o", &size, "tmpfs"];
        let mount = Command::new("mount").args(mount).arg(folder).output();
        let mounted = mount.is_ok_and(|mount| mount.status.success());
        mounted.then(|| Self(folder.to_owned()))
    }

    fn resize(&self, size: &str) {
        let size = format!("remount,size={size}");
        let resized = Command::new("mount")
            .args(["-o", &size])
            .arg(&self.0)
            .status();
        assert!(resized.unwrap().success());
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[actix_web::test]
async fn after_a_full_disk_nothing_is_lost_and_it_goes_on_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let disk = (Kind::chosen() == Kind::Sqlite).then(|| Mounted::on(folder.path(), "2500k"));
    let Some(disk) = disk.flatten() else {
        println!("not run: only root can mount a file system, and only SQLite has its file on it");
        return;
    };
    let place = Place::at(folder.path().join("storage"));
    until_there_is_room(&place, |_| {}, |_| disk.resize("20m"), "the disk is full: ").await;
}
