//! `scripts/check-logs.mjs` finds lines of the log that tell of an error without what led to it.

use std::fs;
use std::process::Command;

/// The verdict and the output for a file with this text.
fn check(text: &str) -> (bool, String) {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.rs"), text).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/check-logs.mjs");
    let told = Command::new("node").arg(script).arg(root.path()).output();
    let told = told.expect("Node is there, as for the build");
    let text = String::from_utf8_lossy(&told.stderr).into_owned();
    (told.status.success(), text)
}

/// A function with these statements.
fn function(statements: &str) -> String {
    format!("fn a() {{\n    {statements}\n}}\n")
}

#[test]
fn an_error_that_is_printed_alone_is_found() {
    for statements in [
        r#"log::warn!("it failed: {error}");"#,
        r#"log::log!(level, "it failed: {error:?}");"#,
        r#"log::error!(target: "audit", "{} failed: {}", name(&[1, 2]), &error);"#,
        r#"log::info!("it failed: {why}", why = error.to_string());"#,
        "log::warn!(\n        \"it, too, failed: {problem}\", // Err(e)\n    );\n    if let Err(problem) = b() {\n        log::warn!(\"{problem}\");\n    }",
        r#"c().map_err(|problem| log::warn!("it failed: {problem}"));"#,
        r#"report.note(format_args!("it failed: {error}"));"#,
        r#"for finding in findings { eprintln!("{finding}"); }"#,
    ] {
        let (is_good, told) = check(&function(statements));
        assert!(!is_good, "{statements}");
        assert!(told.contains("without what led to it"), "{told}");
        assert_eq!(told.lines().count(), 1, "{statements}\n{told}");
    }
    let parameter = "fn a(problem: &StoreError) {\n    log::warn!(\"it failed: {problem}\");\n}\n";
    let (is_good, told) = check(parameter);
    assert!(!is_good, "{told}");
    assert!(told.contains("a.rs:2: `problem`"), "{told}");
}

#[test]
fn a_conversion_that_logs_is_found() {
    let conversion = "impl From<StoreError> for Refusal {\n    fn from(_: StoreError) -> Self {\n        log::warn!(\"it failed\");\n        Self\n    }\n}\n";
    let (is_good, told) = check(conversion);
    assert!(!is_good, "{told}");
    assert!(told.contains("a.rs:3: a conversion logs"), "{told}");
}

#[test]
fn what_tells_all_that_led_to_an_error_passes() {
    for statements in [
        r#"log::warn!("it failed: {}", Chain(&error));"#,
        r#"log::warn!("it failed: {error}", error = Chain(&error));"#,
        r#"if let Err(error) = b() { let error = Chain(&error); log::warn!("it failed: {error}"); }"#,
        r#"log::warn!("{{error}} is no name: {}", "{error}".len());"#,
        r#"log::warn!("an error, with {count} problems: {}", error.count);"#,
        r#"// log::warn!("it failed: {error}");"#,
        r#"b(format!("it failed: {error}"));"#,
    ] {
        let (is_good, told) = check(&function(statements));
        assert!(is_good, "{statements}\n{told}");
    }
    let in_tests = function(r#"log::warn!("it failed: {error}");"#);
    let (is_good, told) = check(&format!("#[cfg(test)]\nmod tests {{\n    {in_tests}}}\n"));
    assert!(is_good, "{told}");
}
