//! A database of one's own for each test, of the kind that `TEST_DATABASE` names: `sqlite` (unless
//! it is set), `postgres` or `mariadb`. `DB_HOST`, `DB_PORT`, `DB_USER` and `DB_PASSWORD` say where
//! the server is; the account has to be allowed to create databases.

use std::env;
use std::path::Path;
use std::sync::{Arc, Once};
use std::thread;

use entity::lease;
use entity::naming::{NamedConnection, Naming};
use nocobase_dingtalk::clock::Clock;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, EntityTrait,
    Statement,
};
use url::Url;

/// What the names of our databases begin with; after it comes when they were created.
const PREFIX: &str = "nbdt_";
/// A test that was killed leaves its database behind. Nothing runs as long as this.
const STALE_SECONDS: i64 = 3600;

/// Once a process is often enough.
static SWEPT: Once = Once::new();

/// The kind of database that the tests run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
    Mariadb,
}

impl Kind {
    /// The kind that was asked for.
    pub fn chosen() -> Self {
        match env::var("TEST_DATABASE").as_deref() {
            Err(_) | Ok("" | "sqlite") => Self::Sqlite,
            Ok("postgres") => Self::Postgres,
            Ok("mariadb") => Self::Mariadb,
            Ok(other) => panic!("TEST_DATABASE is sqlite, postgres or mariadb, not {other}"),
        }
    }

    /// Its name in NocoBase's settings.
    pub fn dialect(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mariadb => "mariadb",
        }
    }
}

/// A connection beside the server's own, which takes statements with the names of collections as the server does.
pub type TestConnection = NamedConnection<DatabaseConnection>;

/// What tables and columns are called in the databases of this run: `TEST_DB_TABLE_PREFIX` and `TEST_DB_UNDERSCORED` are
/// what NocoBase calls `DB_TABLE_PREFIX` and `DB_UNDERSCORED`.
pub fn naming() -> Naming {
    let [prefix, underscored] = naming_settings().map(|(_, value)| value);
    Naming::new(prefix, underscored == "true")
}

