//! How the database finds the rows of the statements that the server sends.
//!
//! A table may have a million rows. Every statement of a request must find its rows by an index, or
//! walk along one and stop after a page. [`Heard`] collects real statements with their values, and
//! the database itself explains how it would execute them.

use std::sync::{Arc, Mutex};

use nocobase_dingtalk::store::Store;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::Value;

use super::{TestConnection, TestDatabase, in_dialect, naming};

/// Tables that administrators fill by hand, or that have a fixed number of rows.
const SMALL: [&str; 13] = [
    "applicationPlugins",
    "authenticators",
    "dingtalk_changes",
    "dingtalk_directory_sources",
    "dingtalk_migrations",
    "dingtalk_mirrored_channels",
    "dingtalk_renames",
    "dingtalk_streams",
    "dingtalk_switches",
    "environmentVariables",
    "roles",
    "systemSettings",
    "tokenControlConfig",
];

/// Collects the statements that a server sends.
pub struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    /// Starts to collect. A store has one listener, so a second call fails the test.
    pub fn of(store: &Store) -> Self {
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let all = heard.clone();
        let keep = move |statement: &Statement| all.lock().unwrap().push(statement.to_string());
        assert!(store.hear_statements(keep), "somebody else listens");
        Self(heard)
    }

    /// The statements since the last call that look for rows, for the sake of a request.
    pub fn take(&self) -> Vec<String> {
        let mut all = std::mem::take(&mut *self.0.lock().unwrap());
        let looks = ["SELECT", "UPDATE", "DELETE"];
        all.retain(|sql| looks.iter().any(|word| sql.starts_with(word)) && !is_daily(sql));
        all
    }
}

/// Whether a statement belongs to the daily removal of old sessions. It reads NocoBase's table
/// completely, which has no index for it, and it may fall into any moment of a test.
fn is_daily(sql: &str) -> bool {
    let by_age = ["signInTime", "sign_in_time"];
    let by_age = by_age.iter().any(|column| sql.contains(column));
    by_age && sql.starts_with("SELECT") && sql.ends_with(" LIMIT 1000")
}

/// Fails when the database would scan or sort all rows of a growing table for one of these
/// statements. The database must have statistics: see [`analyze`].
pub async fn refuse_full_scans(database: &TestDatabase, what: &str, statements: &[String]) {
    assert!(!statements.is_empty(), "{what}: nothing was sent");
    for sql in statements {
        if let Some(fault) = fault_of(database, sql).await {
            panic!("{what}: {fault}");
        }
    }
}

/// The fault in the database's plan for a statement, and the whole plan.
pub async fn fault_of(database: &TestDatabase, sql: &str) -> Option<String> {
    let connection = database.connect().await;
    let found = match connection.get_database_backend() {
        DbBackend::Postgres => postgres(&connection, sql).await,
        DbBackend::MySql => mariadb(&connection, sql).await,
        _ => sqlite(&connection, sql).await,
    };
    connection.into_inner().close().await.unwrap();
    found.map(|(fault, plan)| format!("{fault}\n{sql}\n{plan}"))
}

/// The indexes by which the database would find the rows of a statement, in its own words.
pub async fn indexes_of(database: &TestDatabase, sql: &str) -> String {
    let connection = database.connect().await;
    let backend = connection.get_database_backend();
    let explain = match backend {
        DbBackend::Sqlite => "EXPLAIN QUERY PLAN",
        _ => "EXPLAIN",
    };
    let rows = ask(&connection, &format!("{explain} {sql}")).await;
    connection.into_inner().close().await.unwrap();
    let words = rows.iter().map(|row| -> Option<String> {
        let words = match backend {
            DbBackend::Postgres => row.try_get_by_index(0),
            DbBackend::MySql => row.try_get("", "key"),
            _ => row.try_get_by_index(3),
        };
        words.unwrap()
    });
    words.flatten().collect::<Vec<_>>().join("\n")
}

/// Updates the database's statistics for these tables, which it otherwise does by itself after a
/// while.
pub async fn analyze(database: &TestDatabase, tables: &[&str]) {
    let connection = database.connect().await;
    for table in tables {
        let table = connection.naming().table(table);
        let statement = match connection.get_database_backend() {
            DbBackend::MySql => format!("ANALYZE TABLE \"{table}\""),
            _ => format!("ANALYZE \"{table}\""),
        };
        let statement = in_dialect(&connection, &statement);
        connection.execute_unprepared(&statement).await.unwrap();
    }
    connection.into_inner().close().await.unwrap();
}

/// Whether a statement reads rows in an order until it has enough, for which it may walk along an
/// index.
fn is_page(sql: &str) -> bool {
    sql.contains(" LIMIT ") && sql.contains(" ORDER BY ") && !sql.contains(" WHERE ")
}

fn is_small(table: &str) -> bool {
    SMALL.iter().any(|small| naming().table(small) == table)
}

