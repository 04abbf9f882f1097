//! An event about a person asks whether somebody else of the organization has the same mailbox, however it
//! is spelled.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::Columns;
use crate::index::NewIndex;
use crate::schema::Schema;

/// Adds `normalizedEmail` to `dingtalk_members`, with an index in place of the one of `email`.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const TABLE: &str = "dingtalk_members";
const COLUMN: &str = "normalizedEmail";

/// Finds who has a mailbox.
const MAILBOXES: NewIndex = NewIndex::of("dingtalk_members_mailbox", TABLE, &["sourceId", COLUMN]);

/// The index of mailboxes as the provider spells them, by which nobody looks any more.
const SPELLINGS: NewIndex = NewIndex::of("dingtalk_members_email", TABLE, &["sourceId", "email"]);

/// The rows that are there get the column at once: a mailbox that a look-up does not see could link somebody
/// to the account of another person. One table is read once, and it has a row for each person of an
/// organization. A database may leave capitals other than A to Z, which are put right when the row of the
/// person is written next.
const FILL: &str = r#"UPDATE "dingtalk_members" SET "normalizedEmail" = LOWER("email") WHERE "normalizedEmail" IS NULL AND "email" IS NOT NULL"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        if !schema.has_column(TABLE, COLUMN).await? {
            let mut column = Columns::of(manager).string(COLUMN);
            let add = Table::alter().table(TABLE).add_column(&mut column).take();
            schema.execute(&add).await?;
        }
        schema.execute_text(FILL).await?;
        MAILBOXES.create(&schema).await?;
        if schema.has_index(TABLE, SPELLINGS.name).await? {
            SPELLINGS.remove(&schema).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        SPELLINGS.create(&schema).await?;
        MAILBOXES.remove(&schema).await?;
        let drop = Table::alter().table(TABLE).drop_column(COLUMN).take();
        schema.execute(&drop).await
    }
}
