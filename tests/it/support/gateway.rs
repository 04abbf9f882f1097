//! A gateway in front of a scripted upstream, with a database like NocoBase's.

use entity::application_plugin;
use nocobase_dingtalk::config::DingTalkHosts;
#[cfg(not(feature = "standalone"))]
use nocobase_dingtalk::domain::password;
#[cfg(not(feature = "standalone"))]
use nocobase_dingtalk::domain::session::{Renewal, TokenError};
use nocobase_dingtalk::store::AuthenticatorValues;
#[cfg(not(feature = "standalone"))]
use nocobase_dingtalk::store::NewUser;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::app::{TestServer, is_same_flag};
use super::upstream::{Raw, ScriptedUpstream};
use super::{Browser, Further, Hanging, TestApp, TestConnection, in_dialect};

/// A gateway. A standalone server has created its database, and reads it in tests.
pub struct TestGateway {
    pub server: TestServer,
    pub upstream: ScriptedUpstream,
    pub app: TestApp,
}

impl TestGateway {
    /// A gateway in front of this upstream.
    pub async fn before(upstream: ScriptedUpstream) -> Self {
        Self::with_flags(upstream, &[]).await
    }

    /// Like [`TestGateway::before`], with these flags.
    pub async fn with_flags(upstream: ScriptedUpstream, flags: &[&str]) -> Self {
        Self::with_providers(upstream, flags, Vec::new).await
    }

    /// Like [`TestGateway::with_flags`], with further providers.
    pub async fn with_providers(
        upstream: ScriptedUpstream,
        flags: &[&str],
        further: Further,
    ) -> Self {
        // NocoBase is also told in which schema the tables are.
        let schema = flags.iter().find(|flag| flag.starts_with("--db-schema="));
        let app = TestApp::bare(schema.map_or(&[], std::slice::from_ref));
        prepare(&app).await;
        let others = flags.iter().filter(|flag| Some(*flag) != schema);
        let others = others.map(|&flag| flag.to_owned()).collect();
        Self::start(app, upstream, others, further)
    }

    /// A gateway in front of this upstream, with a database that can be made to hang. On SQLite
    /// that is a copy, which `app` does not use.
    pub async fn on_a_database_that_can_hang(upstream: ScriptedUpstream) -> (Self, Hanging) {
        let app = TestApp::bare(&[]);
        prepare(&app).await;
        let hanging = Hanging::of(&app.database).await;
        let gateway = Self::start(app, upstream, hanging.flags(), Vec::new);
        (gateway, hanging)
    }

    fn start(
        app: TestApp,
        upstream: ScriptedUpstream,
        flags: Vec<String>,
        further: Further,
    ) -> Self {
        let mut all = app.flags().to_vec();
        all.push(format!("--nocobase-upstream-url={}", upstream.url()));
        all.retain(|usual| !flags.iter().any(|flag| is_same_flag(flag, usual)));
        all.extend(flags);
        let hosts = DingTalkHosts::all_at(&app.sandbox.url());
        let server = TestServer::start_with(&all, hosts, app.clock.clone(), further);
        Self {
            server,
            upstream,
            app,
        }
    }

    /// Enables the plugin.
    pub async fn enable_plugin(&self) {
        let app = self.server.app.clone();
        let switched = async move { app.store.set_switch("auth-dingtalk", true).await };
        self.server.does(switched).await.unwrap();
        self.know().await;
    }

    /// Lets the gateway notice what was written, as if a moment had passed.
    pub async fn know(&self) {
        let gateway = self.server.opened.gateway().unwrap().clone();
        let read = async move { gateway.read_tables().await };
        self.server.does(read).await.unwrap();
    }

    /// Writes a DingTalk authenticator as the gateway has NocoBase write it.
    pub async fn create_authenticator(&self, name: &str, enabled: bool) -> i64 {
        let values = AuthenticatorValues {
            name: name.to_owned(),
            auth_type: "dingtalk".to_owned(),
            title: None,
            description: String::new(),
            options: json!({
                "clientId": dingtalk_sandbox::seed::CLIENT_ID,
                "clientSecret": dingtalk_sandbox::seed::CLIENT_SECRET,
                "public": {"autoSignup": true},
                "dingtalkGateway": {"enabled": enabled},
            }),
            enabled: false,
            author: None,
        };
        let app = self.server.app.clone();
        let created = async move { app.store.create_authenticator(values).await };
        let row = self.server.does(created).await.unwrap();
        self.know().await;
        row.id
    }

