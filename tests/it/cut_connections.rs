//! The connection to a database server breaks at the worst moment.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use entity::{user, user_authenticator};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::faults::rows;
use crate::support::{Browser, Kind, Place, Process};

/// When the connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// Between the last statement and COMMIT: nothing is written.
    BeforeCommit,
    /// Between COMMIT and its answer: everything is written, and the server does not know.
    BeforeAnswer,
}

/// Passes on what a server sends to its database, and breaks one connection on request.
struct Relay {
    address: SocketAddr,
    plan: Arc<Mutex<Option<Plan>>>,
}

/// Which connection will break.
struct Plan {
    cut: Cut,
    /// How many commits pass before.
    after: usize,
}

impl Relay {
    fn before(database: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let plan = Arc::new(Mutex::new(None));
        let its_plan = plan.clone();
        thread::spawn(move || {
            for server in listener.incoming() {
                let ends = [server.unwrap(), TcpStream::connect(database).unwrap()];
                Connection::between(ends, its_plan.clone());
            }
        });
        Self { address, plan }
    }

    fn arm(&self, cut: Cut, after: usize) {
        *self.plan.lock().unwrap() = Some(Plan { cut, after });
    }

    /// Whether the connection broke; if not, it will not break any more.
    fn disarm(&self) -> bool {
        self.plan.lock().unwrap().take().is_none()
    }
}

/// One connection.
struct Connection {
    server: TcpStream,
    database: TcpStream,
    plan: Arc<Mutex<Option<Plan>>>,
    /// Whether the connection breaks at the next message of the database.
    is_last: AtomicBool,
}

impl Connection {
    fn between([server, database]: [TcpStream; 2], plan: Arc<Mutex<Option<Plan>>>) {
        let connection = Arc::new(Self {
            server,
            database,
            plan,
            is_last: AtomicBool::new(false),
        });
        let back = connection.clone();
        thread::spawn(move || connection.pass_on());
        thread::spawn(move || back.pass_back());
    }

    fn pass_on(&self) {
        let mut bytes = vec![0; 65_536];
        while let Ok(length @ 1..) = (&self.server).read(&mut bytes) {
            let said = &bytes[..length];
            match is_commit(said).then(|| self.cut()).flatten() {
                None => {}
                Some(Cut::BeforeCommit) => break,
                Some(Cut::BeforeAnswer) => self.is_last.store(true, Ordering::SeqCst),
            }
            if (&self.database).write_all(said).is_err() {
                break;
            }
        }
        self.end();
    }

    fn pass_back(&self) {
        let mut bytes = vec![0; 65_536];
        while let Ok(length @ 1..) = (&self.database).read(&mut bytes) {
            if self.is_last.load(Ordering::SeqCst) {
                break;
            }
            if (&self.server).write_all(&bytes[..length]).is_err() {
                break;
            }
        }
        self.end();
    }

    /// Whether to break at this commit.
    fn cut(&self) -> Option<Cut> {
        let mut plan = self.plan.lock().unwrap();
        let due = plan.as_mut()?;
        if due.after > 0 {
            due.after -= 1;
            return None;
        }
        plan.take().map(|plan| plan.cut)
    }

    fn end(&self) {
        let _ = self.server.shutdown(Shutdown::Both);
        let _ = self.database.shutdown(Shutdown::Both);
    }
}

/// Whether the message is COMMIT, and not the statement about the isolation level.
fn is_commit(said: &[u8]) -> bool {
    const WORD: &[u8] = b"COMMIT";
    let ends = said.windows(WORD.len()).enumerate();
    let mut ends = ends.filter(|(_, word)| *word == WORD);
    ends.any(|(at, _)| said.get(at + WORD.len()) != Some(&b'T'))
}

/// A server that reaches its database through a relay.
struct Behind {
    place: Place,
    relay: Relay,
    server: Process,
}

