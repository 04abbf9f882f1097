//! What has to hold on each kind of database.

use std::fs;

use migration::{Migrator, MigratorTraitSelf};
use nocobase_dingtalk::store::{NewUser, StoreError};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::database::{schema, texts};
use crate::support::{Kind, Place, TestApp, TestConnection, TestDatabase, in_dialect, naming};

const SIGN_IN: &str = "/api/auth:signIn";

fn sign_up() -> Value {
    json!({"public": {"autoSignup": true}})
}

#[actix_web::test]
async fn migrations_can_be_taken_back_and_applied_again() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create(folder.path());
    let connection = database.connect().await;
    Migrator::of_all_tables(naming())
        .up(connection.inner(), None)
        .await
        .unwrap();
    let first = schema(&connection).await;
    Migrator::of_all_tables(naming())
        .down(connection.inner(), None)
        .await
        .unwrap();
    let empty = schema(&connection).await;
    assert!(
        empty
            .iter()
            .all(|line| line.contains("dingtalk_migrations")),
        "{empty:#?}"
    );
    Migrator::of_all_tables(naming())
        .up(connection.inner(), None)
        .await
        .unwrap();
    assert_eq!(schema(&connection).await, first);
    connection.into_inner().close().await.unwrap();

    let has = |text: &str| first.iter().any(|line| line.contains(text));
    // Names of a table and a column as collections have them, and what the database says of the column.
    let has_column = |text: &str| {
        let (table, rest) = text.split_once(' ').unwrap();
        let (column, type_of_it) = rest.split_once(' ').unwrap();
        let (table, column) = (naming().table(table), naming().column(column));
        has(&format!("{table} {column} {type_of_it}"))
    };
    match database.kind {
        Kind::Sqlite => assert!(has(r#""jti" UUID"#), "{first:#?}"),
        Kind::Postgres => {
            for line in [
                "issuedTokens id uuid NO",
                "issuedTokens jti uuid NO",
                "issuedTokens createdAt timestamp with time zone NO",
                "roles snippets jsonb YES",
                "roles strategy json YES",
                "users nickname character varying 255 YES",
                "authenticators enabled boolean YES",
            ] {
                assert!(has_column(line), "{line}: {first:#?}");
            }
        }
        Kind::Mariadb => {
            for line in [
                "issuedTokens jti char(36) utf8mb4_bin NO",
                "usersAuthenticators uuid varchar(255) utf8mb4_bin NO",
                "users createdAt datetime(3) YES",
                "authenticators enabled tinyint(1) YES",
            ] {
                assert!(has_column(line), "{line}: {first:#?}");
            }
        }
    }
}

/// Tables and indexes that stand alone, as statements that remove them.
async fn removals(connection: &TestConnection) -> Vec<String> {
    let kind = Kind::chosen();
    let queries = match kind {
        Kind::Sqlite => [
            "SELECT 'DROP TABLE \"' || name || '\"' FROM sqlite_master WHERE type = 'table' \
             AND name NOT LIKE 'sqlite_%' ORDER BY 1",
            "SELECT 'DROP INDEX \"' || name || '\"' FROM sqlite_master WHERE type = 'index' \
             AND sql IS NOT NULL ORDER BY 1",
        ],
        Kind::Postgres => [
            "SELECT format('DROP TABLE %I', tablename) FROM pg_tables \
             WHERE schemaname = current_schema() ORDER BY 1",
            "SELECT format('DROP INDEX %I', indexrelid::regclass::text) FROM pg_index \
             WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace) \
             AND indexrelid NOT IN (SELECT conindid FROM pg_constraint) ORDER BY 1",
        ],
        Kind::Mariadb => [
            "SELECT concat('DROP TABLE `', table_name, '`') FROM information_schema.tables \
             WHERE table_schema = database() ORDER BY 1",
            "SELECT DISTINCT concat('DROP INDEX `', index_name, '` ON `', table_name, '`') \
             FROM information_schema.statistics WHERE table_schema = database() \
             AND index_name NOT IN ('PRIMARY', column_name) ORDER BY 1",
        ],
    };
    let mut all = Vec::new();
    for query in queries {
        all.extend(texts(connection, query).await);
    }
    all
}

/// A start that was cut off leaves some tables and indexes and not the others, and the record of what it did comes
/// last. Also for migrations that nobody thought of yet.
#[actix_web::test]
async fn whatever_a_migration_has_made_already_it_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create(folder.path());
    let connection = database.connect().await;
    Migrator::of_all_tables(naming())
        .up(connection.inner(), None)
        .await
        .unwrap();
    let whole = schema(&connection).await;
    let rows = in_dialect(&connection, r#"SELECT count(*) FROM "dingtalk_changes""#);
    let rows = async || {
        let rows = Statement::from_string(connection.get_database_backend(), rows.clone());
        let row = connection.query_one_raw(rows).await.unwrap().unwrap();
        row.try_get_by_index::<i64>(0).unwrap()
    };
    let slots = rows().await;
    let removals = removals(&connection).await;
    assert!(removals.len() > 25, "{removals:#?}");
    for removal in removals {
        connection.execute_unprepared(&removal).await.unwrap();
        if !removal.contains("dingtalk_migrations") {
            let forget = in_dialect(&connection, r#"DELETE FROM "dingtalk_migrations""#);
            connection.execute_unprepared(&forget).await.unwrap();
        }
        let again = Migrator::of_all_tables(naming())
            .up(connection.inner(), None)
            .await;
        assert!(again.is_ok(), "{removal}: {again:?}");
        assert_eq!(schema(&connection).await, whole, "{removal}");
        assert_eq!(rows().await, slots, "{removal}");
    }
    connection.into_inner().close().await.unwrap();
}

/// Very many accounts would hold up the start. Their names are copied by the comparison, beside requests.
#[actix_web::test]
async fn an_upgrade_copies_no_names_of_accounts_before_it_has_started() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create(folder.path());
    let connection = database.connect().await;
    let migrator = Migrator::of_all_tables(naming());
    let migrations = migrator.migrations();
    let mut before = migrations.iter();
    let before = before.position(|one| one.name().ends_with("_names_of_accounts"));
    let before = u32::try_from(before.unwrap()).unwrap();
    migrator.up(connection.inner(), Some(before)).await.unwrap();
    for statement in [
        r#"INSERT INTO "users" ("id", "nickname") VALUES (7, 'Li Na')"#,
        r#"INSERT INTO "dingtalk_contacts" ("userId") VALUES (7)"#,
    ] {
        let statement = in_dialect(&connection, statement);
        connection.execute_unprepared(&statement).await.unwrap();
    }
    migrator.up(connection.inner(), None).await.unwrap();
    let named = r#"SELECT count(*) FROM "dingtalk_contacts" WHERE "nickname" IS NOT NULL"#;
    let named = in_dialect(&connection, named);
    let named = Statement::from_string(connection.get_database_backend(), named);
    let row = connection.query_one_raw(named).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0);
    connection.into_inner().close().await.unwrap();
}

