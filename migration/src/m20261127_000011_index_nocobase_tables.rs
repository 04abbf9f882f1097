//! An index that NocoBase's tables lack, for databases without a NocoBase. Otherwise the table would be read whole.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::index::NewIndex;
use crate::schema::Schema;

/// Indexes `issuedTokens` by account, because all sessions of an account can be ended together.
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
