//! `serve` — the server.

use super::signal::StopRequest;
use crate::app::{App, BoundServer};
use crate::clock::Clock;
use crate::config::Config;

/// Serves until it is told to stop.
pub async fn run(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    let stop = StopRequest::listen()?;
    let app = App::open(config, Clock::system()).await?;
    let server = BoundServer::bind(app)?;
    println!("Listening on http://{}", server.address());
    stop.stops(server.handle());
    Ok(server.run().await?)
}
