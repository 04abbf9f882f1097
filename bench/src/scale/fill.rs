//! Databases with very many rows, written in bulk.

use sea_orm::{ConnectionTrait, DatabaseConnection};

use super::people::{LINKED, SUBJECT};
use crate::Failure;
use crate::database::{BenchDatabase, DatabaseKind};

/// The id before that of the first written account.
const BEFORE: u64 = 1000;
/// DingTalk authenticators: the name, and whether people without an account get one.
pub const AUTHENTICATORS: [(&str, bool); 2] = [("dingtalk", true), ("strict", false)];

/// Writes this number of accounts, each with a role, a session, a token that was signed out, a binding at the first
/// authenticator and a row of the audit trail; the authenticators; and accounts that wait for their first sign-in.
pub async fn fill(database: &BenchDatabase, accounts: u64) -> Result<(), Failure> {
    let connection = database.connect().await?;
    let sql = Sql(database.kind);
    for statement in sql.before() {
        connection.execute_unprepared(statement).await?;
    }
    for statement in [sql.switch(), sql.users(accounts), sql.roles(accounts)] {
        run(&connection, &statement).await?;
    }
    for (sort, (name, sign_up)) in (2..).zip(AUTHENTICATORS) {
        run(&connection, &sql.authenticator(sort, name, sign_up)).await?;
    }
    for statement in [
        sql.bindings(accounts),
        sql.sessions(accounts),
        sql.signed_out(accounts),
        sql.audit(accounts),
        sql.waiting(accounts),
        sql.roles_of_waiting(accounts),
        sql.root_binding(),
    ] {
        run(&connection, &statement).await?;
    }
    for statement in sql.after() {
        connection.execute_unprepared(statement).await?;
    }
    connection.close().await?;
    Ok(())
}

async fn run(connection: &DatabaseConnection, statement: &str) -> Result<(), Failure> {
    let done = connection.execute_unprepared(statement).await;
    done.map_err(|error| format!("{error}: {statement}"))?;
    Ok(())
}

/// The statements for one kind of database. Rows are numbered `i`, from 1.
struct Sql(DatabaseKind);

