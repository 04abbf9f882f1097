//! The Compose files of `deploy/`: what they give to the gateway fits what they give to NocoBase and to the database, and
//! `doctor` finds with it the database of a NocoBase that was made with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use chrono::SecondsFormat;
use entity::naming::{NamedConnection, Naming};
use entity::system_setting;
use sea_orm::EntityTrait;

use super::check::nocobase;
use crate::support::{Kind, Place, Told, as_of_nocobase};

type Variables = BTreeMap<String, String>;

fn read(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("deploy")
        .join(name);
    fs::read_to_string(file).unwrap()
}

/// The lines below a key, which stands below these others, with two spaces for each step; and what stands beside it.
fn below<'a>(text: &'a str, path: &[&str]) -> (&'a str, Vec<&'a str>) {
    let mut lines = text.lines();
    let mut beside = "";
    for (depth, key) in path.iter().enumerate() {
        let start = format!("{}{key}:", "  ".repeat(depth));
        let line = lines.find(|line| line.starts_with(&start));
        let line = line.unwrap_or_else(|| panic!("no {key} in\n{text}"));
        beside = line.strip_prefix(&start).unwrap().trim();
    }
    let indented = "  ".repeat(path.len());
    let inner = lines.take_while(|line| line.is_empty() || line.starts_with(&indented));
    let inner = inner.filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#'));
    (beside, inner.map(str::trim).collect())
}

/// Variables of a service, with those that it shares.
fn environment(text: &str, service: &str) -> Variables {
    let (beside, mut lines) = below(text, &["services", service, "environment"]);
    if !beside.is_empty() {
        assert_eq!(beside, "*database");
        let (anchor, shared) = below(text, &["x-database"]);
        assert_eq!(anchor, "&database");
        lines = shared;
    }
    let pairs = lines.into_iter().map(|line| {
        let (name, value) = line.split_once(": ").expect(line);
        (name.to_owned(), filled_in(value.trim_matches('"')))
    });
    pairs.collect()
}

/// A value where everything that is asked for is filled in, and everything else left as it is.
fn filled_in(value: &str) -> String {
    let Some(variable) = value.strip_prefix("${").and_then(|v| v.strip_suffix('}')) else {
        assert!(!value.contains('$'), "{value}");
        return value.to_owned();
    };
    match variable.split_once(":-") {
        Some((_, usual)) => usual.to_owned(),
        None if variable.starts_with("APP_PUBLIC_URL:?") => {
            "https://nocobase.example.com".to_owned()
        }
        None => {
            let (name, _) = variable.split_once(":?").expect(variable);
            format!("the-{}", name.to_lowercase())
        }
    }
}

/// What the gateway of a file gets.
fn of_gateway(name: &str) -> Variables {
    let base = read("compose.base.yaml");
    let file = read(name);
    let (extends, _) = below(&file, &["services", "gateway", "extends"]);
    assert_eq!(extends, "{ file: compose.base.yaml, service: gateway }");
    let mut all = environment(&base, "gateway");
    all.extend(environment(&file, "gateway"));
    all
}

#[test]
fn nocobase_gateway_and_database_are_given_the_same() {
    for (kind, of_database) in [
        (
            "postgres",
            ["POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD"],
        ),
        ("mysql", ["MYSQL_DATABASE", "MYSQL_USER", "MYSQL_PASSWORD"]),
        (
            "mariadb",
            ["MARIADB_DATABASE", "MARIADB_USER", "MARIADB_PASSWORD"],
        ),
    ] {
        let name = format!("compose.{kind}.yaml");
        let gateway = of_gateway(&name);
        let file = read(&name);
        let nocobase = environment(&file, "nocobase");
        let base = environment(&read("compose.base.yaml"), "nocobase");
        for (variable, value) in base.iter().chain(&nocobase) {
            let is_shared = variable.starts_with("DB_") || variable == "APP_KEY";
            assert!(
                !is_shared || gateway.get(variable) == Some(value),
                "{name}: {variable}"
            );
        }
        assert_eq!(gateway["DB_HOST"], kind);
        assert_eq!(gateway["DB_DIALECT"], kind);
        let database = environment(&file, kind);
        let given = ["DB_DATABASE", "DB_USER", "DB_PASSWORD"];
        for (theirs, ours) in of_database.iter().zip(given) {
            assert_eq!(database[*theirs], gateway[ours], "{name}: {theirs}");
        }
        let underscored = gateway.get("DB_UNDERSCORED").map(String::as_str);
        let by_the_guide = (kind != "postgres").then_some("true");
        assert_eq!(underscored, by_the_guide, "{name}");
    }
}

/// Has `doctor` look with the variables of a file, but for where the database and NocoBase are.
async fn look_with(name: &str) {
    let variables = of_gateway(name);
    let place = Place::new();
    let naming = Naming::new(
        variables
            .get("DB_TABLE_PREFIX")
            .cloned()
            .unwrap_or_default(),
        variables
            .get("DB_UNDERSCORED")
            .is_some_and(|value| value == "true"),
    );
    let local: BTreeMap<_, _> = place.database.settings().into_iter().collect();
    let mut settings = variables;
    for name in [
        "DB_HOST",
        "DB_PORT",
        "DB_DATABASE",
        "DB_USER",
        "DB_PASSWORD",
    ] {
        let value = local.get(name).cloned().unwrap_or_default();
        settings.insert(name.to_owned(), value);
    }
    let storage = place.storage().display().to_string();
    settings.insert("STORAGE_PATH".to_owned(), storage);

    // NocoBase makes its tables, with what the two share.
    let mut first = place.program(&["serve"]);
    first.env_clear().env("APP_PORT", "0");
    let shared = settings.iter();
    first.envs(shared.filter(|(name, _)| name.starts_with("DB_") || *name == "STORAGE_PATH"));
    place.start_with(first).stop();
    let connection = place.database.connect().await.into_inner();
    let connection = NamedConnection::new(connection, Arc::new(naming));
    as_of_nocobase(&connection).await;
    let installed = system_setting::Entity::find().one(&connection).await;
    let installed = installed.unwrap().unwrap().created_at;
    connection.into_inner().close().await.unwrap();
    let installed = installed.to_rfc3339_opts(SecondsFormat::Millis, true);
    let upstream = nocobase(
        "2.2.15",
        &settings["DB_DIALECT"],
        &installed,
        "NOT_EXIST_USER",
    );
    settings.insert("NOCOBASE_UPSTREAM_URL".to_owned(), upstream.url());

    let mut doctor = place.program(&["doctor"]);
    doctor.env_clear().envs(&settings);
    let told = Told::by(&mut doctor);
    assert!(told.ended_well, "{name}: {told:?}");
    let said = format!("ok       NocoBase 2.2.15 at {} shares", upstream.url());
    assert!(told.output.contains(&said), "{name}: {told:?}");
    let last = told.output.lines().last();
    assert_eq!(last, Some("next     nocobase-dingtalk serve"), "{told:?}");
}

#[actix_web::test]
async fn doctor_finds_its_way_with_the_variables_of_each_file() {
    match Kind::chosen() {
        Kind::Sqlite => {}
        Kind::Postgres => look_with("compose.postgres.yaml").await,
        Kind::Mariadb => {
            look_with("compose.mariadb.yaml").await;
            look_with("compose.mysql.yaml").await;
        }
    }
}