/// Who goes back to an older release, or replaces one server after the other, starts a program that does not know the
/// newest migration.
#[actix_web::test]
async fn a_program_starts_on_tables_that_a_newer_one_has_changed() {
    let place = Place::new();
    place.start().stop();
    let connection = place.database.connect().await;
    // The older program has a migration, too, that is missing.
    Migrator::of_all_tables(naming())
        .down(connection.inner(), Some(1))
        .await
        .unwrap();
    let newer = r#"INSERT INTO "dingtalk_migrations" ("version", "applied_at") VALUES ('m20991231_000001_newer', 0)"#;
    let newer = in_dialect(&connection, newer);
    connection.execute_unprepared(&newer).await.unwrap();
    connection.into_inner().close().await.unwrap();

    let missing = place.run(&["migrate", "--show"]);
    assert_eq!(missing.output.lines().count(), 1, "{missing:?}");
    let applied = place.run(&["migrate"]);
    assert!(applied.ended_well, "{applied:?}");
    let expected = missing.output.replace("missing: ", "applying: ");
    assert_eq!(applied.output, expected);
    place.start().stop();
    let told = place.run(&["migrate", "--show"]);
    assert_eq!(told.output, "The database is up to date.\n", "{told:?}");
    let doctor = place.run(&["doctor"]);
    assert!(doctor.ended_well, "{doctor:?}");
}

