//! Regular health checks of the nodes, if NocoBase has several.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{Gateway, check};

/// How often each node is checked.
const EVERY: Duration = Duration::from_secs(2);
/// How long a node may take to answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// Checks the nodes for as long as the gateway exists. A single node is not checked, because
/// requests could not go elsewhere.
pub async fn watch_nodes(gateway: Weak<Gateway>) {
    loop {
        sleep(EVERY).await;
        let Some(gateway) = gateway.upgrade() else {
            return;
        };
        if !gateway.nodes.are_several() {
            return;
        }
        let mut asked = JoinSet::new();
        for index in 0..gateway.nodes.count() {
            asked.spawn(look(gateway.clone(), index));
        }
        asked.join_all().await;
    }
}

async fn look(gateway: Arc<Gateway>, index: usize) {
    if let Some(node) = gateway.nodes.get(index) {
        let asked = timeout(REQUEST_TIMEOUT, check::is_well(&gateway.app, node.url())).await;
        node.note(asked.unwrap_or(false));
    }
}
