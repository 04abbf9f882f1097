//! Migrations of the standalone server: NocoBase-shaped tables, and our own.
//!
//! NocoBase's tables keep its names, columns and constraints (its 2.2.15 install was observed), so
//! that rows mean the same on both sides. Beside a live NocoBase only [`Owned`] may run: its own
//! tables are never touched. A landed migration is never edited; a change is a new file.

mod column;
mod m20261122_000001_create_nocobase_tables;
mod m20261122_000002_create_consumed_states;
mod m20261122_000003_create_api_keys;
mod m20261122_000004_create_changes;
mod m20261122_000010_create_switches;
mod m20261126_000001_create_audit;

use sea_orm_migration::prelude::*;

pub use sea_orm_migration::MigratorTrait;

/// Every migration: for a database that is all ours.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_create_nocobase_tables::Migration),
            Box::new(m20261122_000002_create_consumed_states::Migration),
            Box::new(m20261122_000003_create_api_keys::Migration),
            Box::new(m20261122_000004_create_changes::Migration),
            Box::new(m20261122_000010_create_switches::Migration),
            Box::new(m20261126_000001_create_audit::Migration),
        ]
    }

    fn migration_table_name() -> DynIden {
        MIGRATION_TABLE.into_iden()
    }
}

/// Only the tables that are ours: for a database that belongs to a NocoBase.
pub struct Owned;

impl MigratorTrait for Owned {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000002_create_consumed_states::Migration),
            Box::new(m20261122_000004_create_changes::Migration),
            Box::new(m20261122_000010_create_switches::Migration),
            Box::new(m20261126_000001_create_audit::Migration),
        ]
    }

    fn migration_table_name() -> DynIden {
        MIGRATION_TABLE.into_iden()
    }
}

/// Where applied migrations are recorded; our prefix keeps it apart from NocoBase's own.
const MIGRATION_TABLE: &str = "dingtalk_migrations";
