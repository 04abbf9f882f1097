//! The first start, and the first one after an upgrade, is killed.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use entity::{bound_person, contact, user, user_authenticator};
use migration::{Migrator, MigratorTraitSelf};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
};

use super::{seed, size};
use crate::support::database::{schema, texts};
use crate::support::{Kind, Place, TestConnection, eventually, in_dialect, naming};

/// Kills before a start is left to come to its end.
const KILLS: u32 = 3;
/// The user name of the account that a first start creates. Its id is not known: MariaDB and PostgreSQL give none twice, also
/// when the transaction that had it was cut off.
const ROOT: &str = "nocobase";
/// The accounts of people who were bound with the first release.
const PEOPLE: Range<i64> = 100..120;

/// The account of each person, and the name by which they are bound.
type People = Vec<(i64, String)>;

/// What is there before.
#[derive(Clone, Copy)]
enum Before {
    /// Nothing.
    Nothing,
    /// An installation of the first release, with people who are bound.
    FirstRelease,
    /// The tables of a NocoBase, in front of which the server is to stand.
    NocoBase,
}

impl Before {
    async fn prepare(self, place: &Place) {
        match self {
            Self::Nothing => return,
            // It has the rows of a first start; the tables of later releases are taken away below.
            Self::FirstRelease => place.start().stop(),
            Self::NocoBase => {}
        }
        let migrator = Migrator::of_all_tables(naming());
        let connection = place.database.connect().await;
        if matches!(self, Self::NocoBase) {
            migrator.up(connection.inner(), Some(1)).await.unwrap();
            let ours = in_dialect(&connection, r#"DROP TABLE "dingtalk_migrations""#);
            connection.execute_unprepared(&ours).await.unwrap();
        } else {
            let later = u32::try_from(migrator.migrations().len() - 1).unwrap();
            let taken_back = migrator.down(connection.inner(), Some(later)).await;
            taken_back.unwrap();
            add_people(&connection).await;
        }
        connection.into_inner().close().await.unwrap();
    }

    /// The people whom there are before and after a start.
    fn people(self) -> People {
        match self {
            Self::FirstRelease => PEOPLE.map(|id| (id, format!("person{id}"))).collect(),
            Self::Nothing | Self::NocoBase => Vec::new(),
        }
    }

    fn program(self, place: &Place) -> Command {
        let mut program = place.program(&["serve"]);
        if matches!(self, Self::NocoBase) {
            program.env("NOCOBASE_UPSTREAM_URL", "http://127.0.0.1:9");
            program.env("APP_KEY", "of-nocobase");
        }
        program
    }
}

/// Adds the people of a first release: an authenticator, and accounts with a role and a binding.
async fn add_people(connection: &TestConnection) {
    let moments = "CURRENT_TIMESTAMP, CURRENT_TIMESTAMP";
    let mut statements = vec![format!(
        r#"INSERT INTO "authenticators" ("createdAt", "updatedAt", "name", "authType", "description", "options", "enabled")
           VALUES ({moments}, 'dingtalk', 'dingtalk', '', '{{"clientId": "x", "clientSecret": "y"}}', TRUE)"#
    )];
    for (id, name) in Before::FirstRelease.people() {
        statements.push(format!(
            r#"INSERT INTO "users" ("id", "createdAt", "updatedAt", "nickname", "username", "phone")
               VALUES ({id}, {moments}, '{name}', '{name}', '138{id:08}')"#
        ));
        statements.push(format!(
            r#"INSERT INTO "rolesUsers" ("createdAt", "updatedAt", "roleName", "userId")
               VALUES ({moments}, 'member', {id})"#
        ));
        statements.push(format!(
            r#"INSERT INTO "usersAuthenticators" ("createdAt", "updatedAt", "authenticator", "userId", "uuid", "nickname", "avatar")
               VALUES ({moments}, 'dingtalk', {id}, '{name}', '', '')"#
        ));
    }
    for statement in statements {
        let statement = in_dialect(connection, &statement);
        let added = connection.execute_unprepared(&statement).await;
        added.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

/// The accounts other than root's and the bindings, and then the copies of both in the lookup
/// tables.
async fn people(connection: &TestConnection) -> [People; 4] {
    let accounts = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .column(user::Column::Username)
        .filter(user::Column::Username.ne(ROOT))
        .order_by_asc(user::Column::Id);
    let bindings = user_authenticator::Entity::find()
        .select_only()
        .column(user_authenticator::Column::UserId)
        .column(user_authenticator::Column::Uuid)
        .order_by_asc(user_authenticator::Column::UserId);
    let contacts = contact::Entity::find()
        .select_only()
        .column(contact::Column::UserId)
        .column(contact::Column::Username)
        .filter(contact::Column::Username.ne(ROOT))
        .order_by_asc(contact::Column::UserId);
    let subjects = bound_person::Entity::find()
        .select_only()
        .column(bound_person::Column::UserId)
        .column(bound_person::Column::Subject)
        .order_by_asc(bound_person::Column::UserId);
    [
        accounts.into_tuple().all(connection).await.unwrap(),
        bindings.into_tuple().all(connection).await.unwrap(),
        contacts.into_tuple().all(connection).await.unwrap(),
        subjects.into_tuple().all(connection).await.unwrap(),
    ]
}

/// All that a start makes: columns and indexes, how many rows each table has, who the people are, and the files of
/// secrets.
#[derive(Debug, PartialEq, Eq)]
struct Made {
    schema: Vec<String>,
    rows: BTreeMap<String, i64>,
    people: [People; 4],
    secrets: BTreeMap<String, u64>,
}

impl Made {
    async fn at(place: &Place) -> Self {
        let connection = place.database.connect().await;
        let made = Self {
            schema: schema(&connection).await,
            rows: rows(&connection).await,
            people: people(&connection).await,
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

/// The files of secrets with their lengths. An unfinished file of a killed start is removed by a
/// start an hour later.
fn secrets(place: &Place) -> BTreeMap<String, u64> {
    // A gateway makes none, so there need not be a folder for them.
    let folder = fs::read_dir(place.storage().join("apps/main"));
    let entries = folder.into_iter().flatten();
    let files = entries.map(|entry| entry.unwrap()).map(|entry| {
        let name = entry.file_name().into_string().unwrap();
        (name, entry.metadata().unwrap().len())
    });
    files.filter(|(name, _)| !name.starts_with('.')).collect()
}

/// Starts a server, kills it after these times, and lets the last start come to its end, with the copies of accounts
/// and bindings. Gives how long that took, too.
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
    let connection = place.database.connect().await;
    eventually("the copies of accounts and bindings", async || {
        let [accounts, bindings, contacts, subjects] = people(&connection).await;
        accounts == contacts && bindings == subjects
    })
    .await;
    let took = began.elapsed();
    connection.into_inner().close().await.unwrap();
    server.stop();
    (Made::at(place).await, took)
}

async fn killed_at_random_points(before: Before) {
    let mut random = StdRng::seed_from_u64(seed());
    let whole = Place::new();
    let (expected, took) = start(&whole, before, &[]).await;
    assert!(expected.rows.values().sum::<i64>() > 60, "{expected:?}");
    for people in &expected.people {
        assert_eq!(people, &before.people(), "everybody is there once");
    }
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
