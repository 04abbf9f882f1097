//! The pages that are open in browsers, and the messages that all of them get.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast::{self, Receiver, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::PageMessage;
use crate::chain::Chain;
use crate::domain::guess_limits::network;

/// How many pages may be open. Each holds a file descriptor, of which a process often has 1024.
pub const MOST_PAGES: usize = 512;
/// One address may have this share of the pages, so that nobody can take all. The share is large,
/// because a whole company may be behind one address.
const SHARE_OF_ONE_ADDRESS: usize = 4;
/// How many unsent messages a page may have before its connection is closed.
const BACKLOG: usize = 64;

/// All open pages.
pub struct Hub {
    messages: Sender<Option<Arc<str>>>,
    slots: Arc<Semaphore>,
    most: usize,
    most_of_one_address: usize,
    visitors: Visitors,
}

/// How many pages each address has open. Addresses without pages are not listed.
type Visitors = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// The connection slot of one page. Dropping it makes room for another page.
pub struct ConnectionSlot {
    messages: Receiver<Option<Arc<str>>>,
    _permit: OwnedSemaphorePermit,
    _visit: Visit,
}

/// Counts one page of an address, until it is dropped.
struct Visit {
    visitors: Visitors,
    from: IpAddr,
}

impl Visit {
    fn begin(visitors: &Visitors, from: IpAddr, most: usize) -> Option<Self> {
        let from = network(from);
        let mut counts = visitors.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(from).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Self {
            visitors: visitors.clone(),
            from,
        })
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut counts = self.visitors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.from);
            }
        }
    }
}

impl Default for Hub {
    fn default() -> Self {
        Self::new(MOST_PAGES)
    }
}

impl Hub {
    /// A hub without pages, with room for `most`.
    pub fn new(most: usize) -> Self {
        Self {
            messages: Sender::new(BACKLOG),
            slots: Arc::new(Semaphore::new(most)),
            most,
            most_of_one_address: most / SHARE_OF_ONE_ADDRESS,
            visitors: Visitors::default(),
        }
    }

    /// A slot for one more page of this address, if there is room.
    pub fn join(&self, from: IpAddr) -> Option<ConnectionSlot> {
        Some(ConnectionSlot {
            _visit: Visit::begin(&self.visitors, from, self.most_of_one_address)?,
            _permit: self.slots.clone().try_acquire_owned().ok()?,
            messages: self.messages.subscribe(),
        })
    }

    /// How many pages are open.
    pub fn open(&self) -> usize {
        self.most.saturating_sub(self.slots.available_permits())
    }

    /// Sends a message to all pages, without waiting for any of them.
    pub fn tell(&self, frame: &PageMessage<'_>) {
        match serde_json::to_string(frame) {
            // This fails only when no page is open.
            Ok(text) => drop(self.messages.send(Some(text.into()))),
            Err(error) => log::error!(
                "a message to the pages cannot be written: {}",
                Chain(&error)
            ),
        }
    }

    /// Closes all pages, because the server ends. They reconnect to another server, if there is
    /// one.
    pub fn close(&self) {
        drop(self.messages.send(None));
    }
}

impl ConnectionSlot {
    /// The next message; none when the page is too slow to get all messages, or the server ends.
    pub async fn next(&mut self) -> Option<Arc<str>> {
        match self.messages.recv().await {
            Ok(text) => text,
            Err(broadcast::error::RecvError::Lagged(missed)) => {
                log::debug!("a page is given up, it is {missed} messages behind");
                None
            }
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::open_pages::Status;

    fn address(n: usize) -> IpAddr {
        format!("192.0.2.{n}").parse().unwrap()
    }

    #[actix_web::test]
    async fn a_page_that_falls_behind_is_given_up_and_holds_up_nobody() {
        let hub = Hub::default();
        let (mut slow, mut quick) = (hub.join(address(1)).unwrap(), hub.join(address(1)).unwrap());
        for _ in 0..=BACKLOG {
            hub.tell(&PageMessage::Maintaining(Status::running(true)));
            assert!(quick.next().await.is_some());
        }
        assert!(slow.next().await.is_none());
    }

    #[test]
    fn there_is_room_for_so_many_and_again_when_one_leaves() {
        let hub = Hub::default();
        let mut slots: Vec<_> = (0..MOST_PAGES)
            .map(|n| hub.join(address(n % 200)).unwrap())
            .collect();
        assert!(hub.join(address(201)).is_none());
        slots.pop();
        assert!(hub.join(address(201)).is_some());
    }

    #[test]
    fn one_address_cannot_take_all_the_places() {
        let hub = Hub::default();
        let mut slots: Vec<_> = (0..(MOST_PAGES / SHARE_OF_ONE_ADDRESS))
            .map(|_| hub.join(address(1)).unwrap())
            .collect();
        assert!(hub.join(address(1)).is_none());
        assert!(hub.join(address(2)).is_some());
        slots.pop();
        assert!(hub.join(address(1)).is_some());
        drop(slots);
        assert!(hub.visitors.lock().unwrap().is_empty(), "nobody is kept");
    }

    #[test]
    fn a_network_of_the_sixth_version_is_one_address() {
        let hub = Hub::default();
        let join = |n: usize| hub.join(format!("2001:db8::{n:x}").parse().unwrap());
        let slots: Vec<_> = (0..(MOST_PAGES / SHARE_OF_ONE_ADDRESS))
            .map(|n| join(n).unwrap())
            .collect();
        assert!(join(slots.len()).is_none());
    }
}
