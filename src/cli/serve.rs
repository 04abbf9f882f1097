//! `serve` — the server.

use super::signal::StopRequest;
use crate::app::{App, BoundServer};
use crate::clock::Clock;
use crate::config::Config;
use crate::gateway::check::{self, Finding};

/// Serves until it is told to stop.
pub async fn run(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    let stop = StopRequest::listen()?;
    let app = App::open(config, Clock::system()).await?;
    if let Some(upstream) = app.config.gateway.nocobase_upstream_url.clone() {
        let findings = check::upstream(&app, &upstream).await;
        for finding in &findings {
            log::warn!("{finding}");
        }
        let absent = findings.iter().any(Finding::may_pass);
        if let Some(fatal) = findings.into_iter().find(Finding::is_fatal) {
            return Err(fatal.into());
        }
        if absent {
            let app = app.clone();
            actix_web::rt::spawn(async move { check::report_when_there(&app, &upstream).await });
        }
    }
    let server = BoundServer::bind(app.clone())?;
    println!("Listening on http://{}", server.address());
    stop.stops(server.handle(), move || app.hub.close());
    Ok(server.run().await?)
}
