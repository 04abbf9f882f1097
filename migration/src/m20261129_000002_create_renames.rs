//! Our table of authenticators that NocoBase was asked to rename.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::{Columns, required};
use crate::schema::Schema;

/// Creates `dingtalk_renames`.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const TABLE: &str = "dingtalk_renames";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        let c = Columns::of(manager);
        let columns = vec![
            c.sequence("id"),
            required(c.big_integer("authenticatorId")),
            required(c.string("oldName")),
            required(c.big_integer("startedMs")),
        ];
        schema.execute(&c.table(TABLE, columns)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Schema::of(manager, &self.0).drop_tables(&[TABLE]).await
    }
}
