//! Two more counters in our table of changes: for removals of accounts, and of rows of the audit trail.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::schema::Schema;

/// Adds the two counters.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const TABLE: &str = "dingtalk_changes";
const SLOTS: [i32; 2] = [65, 66];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut rows = Query::insert();
        rows.into_table(TABLE).columns(["slot", "version"]);
        for slot in SLOTS {
            rows.values_panic([slot.into(), 0.into()]);
        }
        rows.on_conflict(
            OnConflict::column("slot")
                .do_nothing_on(["slot"])
                .to_owned(),
        );
        Schema::of(manager, &self.0).execute(&rows).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut rows = Query::delete();
        rows.from_table(TABLE)
            .and_where(Expr::col("slot").is_in(SLOTS));
        Schema::of(manager, &self.0).execute(&rows).await
    }
}
