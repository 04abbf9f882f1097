//! Column types as NocoBase declares them on each database.
//!
//! On SQLite the declared name matters: NocoBase's data layer decides by it how to parse a value.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Builds columns for one database.
#[derive(Clone, Copy)]
pub struct Columns {
    backend: DbBackend,
}

impl Columns {
    /// Columns for the database behind `manager`.
    pub fn of(manager: &SchemaManager<'_>) -> Self {
        Self {
            backend: manager.get_database_backend(),
        }
    }

    /// A primary key that the database counts up.
    pub fn sequence(self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.backend {
            // Only a column declared exactly INTEGER PRIMARY KEY counts up on SQLite.
            DbBackend::Sqlite => column.integer(),
            _ => column.big_integer(),
        };
        column.not_null().auto_increment().primary_key();
        column
    }

    /// `varchar(255)`, NocoBase's string.
    pub fn string(self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.backend {
            DbBackend::Sqlite => column.custom("VARCHAR(255)"),
            _ => column.string_len(255),
        };
        column
    }

    /// A 64-bit integer.
    #[expect(clippy::unused_self, reason = "reads like its siblings")]
    pub fn big_integer(self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        column.big_integer();
        column
    }

    /// Long text.
    #[expect(clippy::unused_self, reason = "reads like its siblings")]
    pub fn text(self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        column.text();
        column
    }

    /// A boolean that may be unset.
    pub fn boolean(self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.backend {
            DbBackend::Sqlite => column.custom("TINYINT(1)"),
            _ => column.boolean(),
        };
        column
    }

    /// JSON text.
    pub fn json(self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.backend {
            DbBackend::Sqlite => column.custom("JSON"),
            _ => column.json(),
        };
        column
    }

    /// JSON that PostgreSQL keeps parsed.
    pub fn json_binary(self, name: &'static str) -> ColumnDef {
        match self.backend {
            DbBackend::Postgres => {
                let mut column = ColumnDef::new(name);
                column.json_binary();
                column
            }
            _ => self.json(name),
        }
    }

    /// A UUID: text on SQLite, the native type where there is one.
    pub fn uuid(self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.backend {
            DbBackend::Postgres => column.uuid(),
            DbBackend::Sqlite => column.custom("UUID"),
            _ => column.char_len(36),
        };
        column
    }

    /// A moment, to the millisecond.
    pub fn moment(self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.backend {
            DbBackend::Postgres => column.timestamp_with_time_zone(),
            DbBackend::Sqlite => column.custom("DATETIME"),
            _ => column.custom("DATETIME(3)"),
        };
        column
    }

    /// A table of these columns, created if it is missing. On MySQL its texts are compared with case and accents, as on
    /// the other databases, because names of authenticators and subjects are identifiers.
    pub fn table(self, name: &'static str, columns: Vec<ColumnDef>) -> TableCreateStatement {
        let mut table = Table::create();
        table.table(name).if_not_exists();
        for mut column in columns {
            table.col(&mut column);
        }
        if self.backend == DbBackend::MySql {
            table
                .engine("InnoDB")
                .character_set("utf8mb4")
                .collate("utf8mb4_bin");
        }
        table
    }

    /// `createdAt` and `updatedAt`, which every NocoBase table has.
    pub fn timestamps(self) -> [ColumnDef; 2] {
        ["createdAt", "updatedAt"].map(|name| {
            let mut column = self.moment(name);
            column.not_null();
            column
        })
    }

    /// `createdById` and `updatedById`.
    pub fn authors(self) -> [ColumnDef; 2] {
        ["createdById", "updatedById"].map(|name| self.big_integer(name))
    }
}

/// `column NOT NULL`.
pub fn required(mut column: ColumnDef) -> ColumnDef {
    column.not_null();
    column
}

/// `column UNIQUE`.
pub fn unique(mut column: ColumnDef) -> ColumnDef {
    column.unique_key();
    column
}

/// `column NOT NULL PRIMARY KEY` of a table that the application keys.
pub fn natural_key(mut column: ColumnDef) -> ColumnDef {
    column.not_null().primary_key();
    column
}
