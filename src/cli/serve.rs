//! `serve` — the server.

use super::signal::stop_requested;
use crate::app::{App, BoundServer};
use crate::clock::Clock;
use crate::config::Config;

/// Serves until it is told to stop.
pub async fn run(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    let app = App::open(config, Clock::system()).await?;
    let server = BoundServer::bind(app)?;
    println!("Listening on http://{}", server.address());
    until_stopped(server).await
}

/// Serves until it is told to stop, then lets requests in progress end.
pub async fn until_stopped(server: BoundServer) -> Result<(), Box<dyn std::error::Error>> {
    let handle = server.handle();
    actix_web::rt::spawn(async move {
        stop_requested().await;
        log::info!("stopping");
        handle.stop(true).await;
    });
    Ok(server.run().await?)
}
