//! Our table of sign-in attempts that were used up.

use sea_orm_migration::prelude::*;

use crate::column::{Columns, natural_key, required};

/// Creates `dingtalk_consumed_states`.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "dingtalk_consumed_states";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let c = Columns::of(manager);
        let columns = vec![
            natural_key(c.string("digest")),
            required(c.big_integer("expiresAt")),
        ];
        manager.create_table(c.table(TABLE, columns)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(TABLE).to_owned())
            .await
    }
}
