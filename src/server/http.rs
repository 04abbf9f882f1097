//! The main port, which people use.

use std::net::{SocketAddr, TcpListener};
use std::{io, time};

use actix_web::dev::{Server as ActixServer, ServerHandle};
use actix_web::{App, HttpServer};

use super::{Server, StartError};
use crate::worker;

/// How long requests in progress may take when the server stops, in seconds.
const SHUTDOWN_SECONDS: u64 = 5;
/// How long they may take at a gateway, where files are uploaded and downloaded.
const DRAIN_SECONDS: u64 = 30;
/// How long a client may take to send its headers.
const HEADERS_TIMEOUT: time::Duration = time::Duration::from_secs(10);

/// A server that has its port and does not serve yet: the main one, or the one for operations.
pub struct BoundServer {
    pub(super) address: SocketAddr,
    pub(super) server: ActixServer,
}

impl BoundServer {
    /// Opens the configured port of the main server.
    pub fn bind(server: &Server) -> Result<Self, StartError> {
        let app = &server.app;
        let wanted = app.config.http.listen();
        let failed = |error| StartError::Listen(wanted, error);
        let listener = TcpListener::bind(wanted).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let timeout = if app.config.gateway.is_on() {
            DRAIN_SECONDS
        } else {
            SHUTDOWN_SECONDS
        };
        worker::start(app);
        let server = server.clone();
        let server = HttpServer::new(move || {
            let server = server.clone();
            App::new().configure(move |service| server.configure(service))
        })
        .client_request_timeout(HEADERS_TIMEOUT)
        // Data that is sent in pieces, such as events, must not be delayed.
        .tcp_nodelay(true)
        .shutdown_timeout(timeout)
        .disable_signals()
        .listen(listener)
        .map_err(failed)?
        .run();
        Ok(Self { address, server })
    }

    /// The address at which it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A handle that stops the server.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until it is stopped.
    pub async fn run(self) -> io::Result<()> {
        self.server.await
    }
}
