//! The signals that stop the program.

use std::io;

use actix_web::dev::ServerHandle;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for Ctrl-C, or for the signal that service managers send.
pub struct StopRequest {
    interrupt: Signal,
    terminate: Signal,
}

impl StopRequest {
    /// Starts to listen. Before that, either signal ends the program at once.
    pub fn listen() -> io::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self {
            interrupt,
            terminate,
        })
    }

    /// Waits for the signal.
    pub async fn comes(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Stops this server on the signal, and lets requests in progress end. `before` ends what would
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
