//! Requests that NocoBase could read in another way than the gateway.

use serde_json::{Value, json};

use crate::support::TestGateway;
use crate::support::nocobase::{answer, nocobase};
use crate::support::upstream::header;
use sea_orm::ConnectionTrait;

const SECRET: &str = dingtalk_sandbox::seed::CLIENT_SECRET;

/// What NocoBase says: a row and its secret.
fn rows() -> Value {
    let row = json!({
        "id": 2, "name": "ding", "authType": "dingtalk",
        "options": {"clientId": "x", "clientSecret": SECRET},
    });
    json!({"data": [row]})
}

/// A gateway in front of a NocoBase that answers everything with a row and its secret.
async fn gateway() -> TestGateway {
    let upstream = nocobase(|head, connection| {
        connection.body(head);
        answer(&rows())
    });
    let gateway = TestGateway::before(upstream).await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("ding", true).await;
    gateway
}

/// Makes NocoBase run another application with a host name of its own.
async fn with_other_application(gateway: &TestGateway, is_switched_on: bool) {
    let connection = gateway.app.database.connect().await;
    let quote = if connection.get_database_backend() == sea_orm::DbBackend::MySql {
        '`'
    } else {
        '"'
    };
    let q = |name: &str| format!("{quote}{name}{quote}");
    for statement in [
        format!(
            "CREATE TABLE {} ({} varchar(255) PRIMARY KEY, {} varchar(255))",
            q("applications"),
            q("name"),
            q("cname")
        ),
        format!(
            "INSERT INTO {} ({}, {}) VALUES ('sub', 'sub.example.com')",
            q("applications"),
            q("name"),
            q("cname")
        ),
        format!(
            "INSERT INTO {} ({}, {}, {}, {}) VALUES ('multi-app-manager', {is_switched_on}, '2026-11-27 00:00:00', '2026-11-27 00:00:00')",
            q("applicationPlugins"),
            q("name"),
            q("enabled"),
            q("createdAt"),
            q("updatedAt")
        ),
    ] {
        connection
            .execute_unprepared(&statement)
            .await
            .expect(&statement);
    }
    connection.into_inner().close().await.unwrap();
    gateway.know().await;
}

