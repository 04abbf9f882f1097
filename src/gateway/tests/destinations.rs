//! Where requests go, and what is sent with them.

use actix_web::http::Method;
use actix_web::http::header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use actix_web::test::TestRequest;
use actix_web::web;
use clap::Parser;
use http::header::{ACCEPT_ENCODING, HOST};
use serde_json::json;

use super::exchange::{exchange, gateway};
use crate::config::{Gateway as Settings, Http};
use crate::edge::ApiError;
use crate::gateway::Gateway;
use crate::gateway::destination::{self, Destination, Part};
use crate::gateway::headers::of_request;
use crate::gateway::proxy::masking_of;
use crate::gateway::reading::Application;

fn destination(
    gateway: &web::Data<Gateway>,
    request: TestRequest,
) -> Result<Destination, ApiError> {
    let exchange = exchange(gateway, request);
    let outgoing = exchange.outgoing().unwrap();
    destination::of(&exchange, &outgoing)
}

#[actix_web::test]
async fn an_authenticator_is_named_to_the_application_that_the_request_is_for() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = gateway(folder.path()).await;
    for (named, expected) in [("sub", Application::Other), ("main", Application::Main)] {
        let request = TestRequest::with_uri("/api/users:list")
            .insert_header(("x-app", named))
            .insert_header(("x-authenticator", "ding"));
        let found = destination(&gateway, request);
        let Ok(Destination::NocoBase(application)) = found else {
            panic!("{named}: NocoBase answers");
        };
        assert_eq!(application, expected, "{named}");
    }
}

#[actix_web::test]
async fn rows_below_an_authenticator_have_one_address() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = gateway(folder.path()).await;
    for (path, expected) in [
        (
            "/api/authenticators/a%20b/users/7",
            Some("/api/authenticators/a%20b/users:get?filterByTk=7"),
        ),
        ("/api/authenticators:list", Some("/api/authenticators:list")),
        ("/api/authenticators/a%2541/users:list", None),
        ("/api/authenticators.users:list", None),
    ] {
        let target = match destination(&gateway, TestRequest::with_uri(path)) {
            Ok(Destination::Splice(splice)) => Some(splice.target),
            Err(ApiError::Unclear) => None,
            _ => panic!("{path}: nobody else answers"),
        };
        assert_eq!(target.as_deref(), expected, "{path}");
    }
}

#[actix_web::test]
async fn a_preflight_is_what_a_browser_sends_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = gateway(folder.path()).await;
    let (origin, asks) = (
        (ORIGIN, "https://other.example"),
        (ACCESS_CONTROL_REQUEST_METHOD, "POST"),
    );
    for (method, headers, expected) in [
        (Method::OPTIONS, vec![&origin, &asks], Part::Preflight),
        (Method::OPTIONS, vec![&origin], Part::PluginSwitch),
        (Method::OPTIONS, vec![&asks], Part::PluginSwitch),
        (Method::POST, vec![&origin, &asks], Part::PluginSwitch),
    ] {
        let mut request = TestRequest::with_uri("/api/pm:enable").method(method.clone());
        for header in &headers {
            request = request.insert_header((*header).clone());
        }
        let Ok(Destination::Splice(splice)) = destination(&gateway, request) else {
            panic!("the gateway and NocoBase answer together");
        };
        assert_eq!(splice.part, expected, "{method} {headers:?}");
    }
}

#[actix_web::test]
async fn secrets_are_masked_below_the_api_and_nothing_compressed_is_asked_for_there() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = gateway(folder.path()).await;
    let secrets = async |masked: bool| {
        for (path, is_api) in [("/api/users:list", true), ("/storage/uploads/a", false)] {
            let request = TestRequest::with_uri(path).insert_header(("accept-encoding", "gzip"));
            let exchange = exchange(&gateway, request);
            let mut outgoing = exchange.outgoing().unwrap();
            let masking = masking_of(&exchange, &mut outgoing);
            assert_eq!(masking.is_some(), masked && is_api, "{path}");
            let coding = if masked && is_api { "identity" } else { "gzip" };
            assert_eq!(outgoing.head.headers[ACCEPT_ENCODING], coding, "{path}");
        }
    };
    secrets(false).await;
    let options = json!({"clientSecret": "s3cret".repeat(10)});
    let store = &gateway.app.store;
    store
        .add_authenticator("ding", "dingtalk", true, options)
        .await;
    gateway.read_tables().await.unwrap();
    secrets(true).await;
}

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    http: Http,
    #[command(flatten)]
    gateway: Settings,
}

#[test]
fn the_host_is_that_of_the_client_unless_it_names_none_or_nocobases_is_wanted() {
    for (flags, host, expected) in [
        (&["test"][..], Some("office.example"), "office.example"),
        (&["test"], None, "nocobase:13000"),
        (
            &["test", "--nocobase-upstream-host=upstream"],
            Some("office.example"),
            "nocobase:13000",
        ),
    ] {
        let config = CommandLine::parse_from(flags);
        let mut request = TestRequest::default();
        if let Some(host) = host {
            request = request.insert_header(("host", host));
        }
        let request = request.to_http_request();
        let sent = of_request(&request, &config.http, &config.gateway, "nocobase:13000");
        let hosts: Vec<_> = sent.get_all(HOST).iter().collect();
        assert_eq!(hosts, [expected], "{flags:?}");
    }
}

#[test]
fn where_a_request_comes_from_is_said_by_trusted_proxies_alone() {
    for (flags, expected, address) in [
        (&["test"][..], "192.0.2.1", None),
        (
            &["test", "--trusted-proxies=192.0.2.1"],
            "198.51.100.7, 192.0.2.1",
            Some("198.51.100.7"),
        ),
    ] {
        let config = CommandLine::parse_from(flags);
        let request = TestRequest::default()
            .peer_addr("192.0.2.1:4711".parse().unwrap())
            .insert_header(("x-forwarded-for", "198.51.100.7"))
            .insert_header(("x-real-ip", "198.51.100.7"))
            .to_http_request();
        let sent = of_request(&request, &config.http, &config.gateway, "nocobase:13000");
        assert_eq!(sent["x-forwarded-for"], expected, "{flags:?}");
        let told = sent.get("x-real-ip").map(|it| it.to_str().unwrap());
        assert_eq!(told, address, "{flags:?}");
    }
}
