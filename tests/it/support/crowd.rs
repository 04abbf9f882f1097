//! Tables with very many rows.

use sea_orm::ConnectionTrait;

use super::{TestConnection, TestDatabase, in_dialect};

/// Key of the first account of a crowd.
pub const FIRST: i64 = 100;

/// Writes that many accounts, tens of thousands, each with a role, a session and a binding at the DingTalk
/// authenticator, a copy of the person from the directory, and as many rows of the audit trail.
pub async fn fill(database: &TestDatabase, people: usize) {
    let connection = database.connect().await;
    let id = format!("{FIRST} + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d");
    let text = |before: &str| text(&connection, before, &id);
    let moments = "CURRENT_TIMESTAMP, CURRENT_TIMESTAMP";
    insert(
        &connection,
        people,
        "\"users\" (\"id\", \"username\", \"email\", \"phone\")",
        &[&id, &text("name"), &text("mail@"), &text("13")],
    )
    .await;
    insert(
        &connection,
        people,
        "\"rolesUsers\" (\"createdAt\", \"updatedAt\", \"roleName\", \"userId\")",
        &[moments, "'member'", &id],
    )
    .await;
    insert(
        &connection,
        people,
        "\"usersAuthenticators\" (\"createdAt\", \"updatedAt\", \"authenticator\", \"userId\", \"uuid\", \
         \"nickname\", \"avatar\")",
        &[moments, "'dingtalk'", &id, &text("staff"), "''", "''"],
    )
    .await;
    let uuid = match database.kind {
        super::Kind::Postgres => "gen_random_uuid()".to_owned(),
        _ => text("token"),
    };
    insert(
        &connection,
        people,
        "\"issuedTokens\" (\"id\", \"createdAt\", \"updatedAt\", \"signInTime\", \"jti\", \"issuedTime\", \
         \"userId\", \"authenticator\")",
        &[&uuid, moments, "4102444800000", &uuid, "4102444800000", &id, "'basic'"],
    )
    .await;
    insert(
        &connection,
        people,
        "\"dingtalk_audit\" (\"createdAt\", \"action\", \"result\", \"userId\", \"address\")",
        &[
            &minutes_ago(&connection, &id),
            "'signIn'",
            "'success'",
            &id,
            "'192.0.2.1'",
        ],
    )
    .await;
    insert(
        &connection,
        people,
        "\"dingtalk_members\" (\"sourceId\", \"person\", \"externalId\", \"name\", \"phone\", \"email\", \
         \"normalizedEmail\", \"departments\", \"memberships\", \"digest\", \"userId\", \"isGone\", \"roles\", \
         \"updatedAt\")",
        &[
            "1",
            &text("person"),
            &text("staff"),
            &text("name"),
            &text("13"),
            &text("mail@"),
            &text("mail@"),
            "'[]', '[]', ''",
            &id,
            "FALSE, '[]', CURRENT_TIMESTAMP",
        ],
    )
    .await;
    if database.kind == super::Kind::Postgres {
        // Who writes keys of their own says so to the counter, as an import does.
        let users = connection.naming().table("users");
        let next = format!(
            "SELECT setval(pg_get_serial_sequence('{users}', 'id'), (SELECT max(id) FROM {users}))"
        );
        connection.execute_unprepared(&next).await.unwrap();
    }
    connection.into_inner().close().await.unwrap();
}

async fn insert(connection: &TestConnection, rows: usize, into: &str, values: &[&str]) {
    let digit = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 \
                 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
    let statement = format!(
        "INSERT INTO {into} SELECT {} FROM {digit} a, {digit} b, {digit} c, {digit} e, {digit} f \
         WHERE f.d < {}",
        values.join(", "),
        rows.div_ceil(10_000),
    );
    let statement = in_dialect(connection, &statement);
    let done = connection.execute_unprepared(&statement).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// A text that ends with a number.
fn text(connection: &TestConnection, before: &str, number: &str) -> String {
    match connection.get_database_backend() {
        sea_orm::DbBackend::Sqlite => format!("'{before}' || ({number})"),
        _ => format!("concat('{before}', {number})"),
    }
}

/// A moment of the last days, another one for each number.
fn minutes_ago(connection: &TestConnection, number: &str) -> String {
    match connection.get_database_backend() {
        sea_orm::DbBackend::Sqlite => {
            format!("datetime(CURRENT_TIMESTAMP, '-' || ({number}) || ' minutes')")
        }
        sea_orm::DbBackend::Postgres => {
            format!("CURRENT_TIMESTAMP - ({number}) * interval '1 minute'")
        }
        _ => format!("CURRENT_TIMESTAMP - INTERVAL ({number}) MINUTE"),
    }
}
