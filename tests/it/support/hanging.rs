//! A database that hangs: it accepts statements and answers none.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};

use super::TestDatabase;

/// A connection to a database that can be stopped.
#[derive(Default)]
struct Gate {
    held: Mutex<bool>,
    released: Condvar,
}

impl Gate {
    fn set(&self, held: bool) {
        *self.held.lock().unwrap() = held;
        self.released.notify_all();
    }

    fn pass(&self) {
        let held = self.held.lock().unwrap();
        drop(self.released.wait_while(held, |held| *held).unwrap());
    }
}

/// Passes everything on to a database server, unless it is stopped.
pub struct Relay {
    pub address: SocketAddr,
    gate: Arc<Gate>,
    ended: Arc<AtomicBool>,
}

impl Relay {
    /// A relay in front of this host and port.
    pub fn before(host: &str, port: u16) -> Self {
        let target = (host.to_owned(), port);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (gate, ended) = (Arc::<Gate>::default(), Arc::<AtomicBool>::default());
        let (held, end) = (gate.clone(), ended.clone());
        thread::spawn(move || {
            for client in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    break;
                }
                let client = client.unwrap();
                let server = TcpStream::connect((target.0.as_str(), target.1)).unwrap();
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let held = held.clone();
                    thread::spawn(move || carry(from, to, &held));
                }
            }
        });
        Self {
            address,
            gate,
            ended,
        }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, gate: &Gate) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        gate.pass();
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.gate.set(false);
        self.ended.store(true, Ordering::SeqCst);
        // The relay waits for a connection, so this opens one.
        drop(TcpStream::connect(self.address));
    }
}

/// Makes a database hang.
pub enum Hanging {
    /// The connection to the server is stopped.
    Wire(Relay),
    /// A transaction locks the file.
    File(DatabaseConnection, PathBuf),
}

impl Hanging {
    /// Prepares this database. A SQLite file is copied, with NocoBase's kind of journal, where
    /// readers wait for a writer.
    pub async fn of(database: &TestDatabase) -> Self {
        match (database.url().host_str(), database.url().port()) {
            (Some(host), Some(port)) if !host.is_empty() => Self::Wire(Relay::before(host, port)),
            _ => {
                let file = Path::new(database.url().path()).with_file_name("hanging.sqlite");
                let original = database.connect().await;
                let copy = format!("VACUUM INTO '{}'", file.display());
                original.execute_unprepared(&copy).await.unwrap();
                original.into_inner().close().await.unwrap();
                let url = format!("sqlite://{}", file.display());
                let mut one = ConnectOptions::new(url);
                one.max_connections(1);
                let connection = Database::connect(one).await.unwrap();
                Self::File(connection, file)
            }
        }
    }

    /// The flags with which a server uses this database.
    pub fn flags(&self) -> Vec<String> {
        match self {
            Self::Wire(relay) => vec![
                format!("--db-host={}", relay.address.ip()),
                format!("--db-port={}", relay.address.port()),
            ],
            Self::File(_, file) => vec![format!("--db-storage={}", file.display())],
        }
    }

    /// From now on nothing is answered.
    pub async fn begin(&self) {
        match self {
            Self::Wire(relay) => relay.gate.set(true),
            Self::File(connection, _) => {
                let lock = "BEGIN EXCLUSIVE";
                connection.execute_unprepared(lock).await.unwrap();
            }
        }
    }

    /// Everything is answered again.
    pub async fn end(&self) {
        match self {
            Self::Wire(relay) => relay.gate.set(false),
            Self::File(connection, _) => {
                connection.execute_unprepared("ROLLBACK").await.unwrap();
            }
        }
    }
}
