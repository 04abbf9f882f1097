//! An index for removing expired sign-in attempts, which each sign-in does.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::index::NewIndex;
use crate::schema::Schema;

/// Indexes `dingtalk_consumed_states` by when an attempt expires.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const INDEX: NewIndex = NewIndex::of(
    "dingtalk_consumed_states_expires_at",
    "dingtalk_consumed_states",
    &["expiresAt"],
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
