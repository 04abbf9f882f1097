//! Indexes and sums for the page of sign-ins, which lists the audit trail by result, action, person or address,
//! newest first, and shows how many people signed in at which hour.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::{Columns, required};
use crate::index::NewIndex;
use crate::schema::Schema;

/// Creates `dingtalk_audit_hours`, and indexes `dingtalk_audit`.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const AUDIT: &str = "dingtalk_audit";
const HOURS: &str = "dingtalk_audit_hours";

/// Each index ends with the date, so that rows are found in their order.
const INDEXES: [NewIndex; 5] = [
    NewIndex::of("dingtalk_audit_result", AUDIT, &["result", "createdAt"]),
    NewIndex::of("dingtalk_audit_action", AUDIT, &["action", "createdAt"]),
    NewIndex::of(
        "dingtalk_audit_action_result",
        AUDIT,
        &["action", "result", "createdAt"],
    ),
    NewIndex::of("dingtalk_audit_address", AUDIT, &["address", "createdAt"]),
    NewIndex::of("dingtalk_audit_user", AUDIT, &["userId", "createdAt"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        let c = Columns::of(manager);
        let columns = vec![
            required(c.big_integer("hour")),
            required(c.string("authenticator")),
            required(c.string("result")),
            required(c.big_integer("signIns")),
        ];
        let mut hours = c.table(HOURS, columns);
        let key = ["hour", "authenticator", "result"];
        hours.primary_key(Index::create().col(key[0]).col(key[1]).col(key[2]));
        schema.execute(&hours).await?;
        for index in INDEXES {
            index.create(&schema).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        for index in INDEXES {
            index.remove(&schema).await?;
        }
        schema.drop_tables(&[HOURS]).await
    }
}
