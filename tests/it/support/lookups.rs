//! The lookup tables.

use nocobase_dingtalk::domain::reconciliation::Reconciliation;
use sea_orm::ConnectionTrait;

use super::plans::Heard;
use super::{TestConnection, TestDatabase, TestServer, in_dialect, naming};

/// Compares them with what they are copies of, from the beginning to the end.
pub async fn reconcile(server: &TestServer) {
    let app = server.app.clone();
    let compared = async move {
        let mut reconciliation = Reconciliation::new(app.providers.clone());
        while reconciliation.step(&app.store).await.unwrap() {}
    };
    server.does(compared).await;
}

/// Changes rows behind the server's back, with names in `"`.
pub async fn change(database: &TestDatabase, sql: &str) {
    let connection = database.connect().await;
    change_by(&connection, sql).await;
    connection.into_inner().close().await.unwrap();
}

async fn change_by(connection: &TestConnection, sql: &str) {
    let sql = in_dialect(connection, sql);
    let done = connection.execute_unprepared(&sql).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// What was sent to find accounts, roles and bindings.
pub fn asked(heard: &Heard) -> Vec<String> {
    // The database's own list of tables; attempts that have expired, and sessions.
    let others = [
        "sqlite_master",
        "information_schema",
        "dingtalk_consumed_states",
        "issuedTokens",
    ];
    let mut sent = heard.take();
    sent.retain(|sql| {
        !others
            .iter()
            .any(|table| sql.contains(&*naming().column(table)))
    });
    sent
}
