//! A column and an index by which administrators find an account by the beginning of its display name.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::column::Columns;
use crate::index::NewIndex;
use crate::schema::Schema;

/// Adds `nickname` to `dingtalk_contacts`, with an index for beginnings. The copies that are there get their
/// names by the comparison with the accounts, which the server makes beside its requests: a million rows
/// would hold up the start.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const TABLE: &str = "dingtalk_contacts";
const COLUMN: &str = "nickname";
const INDEX: NewIndex = NewIndex::of("dingtalk_contacts_nickname", TABLE, &[COLUMN]);

/// With a collation that sorts words as people do, PostgreSQL finds beginnings only by an index of this kind.
const OF_BEGINNINGS: &str = r#"CREATE INDEX "dingtalk_contacts_nickname" ON "dingtalk_contacts" ("nickname" varchar_pattern_ops)"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        if !schema.has_column(TABLE, COLUMN).await? {
            let mut column = Columns::of(manager).string(COLUMN);
            let add = Table::alter().table(TABLE).add_column(&mut column).take();
            schema.execute(&add).await?;
        }
        if schema.has_index(TABLE, INDEX.name).await? {
            return Ok(());
        }
        match manager.get_database_backend() {
            DbBackend::Postgres => schema.execute_text(OF_BEGINNINGS).await,
            _ => INDEX.create(&schema).await,
        }
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        INDEX.remove(&schema).await?;
        let drop = Table::alter().table(TABLE).drop_column(COLUMN).take();
        schema.execute(&drop).await
    }
}
