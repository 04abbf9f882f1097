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
        let table = Table::create()
            .table(TABLE)
            .col(c.sequence("id"))
            .col(required(c.moment("createdAt")))
            .col(c.string("name"))
            .col(c.string("roleName"))
            .col(c.string("expiresIn"))
            .col(c.string("token"))
            .col(c.big_integer("sort"))
            .col(c.big_integer("createdById"))
            .to_owned();
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