impl Behind {
    async fn start() -> Option<Self> {
        let place = Place::new();
        if place.database.kind == Kind::Sqlite {
            return None;
        }
        let mut first = place.start();
        place.open(&first).await;
        first.stop();
        let settings = place.database.settings();
        let setting = |name| &settings.iter().find(|(one, _)| *one == name).unwrap().1;
        let port = setting("DB_PORT").parse().unwrap();
        let database = (setting("DB_HOST").as_str(), port).to_socket_addrs();
        let relay = Relay::before(database.unwrap().next().unwrap());
        let mut program = place.program(&["serve"]);
        program.env("DB_HOST", "127.0.0.1");
        program.env("DB_PORT", relay.address.port().to_string());
        let server = place.start_with(program);
        Some(Self {
            place,
            relay,
            server,
        })
    }

    /// How many accounts have this user name.
    async fn accounts(&self, name: &str) -> u64 {
        let connection = self.place.database.connect().await;
        let is_name = user::Column::Username.eq(name);
        let count = user::Entity::find()
            .filter(is_name)
            .count(&connection)
            .await;
        connection.into_inner().close().await.unwrap();
        count.unwrap()
    }

    async fn bindings(&self, person: &str) -> u64 {
        let connection = self.place.database.connect().await;
        let subject = user_authenticator::Column::Uuid.eq(format!("user-{person}"));
        let count = user_authenticator::Entity::find().filter(subject);
        let count = count.count(&connection).await;
        connection.into_inner().close().await.unwrap();
        count.unwrap()
    }
}

#[actix_web::test]
async fn an_account_whose_commit_was_not_answered_is_not_acknowledged_and_not_made_twice() {
    let Some(behind) = Behind::start().await else {
        return;
    };
    let mut browser = Browser::at(behind.server.address);
    let root = browser.sign_in_as_root().await;
    for (cut, name, again) in [
        (Cut::BeforeCommit, "ada", 200),
        (Cut::BeforeAnswer, "bob", 400),
    ] {
        let body = json!({"username": name});
        let path = "/api/users:create";
        behind.relay.arm(cut, 0);
        let answer = browser.post_as(&root, path, body.clone()).await;
        assert!(behind.relay.disarm(), "nothing was committed");
        assert_ne!(answer.status, 200, "{cut:?}: {}", answer.text);
        let there = u64::from(cut == Cut::BeforeAnswer);
        assert_eq!(behind.accounts(name).await, there, "{cut:?}");
        let repeated = browser.post_as(&root, path, body).await;
        assert_eq!(repeated.status, again, "{cut:?}: {}", repeated.text);
        assert_eq!(behind.accounts(name).await, 1, "{cut:?}");
    }
}

#[actix_web::test]
async fn a_first_sign_in_that_breaks_at_any_commit_gives_no_session_and_is_repeated_without_a_double()
 {
    let Some(behind) = Behind::start().await else {
        return;
    };
    behind.place.sandbox.hire(20).await;
    let (mut broken, mut tried) = (0, 0);
    for cut in [Cut::BeforeCommit, Cut::BeforeAnswer] {
        for after in 0.. {
            // After the sign-in there is nothing more to commit.
            tried += 1;
            let person = format!("employee{tried}");
            let mut browser = Browser::at(behind.server.address);
            let url = browser.begin(json!(null)).await;
            let location = behind.place.sandbox.choose(&url, &person).await;
            behind.relay.arm(cut, after);
            let page = browser.get(&location).await;
            if !behind.relay.disarm() {
                assert!(page.session().is_some(), "{}", page.text);
                break;
            }
            broken += 1;
            assert!(page.session().is_none(), "{cut:?} {after}: {}", page.text);
            let mut again = Browser::at(behind.server.address);
            let page = again.sign_in(&behind.place.sandbox, &person).await;
            assert!(
                page.session().is_some(),
                "{cut:?} {after}: {}",
                behind.place.log()
            );
            assert_eq!(behind.bindings(&person).await, 1, "{cut:?} {after}");
        }
    }
    assert!(broken >= 2, "{broken}");
    let bound = rows::check(&behind.place.database).await.len();
    assert!(bound >= broken, "{bound}");
}
