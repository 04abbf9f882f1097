//! The pages that are open, and what all of them are told.

use std::sync::Arc;

use tokio::sync::broadcast::{self, Receiver, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Frame;

/// How many pages may be open. Each holds a file descriptor, of which a process often has 1024.
const MOST_PAGES: usize = 512;
/// How many messages a page may be behind before it is given up.
const BACKLOG: usize = 64;

/// All open pages.
pub struct Hub {
    messages: Sender<Arc<str>>,
    seats: Arc<Semaphore>,
}

/// The place of one page. Leaving it makes room for another.
pub struct Seat {
    messages: Receiver<Arc<str>>,
    _permit: OwnedSemaphorePermit,
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}

impl Hub {
    /// No pages yet.
    pub fn new() -> Self {
        Self {
            messages: Sender::new(BACKLOG),
            seats: Arc::new(Semaphore::new(MOST_PAGES)),
        }
    }

    /// A place for one more page, if there is room.
    pub fn join(&self) -> Option<Seat> {
        Some(Seat {
            _permit: self.seats.clone().try_acquire_owned().ok()?,
            messages: self.messages.subscribe(),
        })
    }

    /// Tells all pages. Waits for none of them.
    pub fn tell(&self, frame: &Frame<'_>) {
        match serde_json::to_string(frame) {
            // Without pages there is nobody to tell.
            Ok(text) => drop(self.messages.send(text.into())),
            Err(error) => log::error!("a message to the pages cannot be written: {error}"),
        }
    }
}

impl Seat {
    /// The next message; nothing when the page is too slow to be told everything.
    pub async fn next(&mut self) -> Option<Arc<str>> {
        match self.messages.recv().await {
            Ok(text) => Some(text),
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
    use crate::api::websocket::Status;

    #[actix_web::test]
    async fn a_page_that_falls_behind_is_given_up_and_holds_up_nobody() {
        let hub = Hub::new();
        let (mut slow, mut quick) = (hub.join().unwrap(), hub.join().unwrap());
        for _ in 0..=BACKLOG {
            hub.tell(&Frame::Maintaining(Status::running(true)));
            assert!(quick.next().await.is_some());
        }
        assert!(slow.next().await.is_none());
    }

    #[test]
    fn there_is_room_for_so_many_and_again_when_one_leaves() {
        let hub = Hub::new();
        let mut seats: Vec<_> = (0..MOST_PAGES).map(|_| hub.join().unwrap()).collect();
        assert!(hub.join().is_none());
        seats.pop();
        assert!(hub.join().is_some());
    }
}
