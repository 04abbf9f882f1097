//! Our table of the content of messages that still wait to be sent to somebody.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::{Columns, natural_key, required};
use crate::index::NewIndex;
use crate::schema::Schema;

/// Creates `dingtalk_waiting_sends`.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const TABLE: &str = "dingtalk_waiting_sends";
const INDEX: NewIndex = NewIndex::of("dingtalk_waiting_sends_end", TABLE, &["giveUpMs"]);

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        let c = Columns::of(manager);
        let columns = vec![
            natural_key(c.string("sendId")),
            required(c.big_integer("giveUpMs")),
            required(c.text("content")),
        ];
        schema.execute(&c.table(TABLE, columns)).await?;
        INDEX.create(&schema).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Schema::of(manager, &self.0).drop_tables(&[TABLE]).await
    }
}
