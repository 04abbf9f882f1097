//! The command of a database server that copies its database, for the operator to run.

use std::path::Path;

use crate::config::{Config, Dialect};
use crate::shell_word::quoted;

/// The command that writes the database into this folder. It asks for the password if there is one.
pub fn dump(config: &Config, target: &Path) -> String {
    let database = &config.database;
    let file = |name: &str| target.join(name).display().to_string();
    let port = |usual: u16| database.port.unwrap_or(usual).to_string();
    let words = match database.dialect {
        Dialect::Postgres => {
            let mut words = vec![
                "pg_dump".to_owned(),
                "--format=custom".to_owned(),
                format!("--host={}", database.host),
                format!("--port={}", port(5432)),
                format!("--username={}", database.user),
            ];
            if let Some(schema) = &database.schema {
                words.push(format!("--schema={}", schema.quoted()));
            }
            words.push(format!("--file={}", file("nocobase.dump")));
            words.push(database.database.clone());
            words
        }
        dialect => {
            let program = match dialect {
                Dialect::Mysql => "mysqldump",
                _ => "mariadb-dump",
            };
            let mut words = vec![
                program.to_owned(),
                "--single-transaction".to_owned(),
                format!("--host={}", database.host),
                format!("--port={}", port(3306)),
                format!("--user={}", database.user),
            ];
            if database.password.is_some() {
                words.push("--password".to_owned());
            }
            words.push(format!("--result-file={}", file("nocobase.sql")));
            words.push(database.database.clone());
            words
        }
    };
    let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
    words.join(" ")
}
