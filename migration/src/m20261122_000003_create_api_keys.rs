//! NocoBase's table of API keys, as its 2.2.15 install creates it.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::{Columns, required};
use crate::index::NewIndex;
use crate::schema::Schema;

/// Creates `apiKeys`.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const TABLE: &str = "apiKeys";
const INDEXES: [NewIndex; 2] = [
    NewIndex::of("api_keys_role_name", TABLE, &["roleName"]),
    NewIndex::of("api_keys_created_by_id", TABLE, &["createdById"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        let c = Columns::of(manager);
        let columns = vec![
            c.sequence("id"),
            required(c.moment("createdAt")),
            c.string("name"),
            c.string("roleName"),
            c.string("expiresIn"),
            c.string("token"),
            c.big_integer("sort"),
            c.big_integer("createdById"),
        ];
        let table = c.table(TABLE, columns);
        schema.execute(&table).await?;
        for index in INDEXES {
            index.create(&schema).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Schema::of(manager, &self.0).drop_tables(&[TABLE]).await
    }
}
