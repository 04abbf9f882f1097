//! What a database of our own has beside NocoBase's tables: an index for what would be read whole.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::index::NewIndex;
use crate::schema::Schema;

/// Indexes `issuedTokens` by account: sessions end with a password, and all of an account at once.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const INDEX: NewIndex = NewIndex::of(
    "dingtalk_issued_tokens_user_id",
    "issuedTokens",
    &["userId"],
);

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        INDEX.create(&Schema::of(manager, &self.0)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        INDEX.remove(&Schema::of(manager, &self.0)).await
    }
}
