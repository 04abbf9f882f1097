//! Many clients of a gateway whose upstreams end in the middle of their work.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use crate::support::upstream::{Connection, Raw};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// An upstream that counts the requests that it performs, and sometimes ends before it answers.
/// Health checks are answered and not counted.
pub fn unreliable(done: Arc<AtomicUsize>) -> impl Fn(Connection) + Send + Sync {
    move |mut connection| {
        while let Some(head) = connection.request() {
            if head.starts_with("GET ") {
                connection.say(OK);
                continue;
            }
            connection.body(&head);
            if done.fetch_add(1, Ordering::SeqCst) % 97 == 96 {
                return connection.reset();
            }
            connection.say(OK);
        }
    }
}

/// Clients that send requests, and count the answers 200, 502 and 503.
pub struct ManyClients {
    clients: Vec<JoinHandle<[usize; 3]>>,
    requests: usize,
}

impl ManyClients {
    /// Starts clients that send `each` requests to this address, one after the other.
    pub fn start(address: SocketAddr, clients: usize, each: usize) -> Self {
        let client = move || {
            let mut seen = [0; 3];
            for _ in 0..each {
                let heard = Raw::to(address)
                    .say("POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody")
                    .hear_all();
                match heard.split(' ').nth(1) {
                    Some("200") => seen[0] += 1,
                    Some("502") => seen[1] += 1,
                    Some("503") => seen[2] += 1,
                    _ => panic!("{heard:?}"),
                }
            }
            seen
        };
        Self {
            clients: (0..clients).map(|_| thread::spawn(client)).collect(),
            requests: clients * each,
        }
    }

    /// Waits for all clients. Every request must have been answered, and none may have been
    /// performed twice; a 502 leaves open whether it was. Returns how many succeeded.
    pub fn nothing_is_done_twice(self, done: &AtomicUsize) -> usize {
        let mut total = [0; 3];
        for client in self.clients {
            for (sum, one) in total.iter_mut().zip(client.join().unwrap()) {
                *sum += one;
            }
        }
        let [good, lost, refused] = total;
        assert_eq!(good + lost + refused, self.requests);
        let done = done.load(Ordering::SeqCst);
        assert!(
            (good..=good + lost).contains(&done),
            "{done} were done of {total:?}"
        );
        good
    }
}
