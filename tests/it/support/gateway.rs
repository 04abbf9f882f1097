//! A gateway in front of a scripted upstream, on a database that NocoBase might have made.

use entity::application_plugin;
use nocobase_dingtalk::clock::Clock;
use nocobase_dingtalk::config::DingTalkHosts;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter,
    Set,
};
use serde_json::json;

use super::app::TestServer;
use super::upstream::{Raw, ScriptedUpstream};
use super::{Browser, TestApp};

/// A gateway. The standalone server beside it has made the database, and looks into it.
pub struct TestGateway {
    pub server: TestServer,
    pub upstream: ScriptedUpstream,
    pub app: TestApp,
}

impl TestGateway {
    /// In front of this upstream.
    pub async fn before(upstream: ScriptedUpstream) -> Self {
        Self::with_flags(upstream, &[]).await
    }

    /// The same with these flags.
    pub async fn with_flags(upstream: ScriptedUpstream, flags: &[&str]) -> Self {
        // Where the tables are, NocoBase is told too.
        let schema = flags.iter().find(|flag| flag.starts_with("--db-schema="));
        let app = TestApp::bare(schema.map_or(&[], std::slice::from_ref));
        // NocoBase knows nothing of our plugin.
        let connection = connect(&app).await;
        application_plugin::Entity::delete_many()
            .filter(application_plugin::Column::Name.eq("auth-dingtalk"))
            .exec(&connection)
            .await
            .unwrap();
        // Nor are there migrations of ours for its tables.
        connection
            .execute_unprepared(
                "DELETE FROM dingtalk_migrations WHERE version LIKE '%nocobase_tables' \
                 OR version LIKE '%api_keys'",
            )
            .await
            .unwrap();
        connection.close().await.unwrap();
        let mut all = app.flags().to_vec();
        if !flags
            .iter()
            .any(|flag| flag.starts_with("--nocobase-upstream-url"))
        {
            all.push(format!("--nocobase-upstream-url={}", upstream.url()));
        }
        let others = flags.iter().filter(|flag| Some(*flag) != schema);
        all.extend(others.map(|&flag| flag.to_owned()));
        let hosts = DingTalkHosts::all_at(&app.sandbox.url());
        let server = TestServer::start(&all, hosts, app.clock.clone());
        Self {
            server,
            upstream,
            app,
        }
    }

    /// Switches the plugin on.
    pub async fn enable_plugin(&self) {
        let store = &self.server.app.store;
        store.set_switch("auth-dingtalk", true).await.unwrap();
    }

    /// Writes a DingTalk authenticator as the gateway has NocoBase write it.
    pub async fn create_authenticator(&self, name: &str, enabled: bool) -> i64 {
        let connection = connect(&self.app).await;
        let now = Clock::system().now();
        let row = entity::authenticator::ActiveModel {
            created_at: Set(now),
            updated_at: Set(now),
            name: Set(name.to_owned()),
            auth_type: Set("dingtalk".to_owned()),
            description: Set(String::new()),
            options: Set(json!({
                "clientId": dingtalk_sandbox::seed::CLIENT_ID,
                "clientSecret": dingtalk_sandbox::seed::CLIENT_SECRET,
                "public": {"autoSignup": true},
                "dingtalkGateway": {"enabled": enabled},
            })),
            enabled: Set(Some(false)),
            sort: Set(Some(2)),
            ..Default::default()
        };
        let row = row.insert(&connection).await.unwrap();
        connection.close().await.unwrap();
        row.id
    }

    pub fn browser(&self) -> Browser {
        Browser::at(self.server.address)
    }

    pub fn raw(&self) -> Raw {
        Raw::to(self.server.address)
    }

    /// Says this on a connection of its own and gives what comes until it ends.
    pub fn exchange(&self, request: impl AsRef<[u8]>) -> String {
        self.raw().say(request).hear_all()
    }
}

/// A connection that finds the tables where the server has them.
async fn connect(app: &TestApp) -> DatabaseConnection {
    let connection = app.database.connect().await;
    let mut flags = app.flags().iter();
    if let Some(schema) = flags.find_map(|flag| flag.strip_prefix("--db-schema=")) {
        let path = format!("SET search_path TO \"{schema}\"");
        connection.execute_unprepared(&path).await.unwrap();
    }
    connection
}
