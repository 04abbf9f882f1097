//! Statements of migrations, with the names that the database uses.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, StatementBuilder};

/// Runs statements of migrations with the names of an installation.
pub struct Schema<'a> {
    manager: &'a SchemaManager<'a>,
    naming: &'a Naming,
}

impl<'a> Schema<'a> {
    /// The database behind `manager`, in an installation with these names.
    pub fn of(manager: &'a SchemaManager<'a>, naming: &'a Naming) -> Self {
        Self { manager, naming }
    }

    /// Runs a statement that has the names of collections.
    pub async fn execute(&self, statement: &impl StatementBuilder) -> Result<(), DbErr> {
        let backend = self.manager.get_database_backend();
        let mut statement = statement.build(&backend);
        statement.sql = self.naming.statement(backend, &statement.sql).into_owned();
        self.manager.get_connection().execute_raw(statement).await?;
        Ok(())
    }

    /// Runs a statement that the builder cannot make, with quoted names of collections and columns.
    pub async fn execute_text(&self, sql: &str) -> Result<(), DbErr> {
        let backend = self.manager.get_database_backend();
        let sql = match backend {
            DbBackend::MySql => sql.replace('"', "`"),
            _ => sql.to_owned(),
        };
        let sql = self.naming.statement(backend, &sql).into_owned();
        let connection = self.manager.get_connection();
        connection.execute_unprepared(&sql).await?;
        Ok(())
    }

    /// Whether a table has a column.
    pub async fn has_column(&self, table: &str, column: &str) -> Result<bool, DbErr> {
        let (table, column) = (self.naming.table(table), self.naming.column(column));
        self.manager.has_column(&*table, &*column).await
    }

    /// Whether there is an index of this name.
    pub async fn has_index(&self, table: &str, index: &str) -> Result<bool, DbErr> {
        let (table, index) = (self.naming.table(table), self.naming.table(index));
        self.manager.has_index(&*table, &*index).await
    }

    /// Removes tables with everything in them.
    pub async fn drop_tables(&self, names: &[&'static str]) -> Result<(), DbErr> {
        for name in names {
            self.execute(&Table::drop().table(*name).to_owned()).await?;
        }
        Ok(())
    }
}
