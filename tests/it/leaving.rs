//! Clients that disconnect in the middle of a request.

use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::Poll;

use actix_http::Request;
use actix_web::App;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use chrono::TimeDelta;
use entity::naming::NamedConnection;
use entity::{audit, authenticator};
use futures_util::future::poll_fn;
use nocobase_dingtalk::domain::password;
use nocobase_dingtalk::server::Server;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Database, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use url::Url;

use crate::support::nocobase::{answer, nocobase, target};
use crate::support::upstream::{Raw, header};
use crate::support::{TestApp, TestGateway, eventually, naming};

/// The service without connections. Dropping a request here is what the server does when its
/// connection is reset.
async fn service_of(
    server: &Server,
) -> impl Service<Request, Response = ServiceResponse, Error = actix_web::Error> {
    let server = server.clone();
    init_service(App::new().configure(move |service| server.configure(service))).await
}

/// A request from this machine.
fn post(token: &str, path: &str, body: &Value) -> Request {
    let request = TestRequest::post().uri(path).set_json(body);
    let request = request.insert_header(("authorization", format!("Bearer {token}")));
    let request = request.insert_header(("host", "localhost"));
    request
        .peer_addr("127.0.0.1:4711".parse().unwrap())
        .to_request()
}

/// When the client disconnects: after so many waits, as soon as the request waits again, or when
/// what it waited for has come and has not been processed.
#[derive(Clone, Copy, Debug)]
struct Leaving {
    waits: usize,
    when_it_has_come: bool,
}

/// What a test says when no request was answered: its last waits were not among the moments.
const TOO_FEW: &str = "the request waits more often than this test tries";

/// All moments up to this many waits, repeated, because the number of waits of a request varies.
fn moments(waits: usize, times: usize) -> impl Iterator<Item = Leaving> {
    let once = move |_| (1..=waits).flat_map(|waits| [(waits, false), (waits, true)]);
    let moment = |(waits, when_it_has_come)| Leaving {
        waits,
        when_it_has_come,
    };
    (0..times).flat_map(once).map(moment)
}

/// Sends a request and disconnects. Returns whether it was answered before.
async fn leave<S>(moment: Leaving, service: &S, request: Request) -> bool
where
    S: Service<Request, Response = ServiceResponse, Error = actix_web::Error>,
{
    let mut response = pin!(service.call(request));
    let mut waits = 0;
    poll_fn(|context| {
        if waits == moment.waits {
            return Poll::Ready(false);
        }
        match response.as_mut().poll(context) {
            Poll::Ready(answer) => {
                let status = answer.unwrap().status();
                assert!(status.is_success(), "{status}");
                Poll::Ready(true)
            }
            Poll::Pending => {
                waits += 1;
                if waits == moment.waits && !moment.when_it_has_come {
                    return Poll::Ready(false);
                }
                Poll::Pending
            }
        }
    })
    .await
}

