//! Our table of sign-in attempts that were used.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::{Columns, natural_key, required};
use crate::schema::Schema;

/// Creates `dingtalk_consumed_states`.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const TABLE: &str = "dingtalk_consumed_states";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        let c = Columns::of(manager);
        let columns = vec![
            natural_key(c.string("digest")),
            required(c.big_integer("expiresAt")),
        ];
        schema.execute(&c.table(TABLE, columns)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Schema::of(manager, &self.0).drop_tables(&[TABLE]).await
    }
}
