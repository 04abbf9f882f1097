//! The program's log, as an operator reads it.

use std::io::{Read, Seek, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::command_line::{Place, interrupted, line_with, program};
use crate::support::{self, Browser};

/// Runs a first start, sends it something that is not HTTP, and returns its log.
fn log_of_a_first_start(level: &str) -> String {
    let place = Place::new();
    // The log goes to a file, because a full pipe that nobody reads would stop the program.
    let mut log = tempfile::tempfile().unwrap();
    let mut command = program(&place);
    command.arg("serve").env("RUST_LOG", level);
    let mut child = command.stderr(log.try_clone().unwrap()).spawn().unwrap();
    let line = line_with(&mut child, "Listening on http://");
    let address = line.trim().rsplit("http://").next().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let request: &[u8] = b"GET /?q=\xe9\x92\x89 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(request).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let ended_well = interrupted(&mut child);
    let mut text = String::new();
    log.rewind().unwrap();
    log.read_to_string(&mut text).unwrap();
    assert!(ended_well, "{text}");
    text
}

#[test]
fn a_first_start_says_what_to_know_and_little_else() {
    let log = log_of_a_first_start("info");
    let wanted = [
        "created the root account",
        "NocoBase's documented password",
        "pages are in en-US only",
        "web client is not here",
        "stopping",
    ];
    assert_eq!(log.lines().count(), wanted.len(), "{log}");
    for (line, part) in log.lines().zip(wanted) {
        assert!(line.contains(part), "{part} in {log}");
    }
}

#[test]
fn what_libraries_do_at_each_start_is_there_for_who_asks() {
    let log = log_of_a_first_start("debug");
    for part in [
        "DEBUG actix_server",
        "DEBUG sea_orm_migration",
        "stream error: request parse error",
    ] {
        assert!(log.contains(part), "{part} in {log}");
    }
    assert!(!log.contains("ERROR"), "{log}");
}

/// A person can show the id of a refusal to the operator, who finds the cause by it.
#[actix_web::test]
async fn a_line_about_a_request_has_its_id_and_the_first_cause() {
    let place = support::Place::new();
    let mut program = place.program(&["serve"]);
    program.env("RUST_LOG", "warn,audit=info");
    let server = place.start_with(program);
    place.open(&server).await;
    let mut browser = Browser::at(server.address);
    let url = browser.begin(Value::Null).await;
    let location = place.sandbox.choose(&url, "lina").await;
    place.sandbox.stop().await;
    let answer = browser.get(&location).await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_UNAVAILABLE"));
    let log = place.log();
    let line = log.lines().find(|line| line.contains("cannot be reached"));
    let line = line.unwrap_or_else(|| panic!("{log}"));
    let id = answer.header("x-request-id");
    assert!(line.ends_with(&format!(" request={id}")), "{line}");
    assert!(line.contains("Connection refused"), "{line}");
    assert!(!line.contains("http://"), "{line}");
    let record = log
        .lines()
        .find(|line| line.contains("DINGTALK_UNAVAILABLE"));
    let record = record.unwrap_or_else(|| panic!("{log}"));
    assert!(record.ends_with(&format!(" request={id}")), "{record}");
    assert_eq!(record.matches(" request=").count(), 1, "{record}");
}
