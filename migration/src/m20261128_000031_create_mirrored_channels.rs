//! Our tables of channels whose messages are also sent through a provider, and of the messages that were taken for that.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::{Columns, natural_key, required};
use crate::index::NewIndex;
use crate::schema::Schema;

/// Creates `dingtalk_mirrored_channels` and `dingtalk_message_claims`.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const CHANNELS: &str = "dingtalk_mirrored_channels";
const CLAIMS: &str = "dingtalk_message_claims";
const INDEX: NewIndex = NewIndex::of("dingtalk_message_claims_age", CLAIMS, &["claimedMs"]);

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        let c = Columns::of(manager);
        let [created_at, updated_at] = c.timestamps();
        let channels = vec![
            natural_key(c.string("channel")),
            created_at,
            updated_at,
            required(c.string("authenticator")),
            required(c.big_integer("startedMs")),
            required(c.big_integer("markMs")),
            c.big_integer("updatedById"),
        ];
        schema.execute(&c.table(CHANNELS, channels)).await?;
        let claims = vec![
            natural_key(c.string("rowId")),
            required(c.big_integer("claimedMs")),
        ];
        schema.execute(&c.table(CLAIMS, claims)).await?;
        INDEX.create(&schema).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [CLAIMS, CHANNELS];
        Schema::of(manager, &self.0).drop_tables(&tables).await
    }
}
