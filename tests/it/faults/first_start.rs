//! The first start, and the first one after an upgrade, is killed.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use migration::{Migrator, MigratorTraitSelf};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sea_orm::{ConnectionTrait, Statement};

use super::{seed, size};
use crate::support::database::{schema, texts};
use crate::support::{Kind, Place, TestConnection, in_dialect, naming};

/// Kills before a start is left to come to its end.
const KILLS: u32 = 3;

/// What is there before.
#[derive(Clone, Copy)]
enum Before {
    /// Nothing.
    Nothing,
    /// The tables that the first release made, and nothing in them.
    FirstRelease,
    /// The tables of a NocoBase, in front of which the server is to stand.
    NocoBase,
}

impl Before {
    async fn prepare(self, place: &Place) {
        if matches!(self, Self::Nothing) {
            return;
        }
        let connection = place.database.connect().await;
        Migrator::of_all_tables(naming())
            .up(connection.inner(), Some(1))
            .await
            .unwrap();
        if matches!(self, Self::NocoBase) {
            let ours = in_dialect(&connection, r#"DROP TABLE "dingtalk_migrations""#);
            connection.execute_unprepared(&ours).await.unwrap();
        }
        connection.into_inner().close().await.unwrap();
    }

    fn program(self, place: &Place) -> Command {
        let mut program = place.program(&["serve"]);
        if matches!(self, Self::NocoBase) {
            program.env("NOCOBASE_UPSTREAM_URL", "http://127.0.0.1:9");
        }
        program
    }
}

/// All that a start makes: columns and indexes, how many rows each table has, and the files of secrets.
#[derive(Debug, PartialEq, Eq)]
struct Made {
    schema: Vec<String>,
    rows: BTreeMap<String, i64>,
    secrets: BTreeMap<String, u64>,
}

impl Made {
    async fn at(place: &Place) -> Self {
        let connection = place.database.connect().await;
        let made = Self {
            schema: schema(&connection).await,
            rows: rows(&connection).await,
            secrets: secrets(place),
        };
        connection.into_inner().close().await.unwrap();
        made
    }
}

async fn rows(connection: &TestConnection) -> BTreeMap<String, i64> {
    let (tables, quote) = match Kind::chosen() {
        Kind::Sqlite => (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            '"',
        ),
        Kind::Postgres => (
            "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()",
            '"',
        ),
        Kind::Mariadb => (
            "SELECT table_name FROM information_schema.tables WHERE table_schema = database()",
            '`',
        ),
    };
    let mut rows = BTreeMap::new();
    for table in texts(connection, tables).await {
        let count = format!("SELECT count(*) FROM {quote}{table}{quote}");
        let count = Statement::from_string(connection.get_database_backend(), count);
        let row = connection.query_one_raw(count).await.unwrap().unwrap();
        rows.insert(table, row.try_get_by_index(0).unwrap());
    }
    rows
}

/// The files of secrets with their lengths. What a killed start has written beside is nobody's.
fn secrets(place: &Place) -> BTreeMap<String, u64> {
    let folder = fs::read_dir(place.storage().join("apps/main")).unwrap();
    let files = folder.map(|entry| entry.unwrap()).map(|entry| {
        let name = entry.file_name().into_string().unwrap();
        (name, entry.metadata().unwrap().len())
    });
    files.filter(|(name, _)| !name.starts_with('.')).collect()
}

/// Starts a server, kills it after these times, and lets the last start come to its end. Gives how long that took,
/// too.
async fn start(place: &Place, before: Before, kills: &[Duration]) -> (Made, Duration) {
    before.prepare(place).await;
    for after in kills {
        let mut program = before.program(place);
        let program = program.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = program.spawn().unwrap();
        tokio::time::sleep(*after).await;
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let began = Instant::now();
    let mut server = place.start_with(before.program(place));
    let took = began.elapsed();
    server.stop();
    (Made::at(place).await, took)
}

async fn killed_at_random_points(before: Before) {
    let mut random = StdRng::seed_from_u64(seed());
    let whole = Place::new();
    let (expected, took) = start(&whole, before, &[]).await;
    assert!(expected.rows.values().sum::<i64>() > 60, "{expected:?}");
    for point in 0..size(3, 100) {
        let place = Place::new();
        let kills = random.random_range(1..=KILLS);
        let kills: Vec<_> = (0..kills)
            .map(|_| random.random_range(Duration::ZERO..took))
            .collect();
        let (made, _) = start(&place, before, &kills).await;
        assert_eq!(made, expected, "point {point}, killed after {kills:?}");
    }
}

#[actix_web::test]
async fn a_first_start_that_is_killed_at_any_moment_can_be_repeated() {
    killed_at_random_points(Before::Nothing).await;
}

#[actix_web::test]
async fn an_upgrade_that_is_killed_at_any_moment_can_be_repeated() {
    killed_at_random_points(Before::FirstRelease).await;
}

#[actix_web::test]
async fn a_first_start_in_front_of_a_nocobase_that_is_killed_at_any_moment_can_be_repeated() {
    killed_at_random_points(Before::NocoBase).await;
}