async fn sqlite(connection: &TestConnection, sql: &str) -> Option<(String, String)> {
    let rows = ask(connection, &format!("EXPLAIN QUERY PLAN {sql}")).await;
    let lines: Vec<String> = rows
        .iter()
        .map(|row| row.try_get_by_index(3).unwrap())
        .collect();
    let plan = lines.join("\n");
    for line in &lines {
        let table = |line: &str| line.split(' ').next().unwrap().trim_matches('"').to_owned();
        let Some(scanned) = line.strip_prefix("SCAN ").map(table) else {
            continue;
        };
        // The result of a subquery, which has a line of its own.
        let made = format!("CO-ROUTINE {scanned}");
        let harmless = is_small(&scanned) || scanned == "CONSTANT" || lines.contains(&made);
        if !harmless && !is_page(sql) {
            return Some((format!("all rows of {scanned}"), plan));
        }
    }
    let grows = lines.iter().any(|line| {
        let words: Vec<_> = line.split(' ').collect();
        matches!(words.as_slice(), ["SCAN" | "SEARCH", table, ..] if !is_small(table))
    });
    let sorts = plan.contains("USE TEMP B-TREE FOR ORDER BY");
    (grows && sorts && sql.contains(" LIMIT ")).then(|| ("sorts all for one page".to_owned(), plan))
}

async fn postgres(connection: &TestConnection, sql: &str) -> Option<(String, String)> {
    // Whatever is still scanned has no usable index.
    connection
        .execute_unprepared("SET enable_seqscan = off")
        .await
        .unwrap();
    // Rows of a page may be read in the order of an index; with few rows in the table, sorting them
    // costs the same.
    if sql.contains(" ORDER BY ") && sql.contains(" LIMIT ") {
        let in_order = "SET enable_bitmapscan = off";
        connection.execute_unprepared(in_order).await.unwrap();
    }
    let rows = ask(connection, &format!("EXPLAIN (FORMAT JSON) {sql}")).await;
    let plan: Value = rows[0].try_get_by_index(0).unwrap();
    let text = serde_json::to_string_pretty(&plan).unwrap();
    node_fault(&plan[0]["Plan"], false).map(|fault| (fault, text))
}

/// The fault in a part of PostgreSQL's plan. `stops` says that the part above stops reading soon.
fn node_fault(node: &Value, stops: bool) -> Option<String> {
    let kind = node["Node Type"].as_str().unwrap();
    let table = node["Relation Name"].as_str().unwrap_or_default();
    let walks = match kind {
        "Seq Scan" => true,
        "Index Scan" | "Index Only Scan" | "Bitmap Index Scan" => node["Index Cond"].is_null(),
        _ => false,
    };
    let in_order = kind != "Seq Scan" && stops && node["Filter"].is_null();
    if walks && !in_order && !is_small(table) && !is_small(of_index(node)) {
        return Some(format!("all rows of {table} by a {kind}"));
    }
    let children = || node["Plans"].as_array().into_iter().flatten();
    if kind == "Sort" && stops && children().any(grows) {
        return Some("sorts all for one page".to_owned());
    }
    let stops = match kind {
        "Limit" => true,
        "Aggregate" | "Sort" | "Hash" => false,
        _ => stops,
    };
    children().find_map(|child| node_fault(child, stops))
}

/// The table of an index, judging by its name.
fn of_index(node: &Value) -> &str {
    let index = node["Index Name"].as_str().unwrap_or_default();
    SMALL
        .into_iter()
        .find(|table| index.starts_with(&*naming().table(table)))
        .unwrap_or(index)
}

/// Whether rows of this part of a plan come from a growing table, and many are expected.
fn grows(node: &Value) -> bool {
    if node["Plan Rows"].as_f64().unwrap() < 100.0 {
        return false;
    }
    let children = || node["Plans"].as_array().into_iter().flatten();
    let table = node["Relation Name"].as_str();
    table.is_some_and(|table| !is_small(table)) || children().any(grows)
}

async fn mariadb(connection: &TestConnection, sql: &str) -> Option<(String, String)> {
    // Dates are sent to it without a time zone.
    let sql = &sql.replace(" +00:00'", "'");
    let rows = ask(connection, &format!("EXPLAIN {sql}")).await;
    let text = |row: &sea_orm::QueryResult, column: &str| -> String {
        let text: Option<String> = row.try_get("", column).unwrap();
        text.unwrap_or_default()
    };
    let line = |row| ["table", "type", "key", "Extra"].map(|column| text(row, column));
    let lines: Vec<[String; 4]> = rows.iter().map(line).collect();
    let plan = format!("{lines:#?}");
    for [table, kind, _, extra] in &lines {
        if table.is_empty() || table.starts_with('<') || is_small(table) {
            continue;
        }
        if matches!(kind.as_str(), "ALL" | "index") && !is_page(sql) {
            return Some((format!("all rows of {table}"), plan));
        }
        if extra.contains("Using filesort") && sql.contains(" LIMIT ") {
            return Some(("sorts all for one page".to_owned(), plan));
        }
    }
    None
}

async fn ask(connection: &TestConnection, sql: &str) -> Vec<sea_orm::QueryResult> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await;
    rows.unwrap_or_else(|error| panic!("{sql}: {error}"))
}
