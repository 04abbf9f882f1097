//! A relay to a database server, which can delay the answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::Failure;

/// The relay.
pub struct Relay {
    /// The address at which it listens.
    pub port: u16,
    late_ms: Arc<AtomicU64>,
}

impl Relay {
    /// Starts a relay to this host and port, without a delay.
    pub async fn to(host: &str, port: u16) -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let begin = listener.local_addr()?.port();
        let late_ms = Arc::<AtomicU64>::default();
        let (host, late) = (host.to_owned(), late_ms.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect((host.as_str(), port)).await else {
                    continue;
                };
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(carry(from_client, to_server, Arc::default()));
                tokio::spawn(carry(from_server, to_client, late.clone()));
            }
        });
        Ok(Self {
            port: begin,
            late_ms,
        })
    }

    /// Delays answers by this time from now on.
    pub fn delay(&self, late: Duration) {
        let late = u64::try_from(late.as_millis()).unwrap_or(u64::MAX);
        self.late_ms.store(late, Ordering::Relaxed);
    }
}

/// Passes bytes on, each after the delay.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin + Send + 'static,
    late_ms: Arc<AtomicU64>,
) {
    let (sender, mut pieces) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    tokio::spawn(async move {
        while let Some((due, piece)) = pieces.recv().await {
            sleep_until(due).await;
            if to.write_all(&piece).await.is_err() {
                break;
            }
        }
    });
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let due = Instant::now() + Duration::from_millis(late_ms.load(Ordering::Relaxed));
        let piece = buffer.iter().take(read).copied().collect();
        if sender.send((due, piece)).is_err() {
            break;
        }
    }
}
