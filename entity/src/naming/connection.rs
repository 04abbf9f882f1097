//! A connection that accepts statements with NocoBase's names of collections, and translates them.

use std::borrow::Cow;
use std::sync::Arc;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::Naming;

/// A connection to a database, with the names that it uses.
#[derive(Clone, Debug)]
pub struct NamedConnection<C> {
    connection: C,
    naming: Arc<Naming>,
}

impl<C> NamedConnection<C> {
    /// Wraps a connection to a database whose tables and columns have these names.
    pub fn new(connection: C, naming: Arc<Naming>) -> Self {
        Self { connection, naming }
    }

    /// The wrapped connection, whose statements must have the names of the database.
    pub fn inner(&self) -> &C {
        &self.connection
    }

    /// The wrapped connection by value, for example to commit its transaction.
    pub fn into_inner(self) -> C {
        self.connection
    }

    /// The names of the database.
    pub fn naming(&self) -> &Arc<Naming> {
        &self.naming
    }

    fn named(&self, mut statement: Statement) -> Statement {
        if let Cow::Owned(sql) = self.naming.statement(statement.db_backend, &statement.sql) {
            statement.sql = sql;
        }
        statement
    }
}

#[async_trait::async_trait]
impl<C: ConnectionTrait> ConnectionTrait for NamedConnection<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.connection.execute_raw(self.named(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = self.naming.statement(self.get_database_backend(), sql);
        self.connection.execute_unprepared(&sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.connection.query_one_raw(self.named(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.connection.query_all_raw(self.named(statement)).await
    }

    fn support_returning(&self) -> bool {
        self.connection.support_returning()
    }
}
