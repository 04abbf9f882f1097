//! A gateway without a server, in front of a NocoBase that is away.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use actix_web::test::TestRequest;
use actix_web::web;

use crate::config::{Config, Upstreams};
use crate::domain::environment::Vault;
use crate::edge::query::Query;
use crate::edge::request_log::RequestLog;
use crate::gateway::exchange::Exchange;
use crate::gateway::renewal::Renewal;
use crate::gateway::{Gateway, Upstream};
use crate::metrics::Metrics;
use crate::provider;
use crate::state::AppState;
use crate::store::Store;

/// A gateway that has read the tables of a new database in this folder.
pub async fn gateway(folder: &Path) -> web::Data<Gateway> {
    let (store, mut config) = Store::fresh_with_config(folder).await;
    store.migrate().await.unwrap();
    config.gateway.nocobase_upstream_url = Some(nobody());
    with_store(store, config, folder).await
}

/// Like [`gateway`], with a store that knows that the database belongs to NocoBase.
pub async fn gateway_of_nocobase(folder: &Path) -> web::Data<Gateway> {
    let (first, mut config) = Store::fresh_with_config(folder).await;
    first.migrate().await.unwrap();
    config.gateway.nocobase_upstream_url = Some(nobody());
    let clock = first.clock().clone();
    let store = Store::connect(&config, clock, &["stableId"]).await.unwrap();
    with_store(store, config, folder).await
}

/// An address at which nobody listens any more.
fn nobody() -> Upstreams {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    format!("http://{}", gone.unwrap()).parse().unwrap()
}

async fn with_store(store: Store, config: Config, folder: &Path) -> web::Data<Gateway> {
    let vault = Vault::open(config.encryption.clone(), folder.to_owned()).unwrap();
    let (clock, providers) = (store.clock().clone(), provider::tests::all());
    let metrics = Metrics::new().unwrap();
    let app = AppState::new(config, clock, store, vault, providers, metrics, b"secret");
    let gateway = Gateway::new(Arc::new(app));
    gateway.read_tables().await.unwrap();
    web::Data::new(gateway)
}

/// The connections of a worker.
pub fn upstream(gateway: &Gateway) -> web::Data<Upstream> {
    let metrics = &gateway.app.metrics.upstream;
    web::Data::new(Upstream::new(gateway.nodes.clone(), metrics))
}

/// A request that has arrived.
pub fn exchange(gateway: &web::Data<Gateway>, request: TestRequest) -> Exchange {
    let request = request.to_http_request();
    Exchange {
        app: gateway.app.clone(),
        gateway: gateway.clone(),
        upstream: upstream(gateway),
        query: Query::parse(request.query_string()),
        request_log: RequestLog::now(&request, &gateway.app.config.http),
        request,
        renewal: Renewal::default(),
    }
}
