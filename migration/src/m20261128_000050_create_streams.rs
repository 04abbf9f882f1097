//! Our table of the connections over which providers send events.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::{Columns, natural_key, required};
use crate::index::NewIndex;
use crate::schema::Schema;

/// Creates `dingtalk_streams`, and an index by which people who left lately are counted.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const STREAMS: &str = "dingtalk_streams";
const LEFT: NewIndex = NewIndex::of(
    "dingtalk_members_gone",
    "dingtalk_members",
    &["sourceId", "goneAt"],
);

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        let c = Columns::of(manager);
        let streams = vec![
            natural_key(c.big_integer("authenticatorId")),
            required(c.string("state")),
            required(c.moment("since")),
            c.moment("heardAt"),
            c.text("error"),
        ];
        schema.execute(&c.table(STREAMS, streams)).await?;
        LEFT.create(&schema).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        LEFT.remove(&schema).await?;
        schema.drop_tables(&[STREAMS]).await
    }
}
