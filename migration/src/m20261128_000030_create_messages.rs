//! Our table of messages to people.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::{Columns, required};
use crate::index::NewIndex;
use crate::schema::Schema;

/// Creates `dingtalk_messages`.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const TABLE: &str = "dingtalk_messages";

const INDEXES: [NewIndex; 5] = [
    NewIndex::of("dingtalk_messages_send", TABLE, &["sendId", "userId"]).unique(),
    NewIndex::of("dingtalk_messages_user", TABLE, &["userId", "id"]),
    NewIndex::of("dingtalk_messages_due", TABLE, &["dueMs"]),
    NewIndex::of("dingtalk_messages_created", TABLE, &["createdAt"]),
    NewIndex::of("dingtalk_messages_repeated", TABLE, &["digest", "receiver"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        let c = Columns::of(manager);
        let [created_at, updated_at] = c.timestamps();
        let columns = vec![
            c.sequence("id"),
            created_at,
            updated_at,
            required(c.string("sendId")),
            required(c.big_integer("userId")),
            required(c.string("authenticator")),
            required(c.string("way")),
            required(c.string("title")),
            required(c.string("digest")),
            c.string("receiver"),
            required(c.string("state")),
            c.string("reason"),
            c.string("task"),
            c.big_integer("dueMs"),
            c.big_integer("requestedById"),
        ];
        schema.execute(&c.table(TABLE, columns)).await?;
        for index in INDEXES {
            index.create(&schema).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Schema::of(manager, &self.0).drop_tables(&[TABLE]).await
    }
}
