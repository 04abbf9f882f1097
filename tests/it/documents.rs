//! Files, folders and targets of links that the documents name must exist, and a table of the sources must
//! have all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Folders of the root that are downloaded or built, and are not searched.
const MADE: [&str; 6] = [".git", ".venv", "peer", "storage", "target", "ui"];
/// The endings of file names.
const ENDINGS: [&str; 10] = [
    "js", "json", "jsonl", "md", "mjs", "rs", "sh", "toml", "yaml", "yml",
];
/// Files that programs create, which are missing in a fresh checkout.
const MADE_BELOW: [&str; 3] = ["deploy/.env", "fuzz/artifacts", "fuzz/corpus"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Everything in the repository, as paths from its root.
fn everything() -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut left = vec![PathBuf::new()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            let name = entry.file_name();
            let is_made = name == "node_modules" || MADE.iter().any(|made| path == Path::new(made));
            if entry.file_type().unwrap().is_dir() && !is_made {
                left.push(path.clone());
            }
            found.insert(path);
        }
    }
    found
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// The text outside of blocks of code.
fn prose(document: &str) -> String {
    document.split("```").step_by(2).collect()
}

/// Targets of links to other files.
fn links(prose: &str) -> impl Iterator<Item = &str> {
    prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains("://") && !target.starts_with('#'))
        .filter_map(|target| target.split('#').next())
}

/// Paths in code marks.
fn paths<'a>(prose: &'a str, all: &BTreeSet<PathBuf>) -> Vec<&'a str> {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let is_path = |text: &&str| {
        let first = text.split('/').next().unwrap_or_default();
        let ending = text.rsplit_once('.').map_or("", |(_, ending)| ending);
        let has_slash = text.contains('/');
        text.chars().all(is_sign)
            && !first.is_empty()
            && (ending == "rs"
                || has_slash && (ENDINGS.contains(&ending) || all.contains(Path::new(first))))
            && !MADE.contains(&first)
            && !MADE_BELOW.iter().any(|made| text.starts_with(made))
    };
    let marked = prose.split('`').skip(1).step_by(2);
    marked.filter(is_path).collect()
}

#[test]
fn every_path_that_a_document_names_exists() {
    let all = everything();
    let is_document = |path: &&PathBuf| path.extension().is_some_and(|ending| ending == "md");
    let mut missing = Vec::new();
    let mut named = 0;
    for document in all.iter().filter(is_document) {
        // The changelog may name files that no longer exist.
        if document == Path::new("CHANGELOG.md") {
            continue;
        }
        let text = fs::read_to_string(root().join(document)).unwrap();
        let prose = prose(&text);
        let folder = document.parent().unwrap();
        for target in links(&prose) {
            named += 1;
            if !root().join(plain(&folder.join(target))).exists() {
                missing.push(format!("{}: link to {target}", document.display()));
            }
        }
        // Short forms such as `sign_in/mod.rs` are the end of a path.
        for path in paths(&prose, &all) {
            named += 1;
            let known =
                all.contains(&folder.join(path)) || all.iter().any(|one| one.ends_with(path));
            if !known {
                missing.push(format!("{}: {path}", document.display()));
            }
        }
    }
    assert!(named > 100, "documents are read: {named}");
    assert_eq!(missing, [""; 0], "named, and not there");
}

#[test]
fn every_test_that_the_table_of_needs_names_exists() {
    let sources: Vec<String> = everything()
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .map(|path| fs::read_to_string(root().join(path)).unwrap())
        .collect();
    let table = fs::read_to_string(root().join("docs/directory-needs.md")).unwrap();
    let marked = table.split('`').skip(1).step_by(2);
    let names: Vec<_> = marked
        .filter(|name| name.contains('_') && !name.contains('/'))
        .collect();
    assert!(names.len() > 60, "the table is read: {}", names.len());
    let is_missing = |name: &&str| {
        let test = format!("fn {name}(");
        !sources.iter().any(|source| source.contains(&test))
    };
    let missing: Vec<_> = names.into_iter().filter(is_missing).collect();
    assert_eq!(missing, [""; 0], "named, and not there");
}

/// How many statements of a source file bring all their rows into memory. The `all` of an iterator is given a closure or
/// the path of a function.
fn statements_that_read_all(source: &str) -> usize {
    let code = source.split("#[cfg(test)]\nmod tests {").next();
    let calls = code.unwrap_or_default().split(".all(").skip(1);
    let is_statement = |rest: &&str| {
        let given = rest.split(')').next().unwrap_or_default().trim_start();
        !given.starts_with('|') && !given.contains("::")
    };
    calls.filter(is_statement).count()
}

#[test]
fn every_statement_that_reads_all_rows_has_its_bound_in_the_table() {
    let decision = fs::read_to_string(root().join("docs/decisions/0015-large-tables.md")).unwrap();
    let mut listed = BTreeMap::new();
    for line in decision.lines() {
        let row: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, file, number, bound, _] = row.as_slice() else {
            continue;
        };
        let Ok(number) = number.parse::<usize>() else {
            continue;
        };
        let file = PathBuf::from(file.trim_matches('`'));
        assert!(!bound.is_empty(), "{line}");
        assert_eq!(listed.insert(file, number), None, "{line}");
    }
    let store = Path::new("src/store");
    let mut found = BTreeMap::new();
    for path in everything() {
        let Ok(file) = path.strip_prefix(store) else {
            continue;
        };
        if path.extension().is_none_or(|ending| ending != "rs") || path.ends_with("tests.rs") {
            continue;
        }
        let source = fs::read_to_string(root().join(&path)).unwrap();
        let calls = statements_that_read_all(&source);
        if calls > 0 {
            found.insert(file.to_owned(), calls);
        }
    }
    assert_eq!(listed, found, "the table, and the sources");
}
