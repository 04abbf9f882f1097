//! Indexes, created if they are missing.

use sea_orm_migration::prelude::*;

use crate::schema::Schema;

/// An index to create.
pub struct NewIndex {
    /// Its name.
    pub name: &'static str,
    /// The table.
    pub table: &'static str,
    /// The columns, in order.
    pub columns: &'static [&'static str],
    /// Whether it is unique: no two rows may have the same values in these columns.
    pub unique: bool,
}

impl NewIndex {
    /// An index for look-ups.
    pub const fn of(
        name: &'static str,
        table: &'static str,
        columns: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            table,
            columns,
            unique: false,
        }
    }

    /// A unique index.
    pub const fn unique(self) -> Self {
        Self {
            unique: true,
            ..self
        }
    }

    /// Creates the index if it is missing. MySQL has no statement for that, so the database is asked first.
    pub async fn create(&self, schema: &Schema<'_>) -> Result<(), DbErr> {
        if schema.has_index(self.table, self.name).await? {
            return Ok(());
        }
        let mut index = Index::create();
        index.name(self.name).table(self.table);
        for column in self.columns {
            index.col(*column);
        }
        if self.unique {
            index.unique();
        }
        schema.execute(&index).await
    }

    /// Removes the index.
    pub async fn remove(&self, schema: &Schema<'_>) -> Result<(), DbErr> {
        let index = Index::drop().name(self.name).table(self.table).to_owned();
        schema.execute(&index).await
    }
}
