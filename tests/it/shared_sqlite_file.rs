//! Other programs that use the SQLite file of a running server.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use futures_util::future::join;
use migration::{Migrator, MigratorTraitSelf};
use serde_json::json;
use tokio::sync::watch;

use crate::support::{Browser, Kind, Place, Process, Told, naming};

/// How many accounts are created before the other program starts, and after it has ended.
const AROUND: usize = 8;

/// Whether this process still has SQLite's lock on the database. Without it, another program would
/// believe that it is the last one with the file open.
fn has_its_lock(place: &Place, process: &Process) -> bool {
    let inode = fs::metadata(place.sqlite_file()).unwrap().ino();
    let locks = fs::read_to_string("/proc/locks").unwrap();
    locks.lines().any(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        let is_ours = words.contains(&process.id().to_string().as_str());
        let is_there = words
            .iter()
            .any(|word| word.ends_with(&format!(":{inode}")));
        is_ours && is_there && words.contains(&"POSIX") && words.contains(&"READ")
    })
}

/// Creates accounts one after the other until the other program has ended, and then some more;
/// returns their names.
async fn write(
    server: &Process,
    root: &str,
    written: watch::Sender<usize>,
    ended: watch::Receiver<bool>,
) -> Vec<String> {
    let mut browser = Browser::at(server.address);
    let mut names = Vec::new();
    let mut afterwards = 0;
    while afterwards < AROUND {
        afterwards += usize::from(*ended.borrow());
        let name = format!("ada{}", names.len());
        let body = json!({"username": name});
        let answer = browser.post_as(root, "/api/users:create", body).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        names.push(name);
        written.send_replace(names.len());
    }
    names
}

/// Runs a program while accounts are being created, kills the server, and checks that every
/// confirmed account exists after the next start.
async fn amid_writes(program: impl FnOnce(&Place) -> Command) {
    if Kind::chosen() != Kind::Sqlite {
        return;
    }
    let place = Place::new();
    let mut server = place.start();
    let root = Browser::at(server.address).sign_in_as_root().await;
    assert!(has_its_lock(&place, &server), "or this test sees nothing");
    let (written, mut seen) = watch::channel(0);
    let (end, ended) = watch::channel(false);
    let mut program = program(&place);
    let other = async {
        seen.wait_for(|written| *written >= AROUND).await.unwrap();
        let told = tokio::task::spawn_blocking(move || Told::by(&mut program));
        let told = told.await.unwrap();
        end.send_replace(true);
        told
    };
    let (names, told) = join(write(&server, &root, written, ended), other).await;
    assert!(told.ended_well, "{told:?}");
    assert!(has_its_lock(&place, &server), "the lock is gone: {told:?}");
    server.kill();

    let again = place.start();
    let path = "/api/users:list?fields=username&pageSize=1000";
    let list = Browser::at(again.address).get_as(&root, path).await;
    let kept = list.json();
    let kept: Vec<_> = kept["data"].as_array().expect(&list.text).iter().collect();
    for name in names {
        assert!(
            kept.iter().any(|row| row["username"] == name),
            "{name} was acknowledged and is gone"
        );
    }
}

#[actix_web::test]
async fn a_backup_by_the_sqlite3_program_takes_nothing_from_a_running_server() {
    amid_writes(|place| {
        let copy = place.storage().join("copy.sqlite");
        let mut program = Command::new("sqlite3");
        program.arg(place.sqlite_file());
        program.arg(format!(".backup '{}'", copy.display()));
        program
    })
    .await;
}

#[actix_web::test]
async fn a_backup_takes_nothing_from_a_running_server() {
    amid_writes(|place| {
        let folder = place.storage().join("copy");
        place.program(&["backup", folder.to_str().unwrap()])
    })
    .await;
}

#[actix_web::test]
async fn doctor_takes_nothing_from_a_running_server() {
    amid_writes(|place| place.program(&["doctor"])).await;
}

#[actix_web::test]
async fn looking_for_migrations_takes_nothing_from_a_running_server() {
    amid_writes(|place| place.program(&["migrate", "--show"])).await;
}

#[actix_web::test]
async fn who_only_reads_the_file_takes_nothing_from_a_running_server() {
    amid_writes(|place| {
        let mut program = Command::new("cksum");
        program.arg(place.sqlite_file());
        program
    })
    .await;
}

#[actix_web::test]
async fn a_second_server_on_one_file_is_refused_until_the_first_is_gone() {
    let place = Place::new();
    let mut first = place.start();
    if place.database.kind != Kind::Sqlite {
        // Several servers may use a database server.
        let second = place.start();
        assert_ne!(first.address, second.address);
        return;
    }
    for command in ["serve", "demo"] {
        let told = place.run(&[command]);
        let sentence =
            "error: another server, or a command that changes its tables, uses the database ";
        assert!(!told.ended_well, "{command}: {told:?}");
        assert!(told.errors.starts_with(sentence), "{command}: {told:?}");
        assert_eq!(told.errors.lines().count(), 1, "{command}: {told:?}");
    }
    first.kill();
    place.start().stop();
    place.start();
}

/// The server here is as old as a release before the last migration.
#[actix_web::test]
async fn no_newer_program_changes_the_tables_of_a_running_server() {
    let place = Place::new();
    if place.database.kind != Kind::Sqlite {
        return;
    }
    let mut server = place.start();
    // Nothing is missing yet.
    let told = place.run(&["migrate"]);
    assert_eq!(told.output, "The database is up to date.\n", "{told:?}");
    let connection = place.database.connect().await;
    Migrator::of_all_tables(naming())
        .down(connection.inner(), Some(1))
        .await
        .unwrap();
    connection.into_inner().close().await.unwrap();
    let missing = place.run(&["migrate", "--show"]);
    assert_eq!(missing.output.lines().count(), 1, "{missing:?}");
    for command in [
        &["migrate"][..],
        &["directory", "preview", "dingtalk"],
        &["directory", "run", "dingtalk"],
    ] {
        let told = place.run(command);
        let sentence =
            "error: a server, or another command that changes its tables, uses the database ";
        assert!(!told.ended_well, "{command:?}: {told:?}");
        assert!(told.errors.starts_with(sentence), "{command:?}: {told:?}");
        assert_eq!(told.errors.lines().count(), 1, "{command:?}: {told:?}");
    }
    let still = place.run(&["migrate", "--show"]);
    assert_eq!(still.output, missing.output, "nothing was applied");
    server.kill();
    let told = place.run(&["migrate"]);
    assert!(told.ended_well, "{told:?}");
    let applied = missing.output.replace("missing: ", "applying: ");
    assert_eq!(told.output, applied);
}
