//! A server for each test.

use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use actix_web::dev::ServerHandle;
use clap::Parser;
use nocobase_dingtalk::clock::Clock;
use nocobase_dingtalk::config::{Config, DingTalkHosts};
use nocobase_dingtalk::domain::identity_provider::IdentityProvider;
use nocobase_dingtalk::domain::session::Claims;
use nocobase_dingtalk::server::{BoundServer, Server};
use nocobase_dingtalk::state::AppState;
use nocobase_dingtalk::store::{AuthenticatorValues, NewBinding, NewUser, Store, StoreError};
use sea_orm::{ActiveModelBehavior, ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Handle;
use url::Url;

use super::bindings::new_binding;
use super::{Browser, TestDatabase, TestSandbox, first_start, logs, template};

/// Name of the DingTalk authenticator of every test.
pub const AUTHENTICATOR: &str = "dingtalk";

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    config: Config,
}

/// The settings of these flags.
pub(super) fn settings(flags: &[String], hosts: DingTalkHosts) -> Config {
    let flags = flags.iter().map(String::as_str);
    let flags = ["test", "--app-port=0"].into_iter().chain(flags);
    let mut config = CommandLine::parse_from(flags).config;
    config.dingtalk = hosts;
    config
}

/// Creates further providers for a server.
pub type Further = fn() -> Vec<Arc<dyn IdentityProvider>>;

/// A running server.
pub struct TestServer {
    pub address: SocketAddr,
    handle: ServerHandle,
    runtime: Handle,
    thread: Option<JoinHandle<()>>,
    pub app: Arc<AppState>,
    pub opened: Server,
    /// A browser from which others are cloned, because reading the root certificates for a new
    /// client is slow.
    browser: Browser,
}

impl TestServer {
    /// Starts a server at any free port, with these flags and this clock.
    pub fn start(flags: &[String], hosts: DingTalkHosts, clock: Clock) -> Self {
        Self::start_with(flags, hosts, clock, Vec::new)
    }

    /// Like [`TestServer::start`], with further providers.
    pub fn start_with(
        flags: &[String],
        hosts: DingTalkHosts,
        clock: Clock,
        further: Further,
    ) -> Self {
        let config = settings(flags, hosts);
        let (send, receive) = mpsc::channel();
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let opened = Server::open_with(config, clock, further()).await;
                let opened = opened.expect("the server starts");
                let server = BoundServer::bind(&opened).expect("the port is free");
                let handle = server.handle();
                let all = (server.address(), handle, Handle::current(), opened);
                send.send(all).unwrap();
                server.run().await.expect("the server serves");
            });
        });
        let (address, handle, runtime, opened) = receive.recv().expect("the server starts");
        Self {
            address,
            handle,
            runtime,
            thread: Some(thread),
            app: opened.app.clone(),
            opened,
            browser: Browser::at(address),
        }
    }
}

impl TestServer {
    /// Runs something on the server's own threads: a connection that a test uses is only released
    /// when the test waits, which some tests do not.
    pub async fn does<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        self.runtime.spawn(work).await.unwrap()
    }

    /// Asks the server to stop when all pending requests have arrived; the future is ready when it
    /// has stopped.
    pub fn begin_to_end(&self) -> impl Future<Output = ()> + use<> {
        self.handle.stop(true)
    }
}

impl TestServer {
    /// Stops the server, which releases its database.
    pub fn end(&mut self) {
        // The request to stop is sent when the future is created, so nobody has to wait for it.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.end();
    }
}

/// What creates the database: a server or, in a build without the standalone server, the layers
/// below it.
#[cfg(feature = "standalone")]
type First = TestServer;
#[cfg(not(feature = "standalone"))]
type First = super::beside::Beside;

/// A server, its sandbox, its database and its folder, in the order in which they are dropped.
pub struct TestApp {
    pub server: First,
    pub sandbox: TestSandbox,
    pub clock: Clock,
    pub database: TestDatabase,
    /// The flags of the server.
    flags: Vec<String>,
    further: Further,
    /// The folder is removed with the test.
    _storage: TempDir,
}

impl TestApp {
    /// A server with the DingTalk authenticator and its defaults.
    pub async fn start() -> Self {
        Self::with_options(json!({})).await
    }

    /// A server whose DingTalk authenticator has these options beside the credentials.
    pub async fn with_options(options: Value) -> Self {
        Self::with_flags(&[], options).await
    }

    /// A server with these flags.
    pub async fn with_flags(flags: &[&str], options: Value) -> Self {
        let app = Self::bare(flags);
        app.create_authenticator(options).await;
        app
    }

    /// A server with these flags whose database has only what a first start creates.
    pub fn bare(flags: &[&str]) -> Self {
        Self::with_providers(flags, Vec::new)
    }

    /// Like [`TestApp::bare`], with further providers.
    pub fn with_providers(flags: &[&str], further: Further) -> Self {
        logs::collect();
        let storage = tempfile::tempdir().unwrap();
        let sandbox = TestSandbox::start();
        let clock = Clock::system();
        let chosen = |of: &str| flags.iter().any(|flag| flag.starts_with(of));
        let is_usual = !chosen("--init-") && !chosen("--db-");
        let copied = is_usual.then(template::copy).flatten();
        let is_prepared = copied.is_some();
        let database = copied.unwrap_or_else(|| TestDatabase::create(storage.path()));
        let mut all = database.flags();
        all.push(format!("--storage-path={}", storage.path().display()));
        if !flags.iter().any(|flag| flag.starts_with("--ui-dir")) {
            all.push(format!(
                "--ui-dir={}",
                storage.path().join("no-ui").display()
            ));
        }
        all.retain(|usual| !flags.iter().any(|flag| is_same_flag(flag, usual)));
        all.extend(flags.iter().map(|&flag| flag.to_owned()));
        let hosts = DingTalkHosts::all_at(&sandbox.url());
        // Whoever chooses the root account has it created by the server.
        if !is_prepared && !chosen("--init-root-") {
            first_start::prepare(settings(&all, hosts.clone()), clock.clone());
        }
        let server = First::start_with(&all, hosts, clock.clone(), further);
        Self {
            further,
            server,
            sandbox,
            clock,
            database,
            flags: all,
            _storage: storage,
        }
    }

