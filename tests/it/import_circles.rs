//! `scripts/check-circles.mjs` finds modules that import each other in a circle.

use std::fs;
use std::process::Command;

/// The verdict and the output for a crate with these files.
fn check(files: &[(&str, &str)]) -> (bool, String) {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/check-circles.mjs");
    let told = Command::new("node").arg(script).arg(root.path()).output();
    let told = told.expect("Node is there, as for the build");
    let text = String::from_utf8_lossy(&told.stderr).into_owned();
    (told.status.success(), text)
}

#[test]
fn a_circle_of_files_is_named() {
    let (is_good, told) = check(&[
        ("lib.rs", "mod one;\nmod two;\nmod three;\n"),
        ("one.rs", "use crate::two::Two;\npub struct One;\n"),
        (
            "two.rs",
            "use crate::three::{self, Three};\npub struct Two;\n",
        ),
        (
            "three.rs",
            "pub fn make() -> crate::one::One { crate::one::One }\n",
        ),
    ]);
    assert!(!is_good, "{told}");
    assert!(told.contains("one → two → three → one"), "{told}");
}

#[test]
fn a_circle_of_folders_is_named_also_through_what_is_exported_again() {
    let (is_good, told) = check(&[
        ("lib.rs", "mod left;\nmod right;\n"),
        ("left/mod.rs", "mod a;\nmod b;\npub use a::A;\n"),
        ("left/a.rs", "pub struct A;\n"),
        ("left/b.rs", "use crate::right::C;\n"),
        ("right/mod.rs", "mod c;\nmod d;\npub use c::C;\n"),
        ("right/c.rs", "pub struct C;\n"),
        ("right/d.rs", "use crate::left::A;\n"),
    ]);
    assert!(!is_good, "{told}");
    assert!(told.contains("left → right → left"), "{told}");
    assert!(told.contains("right/d.rs imports left::a"), "{told}");
}

#[test]
fn what_is_no_circle_passes() {
    let (is_good, told) = check(&[
        ("lib.rs", "pub mod low;\npub mod high;\n"),
        // A child module may use what its parent defines.
        (
            "low/mod.rs",
            "mod part;\npub use part::Part;\npub struct Low;\n",
        ),
        (
            "low/part.rs",
            "use super::Low;\npub struct Part(Low);\n// crate::high::High\n",
        ),
        // Tests may use everything.
        ("high.rs", "use crate::low::Part;\npub struct High(Part);\n"),
        (
            "low/other.rs",
            "pub const TEXT: &str = \"crate::high::High\";\n#[cfg(test)]\nmod tests {\n    use crate::high::High;\n}\n",
        ),
    ]);
    assert!(is_good, "{told}");
}
