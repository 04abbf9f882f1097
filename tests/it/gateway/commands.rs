//! Commands before a NocoBase, with settings that do not fit.

use std::fs;

use super::check::nocobase;
use super::doctor::{FITS, Office};
use crate::support::naming;

const PREVIEW: [&str; 3] = ["directory", "preview", "dingtalk"];
const RUN: [&str; 3] = ["directory", "run", "dingtalk"];

/// A new file would win over NocoBase's `APP_KEY` at its next start, and everybody would be signed out.
#[actix_web::test]
async fn the_secret_of_a_nocobase_is_made_by_nobody_else() {
    let office = Office::new().await;
    let upstream = office.nocobase("2.2.15", FITS);
    let secret = office.place.storage().join("apps/main/jwt_secret.dat");
    fs::remove_file(&secret).unwrap();
    for command in [&["serve"][..], &PREVIEW, &["doctor"]] {
        let told = office.run(command, &upstream.url());
        assert!(!told.ended_well, "{command:?}: {told:?}");
        let sentence = "the secret with which NocoBase signs is not known here";
        let said = told.errors.clone() + &told.output;
        assert!(said.contains(sentence), "{command:?}: {told:?}");
        assert!(!secret.exists(), "{command:?}");
    }
}

/// Tables under wrong names would seem to be those that are needed.
#[actix_web::test]
async fn migrate_looks_whether_the_database_is_that_of_a_nocobase() {
    let office = Office::new().await;
    let upstream = office.nocobase("2.2.15", FITS);
    let other = (!naming().is_underscored()).to_string();
    office.write_env(&[("DB_UNDERSCORED", &other)]);
    let told = office.run(&["migrate"], &upstream.url());
    assert!(!told.ended_well, "{told:?}");
    let sentence = "the tables of NocoBase are not where the settings say";
    assert!(told.errors.contains(sentence), "{told:?}");
    office.write_env(&[]);
    let told = office.run(&["migrate"], &upstream.url());
    assert!(told.ended_well, "{told:?}");
}

/// The steps are for numbers of accounts, which may be other people there.
#[actix_web::test]
async fn a_directory_is_synchronized_into_the_nocobase_of_the_database_alone() {
    let office = Office::new().await;
    let dialect = office.place.database.kind.dialect();
    let upstream = nocobase("2.2.15", dialect, "2020-01-01T00:00:00.000Z", FITS);
    let nobody = "http://127.0.0.1:1".to_owned();
    for (url, sentence) in [
        (upstream.url(), "NocoBase uses another database"),
        (nobody, "no NocoBase answers at NOCOBASE_UPSTREAM_URL"),
    ] {
        for command in [PREVIEW, RUN] {
            let told = office.run(&command, &url);
            assert!(!told.ended_well, "{command:?}: {told:?}");
            assert!(told.errors.contains(sentence), "{command:?}: {told:?}");
        }
    }
}