fn naming_settings() -> [(&'static str, String); 2] {
    let setting = |name| env::var(name).unwrap_or_default();
    [
        ("DB_TABLE_PREFIX", setting("TEST_DB_TABLE_PREFIX")),
        ("DB_UNDERSCORED", setting("TEST_DB_UNDERSCORED")),
    ]
}

/// A fresh database, dropped with the test.
pub struct TestDatabase {
    pub kind: Kind,
    url: Url,
}

impl TestDatabase {
    /// Creates it. On SQLite it will be a file in this folder.
    pub fn create(storage: &Path) -> Self {
        let kind = Kind::chosen();
        if kind == Kind::Sqlite {
            std::fs::create_dir_all(storage.join("db")).unwrap();
            return Self::at(storage);
        }
        let database = Self::at_server();
        let name = database.name();
        let create = if kind == Kind::Postgres {
            // The other template cannot be copied while somebody looks at it.
            format!("CREATE DATABASE {name} TEMPLATE template0")
        } else {
            // The usual one of a Debian server: ignores case, as NocoBase's own databases do.
            let usual = || "utf8mb4_general_ci".to_owned();
            let collation = env::var("TEST_DB_COLLATION").unwrap_or_else(|_| usual());
            format!("CREATE DATABASE {name} COLLATE {collation}")
        };
        on_server(move |server| {
            Box::pin(async move {
                server.execute_unprepared(&create).await.unwrap();
                let mut first = false;
                SWEPT.call_once(|| first = true);
                if first {
                    drop_stale(server).await;
                }
            })
        });
        database
    }

    /// One of a new name, which does not exist yet, at the server.
    pub(super) fn at_server() -> Self {
        let name = format!("{PREFIX}{:x}_{:08x}", now(), rand::random::<u32>());
        let mut url = server();
        url.set_path(&name);
        Self {
            kind: Kind::chosen(),
            url,
        }
    }

    /// The SQLite file of this storage folder.
    pub fn at(storage: &Path) -> Self {
        let file = storage.join("db/nocobase.sqlite");
        let url = format!("sqlite://{}?mode=rwc", file.display());
        Self {
            kind: Kind::Sqlite,
            url: Url::parse(&url).unwrap(),
        }
    }

    /// The settings of a server on it, as NocoBase's variables.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = vec![
            ("DB_DIALECT", self.kind.dialect().to_owned()),
            // Many tests run at once and the servers accept some hundred connections.
            ("DB_POOL_MAX", "4".to_owned()),
        ];
        let named = naming_settings().into_iter();
        settings.extend(named.filter(|(_, value)| !value.is_empty()));
        if self.kind != Kind::Sqlite {
            settings.extend([
                ("DB_HOST", self.url.host_str().unwrap().to_owned()),
                ("DB_PORT", self.url.port().unwrap().to_string()),
                ("DB_DATABASE", self.name().to_owned()),
                ("DB_USER", self.url.username().to_owned()),
            ]);
            if let Some(password) = self.url.password() {
                settings.push(("DB_PASSWORD", password.to_owned()));
            }
        }
        settings
    }

    /// The same as flags.
    pub fn flags(&self) -> Vec<String> {
        let flag = |(name, value): (&str, String)| {
            format!("--{}={value}", name.to_lowercase().replace('_', "-"))
        };
        self.settings().into_iter().map(flag).collect()
    }

    /// Where it is.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Has all leases end at this moment, in milliseconds since the epoch. Gives how many there are.
    pub async fn have_leases_end(&self, at_ms: i64) -> u64 {
        let connection = self.connect().await;
        let leases = lease::Entity::update_many()
            .col_expr(lease::Column::ExpiresMs, Expr::value(at_ms))
            .exec(&connection)
            .await
            .unwrap();
        connection.into_inner().close().await.unwrap();
        leases.rows_affected
    }

    /// A connection beside the server's own.
    pub async fn connect(&self) -> TestConnection {
        NamedConnection::new(connect(&self.url).await, Arc::new(naming()))
    }

    /// Name of the database at its server.
    pub fn name(&self) -> &str {
        self.url.path().trim_start_matches('/')
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // SQLite's file goes with its folder.
        if self.kind != Kind::Sqlite {
            let name = self.name().to_owned();
            on_server(move |server| Box::pin(drop_database(server, name)));
        }
    }
}

type Work<'a> = std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Does something as the account that may create databases. On a thread of its own, because a test
/// that ends is inside its runtime and cannot wait.
pub(super) fn on_server(
    work: impl for<'a> FnOnce(&'a DatabaseConnection) -> Work<'a> + Send + 'static,
) {
    let thread = thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = connect(&server()).await;
            work(&server).await;
            server.close().await.unwrap();
        });
    });
    let outcome = thread.join();
    assert!(outcome.is_ok() || thread::panicking(), "no test database");
}

/// A statement with names in `"`, as this database writes them.
pub fn in_dialect(connection: &impl ConnectionTrait, statement: &str) -> String {
    match connection.get_database_backend() {
        // Between single quotes are values, JSON among them.
        DbBackend::MySql => statement
            .split('\'')
            .enumerate()
            .map(|(index, part)| match index % 2 {
                0 => part.replace('"', "`"),
                _ => part.to_owned(),
            })
            .collect::<Vec<_>>()
            .join("'"),
        _ => statement.to_owned(),
    }
}

async fn connect(url: &Url) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url.as_str());
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

/// The server, at a database that is always there.
pub(super) fn server() -> Url {
    let setting = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let (mut url, port, user) = match Kind::chosen() {
        Kind::Postgres => (Url::parse("postgres://host/postgres"), 5432, "postgres"),
        _ => (Url::parse("mysql://host/mysql"), 3306, "root"),
    };
    let url = url.as_mut().unwrap();
    let host = setting("DB_HOST").unwrap_or_else(|| "127.0.0.1".to_owned());
    url.set_host(Some(&host)).unwrap();
    let port = setting("DB_PORT").map_or(port, |port| port.parse().unwrap());
    url.set_port(Some(port)).unwrap();
    let user = setting("DB_USER").unwrap_or_else(|| user.to_owned());
    url.set_username(&user).unwrap();
    url.set_password(setting("DB_PASSWORD").as_deref()).unwrap();
    url.clone()
}

