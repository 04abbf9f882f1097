//! Creating a database in a build without the standalone server, with the layers below it.

use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use nocobase_dingtalk::clock::Clock;
use nocobase_dingtalk::config::DingTalkHosts;
use nocobase_dingtalk::domain::environment::Vault;
use nocobase_dingtalk::domain::identity_provider::Providers;
use nocobase_dingtalk::domain::install::install;
use nocobase_dingtalk::metrics::Metrics;
use nocobase_dingtalk::provider;
use nocobase_dingtalk::state::AppState;
use nocobase_dingtalk::store::Store;
use tokio::sync::oneshot;

use super::Further;
use super::app::settings;

/// A database that a first start has created, and the store that reads and writes it.
pub struct Beside {
    pub app: Arc<AppState>,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Beside {
    pub fn start_with(
        flags: &[String],
        hosts: DingTalkHosts,
        clock: Clock,
        further: Further,
    ) -> Self {
        let config = settings(flags, hosts);
        let (send, receive) = mpsc::channel();
        let (end, ended) = oneshot::channel();
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let secret = config.signing.load(&config.storage_path).unwrap();
                let folder = config.storage_path.clone();
                let vault = Vault::open(config.encryption.clone(), folder).unwrap();
                let stable_id_keys = provider::STABLE_ID_KEYS;
                let store = Store::connect(&config, clock.clone(), stable_id_keys).await;
                let store = store.unwrap();
                store.migrate().await.unwrap();
                install(&store, &config.install).await.unwrap();
                store.watch(&config).await.unwrap();
                let metrics = Metrics::new().unwrap();
                let mut providers = provider::all(&config, &metrics).unwrap();
                providers.extend(further());
                let providers = Providers::new(providers);
                let app = AppState::new(config, clock, store, vault, providers, metrics, &secret);
                send.send(Arc::new(app)).unwrap();
                let _ = ended.await;
            });
        });
        Self {
            app: receive.recv().expect("the database can be made"),
            end: Some(end),
            thread: Some(thread),
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
