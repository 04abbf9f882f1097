//! Our tables by which accounts and bindings are looked up, because NocoBase's tables have no index
//! for that and are not altered. The server fills them page by page while it runs.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::{Columns, natural_key, required};
use crate::index::NewIndex;
use crate::schema::Schema;

/// Creates `dingtalk_contacts` and `dingtalk_bound_people`.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const CONTACTS: &str = "dingtalk_contacts";
const BOUND_PEOPLE: &str = "dingtalk_bound_people";

const INDEXES: [NewIndex; 7] = [
    NewIndex::of("dingtalk_contacts_phone", CONTACTS, &["phone"]),
    NewIndex::of("dingtalk_contacts_digits", CONTACTS, &["phoneDigits"]),
    NewIndex::of("dingtalk_contacts_email", CONTACTS, &["email"]),
    // When two people sign up with one address at the same time, in different capitals, this index refuses one of them.
    NewIndex::of("dingtalk_contacts_unique_email", CONTACTS, &["uniqueEmail"]).unique(),
    NewIndex::of("dingtalk_contacts_username", CONTACTS, &["username"]),
    NewIndex::of(
        "dingtalk_bound_people_subject",
        BOUND_PEOPLE,
        &["authenticator", "subject"],
    ),
    NewIndex::of(
        "dingtalk_bound_people_witness",
        BOUND_PEOPLE,
        &["authenticator", "witness"],
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        let c = Columns::of(manager);
        let contacts = vec![
            natural_key(c.big_integer("userId")),
            c.string("phone"),
            c.string("phoneDigits"),
            c.string("email"),
            c.string("uniqueEmail"),
            c.string("username"),
        ];
        schema.execute(&c.table(CONTACTS, contacts)).await?;
        let bound_people = vec![
            required(c.big_integer("userId")),
            required(c.string("authenticator")),
            required(c.string("subject")),
            c.string("witness"),
        ];
        let mut bound_people = c.table(BOUND_PEOPLE, bound_people);
        bound_people.primary_key(Index::create().col("userId").col("authenticator"));
        schema.execute(&bound_people).await?;
        for index in INDEXES {
            index.create(&schema).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [BOUND_PEOPLE, CONTACTS];
        Schema::of(manager, &self.0).drop_tables(&tables).await
    }
}
