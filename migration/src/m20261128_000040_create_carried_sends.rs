//! Our table of messages that were sent through a provider, until their outcome is in NocoBase's log.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::{Columns, natural_key, required};
use crate::index::NewIndex;
use crate::schema::Schema;

/// Creates `dingtalk_carried_sends`.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const TABLE: &str = "dingtalk_carried_sends";
const INDEX: NewIndex = NewIndex::of("dingtalk_carried_sends_due", TABLE, &["dueMs"]);

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        let c = Columns::of(manager);
        let columns = vec![
            natural_key(c.string("sendId")),
            required(c.string("channel")),
            required(c.big_integer("receivedMs")),
            required(c.string("digest")),
            required(c.big_integer("accountId")),
            required(c.big_integer("looks")),
            required(c.big_integer("dueMs")),
            c.text("reason"),
        ];
        schema.execute(&c.table(TABLE, columns)).await?;
        INDEX.create(&schema).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Schema::of(manager, &self.0).drop_tables(&[TABLE]).await
    }
}
