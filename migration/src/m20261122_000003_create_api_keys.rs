//! NocoBase's table of API keys, as its 2.2.15 install creates it.

use sea_orm_migration::prelude::*;

use crate::column::{Columns, required};

/// Creates `apiKeys`.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "apiKeys";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
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
        manager.create_table(table).await?;
        for (name, column) in [
            ("api_keys_role_name", "roleName"),
            ("api_keys_created_by_id", "createdById"),
        ] {
            let mut index = Index::create();
            index.name(name).table(TABLE).col(column);
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(TABLE).to_owned())
            .await
    }
}
