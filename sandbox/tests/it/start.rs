//! Settings, start and stop.

use clap::Parser;
use dingtalk_sandbox::{Arguments, Sandbox, Settings, seed};
use serde_json::json;

use crate::harness::{Fake, authorization_path};

/// A command with an option of its own that the sandbox's must not collide with.
#[derive(Parser)]
struct Command {
    #[arg(long, default_value = "own")]
    host: String,
    #[command(flatten)]
    sandbox: Arguments,
}

fn settings(arguments: &[&str]) -> Settings {
    let command = Command::try_parse_from([&["command"], arguments].concat()).unwrap();
    assert_eq!(command.host, "own");
    command.sandbox.into()
}

#[test]
fn arguments_default_to_the_seed() {
    let settings = settings(&[]);
    assert_eq!(settings.listen, Settings::default().listen);
    assert_eq!(settings.redirect_uris, Vec::<String>::new());
    assert_eq!(settings.client_id, seed::CLIENT_ID);
    assert_eq!(settings.client_secret, seed::CLIENT_SECRET);
    assert_eq!(settings.corp_id, seed::CORP_ID);
}

#[test]
fn redirect_uris_are_separated_by_commas() {
    let settings = settings(&[
        "--sandbox-redirect-uris",
        "http://a.example/x, https://b.example/y,",
    ]);
    assert_eq!(
        settings.redirect_uris,
        ["http://a.example/x", "https://b.example/y"]
    );
}

#[test]
fn a_company_is_generated_when_its_size_is_said() {
    assert!(settings(&[]).company.is_none());
    let said = ["--sandbox-people", "5", "--sandbox-seed", "9"];
    let company = settings(&said).company.unwrap();
    assert_eq!(
        (company.people, company.departments, company.seed),
        (5, 100, 9)
    );
}

#[test]
fn a_secret_is_not_printed_with_the_arguments() {
    let command = Command::try_parse_from(["command", "--sandbox-client-secret", "hush"]).unwrap();
    assert!(!format!("{:?}", command.sandbox).contains("hush"));
}

#[tokio::test]
async fn a_wrong_redirect_uri_stops_the_start() {
    for uri in [
        "/callback",
        "ftp://app.example/",
        "http://me@app.example/",
        "http://app.example/#x",
    ] {
        let settings = Settings {
            redirect_uris: vec![uri.to_owned()],
            ..Settings::default()
        };
        let error = Sandbox::bind(settings).err().unwrap().to_string();
        assert!(
            error.contains("SANDBOX_REDIRECT_URIS") && error.contains(uri),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_taken_port_stops_the_start() {
    let mut settings = Settings::default();
    settings.listen.set_port(0);
    let first = Sandbox::bind(settings.clone()).unwrap();
    assert_ne!(first.address().port(), 0);
    settings.listen = first.address();
    let error = Sandbox::bind(settings).err().unwrap().to_string();
    assert!(error.contains(&first.address().to_string()), "{error}");
}

#[tokio::test]
async fn stops_when_told_to() {
    let mut settings = Settings::default();
    settings.listen.set_port(0);
    let sandbox = Sandbox::bind(settings).unwrap();
    let handle = sandbox.handle();
    let running = tokio::spawn(sandbox.run());
    handle.stop(true).await;
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_settings_shape_the_seed() {
    let settings = Settings {
        client_id: "dingmine".to_owned(),
        client_secret: "mine".to_owned(),
        corp_id: "dingmycorp".to_owned(),
        ..Settings::default()
    };
    let fake = Fake::start_with(settings);
    let page = fake
        .get(&authorization_path(&[("client_id", "dingmine")]))
        .await;
    assert_eq!(
        (page.status, page.text.contains(seed::ORGANIZATION)),
        (200, true)
    );
    let token = fake
        .get("/gettoken?appkey=dingmine&appsecret=mine")
        .await
        .json();
    let path = format!(
        "/topapi/user/getbyunionid?access_token={}",
        token["access_token"].as_str().unwrap()
    );
    assert_eq!(
        fake.post(&path, json!({"unionid": "union-lina"}))
            .await
            .reason(),
        "0"
    );
    assert_eq!(
        fake.post(&path, json!({"unionid": "union-emma"}))
            .await
            .reason(),
        "60121"
    );
}
