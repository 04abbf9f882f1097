//! Our table of events that providers send.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::{Columns, required};
use crate::index::NewIndex;
use crate::schema::Schema;

/// Creates `dingtalk_events`, and indexes by which people with one phone number or mailbox are found.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const EVENTS: &str = "dingtalk_events";
const MEMBERS: &str = "dingtalk_members";

const OF_MEMBERS: [NewIndex; 2] = [
    NewIndex::of("dingtalk_members_phone", MEMBERS, &["sourceId", "phone"]),
    NewIndex::of("dingtalk_members_email", MEMBERS, &["sourceId", "email"]),
];

const INDEXES: [NewIndex; 3] = [
    NewIndex::of(
        "dingtalk_events_event",
        EVENTS,
        &["authenticatorId", "eventId"],
    )
    .unique(),
    NewIndex::of(
        "dingtalk_events_due",
        EVENTS,
        &["authenticatorId", "state", "dueAt"],
    ),
    NewIndex::of("dingtalk_events_received", EVENTS, &["receivedAt"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        let c = Columns::of(manager);
        let events = vec![
            c.sequence("id"),
            required(c.big_integer("authenticatorId")),
            required(c.string("eventId")),
            required(c.string("kind")),
            required(c.string("transport")),
            required(c.string("concerns")),
            required(c.json("subjects")),
            c.moment("bornAt"),
            required(c.moment("receivedAt")),
            required(c.string("state")),
            required(c.big_integer("attempts")),
            required(c.moment("dueAt")),
            c.moment("settledAt"),
            c.text("error"),
        ];
        schema.execute(&c.table(EVENTS, events)).await?;
        for index in INDEXES.iter().chain(&OF_MEMBERS) {
            index.create(&schema).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        for index in OF_MEMBERS {
            index.remove(&schema).await?;
        }
        schema.drop_tables(&[EVENTS]).await
    }
}
