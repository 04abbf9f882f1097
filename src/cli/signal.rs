//! The end that an operator asks for.

use std::io;

use actix_web::dev::ServerHandle;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ctrl-C, and the signal that service managers send.
pub struct StopRequest {
    interrupt: Signal,
    terminate: Signal,
}

impl StopRequest {
    /// Listens from now on; until then either would end the program at once.
    pub fn listen() -> io::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self {
            interrupt,
            terminate,
        })
    }

    /// Waits until it comes.
    pub async fn comes(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Stops this server when it comes, letting requests in progress end. `before` ends what would
    /// not end by itself.
    pub fn stops(mut self, server: ServerHandle, before: impl FnOnce() + 'static) {
        actix_web::rt::spawn(async move {
            self.comes().await;
            log::info!("stopping");
            before();
            server.stop(true).await;
        });
    }
}
