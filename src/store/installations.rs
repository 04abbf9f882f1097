//! The NocoBase installations that this database account can see.
//!
//! They are searched for when the tables are not where the settings say, so that the operator can
//! be told how to correct the settings. Names are those in the database, not those of collections.

use entity::naming::Naming;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::{Result, Store};

/// A table that every NocoBase has and hardly any other program.
const PLUGINS: &str = "applicationPlugins";
/// How many are reported at most.
const MOST: usize = 20;

/// The tables of a NocoBase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// Where the tables are.
    pub place: InstallationPlace,
    /// How the tables are named.
    pub naming: Naming,
}

/// Where tables are, relative to the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstallationPlace {
    /// In the place where statements look for tables.
    Here,
    /// In this other schema of the database, on PostgreSQL.
    Schema(String),
    /// In this other database of the server, on MySQL and MariaDB.
    Database(String),
}

impl Store {
    /// The NocoBase installations that can be seen over this connection, except the one that the
    /// settings name.
    pub async fn other_installations(&self) -> Result<Vec<Installation>> {
        let pool = self.pool();
        let backend = pool.get_database_backend();
        let rows = pool
            .query_all_raw(Statement::from_string(backend, tables(backend)))
            .await?;
        let mut found = Vec::new();
        for row in rows {
            let table: String = row.try_get_by_index(0)?;
            let elsewhere: Option<String> = row.try_get_by_index(1)?;
            let place = match (elsewhere, backend) {
                (None, _) => InstallationPlace::Here,
                (Some(name), DbBackend::Postgres) => InstallationPlace::Schema(name),
                (Some(name), _) => InstallationPlace::Database(name),
            };
            let Some(naming) = naming_of(&table) else {
                continue;
            };
            let installation = Installation { place, naming };
            if installation.place != InstallationPlace::Here
                || installation.naming != *self.naming()
            {
                found.push(installation);
            }
        }
        Ok(likeliest(found))
    }
}

/// The installations that are reported. Those come first that only need other names in the
/// settings, however many others there are.
fn likeliest(mut found: Vec<Installation>) -> Vec<Installation> {
    found.sort_by_key(|installation| installation.place != InstallationPlace::Here);
    found.truncate(MOST);
    found
}

/// The SQL that lists tables which may be the list of plugins, with the place of those that are
/// elsewhere. Those that are here come first, so the limit cuts off none of them.
fn tables(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "SELECT tablename::text, \
             CASE WHEN schemaname = current_schema() THEN NULL ELSE schemaname::text END \
             FROM pg_catalog.pg_tables WHERE lower(tablename) LIKE '%application%plugins' \
             ORDER BY 2 NULLS FIRST, 1 LIMIT 1000"
        }
        DbBackend::MySql => {
            "SELECT CAST(table_name AS CHAR), \
             CASE WHEN table_schema = DATABASE() THEN NULL ELSE CAST(table_schema AS CHAR) END \
             FROM information_schema.tables WHERE LOWER(table_name) LIKE '%application%plugins' \
             ORDER BY 2, 1 LIMIT 1000"
        }
        _ => {
            "SELECT name, NULL FROM sqlite_master \
             WHERE type = 'table' AND lower(name) LIKE '%application%plugins' ORDER BY 1 LIMIT 1000"
        }
    }
}

/// The naming of an installation whose list of plugins has this name; none for any other table.
fn naming_of(table: &str) -> Option<Naming> {
    let prefix_of = |end: &str| {
        let (prefix, found) = table.split_at_checked(table.len().checked_sub(end.len())?)?;
        // A server with lower_case_table_names=1 stores names in lower case.
        found.eq_ignore_ascii_case(end).then_some(prefix)
    };
    let underscored = Naming::new("", true).table(PLUGINS).into_owned();
    match prefix_of(&underscored) {
        Some(prefix) => Some(Naming::new(prefix, true)),
        None => prefix_of(PLUGINS).map(|prefix| Naming::new(prefix, false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_are_here_come_first_however_many_others_there_are() {
        let naming = Naming::new("nb_", false);
        let others = (0..MOST).map(|number| InstallationPlace::Schema(format!("office{number}")));
        let places = others.chain([InstallationPlace::Here]);
        let found = places.map(|place| Installation {
            place,
            naming: naming.clone(),
        });
        let kept = likeliest(found.collect());
        assert_eq!(kept.len(), MOST);
        assert_eq!(kept[0].place, InstallationPlace::Here);
        let next = InstallationPlace::Schema("office0".to_owned());
        assert_eq!(kept[1].place, next);
    }

    #[test]
    fn the_naming_is_read_from_one_name() {
        for (table, naming) in [
            ("applicationPlugins", Some(Naming::default())),
            ("nb_applicationPlugins", Some(Naming::new("nb_", false))),
            ("application_plugins", Some(Naming::new("", true))),
            ("nb_application_plugins", Some(Naming::new("nb_", true))),
            ("nb_applicationplugins", Some(Naming::new("nb_", false))),
            ("application_of_plugins", None),
            ("plugins", None),
        ] {
            assert_eq!(naming_of(table), naming, "{table}");
        }
    }
}
