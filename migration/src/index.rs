//! Indexes, made where they are missing.

use sea_orm_migration::prelude::*;

use crate::schema::Schema;

/// An index that is to be.
pub struct NewIndex {
    /// Its name.
    pub name: &'static str,
    /// The table.
    pub table: &'static str,
    /// The columns, in order.
    pub columns: &'static [&'static str],
    /// Whether no two rows may have the same values in them.
    pub unique: bool,
}

impl NewIndex {
    /// One for look-ups.
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

    /// The same, which holds values apart.
    pub const fn unique(self) -> Self {
        Self {
            unique: true,
            ..self
        }
    }

    /// Makes it. MySQL has no statement that does nothing where there is one, so it is asked before.
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

    /// Removes it.
    pub async fn remove(&self, schema: &Schema<'_>) -> Result<(), DbErr> {
        let index = Index::drop().name(self.name).table(self.table).to_owned();
        schema.execute(&index).await
    }
}
