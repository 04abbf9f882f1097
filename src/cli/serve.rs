//! The command `serve`, which runs the server.

use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::nocobase::check_nocobase;
use super::output::tell;
use super::signal::StopRequest;
use crate::chain::Chain;
use crate::clock::Clock;
use crate::config::{Config, UpstreamUrl};
use crate::domain::inspection::inspect;
use crate::domain::lease::release_all_of_servers;
use crate::gateway::check::{self, UpstreamFinding};
use crate::server::{BoundServer, Server};
use crate::store::ServerLock;

/// Serves until the operator stops it, or until a NocoBase that comes later turns out not to fit.
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
    let absent = check_nocobase(app).await?;
    let watched = BoundServer::bind_operations(&opened)?;
    let server = BoundServer::bind(&opened)?;
    tell!("Listening on http://{}", server.address());
    let watched = watched.map(|watched| {
        tell!("Health and metrics on http://{}", watched.address());
        let handle = watched.handle();
        actix_web::rt::spawn(watched.run());
        handle
    });
    let mut refusals = wait_for_nocobase(absent, &opened, &server);
    let ending = opened.clone();
    stop.stops(server.handle(), move || ending.end());
    let outcome = server.run().await;
    // Until now the second port reported that this server is ending.
    if let Some(watched) = watched {
        watched.stop(false).await;
    }
    app.close().await;
    if let Ok(fatal) = refusals.try_recv() {
        return Err(fatal.into());
    }
    Ok(outcome?)
}

/// Checks nodes that did not answer as soon as they do. One that does not fit ends the server, as it would have kept it
/// from starting: the same numbers of accounts may be other people there.
fn wait_for_nocobase(
    absent: Vec<UpstreamUrl>,
    opened: &Server,
    server: &BoundServer,
) -> UnboundedReceiver<UpstreamFinding> {
    let (refuse, refusals) = mpsc::unbounded_channel();
    for upstream in absent {
        let (opened, handle, refuse) = (opened.clone(), server.handle(), refuse.clone());
        actix_web::rt::spawn(async move {
            let checked = check::report_when_there(&opened.app, &upstream).await;
            if let Err(fatal) = checked {
                // Without a receiver the server has ended already.
                let _ = refuse.send(fatal);
                opened.end();
                // Nothing that is still answered here can be relied on.
                handle.stop(false).await;
            }
        });
    }
    refusals
}
