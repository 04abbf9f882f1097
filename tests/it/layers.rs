//! `scripts/check-layers` refuses what names another layer than it may.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The folders of `src` that the rules are about.
const FOLDERS: [&str; 13] = [
    "api",
    "cli",
    "config",
    "domain",
    "edge",
    "gateway",
    "metrics",
    "provider",
    "server",
    "standalone",
    "state",
    "store",
    "worker",
];

/// The verdict and the output for a repository with these files.
fn check(files: &[(&str, &str)]) -> (bool, String) {
    let root = tempfile::tempdir().unwrap();
    for folder in FOLDERS {
        fs::create_dir_all(root.path().join("src").join(folder)).unwrap();
    }
    fs::create_dir_all(root.path().join("sandbox/src/state")).unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    verdict(root.path())
}

fn verdict(root: &Path) -> (bool, String) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/check-layers");
    let told = Command::new(script).arg(root).output().unwrap();
    let text = [told.stdout, told.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    (told.status.success(), text)
}

#[test]
fn a_rule_about_a_folder_that_is_not_there_is_not_kept_in_silence() {
    let root = tempfile::tempdir().unwrap();
    for folder in FOLDERS {
        fs::create_dir_all(root.path().join("src").join(folder)).unwrap();
    }
    fs::create_dir_all(root.path().join("sandbox/src/state")).unwrap();
    for folder in ["src/worker", "sandbox/src/state"] {
        let gone = root.path().join(folder);
        fs::remove_dir(&gone).unwrap();
        let (passed, text) = verdict(root.path());
        assert!(!passed && text.contains(folder), "{text}");
        fs::create_dir(gone).unwrap();
    }
}

#[test]
fn a_layer_above_is_named_in_no_form_of_an_import() {
    let above = "must not name what is above it";
    for (file, text, refusal) in [
        ("src/store/a.rs", "use crate::domain::lease;\n", above),
        (
            "src/domain/a.rs",
            "use std::fmt;\n\nuse crate::{\n    store::{self, Store},\n    edge::{ApiError, Call},\n};\n",
            above,
        ),
        (
            "src/store/a/b.rs",
            "use super::super::super::domain::lease;\n",
            above,
        ),
        (
            "src/state/a.rs",
            "fn f() {\n    use crate::{\n        gateway as front,\n        store,\n    };\n}\n",
            above,
        ),
        ("src/domain/a.rs", "fn f() -> crate::edge::Call {}\n", above),
        (
            "src/domain/a.rs",
            "use {\n    actix_web::web,\n    std::fmt,\n};\n",
            "must not name actix",
        ),
        (
            "src/domain/a.rs",
            "pub(in crate::domain) use crate::{provider, store};\n",
            "must not name providers",
        ),
        (
            "sandbox/src/state/a.rs",
            "use crate::{\n    control,\n};\n",
            "sandbox/src/state must not name what is above it",
        ),
    ] {
        let (is_good, told) = check(&[(file, text)]);
        assert!(!is_good && told.contains(refusal), "{text}{told}");
        assert!(told.contains(&format!("{file}:")), "{text}{told}");
    }
}

#[test]
fn what_stands_after_the_name_of_a_module_of_tests_is_looked_at() {
    let refusal = "src/domain/a/mod.rs must not know DingTalk";
    let code = "pub const NAME: &str = \"DingTalk\";\n";
    for before in [
        "",
        "#[cfg(test)]\nmod tests;\n",
        "#[cfg(test)]\npub(crate) mod test_clock;\n",
        "#[cfg(test)]\nuse crate::{\n    clock::Clock,\n    store::Store,\n};\n",
    ] {
        let text = format!("{before}\n{code}");
        let (is_good, told) = check(&[("src/domain/a/mod.rs", text.as_str())]);
        assert!(!is_good && told.contains(refusal), "{text}{told}");
    }
}

#[test]
fn what_a_layer_may_name_passes() {
    let (is_good, told) = check(&[
        (
            "src/api/a.rs",
            "use crate::{\n    edge::Call,\n    store::Store,\n};\n",
        ),
        (
            "src/domain/a.rs",
            "// As DingTalk does.\nuse super::lease::{self, Lease};\nuse crate::store::Store;\n\n#[cfg(test)]\nmod tests {\n    const NAME: &str = \"DingTalk\";\n}\n",
        ),
        (
            "src/domain/a/tests/b.rs",
            "const NAME: &str = \"DingTalk\";\n",
        ),
        (
            "src/provider/dingtalk/mod.rs",
            "use reqwest::{Client, Url};\n",
        ),
    ]);
    assert!(is_good, "{told}");
}
