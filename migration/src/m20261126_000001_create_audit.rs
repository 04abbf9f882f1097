//! Our table of what concerns who gets in: the audit trail.

use sea_orm_migration::prelude::*;

use crate::column::{Columns, required};

/// Creates `dingtalk_audit`.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "dingtalk_audit";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
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
        manager.create_table(c.table(TABLE, columns)).await?;
        // Old rows are removed by age, and people look for what one account did.
        for (name, column) in [
            ("dingtalk_audit_created_at", "createdAt"),
            ("dingtalk_audit_user_id", "userId"),
        ] {
            let mut index = Index::create();
            index.name(name).table(TABLE).col(column);
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(TABLE).to_owned())
            .await
    }
}
