//! Our table of plugins that are on or off. NocoBase must not know of these plugins.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::{Columns, natural_key, required};
use crate::schema::Schema;

/// Creates `dingtalk_switches`.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const TABLE: &str = "dingtalk_switches";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        let c = Columns::of(manager);
        let columns = vec![
            natural_key(c.string("name")),
            required(c.boolean("enabled")),
            required(c.big_integer("changedAt")),
        ];
        schema.execute(&c.table(TABLE, columns)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Schema::of(manager, &self.0).drop_tables(&[TABLE]).await
    }
}
