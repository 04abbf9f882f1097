//! An installation for tests of the domain: a database as the first start leaves it, without a
//! server.

use std::pin::pin;
use std::time::Duration;

use entity::user;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;

use super::environment::Vault;
use super::identity::{Identity, StableId};
use super::install::install_with;
use crate::phone::Phone;
use crate::store::{NewBinding, NewUser, Store, Transaction};

/// The stored form of `admin123`, the documented password of root, as Node's scryptSync computed it,
/// which is another implementation. Deriving it takes longer than most tests.
pub(super) const STORED_PASSWORD: &str =
    "0123456789abcdefef463267ba5d15cd06568ce3c0261025c05e1edc7aa7fdae";

/// A store with a SQLite file of its own, with the roles, the root account and the default
/// settings.
pub(super) struct TestInstallation {
    pub store: Store,
    pub vault: Vault,
    folder: TempDir,
}

impl TestInstallation {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, config) = Store::fresh_with_config(folder.path()).await;
        store.migrate().await.unwrap();
        let root_password = STORED_PASSWORD.to_owned();
        let installed = install_with(&store, &config.install, root_password).await;
        assert!(installed.unwrap());
        let vault = Vault::open(config.encryption, folder.path().to_owned());
        Self {
            store,
            vault: vault.unwrap(),
            folder,
        }
    }

    /// Another store on the same database, as the gateway of a NocoBase opens it.
    pub async fn of_nocobase(&self) -> Store {
        let (_, mut config) = Store::fresh_with_config(self.folder.path()).await;
        let upstream = "http://127.0.0.1:13000".parse().unwrap();
        config.gateway.nocobase_upstream_url = Some(upstream);
        let clock = self.store.clock().clone();
        Store::connect(&config, clock, &["stableId"]).await.unwrap()
    }

    /// An account with the default role.
    pub async fn account(&self, new: NewUser) -> user::Model {
        let transaction = self.store.begin().await.unwrap();
        let user = transaction.create_user(new).await.unwrap();
        transaction.commit().await.unwrap();
        user
    }

    /// Binds an account to the person with this subject.
    pub async fn bind(&self, authenticator: &str, user_id: i64, subject: &str, meta: Value) {
        let new = NewBinding {
            authenticator: authenticator.to_owned(),
            user_id,
            uuid: subject.to_owned(),
            nickname: String::new(),
            avatar: String::new(),
            meta,
            author: None,
        };
        let transaction = self.store.begin().await.unwrap();
        transaction.create_binding(new).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// Removes the binding of an account.
    pub async fn unbind(&self, authenticator: &str, user_id: i64) {
        let transaction = self.store.begin().await.unwrap();
        let removed = transaction.remove_binding(authenticator, user_id);
        assert_eq!(removed.await.unwrap(), 1);
        transaction.commit().await.unwrap();
    }

    /// Assigns exactly these roles to an account.
    pub async fn give_roles(&self, user_id: i64, names: &[&str]) {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        let transaction = self.store.begin().await.unwrap();
        transaction.set_roles(user_id, &names).await.unwrap();
        transaction.commit().await.unwrap();
    }
}

/// Commits a transaction only after another change has begun and has read what it reads before it
/// must wait; gives the outcome of that change.
pub(super) async fn amid<T>(open: Transaction, change: impl Future<Output = T>) -> T {
    let mut change = pin!(change);
    let early = timeout(Duration::from_millis(300), &mut change).await;
    open.commit().await.unwrap();
    match early {
        Ok(outcome) => outcome,
        Err(_) => change.await,
    }
}

/// An employee with this identifier, this phone number, and a union id with the same text.
pub(super) fn employee(subject: &str, phone: Option<&str>) -> Identity {
    let union_id = format!("union-{subject}");
    Identity {
        key: subject.to_owned(),
        subject: subject.to_owned(),
        stable_id: Some(StableId {
            key: "unionId",
            value: union_id.clone(),
        }),
        name: "Li Na".to_owned(),
        avatar: None,
        phone: phone.and_then(Phone::of_account),
        phone_is_unclear: false,
        email: None,
        meta: json!({"unionId": union_id}),
    }
}