#[actix_web::test]
async fn a_database_with_accounts_of_somebody_else_is_left_alone() {
    let place = Place::new();
    place.start().stop();
    let connection = place.database.connect().await;
    // As NocoBase's own: all of its tables, and no record of ours.
    for table in [
        "migrations",
        "changes",
        "consumed_states",
        "switches",
        "audit",
        "bound_people",
        "contacts",
    ] {
        let drop = format!(r#"DROP TABLE "dingtalk_{table}""#);
        let drop = in_dialect(&connection, &drop);
        connection.execute_unprepared(&drop).await.unwrap();
    }
    let before = schema(&connection).await;
    let is_file = place.database.kind == Kind::Sqlite;
    if is_file {
        let journal = connection.execute_unprepared("PRAGMA journal_mode = DELETE");
        journal.await.unwrap();
    }
    for command in ["serve", "migrate", "doctor"] {
        let told = place.run(&[command]);
        assert!(!told.ended_well, "{command}: {told:?}");
        let said = told.errors.clone() + &told.output;
        let sentence = "there are accounts that this server did not make";
        assert!(said.contains(sentence), "{command}: {told:?}");
        assert_eq!(schema(&connection).await, before, "{command}");
        if is_file {
            // The first of two bytes that say whether there is a write-ahead log.
            let file = fs::read(place.storage().join("db/nocobase.sqlite")).unwrap();
            assert_eq!(file[18], 1, "{command}");
        }
    }
    connection.into_inner().close().await.unwrap();
}

/// Both would have the same secret, and accept each other's tokens.
#[actix_web::test]
async fn an_installation_under_other_names_is_not_begun_beside_the_first() {
    let place = Place::new();
    place.start().stop();
    let connection = place.database.connect().await;
    let before = schema(&connection).await;
    let told = place.run(&["serve", "--db-table-prefix=lost_"]);
    assert!(!told.ended_well, "{told:?}");
    let prefix = format!("found with DB_TABLE_PREFIX={}", naming().prefix());
    assert!(told.errors.contains(&prefix), "{told:?}");
    assert_eq!(schema(&connection).await, before);
    connection.into_inner().close().await.unwrap();
    place.start().stop();
}

#[actix_web::test]
async fn a_server_says_which_kind_of_database_it_has() {
    let app = TestApp::start().await;
    let answer = app.browser().get("/api/app:getInfo").await;
    let dialect = &answer.json()["data"]["database"]["dialect"];
    assert_eq!(dialect, Kind::chosen().dialect());
}

#[actix_web::test]
async fn names_that_differ_by_case_are_two_and_equal_ones_conflict() {
    let app = TestApp::start().await;
    let store = app.store();
    let user = |name: &str| NewUser {
        username: Some(name.to_owned()),
        ..NewUser::default()
    };
    let lower = store.create_user(user("ann")).await.unwrap().id;
    let upper = store.create_user(user("Ann")).await.unwrap().id;
    let again = store.create_user(user("ann")).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    for (name, id) in [("ann", lower), ("Ann", upper)] {
        assert_eq!(store.user_by_account(name).await.unwrap().unwrap().id, id);
    }
    assert!(store.user_by_account("ANN").await.unwrap().is_none());

    for (subject, id) in [("abC", lower), ("ABc", upper)] {
        let bound = app.bind("dingtalk", subject, id, json!({}));
        bound.await.unwrap();
    }
    for (subject, id) in [("abC", lower), ("ABc", upper)] {
        let bound = store
            .bindings_of_subject("dingtalk", subject)
            .await
            .unwrap();
        assert_eq!(
            bound.iter().map(|row| row.user_id).collect::<Vec<_>>(),
            [id]
        );
    }
}

/// NocoBase's own tables on MySQL ignore case.
#[actix_web::test]
async fn a_database_that_ignores_case_confuses_nobody() {
    let app = TestApp::with_options(sign_up()).await;
    if app.database.kind == Kind::Mariadb {
        let connection = app.database.connect().await;
        for table in ["users", "usersAuthenticators", "authenticators"] {
            let sql = format!(
                "ALTER TABLE `{table}` CONVERT TO CHARACTER SET utf8mb4 \
                 COLLATE utf8mb4_general_ci"
            );
            connection.execute_unprepared(&sql).await.unwrap();
        }
        connection.into_inner().close().await.unwrap();
    }
    let store = app.store();
    assert!(store.authenticator("DingTalk").await.unwrap().is_none());
    assert!(store.user_by_account("NocoBase").await.unwrap().is_none());
    // Somebody has her address in capitals.
    let other = NewUser {
        email: Some("LINA@EXAMPLE.COM".to_owned()),
        ..NewUser::default()
    };
    store.create_user(other).await.unwrap();
    let change = json!({"orgEmail": "lina@example.com"});
    app.sandbox.change_person("lina", change).await;
    let answer = app.browser().sign_in(&app.sandbox, "lina").await;
    assert!(answer.session().is_some(), "{answer:?}");
}

/// Where the database finds `root` for `ROOT`, an administrator who may not give the one must not
/// get it by the other.
#[actix_web::test]
async fn a_role_in_capitals_is_another_role() {
    let app = TestApp::start().await;
    if app.database.kind == Kind::Mariadb {
        let connection = app.database.connect().await;
        for table in ["roles", "rolesUsers"] {
            let sql = format!(
                "ALTER TABLE `{table}` CONVERT TO CHARACTER SET utf8mb4 \
                 COLLATE utf8mb4_general_ci"
            );
            connection.execute_unprepared(&sql).await.unwrap();
        }
        connection.into_inner().close().await.unwrap();
    }
    let root = app.root_token().await;
    let body = json!({"username": "ada", "password": "pw", "roles": ["admin"]});
    let made = app
        .browser()
        .post_as(&root, "/api/users:create", body)
        .await;
    let id = made.id();
    let admin = app.browser().sign_in_as("ada", "pw").await;
    for action in ["add", "set"] {
        let path = format!("/api/users/{id}/roles:{action}");
        let names = json!(["admin", "ROOT", "Root"]);
        app.browser().post_as(&admin, &path, names).await;
        let held = app.store().roles_of(id).await.unwrap();
        let held: Vec<_> = held.iter().map(|(role, _)| role.name.as_str()).collect();
        assert!(!held.contains(&"root"), "{action}: {held:?}");
    }
}

#[actix_web::test]
async fn texts_that_no_database_can_keep_are_nobodys_name() {
    let app = TestApp::start().await;
    for account in ["a\0b", "\0", &"x".repeat(5000)] {
        let body = json!({"account": account, "password": "admin123"});
        let answer = app.browser().post(SIGN_IN, body).await;
        assert_eq!(answer.status, 401, "{}", answer.text);
    }
}

#[actix_web::test]
async fn a_long_name_is_shortened_to_what_nocobase_keeps() {
    let app = TestApp::with_options(sign_up()).await;
    let change = json!({"name": "李".repeat(300)});
    app.sandbox.change_person("lina", change).await;
    let answer = app.browser().sign_in(&app.sandbox, "lina").await;
    assert!(answer.session().is_some(), "{answer:?}");
    let bound = app
        .store()
        .bindings_of_subject("dingtalk", "user-lina")
        .await;
    let nickname = &bound.unwrap()[0].nickname;
    assert_eq!(nickname, &"李".repeat(255));
}

#[actix_web::test]
async fn moments_are_kept_to_the_millisecond_and_in_nocobases_form() {
    let app = TestApp::start().await;
    let id = app.create_user("Ann", None).await;
    let row = app.store().user(id).await.unwrap().unwrap();
    let moment = row.created_at.unwrap();
    let age = app.clock.now() - moment;
    assert!(age.num_seconds().abs() < 60, "{moment}: not in UTC?");
    assert_eq!(moment.timestamp_subsec_micros() % 1000, 0);

    let connection = app.database.connect().await;
    let (kept, form) = match app.database.kind {
        Kind::Sqlite => ("\"createdAt\"", "%Y-%m-%d %H:%M:%S%.3f +00:00"),
        Kind::Postgres => (
            "to_char(\"createdAt\" AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')",
            "%Y-%m-%d %H:%M:%S%.3f",
        ),
        Kind::Mariadb => ("CAST(`createdAt` AS CHAR)", "%Y-%m-%d %H:%M:%S%.3f"),
    };
    let sql = format!("SELECT {kept} FROM \"users\" WHERE id = {id}");
    let sql = match app.database.kind {
        Kind::Mariadb => sql.replace('"', "`"),
        _ => sql,
    };
    let kept = texts(&connection, &sql).await;
    connection.into_inner().close().await.unwrap();
    assert_eq!(kept, [moment.format(form).to_string()]);
}

#[actix_web::test]
async fn on_postgres_the_tables_are_in_the_schema_that_was_named() {
    if Kind::chosen() != Kind::Postgres {
        return;
    }
    let app = TestApp::with_flags(&["--db-schema=Noco-Base"], json!({})).await;
    app.browser().sign_in_as_root().await;
    let connection = app.database.connect().await;
    let sql = "SELECT DISTINCT table_schema::text FROM information_schema.tables \
               WHERE table_schema NOT IN ('pg_catalog', 'information_schema')";
    let schemas = texts(&connection, sql).await;
    connection.into_inner().close().await.unwrap();
    assert_eq!(schemas, ["Noco-Base"]);
}

/// NocoBase's guide for MySQL sets `DB_UNDERSCORED`, and an administrator may have set a prefix.
#[actix_web::test]
async fn tables_and_columns_have_the_names_that_nocobase_gives_them() {
    let flags = ["--db-table-prefix=nb_", "--db-underscored=true"];
    let app = TestApp::with_flags(&flags, json!({})).await;
    let mut browser = app.browser();
    let root = app.root_token().await;
    let ann = app.create_user("Ann", None).await;
    let listed = browser
        .get_as(
            &root,
            "/api/users:list?sort=-createdAt&filter[nickname]=Ann",
        )
        .await;
    assert_eq!(listed.json()["data"][0]["id"], ann, "{listed:?}");
    assert_ne!(
        listed.json()["data"][0]["createdAt"],
        Value::Null,
        "{listed:?}"
    );

    let connection = app.database.connect().await;
    let tables = match app.database.kind {
        Kind::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        }
        Kind::Postgres => {
            "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
        }
        Kind::Mariadb => {
            "SELECT table_name FROM information_schema.tables WHERE table_schema = database()"
        }
    };
    let tables = texts(connection.inner(), tables).await;
    let columns = schema(connection.inner()).await.join("\n");
    connection.into_inner().close().await.unwrap();
    for name in [
        "nb_users_authenticators",
        "nb_issued_tokens",
        "nb_dingtalk_migrations",
    ] {
        assert!(
            tables.iter().any(|table| table == name),
            "{name}: {tables:?}"
        );
    }
    for table in &tables {
        let snake = table.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        assert!(table.starts_with("nb_") && snake, "{table}");
    }
    for column in ["password_change_tz", "sign_in_time", "created_by_id"] {
        assert!(columns.contains(column), "{column}: {columns}");
    }
    assert!(!columns.contains("createdAt"), "{columns}");
}
