//! Our table of changes: servers at one database learn from it what the others wrote.

use sea_orm_migration::prelude::*;

use crate::column::{Columns, natural_key, required};

/// Creates `dingtalk_changes` with its rows, which are only ever counted up.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "dingtalk_changes";
/// Rows, numbered from 0; the server's `store` knows what each stands for.
const SLOTS: i32 = 65;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let c = Columns::of(manager);
        let mut slot = ColumnDef::new("slot");
        slot.integer();
        let columns = vec![natural_key(slot), required(c.big_integer("version"))];
        manager.create_table(c.table(TABLE, columns)).await?;
        let mut rows = Query::insert();
        rows.into_table(TABLE).columns(["slot", "version"]);
        for slot in 0..SLOTS {
            rows.values_panic([slot.into(), 0.into()]);
        }
        manager.execute(rows).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(TABLE).to_owned())
            .await
    }
}
