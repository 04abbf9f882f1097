//! Our table of switches that NocoBase must not know of.

use sea_orm_migration::prelude::*;

use crate::column::{Columns, natural_key, required};

/// Creates `dingtalk_switches`.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "dingtalk_switches";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let c = Columns::of(manager);
        let columns = vec![
            natural_key(c.string("name")),
            required(c.boolean("enabled")),
            required(c.big_integer("changedAt")),
        ];
        manager.create_table(c.table(TABLE, columns)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(TABLE).to_owned())
            .await
    }
}
