//! Columns of the audit trail for the person who was refused, if the provider said who it was.

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

use crate::column::Columns;
use crate::schema::Schema;

/// Adds `personId` and `personName` to `dingtalk_audit`.
#[derive(DeriveMigrationName)]
pub struct Migration(pub Naming);

const TABLE: &str = "dingtalk_audit";
const COLUMNS: [&str; 2] = ["personId", "personName"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        for name in COLUMNS {
            if schema.has_column(TABLE, name).await? {
                continue;
            }
            let mut column = Columns::of(manager).string(name);
            let add = Table::alter().table(TABLE).add_column(&mut column).take();
            schema.execute(&add).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager, &self.0);
        for name in COLUMNS {
            let drop = Table::alter().table(TABLE).drop_column(name).take();
            schema.execute(&drop).await?;
        }
        Ok(())
    }
}