    #[cfg(feature = "standalone")]
    /// Another server over the same database and folder.
    pub fn second_server(&self) -> TestServer {
        let hosts = DingTalkHosts::all_at(&self.sandbox.url());
        TestServer::start_with(&self.flags, hosts, self.clock.clone(), self.further)
    }

    #[cfg(feature = "standalone")]
    /// Ends the server and starts another one.
    pub fn restart(&mut self) {
        self.server.end();
        self.server = self.second_server();
    }

    /// Creates DingTalk's authenticator, with these options beside the credentials.
    pub async fn create_authenticator(&self, options: Value) {
        let mut all = json!({
            "clientId": dingtalk_sandbox::seed::CLIENT_ID,
            "clientSecret": dingtalk_sandbox::seed::CLIENT_SECRET,
        });
        for (key, value) in options.as_object().unwrap() {
            all[key] = value.clone();
        }
        let values = AuthenticatorValues {
            name: AUTHENTICATOR.to_owned(),
            auth_type: "dingtalk".to_owned(),
            title: None,
            description: String::new(),
            options: all,
            enabled: true,
            author: None,
        };
        self.store().create_authenticator(values).await.unwrap();
    }

    /// What the server was started with.
    pub fn flags(&self) -> &[String] {
        &self.flags
    }

    /// The claims of a token for a session of this account that begins now.
    pub fn claims(&self, user_id: i64) -> Claims {
        let now = self.clock.now();
        Claims {
            user_id: Some(user_id),
            temp: Some(true),
            role_name: None,
            iat: Some(now.timestamp()),
            sign_in_time: Some(now.timestamp_millis()),
            exp: Some(now.timestamp() + 86_400),
            nbf: None,
            jti: Some("7b0a4bd2-6c8f-4c1e-9f7e-0a7a1c1d0e11".to_owned()),
        }
    }

    /// A token of this account, issued as a sign-in issues it, without a password: to check one takes longer than most
    /// tests take for all the rest.
    pub async fn token_of(&self, user_id: i64) -> String {
        let app = &self.server.app;
        let issued = app.sessions.issue(&app.store, user_id, "basic").await;
        issued.unwrap().0
    }

    /// A token of the root account.
    pub async fn root_token(&self) -> String {
        self.token_of(1).await
    }

    /// The server's rows.
    pub fn store(&self) -> &Store {
        &self.server.app.store
    }

    /// Creates an account and gives its id.
    pub async fn create_user(&self, nickname: &str, phone: Option<&str>) -> i64 {
        let user = NewUser {
            nickname: Some(nickname.to_owned()),
            phone: phone.map(str::to_owned),
            ..NewUser::default()
        };
        self.store().create_user(user).await.unwrap().id
    }

    /// How many accounts there are. Each test's server has the root account.
    pub async fn count_users(&self) -> usize {
        let mut count = 0;
        for id in 1..100 {
            count += usize::from(self.store().user(id).await.unwrap().is_some());
        }
        count
    }

    /// Replaces the options of the authenticator that the first start creates.
    pub async fn set_password_options(&self, options: Value) {
        let basic = self.store().authenticator("basic").await.unwrap().unwrap();
        let values = AuthenticatorValues {
            name: basic.name,
            auth_type: basic.auth_type,
            title: basic.title,
            description: basic.description,
            options,
            enabled: true,
            author: None,
        };
        self.store()
            .update_authenticator(basic.id, values)
            .await
            .unwrap();
    }

    /// Writes a row for which the server has no action.
    pub async fn write<A>(&self, row: A)
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        let connection = self.database.connect().await;
        row.update(&connection).await.unwrap();
        connection.into_inner().close().await.unwrap();
        self.store().forget();
    }

    #[cfg(feature = "standalone")]
    /// Where the server is.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address)
    }

    #[cfg(feature = "standalone")]
    /// The Redirect URL.
    pub fn redirect_url(&self) -> Url {
        self.url("/api/dingtalk:redirect").parse().unwrap()
    }

    /// The bindings with this identifier at the authenticator of the test.
    pub async fn bindings_of(&self, subject: &str) -> Vec<entity::user_authenticator::Model> {
        let bindings = self.store().bindings_of_subject(AUTHENTICATOR, subject);
        bindings.await.unwrap()
    }

    /// Binds an account to a person, as a sign-in does.
    pub async fn bind(
        &self,
        authenticator: &str,
        subject: &str,
        user_id: i64,
        meta: Value,
    ) -> Result<(), StoreError> {
        let transaction = self.store().begin().await?;
        let new = NewBinding {
            meta,
            ..new_binding(authenticator, user_id, subject)
        };
        transaction.create_binding(new).await?;
        transaction.commit().await
    }

    #[cfg(feature = "standalone")]
    /// A browser with no cookies.
    pub fn browser(&self) -> Browser {
        self.server.browser.clone()
    }
}

#[cfg(feature = "standalone")]
impl TestApp {
    /// Sends these bytes, and returns what comes back until the server closes the connection.
    pub fn raw(&self, request: &str) -> String {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(self.server.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

pub(super) fn is_same_flag(one: &str, other: &str) -> bool {
    one.split('=').next() == other.split('=').next()
}
