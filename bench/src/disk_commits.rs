//! Measures the cost of having each acknowledged change on the disk (`synchronous = FULL`), beside SQLite's
//! `NORMAL`, which can lose the last changes when the power fails.

use std::path::Path;
use std::time::Instant;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};

use crate::Failure;
use crate::load::median;
use crate::report::Report;

/// How many changes are committed in each way.
const CHANGES: usize = 201;

/// Measures both in a folder on the disk where the server's database would be.
pub async fn measure(report: &mut Report) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let full = Ledger::open(folder.path(), "FULL").await?;
    let normal = Ledger::open(folder.path(), "NORMAL").await?;
    let (mut safe, mut quick) = (Vec::new(), Vec::new());
    for number in 0..CHANGES {
        safe.push(full.change(number).await?);
        quick.push(normal.change(number).await?);
    }
    report.line(
        "a change that is on the disk; NORMAL, ms",
        &format!("{:.2}; {:.2}", median(safe), median(quick)),
    );
    Ok(())
}

/// A SQLite file in WAL mode, as the server has it, with one table.
struct Ledger(DatabaseConnection);

impl Ledger {
    async fn open(folder: &Path, synchronous: &str) -> Result<Self, Failure> {
        let file = folder.join(synchronous);
        let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", file.display()));
        options.max_connections(1).sqlx_logging(false);
        let connection = Database::connect(options).await?;
        for statement in [
            "PRAGMA journal_mode = WAL",
            &format!("PRAGMA synchronous = {synchronous}"),
            "CREATE TABLE changes (id INTEGER PRIMARY KEY, what TEXT)",
        ] {
            connection.execute_unprepared(statement).await?;
        }
        Ok(Self(connection))
    }

    /// Commits one change. Returns the time in milliseconds.
    async fn change(&self, number: usize) -> Result<f64, Failure> {
        let begun = Instant::now();
        let statement = format!("INSERT INTO changes (what) VALUES ('change {number}')");
        self.0.execute_unprepared(&statement).await?;
        Ok(begun.elapsed().as_secs_f64() * 1000.0)
    }
}