impl Sql {
    /// Settings that make writing faster and unsafe. The data can be lost without harm.
    fn before(&self) -> &'static [&'static str] {
        match self.0 {
            DatabaseKind::Sqlite => &["PRAGMA journal_mode = MEMORY", "PRAGMA synchronous = OFF"],
            DatabaseKind::Postgres => &["SET synchronous_commit = off"],
            DatabaseKind::Mariadb => &[
                "SET unique_checks = 0",
                "SET sql_mode = concat(@@sql_mode, ',ANSI_QUOTES')",
            ],
        }
    }

    /// The maintenance that these databases otherwise do by themselves after a while.
    fn after(&self) -> &'static [&'static str] {
        match self.0 {
            DatabaseKind::Sqlite => &[],
            DatabaseKind::Postgres => &[
                "SELECT setval(pg_get_serial_sequence('users', 'id'), (SELECT max(id) FROM users))",
                "VACUUM ANALYZE",
            ],
            DatabaseKind::Mariadb => &[
                "ANALYZE TABLE users, rolesUsers, usersAuthenticators, issuedTokens, tokenBlacklist, dingtalk_audit",
            ],
        }
    }

    fn numbers(&self, count: u64) -> String {
        match self.0 {
            DatabaseKind::Sqlite => format!(
                "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
                 SELECT i FROM n) numbers"
            ),
            DatabaseKind::Postgres => format!("generate_series(1, {count}) AS numbers(i)"),
            DatabaseKind::Mariadb => format!("(SELECT seq AS i FROM seq_1_to_{count}) numbers"),
        }
    }

    /// A text that ends with a number.
    fn text(&self, before: &str, number: &str) -> String {
        match self.0 {
            DatabaseKind::Sqlite => format!("('{before}' || ({number}))"),
            _ => format!("concat('{before}', {number})"),
        }
    }

    /// A number of eight digits.
    fn eight_digits(&self, number: &str) -> String {
        match self.0 {
            DatabaseKind::Sqlite => format!("printf('%08d', {number})"),
            DatabaseKind::Postgres => format!("lpad(({number})::text, 8, '0')"),
            DatabaseKind::Mariadb => format!("lpad({number}, 8, '0')"),
        }
    }

    /// The moment this number of seconds ago.
    fn moment(&self, ago: &str) -> String {
        match self.0 {
            DatabaseKind::Sqlite => {
                format!("strftime('%Y-%m-%d %H:%M:%f +00:00', 'now', '-' || ({ago}) || ' seconds')")
            }
            DatabaseKind::Postgres => format!("now() - ({ago}) * interval '1 second'"),
            DatabaseKind::Mariadb => format!("now(3) - interval ({ago}) second"),
        }
    }

    fn uuid(&self) -> &'static str {
        match self.0 {
            DatabaseKind::Sqlite => {
                "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || \
                 substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-' || \
                 hex(randomblob(6)))"
            }
            DatabaseKind::Postgres => "gen_random_uuid()",
            DatabaseKind::Mariadb => "uuid()",
        }
    }

    /// The present time in milliseconds since the epoch.
    fn milliseconds(&self) -> &'static str {
        match self.0 {
            DatabaseKind::Sqlite => "CAST(strftime('%s', 'now') AS INTEGER) * 1000",
            DatabaseKind::Postgres => "(extract(epoch FROM now()) * 1000)::bigint",
            DatabaseKind::Mariadb => "unix_timestamp() * 1000",
        }
    }

    /// Switches the plugin on, which is off at first in front of a NocoBase.
    fn switch(&self) -> String {
        let on = self.truth(true);
        format!(
            "INSERT INTO dingtalk_switches (name, enabled, \"changedAt\") VALUES ('auth-dingtalk', {on}, 0)"
        )
    }

    fn truth(&self, truth: bool) -> &'static str {
        match (self.0, truth) {
            (DatabaseKind::Postgres, true) => "true",
            (DatabaseKind::Postgres, false) => "false",
            (_, true) => "1",
            (_, false) => "0",
        }
    }

    fn authenticator(&self, sort: u8, name: &str, sign_up: bool) -> String {
        let options = format!(
            "{{\"clientId\":\"{}\",\"clientSecret\":\"{}\",\"public\":{{\"autoSignup\":{sign_up}}},\
             \"dingtalkGateway\":{{\"enabled\":true}}}}",
            super::people::CLIENT_ID,
            super::people::CLIENT_SECRET,
        );
        let (on, now) = (self.truth(true), self.moment("0"));
        format!(
            "INSERT INTO authenticators (name, \"authType\", description, options, enabled, sort, \"createdAt\", \
             \"updatedAt\") VALUES ('{name}', 'dingtalk', '', '{options}', {on}, {sort}, {now}, {now})"
        )
    }

    fn users(&self, accounts: u64) -> String {
        let phone = match self.0 {
            DatabaseKind::Sqlite => format!("('137' || {})", self.eight_digits("i")),
            _ => format!("concat('137', {})", self.eight_digits("i")),
        };
        let email = match self.0 {
            DatabaseKind::Sqlite => "('Person' || i || '@corp.example')".to_owned(),
            _ => "concat('Person', i, '@corp.example')".to_owned(),
        };
        let ago = format!("{accounts} - i");
        format!(
            "INSERT INTO users (id, \"createdAt\", \"updatedAt\", nickname, username, email, phone, \"systemSettings\") \
             SELECT {BEFORE} + i, {then}, {then}, {nickname}, {username}, {email}, {phone}, '{{}}' FROM {numbers}",
            then = self.moment(&ago),
            nickname = self.text("Person ", "i"),
            username = self.text("person", "i"),
            numbers = self.numbers(accounts),
        )
    }

    fn roles(&self, accounts: u64) -> String {
        let now = self.moment("0");
        format!(
            "INSERT INTO \"rolesUsers\" (\"createdAt\", \"updatedAt\", \"roleName\", \"userId\") \
             SELECT {now}, {now}, 'member', {BEFORE} + i FROM {}",
            self.numbers(accounts)
        )
    }

    fn bindings(&self, accounts: u64) -> String {
        let meta = match self.0 {
            DatabaseKind::Mariadb => "json_object('userId', concat('staff', i), 'unionId', concat('union-of-staff', i))".to_owned(),
            DatabaseKind::Sqlite => "('{\"userId\":\"staff' || i || '\",\"unionId\":\"union-of-staff' || i || '\"}')".to_owned(),
            DatabaseKind::Postgres => {
                "json_build_object('userId', concat('staff', i), 'unionId', concat('union-of-staff', i))".to_owned()
            }
        };
        let now = self.moment("0");
        format!(
            "INSERT INTO \"usersAuthenticators\" (\"createdAt\", \"updatedAt\", authenticator, \"userId\", uuid, \
             nickname, avatar, meta) SELECT {now}, {now}, '{}', {BEFORE} + i, {}, '', '', {meta} FROM {}",
            AUTHENTICATORS[0].0,
            self.text("staff", "i"),
            self.numbers(accounts)
        )
    }

    fn sessions(&self, accounts: u64) -> String {
        let (now, ms, uuid) = (self.moment("0"), self.milliseconds(), self.uuid());
        format!(
            "INSERT INTO \"issuedTokens\" (id, \"createdAt\", \"updatedAt\", \"signInTime\", jti, \"issuedTime\", \
             \"userId\", authenticator) SELECT {uuid}, {now}, {now}, {ms}, {uuid}, {ms}, {BEFORE} + i, 'basic' FROM {}",
            self.numbers(accounts)
        )
    }

    fn signed_out(&self, accounts: u64) -> String {
        let (now, tomorrow) = (self.moment("0"), self.moment("-86400"));
        let tomorrow = tomorrow.replace("'-' || (-86400)", "'+' || (86400)");
        format!(
            "INSERT INTO \"tokenBlacklist\" (\"createdAt\", \"updatedAt\", token, expiration) \
             SELECT {now}, {now}, {}, {tomorrow} FROM {}",
            self.text("token", "i"),
            self.numbers(accounts)
        )
    }

    fn audit(&self, rows: u64) -> String {
        let ago = format!("{rows} - i");
        format!(
            "INSERT INTO dingtalk_audit (\"createdAt\", action, result, \"userId\", authenticator, address, \
             \"userAgent\", \"requestId\") SELECT {}, 'signIn', 'success', {BEFORE} + i, 'dingtalk', '192.0.2.1', \
             'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', {} FROM {}",
            self.moment(&ago),
            self.text("request", "i"),
            self.numbers(rows)
        )
    }

    /// Accounts whose people sign in through DingTalk for the first time, found by their phone number.
    fn waiting(&self, accounts: u64) -> String {
        let number = format!("{} + i", LINKED.start - 1);
        let phone = match self.0 {
            DatabaseKind::Sqlite => format!("('139' || {})", self.eight_digits(&number)),
            _ => format!("concat('139', {})", self.eight_digits(&number)),
        };
        let now = self.moment("0");
        format!(
            "INSERT INTO users (id, \"createdAt\", \"updatedAt\", nickname, phone, \"systemSettings\") \
             SELECT {BEFORE} + {accounts} + i, {now}, {now}, {}, {phone}, '{{}}' FROM {}",
            self.text("Waiting ", "i"),
            self.numbers(LINKED.end - LINKED.start)
        )
    }

    fn roles_of_waiting(&self, accounts: u64) -> String {
        self.roles(LINKED.end - LINKED.start).replace(
            &format!("{BEFORE} + i"),
            &format!("{BEFORE} + {accounts} + i"),
        )
    }

    /// A binding of the root account.
    fn root_binding(&self) -> String {
        let meta = format!("{{\"userId\":\"user-{SUBJECT}\",\"unionId\":\"union-{SUBJECT}\"}}");
        let now = self.moment("0");
        format!(
            "INSERT INTO \"usersAuthenticators\" (\"createdAt\", \"updatedAt\", authenticator, \"userId\", uuid, \
             nickname, avatar, meta) VALUES ({now}, {now}, '{}', 1, 'user-{SUBJECT}', '', '', '{meta}')",
            AUTHENTICATORS[0].0
        )
    }
}
