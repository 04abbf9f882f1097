//! Migrations: tables in NocoBase's shape for a server without a NocoBase, and this product's own tables.
//!
//! NocoBase's tables keep its names, columns and constraints (its 2.2.15 install was observed), so
//! that rows mean the same on both sides. Beside a live NocoBase only [`Migrator::of_our_tables`] may
//! run: its own tables are never touched. A landed migration is never edited; a change is a new file.
//!
//! Each migration can be repeated after it was interrupted anywhere, because MySQL and MariaDB commit after
//! every statement, and a migration is recorded after its last one. So tables and indexes are created only if
//! they are missing, columns added only if `has_column` says no, and rows inserted unless they conflict.

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
mod m20261129_000010_index_members;
mod schema;

use entity::naming::Naming;
use sea_orm_migration::Migration;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseConnection;

pub use sea_orm_migration::{MigratorTraitSelf, SchemaManager};

/// The migrations of one database, with the names that it uses.
pub struct Migrator {
    /// Whether the tables of a NocoBase are created, too.
    has_all_tables: bool,
    naming: Naming,
}

/// Where a migration is applied.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Applied {
    /// Only in a database without a NocoBase, because it concerns tables of NocoBase.
    OnlyWithoutNocoBase,
    /// Also in the database of a NocoBase, because it concerns only this product's tables.
    Always,
}

impl Migrator {
    /// All migrations, for a database without a NocoBase.
    pub fn of_all_tables(naming: Naming) -> Self {
        Self {
            has_all_tables: true,
            naming,
        }
    }

    /// Only the migrations of this product's tables, for the database of a NocoBase.
    pub fn of_our_tables(naming: Naming) -> Self {
        Self {
            has_all_tables: false,
            naming,
        }
    }

    /// The names of the migrations that were applied to a database, also of those that only a newer program has. Only
    /// reads: the method of the library creates its table.
    pub async fn recorded(&self, connection: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
        let table = self.naming.table(MIGRATION_TABLE).into_owned();
        let manager = SchemaManager::new(connection);
        if !manager.has_table(&table).await? {
            return Ok(Vec::new());
        }
        let names = Query::select().column("version").from(table).take();
        let rows = connection.query_all(&names).await?;
        rows.iter().map(|row| row.try_get("", "version")).collect()
    }

    /// Those of this program's migrations whose names are not among the recorded ones, in order.
    pub fn pending(&self, recorded: &[String]) -> Vec<Migration> {
        let mut pending = self.get_migration_files();
        pending.retain(|migration| recorded.iter().all(|name| name != migration.name()));
        pending
    }
}

#[async_trait::async_trait]
impl MigratorTraitSelf for Migrator {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        macro_rules! migrations {
            ($($applied:ident $migration:ident),* $(,)?) => {
                vec![$((Applied::$applied, Box::new($migration::Migration(self.naming.clone())) as Box<dyn MigrationTrait>)),*]
            };
        }
        let migrations = migrations![
            OnlyWithoutNocoBase m20261122_000001_create_nocobase_tables,
            Always m20261122_000002_create_consumed_states,
            OnlyWithoutNocoBase m20261122_000003_create_api_keys,
            Always m20261122_000004_create_changes,
            Always m20261122_000010_create_switches,
            Always m20261126_000001_create_audit,
            Always m20261127_000001_create_lookup_tables,
            Always m20261127_000010_index_expiry,
            OnlyWithoutNocoBase m20261127_000011_index_nocobase_tables,
            Always m20261127_000012_count_removals,
            Always m20261127_000020_create_directory,
            Always m20261127_000020_audit_pages,
            Always m20261127_000021_names_of_accounts,
            Always m20261128_000030_create_messages,
            Always m20261128_000001_create_events,
            Always m20261128_000031_create_mirrored_channels,
            Always m20261128_000040_create_carried_sends,
            Always m20261128_000050_create_streams,
            Always m20261128_000060_create_waiting_sends,
            Always m20261129_000001_people_of_audit,
            Always m20261129_000002_create_renames,
            Always m20261129_000010_index_members,
        ];
        let wanted = migrations
            .into_iter()
            .filter(|(applied, _)| self.has_all_tables || *applied == Applied::Always);
        wanted.map(|(_, migration)| migration).collect()
    }

    fn migration_table_name(&self) -> DynIden {
        self.naming.table(MIGRATION_TABLE).into_owned().into_iden()
    }

    /// What [`MigratorTraitSelf::up`] applies. The library refuses a database that a newer program has changed; an older
    /// one goes on there, because new tables and columns are not in its way.
    async fn get_pending_migrations<C>(&self, db: &C) -> Result<Vec<Migration>, DbErr>
    where
        C: ConnectionTrait,
    {
        let recorded = self.get_migration_models(db).await?.into_iter();
        let recorded: Vec<_> = recorded.map(|row| row.version).collect();
        Ok(self.pending(&recorded))
    }
}

/// The table that records applied migrations. Its prefix keeps it apart from NocoBase's own.
const MIGRATION_TABLE: &str = "dingtalk_migrations";
