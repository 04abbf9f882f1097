//! A source of NocoBase's page «Synchronize». Borrowed from NocoBase's plugin `user-data-sync`, without which
//! there is no such table.

use sea_orm::entity::prelude::*;

/// A row of `userDataSyncSources`, as far as it is read.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "userDataSyncSources", rename_all = "camelCase")]
pub struct Model {
    /// Sequence number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its name, which no other has.
    pub name: String,
    /// Where people come from, such as `dingtalk`.
    pub source_type: String,
    /// Whether it can be run.
    pub enabled: Option<bool>,
    /// What is copied, as JSON.
    #[sea_orm(column_type = "Json")]
    pub options: Json,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
