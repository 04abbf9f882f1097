//! `doctor` beside the Stream.

use serde_json::{Value, json};

use super::{rows_in, save_source_at};
use crate::support::{Browser, Place, eventually};

/// What `doctor` says of events.
fn told(place: &Place) -> String {
    let told = place.run(&["doctor"]);
    let output = told.output.lines();
    let of_events = output.filter(|line| line.contains("events of dingtalk"));
    let line: Vec<_> = of_events.collect();
    assert_eq!(line.len(), 1, "{}", told.output);
    line[0].to_owned()
}

#[actix_web::test]
async fn doctor_takes_no_event_away_from_the_server() {
    let place = Place::new();
    let sandbox = &place.sandbox;
    let mut server = place.start();
    place.open(&server).await;
    save_source_at(&mut Browser::at(server.address), json!({"mode": "stream"})).await;
    server.stop();
    // An event waits for a connection, and would be sent over any.
    sandbox.send_events(json!({"redeliveryMs": 1})).await;
    sandbox.dismiss("lina").await;
    let line = told(&place);
    assert!(
        line.contains(
            "DingTalk accepts the application for its Stream, and the Stream's host answers"
        ),
        "{line}"
    );
    // It answered that host, and nothing else.
    assert_eq!(sandbox.calls("/connect").await, 1);
    let waiting = &sandbox.events().await[0];
    assert_eq!(waiting["attempts"], 0, "{waiting}");

    sandbox.send_events(json!({"redeliveryMs": 60_000})).await;
    let _server = place.start();
    eventually("the event", async || {
        sandbox.events().await[0]["outcome"] == "acknowledged"
    })
    .await;
    assert_eq!(sandbox.events().await[0]["attempts"], 1);
    assert_eq!(rows_in(&place.database).await.len(), 1);
}

#[actix_web::test]
async fn doctor_tells_wrong_credentials_from_a_network_that_is_away() {
    let place = Place::new();
    let mut server = place.start();
    place.open(&server).await;
    save_source_at(&mut Browser::at(server.address), json!({"mode": "stream"})).await;
    server.stop();
    let sandbox = &place.sandbox;
    sandbox.change_app(json!({"clientSecret": "another"})).await;
    let line = told(&place);
    assert!(
        line.contains("DingTalk did not accept Client ID and Client Secret"),
        "{line}"
    );
    assert!(!line.contains("port 443"), "{line}");
    let right = json!({"clientSecret": dingtalk_sandbox::seed::CLIENT_SECRET});
    sandbox.change_app(right).await;
    let endpoint = "/v1.0/gateway/connections/open";
    sandbox.fault(endpoint, "status500", Value::Null, 0).await;
    let line = told(&place);
    assert!(
        line.contains("DingTalk has a problem") && line.contains("port 443"),
        "{line}"
    );
    assert!(!line.contains("Client Secret"), "{line}");
}