async fn drop_stale(server: &DatabaseConnection) {
    for name in all(server).await {
        if age_seconds(&name).is_some_and(|age| age > STALE_SECONDS) {
            drop_database(server, name).await;
        }
    }
}

/// The names of all databases at the server.
pub(super) async fn all(server: &DatabaseConnection) -> Vec<String> {
    let list = match server.get_database_backend() {
        DbBackend::Postgres => "SELECT datname FROM pg_database",
        _ => "SELECT schema_name FROM information_schema.schemata",
    };
    texts(server, list).await
}

/// How long a database of the tests has been there, by its name; none of any other database.
pub(super) fn age_seconds(name: &str) -> Option<i64> {
    let (created, _) = name.strip_prefix(PREFIX)?.split_once('_')?;
    Some(now() - i64::from_str_radix(created, 16).ok()?)
}

/// Drops a database under whoever is still connected: a test that gave up a transaction may have
/// ended before its rollback was sent, and MariaDB waits for that one.
async fn drop_database(server: &DatabaseConnection, name: String) {
    // The next run's sweep gets what is left, so failures do not count.
    let backend = server.get_database_backend();
    if backend == DbBackend::Postgres {
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        let _ = server.execute_unprepared(&drop).await;
        return;
    }
    let connected = "SELECT id FROM information_schema.processlist WHERE db = ?";
    let connected = Statement::from_sql_and_values(backend, connected, [name.as_str().into()]);
    for row in server.query_all_raw(connected).await.unwrap_or_default() {
        if let Ok(id) = row.try_get_by_index::<i64>(0) {
            let _ = server.execute_unprepared(&format!("KILL {id}")).await;
        }
    }
    let drop = format!("DROP DATABASE IF EXISTS {name}");
    let _ = server.execute_unprepared(&drop).await;
}

/// Whether a statement in this database waits for a row that another transaction holds. MariaDB tells
/// its users only which statements go on, so `statements` is a regular expression of those that could.
pub async fn waits_for_a_row(connection: &TestConnection, statements: &str) -> bool {
    let question = match connection.get_database_backend() {
        backend @ DbBackend::Postgres => Statement::from_string(
            backend,
            "SELECT 1 FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event_type = 'Lock'",
        ),
        backend => Statement::from_sql_and_values(
            backend,
            "SELECT 1 FROM information_schema.processlist \
             WHERE db = DATABASE() AND id <> CONNECTION_ID() AND info RLIKE ?",
            [statements.into()],
        ),
    };
    let row = connection.query_one_raw(question).await;
    row.unwrap().is_some()
}

/// The first column of each row.
pub async fn texts(connection: &impl ConnectionTrait, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// Every column and index, a line each.
pub async fn schema(connection: &impl ConnectionTrait) -> Vec<String> {
    let queries: &[&str] = match Kind::chosen() {
        Kind::Sqlite => &[
            "SELECT coalesce(sql, name) FROM sqlite_master WHERE name <> 'sqlite_sequence' \
             ORDER BY 1",
        ],
        Kind::Postgres => &[
            "SELECT concat_ws(' ', table_name, column_name, data_type, \
             character_maximum_length, is_nullable, is_identity) FROM information_schema.columns \
             WHERE table_schema = current_schema() ORDER BY 1",
            "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1",
        ],
        Kind::Mariadb => &[
            "SELECT concat_ws(' ', table_name, column_name, column_type, collation_name, \
             is_nullable, extra) FROM information_schema.columns \
             WHERE table_schema = database() ORDER BY 1",
            "SELECT concat_ws(' ', table_name, index_name, seq_in_index, column_name, non_unique) \
             FROM information_schema.statistics WHERE table_schema = database() ORDER BY 1",
        ],
    };
    let mut lines = Vec::new();
    for query in queries {
        lines.extend(texts(connection, query).await);
    }
    lines
}

fn now() -> i64 {
    Clock::system().now().timestamp()
}
