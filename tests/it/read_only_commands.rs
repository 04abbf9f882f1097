//! Commands and requests that only read change nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use entity::audit;
use migration::{Migrator, MigratorTraitSelf};
use nocobase_dingtalk::clock::Clock;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, PaginatorTrait, Statement,
};

use crate::support::{Kind, Place, Told, in_dialect, naming};

/// All files with their bytes, and all folders.
pub(crate) fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(tree(&path));
        }
        let bytes = fs::read(&path).unwrap_or_default();
        found.insert(path, bytes);
    }
    // Readers of a write-ahead log note their presence in this file.
    let noted = |path: &PathBuf| path.to_string_lossy().ends_with("-shm");
    for (_, bytes) in found.iter_mut().filter(|(path, _)| noted(path)) {
        bytes.clear();
    }
    found
}

/// The tables of a database server.
async fn tables(place: &Place) -> Vec<String> {
    let schema = match place.database.kind {
        Kind::Sqlite => return Vec::new(),
        Kind::Postgres => "current_schema()",
        Kind::Mariadb => "database()",
    };
    let connection = place.database.connect().await;
    let backend = connection.get_database_backend();
    let sql = format!(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = {schema} ORDER BY 1"
    );
    let rows = connection.query_all_raw(Statement::from_string(backend, sql));
    let rows = rows.await.unwrap();
    connection.into_inner().close().await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// Runs both commands that only read, and checks that nothing changed; returns their output.
async fn look(place: &Place) -> [Told; 2] {
    let before = (tree(place.storage()), tables(place).await);
    let told = [place.run(&["doctor"]), place.run(&["migrate", "--show"])];
    let after = (tree(place.storage()), tables(place).await);
    let changed = |(path, bytes): &(&PathBuf, &Vec<u8>)| before.0.get(*path) != Some(*bytes);
    let changed: Vec<_> = after
        .0
        .iter()
        .filter(changed)
        .map(|(path, _)| path)
        .collect();
    assert!(changed.is_empty(), "{changed:?} {told:?}");
    assert_eq!(before.0.len(), after.0.len());
    assert_eq!(before.1, after.1);
    told
}

#[actix_web::test]
async fn looking_before_the_first_start_makes_nothing() {
    let place = Place::new();
    let [doctor, migrations] = look(&place).await;
    assert!(doctor.ended_well, "{doctor:?}");
    let nothing = match place.database.kind {
        Kind::Sqlite => "note     there is no database yet",
        _ => "note     tables are missing that the next start makes",
    };
    for line in [nothing, "note     there is no signing secret yet"] {
        assert!(doctor.output.contains(line), "{doctor:?}");
    }
    assert_eq!(
        migrations.output.lines().count(),
        Migrator::of_all_tables(naming()).migrations().len()
    );
    assert!(
        migrations
            .output
            .starts_with("missing: m20261122_000001_create_nocobase_tables\n")
    );
}

#[actix_web::test]
async fn looking_at_tables_of_an_older_release_applies_nothing() {
    let place = Place::new();
    fs::create_dir_all(place.storage().join("db")).unwrap();
    let connection = place.database.connect().await;
    Migrator::of_all_tables(naming())
        .up(connection.inner(), Some(1))
        .await
        .unwrap();
    connection.into_inner().close().await.unwrap();
    let [doctor, migrations] = look(&place).await;
    assert!(doctor.ended_well, "{doctor:?}");
    assert!(
        doctor.output.contains("note     tables are missing"),
        "{doctor:?}"
    );
    let missing = Migrator::of_all_tables(naming()).migrations().len() - 1;
    assert_eq!(migrations.output.lines().count(), missing, "{migrations:?}");
}

/// Checks that the server's authenticator is found and no table is missing, without any change.
async fn look_at_all(place: &Place) {
    let [doctor, migrations] = look(place).await;
    assert!(doctor.ended_well, "{doctor:?}");
    let found = "ok       DingTalk authenticator dingtalk is enabled";
    assert!(doctor.output.contains(found), "{doctor:?}");
    assert_eq!(migrations.output, "The database is up to date.\n");
}

/// While a server runs, or after it was killed, SQLite has three files; after an orderly end it has
/// one.
#[actix_web::test]
async fn looking_at_a_server_that_runs_or_has_ended_leaves_no_trace() {
    let place = Place::new();
    let mut server = place.start();
    place.open(&server).await;
    look_at_all(&place).await;
    server.kill();
    look_at_all(&place).await;
    place.start().stop();
    look_at_all(&place).await;
}

#[actix_web::test]
async fn looking_in_front_of_a_nocobase_makes_no_table() {
    let place = Place::new();
    let connection = place.database.connect().await;
    Migrator::of_all_tables(naming())
        .up(connection.inner(), Some(1))
        .await
        .unwrap();
    let ours = in_dialect(&connection, r#"DROP TABLE "dingtalk_migrations""#);
    connection.execute_unprepared(&ours).await.unwrap();
    connection.into_inner().close().await.unwrap();
    let before = (tree(place.storage()), tables(&place).await);
    for arguments in [&["doctor"][..], &["migrate", "--show"]] {
        let mut program = place.program(arguments);
        program.env("NOCOBASE_UPSTREAM_URL", "http://127.0.0.1:9");
        let told = Told::by(&mut program);
        let seen = [
            "NocoBase does not answer",
            "missing: m20261122_000010_create_switches",
        ];
        assert!(
            seen.iter().any(|text| told.output.contains(text)),
            "{told:?}"
        );
        assert!(
            before == (tree(place.storage()), tables(&place).await),
            "{told:?}"
        );
    }
}

#[actix_web::test]
async fn doctor_makes_no_key_where_the_one_that_is_needed_is_gone() {
    let place = Place::new();
    let mut server = place.start();
    place.open_by_a_variable(&server).await;
    server.stop();
    fs::remove_file(place.storage().join("apps/main/aes_key.dat")).unwrap();
    let [doctor, _] = look(&place).await;
    let problem = "the secret SECRET was encrypted with another key";
    assert!(doctor.output.contains(problem), "{doctor:?}");
}

#[actix_web::test]
async fn doctor_removes_no_old_rows() {
    let place = Place::new();
    place.start().stop();
    let connection = place.database.connect().await;
    let old = audit::ActiveModel {
        created_at: Set(Clock::system().now() - TimeDelta::days(1000)),
        action: Set("signIn".to_owned()),
        result: Set("ok".to_owned()),
        address: Set("192.0.2.1".to_owned()),
        ..Default::default()
    };
    old.insert(&connection).await.unwrap();
    assert!(place.run(&["doctor"]).ended_well);
    let kept = audit::Entity::find().count(&connection).await.unwrap();
    connection.into_inner().close().await.unwrap();
    assert_eq!(kept, 1);
}

#[actix_web::test]
async fn doctor_finds_a_file_that_is_really_damaged() {
    let place = Place::new();
    if place.database.kind != Kind::Sqlite {
        return;
    }
    place.start().stop();
    let whole = place.run(&["doctor"]);
    assert!(whole.ended_well, "{whole:?}");
    let mut bytes = fs::read(place.sqlite_file()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xa5);
    fs::write(place.sqlite_file(), bytes).unwrap();
    let [doctor, _] = look(&place).await;
    assert!(!doctor.ended_well, "{doctor:?}");
    for line in [
        "problem  the database is damaged: ",
        "restore the last backup",
    ] {
        assert!(doctor.output.contains(line), "{doctor:?}");
    }
    // The database's first page.
    fs::write(
        place.sqlite_file(),
        "this is no database, it is a note that somebody left",
    )
    .unwrap();
    let [doctor, _] = look(&place).await;
    assert!(!doctor.ended_well, "{doctor:?}");
    assert!(
        doctor.output.contains("file is not a database"),
        "{doctor:?}"
    );
}
