//! Whether the NocoBase behind a gateway is that of the database.

use crate::chain::Chain;
use crate::config::UpstreamUrl;
use crate::gateway::check::{self, UpstreamFinding};
use crate::state::AppState;

/// Checks that each node of NocoBase shares database and secret, and gives the nodes that do not answer yet. Elsewhere the
/// same numbers of accounts may be other people.
pub(super) async fn check_nocobase(app: &AppState) -> Result<Vec<UpstreamUrl>, UpstreamFinding> {
    let mut absent = Vec::new();
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
        if findings.iter().any(UpstreamFinding::may_pass) {
            absent.push(upstream.clone());
        }
        if let Some(fatal) = findings.into_iter().find(UpstreamFinding::is_fatal) {
            return Err(fatal);
        }
    }
    Ok(absent)
}