/// Sends a request of these lines: a method, a path and headers.
fn send(gateway: &TestGateway, request: &str) -> String {
    let (first, rest) = request.split_once('\n').unwrap_or((request, ""));
    let lines: Vec<_> = rest.lines().map(str::trim).chain([""]).collect();
    let headers = lines.join("\r\n");
    let host = if headers.to_ascii_lowercase().contains("host: ") && headers.starts_with("Host") {
        ""
    } else {
        "Host: example.com\r\n"
    };
    let connection = if headers.contains("Connection: ") {
        ""
    } else {
        "Connection: close\r\n"
    };
    gateway.exchange(format!(
        "{first} HTTP/1.1\r\n{host}{headers}{connection}\r\n"
    ))
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

const LIST: &str = "/api/authenticators:list";

#[actix_web::test]
async fn a_request_that_names_two_applications_reaches_nobody() {
    let gateway = gateway().await;
    for request in [
        format!("GET {LIST}?__appName=main\nX-App: nope"),
        format!("GET {LIST}?__appName=nope\nX-App: main"),
        "GET /api/__app/main/authenticators:list\nX-App: nope".to_owned(),
        "GET /api/__app/nope/authenticators:list\nX-App: main".to_owned(),
        "GET /api/__app/main/authenticators:list?__appName=nope".to_owned(),
        "GET /api/__app/nope/authenticators:list?__appName=main".to_owned(),
        format!("GET {LIST}?%5F_appName=main\nX-App: nope"),
        format!("GET {LIST}?__appName=nope&__appName=main"),
        format!("GET {LIST}?__appName[]=main"),
        format!("GET {LIST}?__appName[0]=main"),
        format!("GET {LIST}?[__appName]=main\nX-App: nope"),
        format!("GET {LIST}?__appName=nope]=x"),
        format!("GET {LIST}\nX-App: nope\nX-App: main"),
        format!("GET {LIST}\nX-App: main, main"),
        "POST /api/authenticators:update?filterByTk=2&__appName=main\nX-App: nope\nContent-Length: 0"
            .to_owned(),
        "POST /api/dingtalk:getAuthUrl?__appName=main\nX-App: nope\nContent-Length: 0".to_owned(),
        "POST /api/pm:enable?filterByTk=auth-dingtalk&__appName=main\nX-App: nope\nContent-Length: 0".to_owned(),
        "GET /ws?__appName=main\nX-App: nope\nConnection: upgrade\nUpgrade: websocket".to_owned(),
    ] {
        let answer = send(&gateway, &request);
        assert_eq!(status(&answer), "400", "{request}: {answer}");
        assert!(!answer.contains(SECRET), "{request}: {answer}");
    }
    assert_eq!(gateway.upstream.heads(), [""; 0]);
}

#[actix_web::test]
async fn another_application_is_passed_on_and_never_answered_here() {
    let gateway = gateway().await;
    with_other_application(&gateway, true).await;
    for request in [
        format!("GET {LIST}?__appName=sub"),
        format!("GET {LIST}\nX-App: sub"),
        "GET /api/__app/sub/authenticators:list".to_owned(),
        format!("GET {LIST}\nHost: sub.example.com"),
        format!("GET {LIST}\nHost: sub.example.com:8080"),
        format!("GET {LIST}\nX-Hostname: sub.example.com"),
        "POST /api/dingtalk:getAuthUrl\nX-App: sub\nContent-Length: 0".to_owned(),
        "POST /api/dingtalk:getAuthUrl\nX-Hostname: sub.example.com\nContent-Length: 0".to_owned(),
        "GET /api/dingtalk:redirect?authCode=x&state=y\nHost: sub.example.com".to_owned(),
        "POST /api/auth:signIn\nHost: sub.example.com\nX-Authenticator: ding\nContent-Length: 0"
            .to_owned(),
        "POST /api/dingtalk:inAppSignIn?__appName=sub\nContent-Length: 0".to_owned(),
        "GET /api/authenticators:publicList\nHost: sub.example.com".to_owned(),
        "GET /api/users:list\nX-App: sub\nX-Authenticator: ding".to_owned(),
    ] {
        let before = gateway.upstream.heads().len();
        let answer = send(&gateway, &request);
        assert_eq!(status(&answer), "200", "{request}: {answer}");
        let heads = gateway.upstream.heads();
        assert_eq!(heads.len(), before + 1, "{request}");
        let path = request.split([' ', '\n']).nth(1).unwrap();
        let sent = heads[before].split(' ').nth(1).unwrap();
        assert_eq!(sent, path, "as it came");
        // The name of an authenticator of the main application has no meaning there.
        if request.contains("X-Authenticator") {
            assert_eq!(header(&heads[before], "x-authenticator").unwrap(), "ding");
        }
        // Whatever NocoBase answers, the main application's secret must not come out.
        assert!(!answer.contains(SECRET), "{request}: {answer}");
    }
    // Requests for the main application are not affected.
    for request in [
        format!("GET {LIST}"),
        format!("GET {LIST}\nX-Hostname: example.com"),
        format!("GET {LIST}\nHost: sub.example.com\nX-App: main"),
        "GET /api/__app/main/authenticators:list?__appName=main\nX-App: main".to_owned(),
    ] {
        let answer = send(&gateway, &request);
        assert!(answer.contains("\"********\""), "{request}: {answer}");
        let heads = gateway.upstream.heads();
        assert!(
            heads
                .last()
                .unwrap()
                .starts_with("GET /api/authenticators:list HTTP/1.1")
        );
    }
    // On some databases, NocoBase ignores the case of a host name.
    let answer = send(
        &gateway,
        &format!("GET {LIST}\nX-Hostname: SUB.example.com"),
    );
    assert_eq!(status(&answer), "400", "{answer}");
}

#[actix_web::test]
async fn what_is_checked_for_the_main_application_is_sent_to_it() {
    let gateway = gateway().await;
    with_other_application(&gateway, true).await;
    let (_, token) = gateway.member("ada", None).await;
    let body = json!({"options": {"clientId": "x", "clientSecret": "********"}}).to_string();
    let save = format!(
        "Content-Type: application/json\r\nContent-Length: {}",
        body.len()
    );
    let host = "X-Hostname: sub.example.com";
    for (first, headers, body) in [
        (
            "POST /api/authenticators:update?filterByTk=1&__appName=main",
            host,
            body.as_str(),
        ),
        (
            "POST /api/__app/main/authenticators:update?filterByTk=1",
            host,
            &body,
        ),
        (
            "POST /api/authenticators:update?filterByTk=1",
            "X-App: main\r\nX-Hostname: sub.example.com",
            &body,
        ),
        (
            "GET /api/authenticators:list?__appName=main&state=app%3Dsub",
            host,
            "",
        ),
        (
            "GET /api/dingtalk:binding?authenticator=ding&__appName=main",
            host,
            "",
        ),
    ] {
        let before = gateway.upstream.heads().len();
        let length = if body.is_empty() {
            "X-Nothing: 1"
        } else {
            save.as_str()
        };
        gateway.exchange(format!(
            "{first} HTTP/1.1\r\nHost: sub.example.com\r\n{headers}\r\nAuthorization: Bearer {token}\r\n\
             {length}\r\nConnection: close\r\n\r\n{body}"
        ));
        let heads = gateway.upstream.heads();
        assert!(heads.len() > before, "{first}");
        for head in heads.iter().skip(before) {
            assert_eq!(
                header(head, "x-app").as_deref(),
                Some("main"),
                "{first}: {head}"
            );
            assert_eq!(header(head, "x-hostname"), None, "{first}: {head}");
            assert!(!head.contains("state="), "{first}: {head}");
        }
    }
}

#[actix_web::test]
async fn host_names_of_a_plugin_that_is_off_are_unclear() {
    let gateway = gateway().await;
    with_other_application(&gateway, false).await;
    let answer = send(
        &gateway,
        &format!("GET {LIST}\nX-Hostname: sub.example.com"),
    );
    assert_eq!(status(&answer), "400", "{answer}");
    // Requests that do not concern this product are passed on.
    let answer = send(&gateway, "GET /api/users:list\nX-Hostname: sub.example.com");
    assert_eq!(status(&answer), "200", "{answer}");
}

#[actix_web::test]
async fn what_decides_cannot_be_left_behind_or_come_twice() {
    let gateway = gateway().await;
    for name in [
        "X-App",
        "X-Role",
        "X-Authenticator",
        "Authorization",
        "Cookie",
        "Host",
        "X-Hostname",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Data-Source",
        "Content-Type",
        "Origin",
        "X-Mine",
    ] {
        let request = format!("GET {LIST}\nX-App: other\nConnection: close, {name}");
        let answer = send(&gateway, &request);
        assert_eq!(status(&answer), "400", "{request}: {answer}");
        let request = format!("GET /api/dingtalk:binding\nConnection: {name}\nConnection: close");
        assert_eq!(status(&send(&gateway, &request)), "400", "{request}");
    }
    for name in [
        "X-App",
        "X-Role",
        "X-Authenticator",
        "Authorization",
        "X-Hostname",
        "X-Data-Source",
        "Content-Type",
    ] {
        let request = format!("GET {LIST}\n{name}: a\n{name}: b");
        assert_eq!(status(&send(&gateway, &request)), "400", "{request}");
    }
    assert_eq!(gateway.upstream.heads(), [""; 0]);
    let answer = send(&gateway, "GET /\nConnection: close, TE, Keep-Alive");
    assert_eq!(status(&answer), "200", "{answer}");
}

#[actix_web::test]
async fn a_path_that_servers_straighten_out_reaches_nobody() {
    let gateway = gateway().await;
    for path in [
        "/api\\authenticators:list",
        "/api\\__app\\main\\authenticators:list",
        "//a@b/api/__app/main/authenticators:list",
        "//api/authenticators:list",
        "/api//authenticators:list",
        "/api/./authenticators:list",
        "/api/x/../authenticators:list",
        "/api/x/%2e%2e/authenticators:list",
        "/x/..%2fapi/authenticators:list",
        "/api/authenticators%2f2",
        "/%61pi/authenticators:list",
        "/api/%5f_app/main/authenticators:list",
        "/api/authenticators:get/2?filterByTk=3",
    ] {
        let answer = send(&gateway, &format!("GET {path}"));
        assert_eq!(status(&answer), "400", "{path}: {answer}");
    }
    assert_eq!(gateway.upstream.heads(), [""; 0]);
}

#[actix_web::test]
async fn every_method_of_an_action_is_looked_at() {
    let gateway = gateway().await;
    for method in [
        "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND",
    ] {
        let answer = send(&gateway, &format!("{method} {LIST}\nContent-Length: 0"));
        assert_eq!(status(&answer), "200", "{method}: {answer}");
        assert!(answer.contains("\"********\""), "{method}: {answer}");
    }
    let head = send(&gateway, &format!("HEAD {LIST}"));
    assert_eq!(status(&head), "200");
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    let length = format!("content-length: {}\r\n", rows().to_string().len());
    assert!(head.to_lowercase().contains(&length), "{head}");
    // A preflight request is answered by NocoBase, which may take it for the call itself.
    let asks = "Origin: https://other.example\nAccess-Control-Request-Method: POST";
    let answer = send(
        &gateway,
        &format!("OPTIONS {LIST}\n{asks}\nContent-Length: 0"),
    );
    assert!(
        !answer.contains(SECRET) && answer.contains("****"),
        "{answer}"
    );
    let sent = gateway.upstream.heads().len();
    let update = "/api/authenticators:update?filterByTk=2";
    let body = "{\"options\":{\"newUserRoles\":[\"admin\"]}}";
    gateway.exchange(format!(
        "OPTIONS {update} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: https://other.example\r\n\
         Access-Control-Request-Method: POST\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    assert_eq!(gateway.upstream.heads().len(), sent + 1);
    assert_eq!(gateway.upstream.bodies(), [""; 0], "it has no body");
}

#[actix_web::test]
async fn rows_below_an_authenticator_are_asked_for_in_one_spelling() {
    let gateway = gateway().await;
    for (path, sent) in [
        (
            "/api/authenticators/ding/users:list?page=1",
            "/api/authenticators/ding/users:list?page=1",
        ),
        (
            "/api/authenticators/a%20b%3A/users/7",
            "/api/authenticators/a%20b%3A/users:get?filterByTk=7",
        ),
    ] {
        let answer = send(&gateway, &format!("GET {path}"));
        assert!(answer.contains("\"********\""), "{path}: {answer}");
        let head = gateway.upstream.heads().pop().unwrap();
        assert_eq!(head.split(' ').nth(1).unwrap(), sent);
    }
    let before = gateway.upstream.heads().len();
    for path in [
        // NocoBase takes this for a resource of one name, and decodes the other more than once.
        "/api/authenticators.users:list",
        "/api/authenticators/a%2541/users:list",
    ] {
        let answer = send(&gateway, &format!("GET {path}"));
        assert_eq!(status(&answer), "400", "{path}: {answer}");
    }
    assert_eq!(gateway.upstream.heads().len(), before);
}

#[actix_web::test]
async fn nobody_asks_what_is_in_the_options() {
    let gateway = gateway().await;
    for query in [
        "filter={%22options.clientSecret%22:{%22$startsWith%22:%22s%22}}",
        "filter={%22options%22:{%22clientSecret%22:{%22$startsWith%22:%22s%22}}}",
        "filter[options.clientSecret][$startsWith]=s",
        "filter[$and][0][options][clientSecret]=s",
        "%66ilter[options]=s",
        "sort=options",
        "sort[]=-options.clientSecret",
        "filterByTk={%22options%22:1}",
        "filterByTk[options]=1",
    ] {
        for action in ["list", "get", "destroy", "update", "move"] {
            let request =
                format!("GET /api/authenticators:{action}?{query}\nAuthorization: Bearer admin");
            let answer = send(&gateway, &request);
            assert_eq!(status(&answer), "400", "{request}: {answer}");
        }
    }
    for action in ["export", "query", "importXlsx", "anything"] {
        let answer = send(
            &gateway,
            &format!("GET /api/authenticators:{action}\nAuthorization: Bearer admin"),
        );
        assert_eq!(status(&answer), "403", "{action}: {answer}");
    }
    assert_eq!(gateway.upstream.heads(), [""; 0]);
    // A usual request can be read in only one way.
    let query = "page=1&pageSize=20&filter={%22name%22:%22options%22}&sort=-id&fields[]=options";
    let answer = send(&gateway, &format!("GET {LIST}?{query}"));
    assert!(answer.contains("\"********\""), "{answer}");
    let head = &gateway.upstream.heads()[0];
    let sent = "/api/authenticators:list?page=1&pageSize=20&filter=%7B%22name%22%3A%22options%22%7D\
        &sort=-id&fields%5B%5D=options";
    assert_eq!(head.split(' ').nth(1).unwrap(), sent);
}
