//! Migrations of the standalone server: NocoBase-shaped tables, and our own.
//!
//! NocoBase's tables keep its names, columns and constraints (its 2.2.15 install was observed), so
//! that rows mean the same on both sides. Beside a live NocoBase only [`Migrator::of_our_tables`] may
//! run: its own tables are never touched. A landed migration is never edited; a change is a new file.
//!
//! Each can be repeated from wherever it was cut off, because MySQL and MariaDB commit after every
//! statement, and the record of a migration comes last: tables and indexes are made where they are missing,
//! columns added where `has_column` says no, rows inserted where they do not conflict.

mod column;
mod index;
mod m20261122_000001_create_nocobase_tables;
mod m20261122_000002_create_consumed_states;
mod m20261122_000003_create_api_keys;
mod m20261122_000004_create_changes;
mod m20261122_000010_create_switches;
mod m20261126_000001_create_audit;
mod m20261127_000001_create_lookup_tables;
mod m20261127_000010_index_expiry;
mod m20261127_000011_index_nocobase_tables;
mod m20261127_000012_count_removals;
mod m20261127_000020_audit_pages;
mod m20261127_000020_create_directory;
mod m20261127_000021_names_of_accounts;
mod m20261128_000001_create_events;
mod m20261128_000030_create_messages;
mod m20261128_000031_create_mirrored_channels;
mod m20261128_000040_create_carried_sends;
mod m20261128_000050_create_streams;
mod m20261128_000060_create_waiting_sends;
mod m20261129_000001_people_of_audit;
mod m20261129_000002_create_renames;
mod schema;

use entity::naming::Naming;
use sea_orm_migration::prelude::*;

pub use sea_orm_migration::{MigratorTraitSelf, SchemaManager};

/// The migrations of one database, which has names of its own.
pub struct Migrator {
    tables: Tables,
    naming: Naming,
}

/// Which tables are made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tables {
    All,
    Ours,
}

impl Migrator {
    /// Every migration: for a database that is all ours.
    pub fn of_all_tables(naming: Naming) -> Self {
        Self {
            tables: Tables::All,
            naming,
        }
    }

    /// Only those of tables that are ours: for a database that belongs to a NocoBase.
    pub fn of_our_tables(naming: Naming) -> Self {
        Self {
            tables: Tables::Ours,
            naming,
        }
    }
}

impl MigratorTraitSelf for Migrator {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        macro_rules! migrations {
            ($($tables:ident $migration:ident),* $(,)?) => {
                vec![$((Tables::$tables, Box::new($migration::Migration(self.naming.clone())) as Box<dyn MigrationTrait>)),*]
            };
        }
        let migrations = migrations![
            All m20261122_000001_create_nocobase_tables,
            Ours m20261122_000002_create_consumed_states,
            All m20261122_000003_create_api_keys,
            Ours m20261122_000004_create_changes,
            Ours m20261122_000010_create_switches,
            Ours m20261126_000001_create_audit,
            Ours m20261127_000001_create_lookup_tables,
            Ours m20261127_000010_index_expiry,
            All m20261127_000011_index_nocobase_tables,
            Ours m20261127_000012_count_removals,
            Ours m20261127_000020_create_directory,
            Ours m20261127_000020_audit_pages,
            Ours m20261127_000021_names_of_accounts,
            Ours m20261128_000030_create_messages,
            Ours m20261128_000001_create_events,
            Ours m20261128_000031_create_mirrored_channels,
            Ours m20261128_000040_create_carried_sends,
            Ours m20261128_000050_create_streams,
            Ours m20261128_000060_create_waiting_sends,
            Ours m20261129_000001_people_of_audit,
            Ours m20261129_000002_create_renames,
        ];
        let wanted = migrations
            .into_iter()
            .filter(|(tables, _)| self.tables == Tables::All || *tables == Tables::Ours);
        wanted.map(|(_, migration)| migration).collect()
    }

    fn migration_table_name(&self) -> DynIden {
        self.naming.table(MIGRATION_TABLE).into_owned().into_iden()
    }
}

/// Where applied migrations are recorded; our prefix keeps it apart from NocoBase's own.
const MIGRATION_TABLE: &str = "dingtalk_migrations";
