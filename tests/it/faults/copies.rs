//! Copies of the database that are made while people sign in and the server is killed.

use std::fs;
use std::process::Command;

use tokio::sync::watch;

use super::rows;
use crate::support::{Kind, Place, TestDatabase, Told};

/// Copies the database after each of these many sign-ins, by our own command and by SQLite's program in turn,
/// and checks that what is in each copy is whole. Gives how many there are.
pub async fn copy_again_and_again(
    place: &Place,
    mut done: watch::Receiver<usize>,
    mut moments: Vec<usize>,
) -> usize {
    if place.database.kind != Kind::Sqlite {
        return 0;
    }
    moments.sort_unstable();
    let mut bound = 0;
    for (number, after) in moments.iter().enumerate() {
        done.wait_for(|done| done >= after).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut program = if number % 2 == 0 {
            place.program(&["backup", folder.path().to_str().unwrap()])
        } else {
            fs::create_dir(folder.path().join("db")).unwrap();
            let copy = folder.path().join("db/nocobase.sqlite");
            let mut program = Command::new("sqlite3");
            program.args(["-cmd", ".timeout 10000"]);
            program.arg(place.sqlite_file());
            program.arg(format!(".backup '{}'", copy.display()));
            program
        };
        let told = tokio::task::spawn_blocking(move || Told::by(&mut program));
        let told = told.await.unwrap();
        assert!(told.ended_well, "{told:?}");
        let copied = rows::check(&TestDatabase::at(folder.path())).await.len();
        assert!(copied >= bound, "what an earlier copy has is missing");
        bound = copied;
    }
    moments.len()
}
