//! TLS to the database server, with NocoBase's variables. `make test-tls` starts servers that
//! support it.

use std::env;
use std::path::PathBuf;

use crate::support::{Kind, Place};

const CA: &str = "DB_DIALECT_OPTIONS_SSL_CA";
const CERT: &str = "DB_DIALECT_OPTIONS_SSL_CERT";
const MODE: &str = "DB_DIALECT_OPTIONS_SSL_MODE";
const REJECT: &str = "DB_DIALECT_OPTIONS_SSL_REJECT_UNAUTHORIZED";

/// A file among the certificates that `scripts/on-database --tls` has created.
fn certificate(name: &str) -> String {
    let folder = env::var("TEST_DB_CERTIFICATES").expect("run by make test-tls");
    PathBuf::from(folder).join(name).display().to_string()
}

/// Whether the tables can be created with these variables, and the output.
fn migrate(place: &Place, settings: &[(&str, &str)]) -> (bool, String) {
    let mut program = place.program(&["migrate"]);
    program.envs(settings.iter().copied());
    let output = program.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), told)
}

#[actix_web::test]
#[ignore = "make test-tls starts a server for it"]
async fn the_database_proves_who_it_is() {
    let place = Place::new();
    let (right, wrong) = (certificate("ca.pem"), certificate("other.pem"));
    let text = std::fs::read_to_string(&right).unwrap();
    for settings in [
        vec![(CA, right.as_str())],
        vec![(CA, &text)],
        vec![(CA, &right), (MODE, "require"), (REJECT, "true")],
        // The certificate is not checked, so the connection is encrypted, but to an unknown server.
        vec![(REJECT, "false")],
        vec![(CA, &wrong), (REJECT, "false")],
    ] {
        let (done, told) = migrate(&place, &settings);
        assert!(done, "{settings:?}: {told}");
    }
    for settings in [
        vec![(CA, wrong.as_str())],
        // None of the usual authorities knows this server.
        vec![(MODE, "require")],
        // The certificate is for another name.
        vec![(CA, &right), ("DB_HOST", "localhost")],
    ] {
        let (done, told) = migrate(&place, &settings);
        assert!(!done, "{settings:?}");
        assert!(told.contains("certificate"), "{settings:?}: {told}");
    }
}

#[actix_web::test]
async fn without_tls_at_the_server_nothing_is_said_in_clear() {
    let place = Place::new();
    if place.database.kind == Kind::Sqlite || env::var("TEST_DB_CERTIFICATES").is_ok() {
        return;
    }
    let (done, told) = migrate(&place, &[(REJECT, "false")]);
    assert!(!done && told.contains("TLS"), "{told}");
}

#[actix_web::test]
async fn a_wrong_setting_is_named() {
    let place = Place::new();
    if place.database.kind == Kind::Sqlite {
        return;
    }
    for (settings, named) in [
        ([(CA, "/nowhere.pem")], CA),
        ([(CERT, "-----BEGIN CERTIFICATE-----")], "set together"),
    ] {
        let (done, told) = migrate(&place, &settings);
        assert!(!done && told.contains(named), "{settings:?}: {told}");
    }
}
