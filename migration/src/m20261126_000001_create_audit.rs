//! Our table of the audit trail: what concerns who can sign in.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::{Columns, required};
use crate::index::NewIndex;
use crate::schema::Schema;

/// Creates `dingtalk_audit`.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const TABLE: &str = "dingtalk_audit";
/// The indexes: old rows are removed by age, and people look for what one account did.
const INDEXES: [NewIndex; 2] = [
    NewIndex::of("dingtalk_audit_created_at", TABLE, &["createdAt"]),
    NewIndex::of("dingtalk_audit_user_id", TABLE, &["userId"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        let c = Columns::of(manager);
        let columns = vec![
            c.sequence("id"),
            required(c.moment("createdAt")),
            required(c.string("action")),
            required(c.string("result")),
            c.string("reason"),
            c.big_integer("userId"),
            c.big_integer("actorId"),
            c.string("authenticator"),
            required(c.string("address")),
            c.string("userAgent"),
            c.string("requestId"),
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