#[actix_web::test]
async fn who_breaks_off_leaves_no_more_hashes_running_than_anybody_may() {
    let app = TestApp::start().await;
    // One more than may be computed at once, and again and again while the hashes of those who have
    // left are still being computed.
    let together = password::limit() + 1;
    for round in 0..6 {
        let hashes = password::hashes();
        let clients: Vec<_> = (0..together)
            .map(|n| {
                // Each request uses another account, and comes a second later, because the budgets of
                // accounts and addresses would be spent otherwise.
                app.clock.advance(TimeDelta::seconds(1));
                let body = format!(r#"{{"account":"somebody{round}-{n}","password":"wrong"}}"#);
                let length = body.len();
                let mut client = Raw::to(app.server.address);
                client.say(format!(
                    "POST /api/auth:signIn HTTP/1.1\r\nHost: localhost\r\n\
                     Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
                ));
                client
            })
            .collect();
        // Each password is being hashed, or waits for another one.
        let all = hashes + u64::try_from(together).unwrap();
        eventually("the hashes", async || {
            password::hashes() >= all && password::running() > 0
        })
        .await;
        for client in clients {
            client.reset();
        }
    }
    eventually("the end of all hashes", async || password::running() == 0).await;
    assert!(password::most_running() <= password::limit());
    // Nobody is locked out by it.
    app.browser().sign_in_as_root().await;
}

#[actix_web::test]
async fn bindings_follow_their_authenticator_though_the_client_leaves() {
    let database: Arc<OnceLock<Url>> = Arc::default();
    let known = database.clone();
    let upstream = nocobase(move |head, connection| {
        let body = connection.body(head);
        let (path, query) = target(head);
        if path == "/api/authenticators:update" {
            let id = query.strip_prefix("filterByTk=").unwrap().parse().unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            rename(known.get().unwrap(), id, body["name"].as_str().unwrap());
        }
        answer(&json!({"data": []}))
    });
    let gateway = TestGateway::before(upstream).await;
    database.set(gateway.app.database.url().clone()).unwrap();
    let service = service_of(&gateway.server.opened).await;
    let store = &gateway.server.app.store;
    let mut ids = Vec::new();
    for (n, moment) in moments(60, 1).enumerate() {
        let (old, new) = (format!("old{n}"), format!("new{n}"));
        let id = gateway.create_authenticator(&old, true).await;
        let bound = gateway.app.bind(&old, "lina", 1, json!({}));
        bound.await.unwrap();
        let path = format!("/api/authenticators:update?filterByTk={id}");
        let request = post("admin", &path, &json!({"name": new}));
        let answered = leave(moment, &service, request).await;
        ids.push((id, new, answered));
    }
    assert!(ids.iter().any(|(_, _, answered)| *answered), "{TOO_FEW}");
    for (id, new, answered) in ids {
        eventually("the bindings at the authenticator", async || {
            let rows = store.authenticators().await.unwrap();
            let name = rows.into_iter().find(|row| row.id == id).unwrap().name;
            let found = store.binding_of_user(&name, 1).await.unwrap();
            found.is_some() && (name == new || !answered)
        })
        .await;
    }
}

/// Does what NocoBase does with a new name.
fn rename(database: &Url, id: i64, name: &str) {
    actix_web::rt::System::new().block_on(async {
        let connection = Database::connect(database.as_str()).await.unwrap();
        let connection = NamedConnection::new(connection, Arc::new(naming()));
        let update = authenticator::Entity::update_many()
            .col_expr(authenticator::Column::Name, Expr::value(name))
            .filter(authenticator::Column::Id.eq(id));
        update.exec(&connection).await.unwrap();
        connection.into_inner().close().await.unwrap();
    });
}

#[actix_web::test]
async fn nocobase_learns_that_sessions_have_ended_though_the_client_leaves() {
    let upstream = nocobase(|head, connection| {
        connection.body(head);
        answer(&json!({"data": {}}))
    });
    let gateway = TestGateway::before(upstream).await;
    let service = service_of(&gateway.server.opened).await;
    let store = &gateway.server.app.store;
    let sessions = &gateway.server.app.sessions;
    let mut users = Vec::new();
    for moment in moments(60, 1) {
        let user = gateway.app.create_user("somebody", None).await;
        store.set_roles(user, &["member".to_owned()]).await.unwrap();
        let (token, _) = sessions.issue(store, user, "basic").await.unwrap();
        let path = "/api/dingtalk:signOutEverywhere";
        let answered = leave(moment, &service, post(&token, path, &json!({}))).await;
        users.push((user, answered));
    }
    assert!(users.iter().any(|(_, answered)| *answered), "{TOO_FEW}");
    for (user, answered) in users {
        eventually("NocoBase to be told", async || {
            let account = store.user(user).await.unwrap().unwrap();
            let ended = account.password_change_tz.is_some();
            let told = gateway.upstream.heads().iter().any(|head| {
                let bearer = header(head, "authorization").unwrap_or_default();
                let token = bearer.strip_prefix("Bearer ").unwrap_or_default();
                let claims = sessions.read(token);
                target(head).0 == "/api/auth:signOut"
                    && claims.is_some_and(|claims| claims.user_id == Some(user))
            });
            ended == told && (told || !answered)
        })
        .await;
    }
}

#[actix_web::test]
async fn whoever_leaves_while_their_token_is_renewed_stays_signed_in() {
    let app = TestApp::start().await;
    let service = service_of(&app.server.opened).await;
    let mut tokens = Vec::new();
    for _ in moments(10, 8) {
        let (store, sessions) = (app.store(), &app.server.app.sessions);
        tokens.push(sessions.issue(store, 1, "basic").await.unwrap().0);
    }
    app.clock.advance(TimeDelta::days(1));
    for (moment, token) in moments(10, 8).zip(&tokens) {
        let check = || post(token, "/api/auth:check", &json!({}));
        leave(moment, &service, check()).await;
        let again = service.call(check()).await.unwrap();
        assert!(
            again.status().is_success(),
            "{moment:?}: {}",
            again.status()
        );
    }
}

#[actix_web::test]
async fn what_was_done_is_in_the_audit_trail_though_the_client_leaves() {
    let app = TestApp::start().await;
    let service = service_of(&app.server.opened).await;
    let root = app.root_token().await;
    let connection = app.database.connect().await;
    let trail = async |name: &str, action: &str| {
        let rows = audit::Entity::find()
            .filter(audit::Column::Authenticator.eq(name))
            .filter(audit::Column::Action.eq(action));
        rows.count(&connection).await.unwrap() > 0
    };
    let mut doors = Vec::new();
    for (n, moment) in moments(10, 4).enumerate() {
        let name = format!("door{n}");
        let body = json!({"name": name, "authType": "Email/Password"});
        let request = post(&root, "/api/authenticators:create", &body);
        let answered = leave(moment, &service, request).await;
        doors.push((name, answered));
    }
    for (name, answered) in doors {
        eventually("what was done", async || {
            let row = app.store().authenticator(&name).await.unwrap();
            let told = trail(&name, "authenticatorCreate").await;
            row.is_some() == told && (told || !answered)
        })
        .await;
    }
    connection.into_inner().close().await.unwrap();
}
