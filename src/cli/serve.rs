//! The command `serve`, which runs the server.

use super::signal::StopRequest;
use crate::chain::Chain;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::inspection::inspect;
use crate::domain::lease::release_all_of_servers;
use crate::gateway::check::{self, UpstreamFinding};
use crate::server::{BoundServer, Server};
use crate::store::ServerLock;

/// Serves until the operator stops it.
pub async fn run(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    let stop = StopRequest::listen()?;
    let lock = ServerLock::take(&config)?;
    let opened = Server::open(config, Clock::system()).await?;
    let app = &opened.app;
    if lock.is_some() {
        // No other server is running here. One that was killed would otherwise keep its leases for
        // some time, and events and messages would wait.
        release_all_of_servers(&app.store).await?;
    }
    for authenticator in inspect(&app.store, &app.vault, &app.providers).await? {
        if let Some(problem) = authenticator.problem {
            let (provider, name) = (authenticator.provider, &authenticator.name);
            log::warn!("{provider} authenticator {name}: {}", Chain(&problem));
        }
    }
    let upstreams = app.config.gateway.upstreams();
    for upstream in upstreams {
        let findings = check::upstream(app, upstream).await;
        for finding in &findings {
            if upstreams.len() > 1 {
                log::warn!("{upstream}: {}", Chain(finding));
            } else {
                log::warn!("{}", Chain(finding));
            }
        }
        let absent = findings.iter().any(UpstreamFinding::may_pass);
        if let Some(fatal) = findings.into_iter().find(UpstreamFinding::is_fatal) {
            return Err(fatal.into());
        }
        if absent {
            let (app, upstream) = (app.clone(), upstream.clone());
            actix_web::rt::spawn(async move { check::report_when_there(&app, &upstream).await });
        }
    }
    let watched = BoundServer::bind_operations(&opened)?;
    let server = BoundServer::bind(&opened)?;
    println!("Listening on http://{}", server.address());
    let watched = watched.map(|watched| {
        println!("Health and metrics on http://{}", watched.address());
        let handle = watched.handle();
        actix_web::rt::spawn(watched.run());
        handle
    });
    let ending = opened.clone();
    stop.stops(server.handle(), move || ending.end());
    let outcome = server.run().await;
    // Until now the second port reported that this server is ending.
    if let Some(watched) = watched {
        watched.stop(false).await;
    }
    app.close().await;
    Ok(outcome?)
}
