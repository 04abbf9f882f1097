//! What a first start creates, without its most expensive part.

use std::thread;

use nocobase_dingtalk::clock::Clock;
use nocobase_dingtalk::config::Config;
use nocobase_dingtalk::domain::install::install_with;
use nocobase_dingtalk::provider;
use nocobase_dingtalk::store::Store;
use tokio::runtime;

/// The stored form of the documented password of root, as Node's scryptSync computed it. Deriving a
/// key for each test's root account would take as long as all the rest of most tests.
const ROOT_PASSWORD: &str = "0123456789abcdefef463267ba5d15cd06568ce3c0261025c05e1edc7aa7fdae";

/// Creates the tables and rows of a first start, so that the server finds them. Tests of the first
/// start itself run the program.
pub fn prepare(config: Config, clock: Clock) {
    let prepared = thread::spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(async {
            let store = Store::connect(&config, clock, provider::STABLE_ID_KEYS).await;
            let store = store.unwrap();
            store.migrate().await.unwrap();
            let root_password = ROOT_PASSWORD.to_owned();
            let installed = install_with(&store, &config.install, root_password).await;
            assert!(installed.unwrap());
            store.close().await.unwrap();
        });
    });
    prepared.join().expect("the database can be prepared");
}
