//! Our table of changes, by which servers at one database notice what the others have written.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::{Columns, natural_key, required};
use crate::schema::Schema;

/// Creates `dingtalk_changes` with its rows, whose counters only go up.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const TABLE: &str = "dingtalk_changes";
/// The number of rows, which are numbered from 0. The server's `store` says what each stands for.
const SLOTS: i32 = 65;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        let c = Columns::of(manager);
        let mut slot = ColumnDef::new("slot");
        slot.integer();
        let columns = vec![natural_key(slot), required(c.big_integer("version"))];
        schema.execute(&c.table(TABLE, columns)).await?;
        let mut rows = Query::insert();
        rows.into_table(TABLE).columns(["slot", "version"]);
        for slot in 0..SLOTS {
            rows.values_panic([slot.into(), 0.into()]);
        }
        rows.on_conflict(
            OnConflict::column("slot")
                .do_nothing_on(["slot"])
                .to_owned(),
        );
        schema.execute(&rows).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Schema::of(manager, &self.0).drop_tables(&[TABLE]).await
    }
}
