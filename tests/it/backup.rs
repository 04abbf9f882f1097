//! The command `backup`, and what can be restored from its copies.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::support::{Browser, Kind, Place, Told, naming};

/// The files of a copy.
const FILES: [&str; 3] = [
    "apps/main/aes_key.dat",
    "apps/main/jwt_secret.dat",
    "db/nocobase.sqlite",
];

/// All files and folders in a folder, at any depth.
fn content(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(content(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry
            .map(|entry| (entry.path(), entry.file_name()))
            .unwrap();
        if path.is_dir() {
            copy_folder(&path, &to.join(name));
        } else {
            fs::copy(path, to.join(name)).unwrap();
        }
    }
}

#[actix_web::test]
async fn a_copy_that_takes_the_storage_folders_place_knows_tokens_accounts_and_secrets() {
    let place = Place::new();
    if place.database.kind != Kind::Sqlite {
        return;
    }
    let server = place.start();
    place.open_by_a_variable(&server).await;
    let mut browser = Browser::at(server.address);
    let root = browser.sign_in_as_root().await;
    let who = json!({"username": "ada", "password": "pw"});
    assert_eq!(
        browser
            .post_as(&root, "/api/users:create", who)
            .await
            .status,
        200
    );
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("copy");
    let told = place.run(&["backup", copy.to_str().unwrap()]);
    assert!(told.ended_well, "{told:?}");
    let said: Vec<_> = FILES
        .iter()
        .map(|file| copy.join(file).display().to_string())
        .collect();
    assert_eq!(told.output.lines().collect::<Vec<_>>(), said);
    for path in content(&copy) {
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), wanted, "{}", path.display());
    }
    assert_eq!(mode(&copy), 0o700);
    assert_eq!(
        content(&copy).iter().filter(|path| path.is_file()).count(),
        FILES.len()
    );
    // Changes after the copy are not in it.
    let later = json!({"username": "bob", "password": "pw"});
    assert_eq!(
        browser
            .post_as(&root, "/api/users:create", later)
            .await
            .status,
        200
    );

    let folder = tempfile::tempdir().unwrap();
    let storage = folder.path().join("storage");
    copy_folder(&copy, &storage);
    let restored = Place::at(storage);
    let server = restored.start();
    let mut browser = Browser::at(server.address);
    let check = browser.get_as(&root, "/api/auth:check").await;
    assert_eq!(
        check.json()["data"]["username"],
        "nocobase",
        "{}",
        check.text
    );
    browser.sign_in_as("ada", "pw").await;
    let later = json!({"account": "bob", "password": "pw"});
    assert_eq!(browser.post("/api/auth:signIn", later).await.status, 401);
    // The client secret is decrypted with the key in the copy.
    let page = browser.sign_in(&restored.sandbox, "zhangwei").await;
    assert!(page.session().is_some(), "{}", restored.log());
}

#[actix_web::test]
async fn secrets_that_are_settings_are_named_and_not_written() {
    let place = Place::new();
    if place.database.kind != Kind::Sqlite {
        return;
    }
    place.start().stop();
    fs::remove_dir_all(place.storage().join("apps")).unwrap();
    let copy = place.storage().join("copy");
    let mut program = place.program(&["backup", copy.to_str().unwrap()]);
    program.env("APP_KEY", "hunter2");
    program.env("APP_AES_SECRET_KEY", "ab".repeat(32));
    let told = Told::by(&mut program);
    assert!(told.ended_well, "{told:?}");
    for name in ["APP_KEY", "APP_AES_SECRET_KEY"] {
        assert!(
            told.output.contains(&format!("note: keep {name}, too")),
            "{told:?}"
        );
    }
    assert!(!told.output.contains("hunter2"), "{told:?}");
    let files = content(&copy).into_iter().filter(|path| path.is_file());
    assert_eq!(files.collect::<Vec<_>>(), [copy.join("db/nocobase.sqlite")]);
}

#[actix_web::test]
async fn a_backup_that_fails_leaves_nothing_behind() {
    let place = Place::new();
    if place.database.kind != Kind::Sqlite {
        return;
    }
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("copy");
    let backup = || place.program(&["backup", copy.to_str().unwrap()]);
    let told = Told::by(&mut backup());
    assert!(told.errors.contains("there is no database"), "{told:?}");
    assert_eq!(content(copies.path()), [] as [PathBuf; 0]);

    place.start().stop();
    fs::create_dir(&copy).unwrap();
    fs::write(copy.join("letter"), "of somebody else").unwrap();
    let told = Told::by(&mut backup());
    assert!(
        !told.ended_well && told.errors.contains("is not empty"),
        "{told:?}"
    );
    assert_eq!(content(copies.path()), [copy.clone(), copy.join("letter")]);
    fs::remove_file(copy.join("letter")).unwrap();

    // No file may be as long as the database, which has the same effect as a full disk.
    let mut limited = Command::new("sh");
    let script = format!(
        "trap '' XFSZ; ulimit -f 64; exec {} backup \"$1\"",
        env!("CARGO_BIN_EXE_nocobase-dingtalk")
    );
    limited.args(["-c", &script, "sh", copy.to_str().unwrap()]);
    limited.env("STORAGE_PATH", place.storage());
    let told = Told::by(&mut limited);
    assert!(
        !told.ended_well && told.errors.contains("the database was not copied"),
        "{told:?}"
    );
    assert_eq!(
        content(copies.path()),
        std::slice::from_ref(&copy),
        "it was there before"
    );
    fs::remove_dir(&copy).unwrap();
    assert!(!Told::by(&mut limited).ended_well);
    assert_eq!(content(copies.path()), [] as [PathBuf; 0]);

    // A copy of a damaged database would be useless. Copying creates the indexes again, so the
    // damage must be in a table.
    let mut bytes = fs::read(place.sqlite_file()).unwrap();
    let quarter = bytes.len() / 4;
    bytes[quarter..].fill(0xa5);
    fs::write(place.sqlite_file(), bytes).unwrap();
    let told = Told::by(&mut backup());
    assert!(
        !told.ended_well && told.errors.contains("the database was not copied"),
        "{told:?}"
    );
    assert_eq!(content(copies.path()), [] as [PathBuf; 0]);
}

#[actix_web::test]
async fn where_a_server_keeps_the_rows_the_command_that_copies_them_is_named() {
    let place = Place::new();
    if place.database.kind == Kind::Sqlite {
        return;
    }
    let _server = place.start();
    let folder = tempfile::tempdir().unwrap();
    let told = place.run(&["backup", folder.path().to_str().unwrap()]);
    assert!(!told.ended_well, "nothing was copied");
    let command = told
        .errors
        .lines()
        .find(|line| line.starts_with("    "))
        .expect(&told.errors);
    let mut shell = Command::new("sh");
    let dumped = Told::by(shell.args(["-c", command]));
    assert!(dumped.ended_well, "{command}: {dumped:?}");
    let dump = content(folder.path());
    let dump = fs::read(&dump[0]).unwrap();
    let has = |text: &str| {
        dump.windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    for table in ["dingtalk_audit", "usersAuthenticators"] {
        assert!(has(&naming().table(table)), "{table}");
    }
}
