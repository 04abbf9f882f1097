//! New stores for the unit tests of this crate.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use clap::Parser;
use entity::directory_member;
use futures_util::future::join3;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::connection::Connection;
use super::{AuthenticatorValues, Store};
use crate::clock::Clock;
use crate::config::Config;

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    config: Config,
}

/// The statements that a test has listened to.
#[derive(Default)]
pub(crate) struct Heard {
    sent: Mutex<Vec<String>>,
    most_values: AtomicUsize,
}

impl Heard {
    /// The statements since the last call, without their values.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.sent.lock().unwrap())
    }

    /// The largest number of values that any of the statements had.
    pub(crate) fn most_values(&self) -> usize {
        self.most_values.load(Ordering::Relaxed)
    }
}

impl Store {
    /// A new database, still without tables, in a SQLite file in this folder.
    pub(in crate::store) async fn fresh(storage: &Path) -> Self {
        Self::fresh_with_config(storage).await.0
    }

    /// The clock of the store.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Like [`Store::fresh`], together with its configuration.
    pub(crate) async fn fresh_with_config(storage: &Path) -> (Self, Config) {
        let path = format!("--storage-path={}", storage.display());
        let config = CommandLine::parse_from(["test", &path, "--db-dialect=sqlite"]).config;
        let store = Self::connect(&config, Clock::system(), &["stableId"]).await;
        (store.unwrap(), config)
    }

    /// Listens to all statements from now on. A store has one listener, so a second call fails the
    /// test.
    pub(crate) fn heard(&self) -> Arc<Heard> {
        let heard = Arc::<Heard>::default();
        let listening = heard.clone();
        let is_heard = self.hear_statements(move |statement| {
            let values = statement.values.as_ref().map_or(0, |values| values.0.len());
            listening.most_values.fetch_max(values, Ordering::Relaxed);
            listening.sent.lock().unwrap().push(statement.sql.clone());
        });
        assert!(is_heard, "somebody else listens to this store");
        heard
    }

    /// Notes when a password was changed, in milliseconds since the epoch, as a NocoBase does: it
    /// leaves the records of tokens.
    pub(crate) async fn note_password_change(&self, user_id: i64, at: i64) {
        let change =
            format!(r#"UPDATE "users" SET "passwordChangeTz" = {at} WHERE "id" = {user_id}"#);
        self.execute(&change).await;
    }

    /// Renames a table. Statements about it fail until it has its name again.
    pub(crate) async fn rename_table(&self, from: &str, to: &str) {
        let rename = format!("ALTER TABLE \"{from}\" RENAME TO \"{to}\"");
        self.execute(&rename).await;
    }

    /// What a run records of a person who is there and has no account.
    pub(crate) fn recorded(&self, source_id: i64, external_id: &str) -> directory_member::Model {
        directory_member::Model {
            source_id,
            stable_id: format!("union-{external_id}"),
            external_id: external_id.to_owned(),
            name: external_id.to_owned(),
            phone: None,
            email: None,
            normalized_email: None,
            avatar: None,
            job_title: None,
            job_number: None,
            work_place: None,
            departments: json!([]),
            memberships: json!([]),
            digest: String::new(),
            user_id: None,
            is_gone: false,
            gone_at: None,
            roles: json!([]),
            tried_at: None,
            updated_at: self.now(),
        }
    }

    /// Creates an authenticator that says of itself nothing but this.
    pub(crate) async fn add_authenticator(
        &self,
        name: &str,
        auth_type: &str,
        enabled: bool,
        options: Value,
    ) {
        let values = AuthenticatorValues {
            name: name.to_owned(),
            auth_type: auth_type.to_owned(),
            title: None,
            description: String::new(),
            options,
            enabled,
            author: None,
        };
        self.create_authenticator(values).await.unwrap();
    }

    /// Executes a statement that the store has no function for.
    pub(crate) async fn execute(&self, sql: &str) {
        let connection = self.connection.connection.inner();
        connection.execute_unprepared(sql).await.unwrap();
    }

    /// From now on, whoever writes in one of these ways (`INSERT ON "users"`, say) finds a place taken, as if
    /// another transaction had been faster. [`Store::end_hindrance`] ends it.
    pub(crate) async fn hinder(&self, ways: &[&str]) {
        self.execute(r#"CREATE TABLE "faster" ("name" text UNIQUE)"#)
            .await;
        self.execute(r#"INSERT INTO "faster" VALUES ('another')"#)
            .await;
        for (number, way) in ways.iter().enumerate() {
            let trigger = format!(
                r#"CREATE TRIGGER "is_faster_{number}" BEFORE {way}
                   BEGIN INSERT INTO "faster" SELECT "name" FROM "faster"; END"#
            );
            self.execute(&trigger).await;
        }
    }

    /// Hinders whoever binds or unbinds.
    pub(crate) async fn hinder_bindings(&self) {
        let binds = r#"INSERT ON "usersAuthenticators""#;
        let unbinds = r#"DELETE ON "usersAuthenticators""#;
        self.hinder(&[binds, unbinds]).await;
    }

    /// Makes a change of which the first attempt still meets what [`Store::hinder`] has put in its
    /// way, and a second one does not.
    ///
    /// Writers of a SQLite file come in the order in which they began to wait. Behind an earlier
    /// transaction both the first attempt and what ends the hindrance wait, so that a second one
    /// comes after both. Without it the first attempt could be over before the other began to wait,
    /// because a future goes on at once when the answer to its statement is already there.
    pub(crate) fn amid_hindrance<T>(
        &self,
        change: impl Future<Output = T>,
    ) -> impl Future<Output = T> {
        // A large change is put aside before it can make the future large that waits for it.
        let change = Box::pin(change);
        async move {
            let earlier = self.begin().await.unwrap();
            let (outcome, (), ended) = join3(change, self.end_hindrance(), earlier.commit()).await;
            ended.unwrap();
            outcome
        }
    }

    /// Ends [`Store::hinder`], in a transaction that waits for its turn as all others do.
    pub(crate) async fn end_hindrance(&self) {
        let transaction = self.begin().await.unwrap();
        let connection = transaction.connection.connection.inner();
        let end = r#"DELETE FROM "faster""#;
        connection.execute_unprepared(end).await.unwrap();
        transaction.commit().await.unwrap();
    }
}