    /// Puts an account into a department with this role, as NocoBase's plugin does. Another
    /// department has the role root.
    pub async fn put_into_department(&self, user_id: i64, role: &str) {
        let connection = connect(&self.app).await;
        for statement in [
            r#"CREATE TABLE "departmentsUsers" ("departmentId" bigint, "userId" bigint, PRIMARY KEY ("departmentId", "userId"))"#,
            r#"CREATE TABLE "departmentsRoles" ("departmentId" bigint, "roleName" varchar(255), PRIMARY KEY ("departmentId", "roleName"))"#,
            &format!(r#"INSERT INTO "departmentsUsers" VALUES (7, {user_id})"#),
            &format!(r#"INSERT INTO "departmentsRoles" VALUES (7, '{role}'), (8, 'root')"#),
        ] {
            let statement = in_dialect(&connection, statement);
            let done = connection.execute_unprepared(&statement).await;
            done.expect(&statement);
        }
        connection.into_inner().close().await.unwrap();
    }

    /// Has the departments that rows of our directory tell of, as NocoBase's plugin has made them.
    pub async fn have_departments(&self, rows: &[Value]) {
        let table = r#"CREATE TABLE "departments" ("id" bigint PRIMARY KEY, "title" varchar(255), "parentId" bigint)"#;
        let mut statements = vec![table.to_owned()];
        let id_of = |external: &Value| {
            let found = rows.iter().find(|row| row["externalId"] == *external);
            found.map(|row| row["departmentId"].to_string())
        };
        for row in rows {
            let (id, title) = (&row["departmentId"], row["title"].as_str().unwrap());
            let parent = id_of(&row["parentId"]).unwrap_or_else(|| "NULL".to_owned());
            let values = format!("({id}, '{title}', {parent})");
            statements.push(format!(r#"INSERT INTO "departments" VALUES {values}"#));
        }
        self.execute(&statements).await;
    }

    /// Has these people be in departments, as pairs of department and account, and nobody else.
    pub async fn have_members(&self, pairs: &[(i64, i64)]) {
        let table = r#"CREATE TABLE IF NOT EXISTS "departmentsUsers" ("departmentId" bigint, "userId" bigint, PRIMARY KEY ("departmentId", "userId"))"#;
        let mut statements = vec![
            table.to_owned(),
            r#"DELETE FROM "departmentsUsers""#.to_owned(),
        ];
        statements.extend(pairs.iter().map(|(department, user)| {
            format!(r#"INSERT INTO "departmentsUsers" VALUES ({department}, {user})"#)
        }));
        self.execute(&statements).await;
    }

    /// Somebody removes a department by hand.
    pub async fn lose_department(&self, title: &str) {
        let statement = format!(r#"DELETE FROM "departments" WHERE "title" = '{title}'"#);
        self.execute(&[statement]).await;
    }

    /// Somebody renames a department by hand.
    pub async fn rename_department(&self, title: &str, new: &str) {
        let statement =
            format!(r#"UPDATE "departments" SET "title" = '{new}' WHERE "title" = '{title}'"#);
        self.execute(&[statement]).await;
    }

    /// NocoBase gives an authenticator another name, and the gateway does not learn of it.
    pub async fn rename_authenticator(&self, id: i64, new: &str) {
        let statement =
            format!(r#"UPDATE "authenticators" SET "name" = '{new}' WHERE "id" = {id}"#);
        self.execute(&[statement]).await;
        self.know().await;
    }

    /// Has these rows stand on NocoBase's page «Synchronize»: name, type and options of each.
    pub async fn have_sync_sources(&self, rows: &[(&str, &str, Value)]) {
        let mut statements = vec![
            r#"DROP TABLE IF EXISTS "userDataSyncSources""#.to_owned(),
            r#"CREATE TABLE "userDataSyncSources" ("id" bigint PRIMARY KEY, "name" varchar(255), "sourceType" varchar(255), "enabled" boolean, "options" json)"#.to_owned(),
        ];
        for (number, (name, source_type, options)) in rows.iter().enumerate() {
            let id = number + 1;
            let values = format!("({id}, '{name}', '{source_type}', true, '{options}')");
            statements.push(format!(
                r#"INSERT INTO "userDataSyncSources" VALUES {values}"#
            ));
        }
        self.execute(&statements).await;
    }

    /// Has the departments be these, whatever they were before: id, name and parent of each.
    pub async fn have_only_departments(&self, rows: &[(i64, String, Option<i64>)]) {
        let mut statements = vec![
            r#"CREATE TABLE IF NOT EXISTS "departments" ("id" bigint PRIMARY KEY, "title" varchar(255), "parentId" bigint)"#.to_owned(),
            r#"DELETE FROM "departments""#.to_owned(),
        ];
        for (id, title, parent) in rows {
            let parent = parent.map_or_else(|| "NULL".to_owned(), |parent| parent.to_string());
            let values = format!("({id}, '{title}', {parent})");
            statements.push(format!(r#"INSERT INTO "departments" VALUES {values}"#));
        }
        self.execute(&statements).await;
    }

    /// Has the time of all leases be over, as if the processes that held them had been gone for a while.
    pub async fn end_leases(&self) {
        let statement = r#"UPDATE "dingtalk_leases" SET "expiresMs" = 0"#;
        self.execute(&[statement.to_owned()]).await;
    }

    /// Has all sources of directories act as this account.
    pub async fn act_as(&self, user_id: i64) {
        let statement =
            format!(r#"UPDATE "dingtalk_directory_sources" SET "actingUserId" = {user_id}"#);
        self.execute(&[statement]).await;
    }

    async fn execute(&self, statements: &[String]) {
        let connection = connect(&self.app).await;
        for statement in statements {
            let statement = in_dialect(&connection, statement);
            let done = connection.execute_unprepared(&statement).await;
            done.expect(&statement);
        }
        connection.into_inner().close().await.unwrap();
    }

    /// Takes everybody out of all departments.
    pub async fn empty_departments(&self) {
        let connection = connect(&self.app).await;
        let statement = in_dialect(&connection, r#"DELETE FROM "departmentsUsers""#);
        connection.execute_unprepared(&statement).await.unwrap();
        connection.into_inner().close().await.unwrap();
    }

    pub fn browser(&self) -> Browser {
        Browser::at(self.server.address)
    }

    /// A token of the root account.
    pub async fn root_token(&self) -> String {
        self.app.root_token().await
    }

    pub fn raw(&self) -> Raw {
        Raw::to(self.server.address)
    }

    /// Sends this over a connection of its own, and returns what comes until it ends.
    pub fn exchange(&self, request: impl AsRef<[u8]>) -> String {
        self.raw().say(request).hear_all()
    }
}

/// What a NocoBase with the same database and secret would do. A standalone server plays its part.
#[cfg(feature = "standalone")]
impl TestGateway {
    /// The account of this token, according to `auth:check`.
    pub async fn known_to_nocobase(&self, token: &str) -> Value {
        let answer = self.app.browser().get_as(token, "/api/auth:check").await;
        answer.json()["data"].clone()
    }

    /// Whether `auth:check` refuses this token as invalid.
    pub async fn refused_by_nocobase(&self, token: &str) -> bool {
        let answer = self.app.browser().get_as(token, "/api/auth:check").await;
        answer.code() == "INVALID_TOKEN"
    }

    /// Creates an account with the default role and the password `pw`, and returns a token of it.
    pub async fn member(&self, username: &str, phone: Option<&str>) -> (i64, String) {
        let root = self.root_token().await;
        let mut body = json!({"username": username, "password": "pw"});
        if let Some(phone) = phone {
            body["phone"] = json!(phone);
        }
        let mut made = self.app.browser();
        let made = made.post_as(&root, "/api/users:create", body).await;
        let id = made.id();
        (id, self.app.token_of(id).await)
    }
}

/// The same by the rules of the domain, for a build without the standalone server.
#[cfg(not(feature = "standalone"))]
impl TestGateway {
    /// The account of this token, according to `auth:check`.
    pub async fn known_to_nocobase(&self, token: &str) -> Value {
        let app = &self.app.server.app;
        let known = app.sessions.verify(&app.store, token, Renewal::Pointless);
        let account = known.await.unwrap().account;
        let roles = account.held.roles.iter();
        let roles: Vec<_> = roles.map(|(role, _)| json!({"name": role.name})).collect();
        json!({"id": account.user.id, "nickname": account.user.nickname, "roles": roles})
    }

    /// Whether `auth:check` refuses this token as invalid.
    pub async fn refused_by_nocobase(&self, token: &str) -> bool {
        let app = &self.app.server.app;
        let known = app.sessions.verify(&app.store, token, Renewal::Pointless);
        matches!(
            known.await,
            Err(TokenError::Invalid | TokenError::PasswordChanged)
        )
    }

    /// Creates an account with the default role and the password `pw`, and returns a token of it.
    pub async fn member(&self, username: &str, phone: Option<&str>) -> (i64, String) {
        let user = NewUser {
            username: Some(username.to_owned()),
            phone: phone.map(str::to_owned),
            password: Some(password::hash("pw").await.unwrap()),
            ..NewUser::default()
        };
        let id = self.app.store().create_user(user).await.unwrap().id;
        (id, self.app.token_of(id).await)
    }
}

async fn prepare(app: &TestApp) {
    let connection = connect(app).await;
    as_of_nocobase(&connection).await;
    connection.into_inner().close().await.unwrap();
}

/// Changes a standalone server's database to one that a NocoBase might have created.
pub async fn as_of_nocobase(connection: &TestConnection) {
    // NocoBase has no row for this product's plugin.
    application_plugin::Entity::delete_many()
        .filter(application_plugin::Column::Name.eq("auth-dingtalk"))
        .exec(connection)
        .await
        .unwrap();
    // This product has no migrations for NocoBase's tables.
    let not_ours = "DELETE FROM \"dingtalk_migrations\" WHERE version LIKE '%nocobase_tables' \
                    OR version LIKE '%api_keys'";
    let not_ours = in_dialect(connection, not_ours);
    connection.execute_unprepared(&not_ours).await.unwrap();
}

/// A connection that finds the tables where the server has them.
async fn connect(app: &TestApp) -> TestConnection {
    let connection = app.database.connect().await;
    let mut flags = app.flags().iter();
    if let Some(schema) = flags.find_map(|flag| flag.strip_prefix("--db-schema=")) {
        let path = format!("SET search_path TO \"{schema}\"");
        connection.inner().execute_unprepared(&path).await.unwrap();
    }
    connection
}
