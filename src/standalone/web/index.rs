//! The index of the web client's files, by the path under which browsers ask for them.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Files by their path below the public path, without a leading slash.
#[derive(Default)]
pub struct FileIndex(HashMap<String, File>);

/// A file that may be served.
#[derive(Clone, Debug)]
pub struct File {
    /// The file on disk.
    pub path: PathBuf,
    /// Its compressed variant on disk, if there is one.
    pub gzip: Option<PathBuf>,
    /// Whether its name changes with its content, so that browsers may cache it without asking again.
    pub immutable: bool,
}

/// Folders below `ui/@nocobase`, and the paths under which they are served.
const APPLICATION: &str = "app/dist/client";

impl FileIndex {
    /// Indexes the folder that `make ui` fills. The index is empty when it does not exist.
    pub fn of(ui: &Path) -> io::Result<Self> {
        let mut index = Self::default();
        let scope = ui.join("@nocobase");
        if !scope.is_dir() {
            return Ok(index);
        }
        index.add(&scope.join(APPLICATION), "")?;
        for package in fs::read_dir(&scope)? {
            let package = package?.path();
            let name = package.file_name().and_then(OsStr::to_str);
            let Some(name) = name.filter(|name| name.starts_with("plugin-")) else {
                continue;
            };
            for half in ["dist/client", "dist/client-v2"] {
                let at = format!("static/plugins/@nocobase/{name}/{half}");
                index.add(&package.join(half), &at)?;
            }
        }
        Ok(index)
    }

    /// The file at this path.
    pub fn find(&self, path: &str) -> Option<&File> {
        self.0.get(path)
    }

    fn add(&mut self, folder: &Path, at: &str) -> io::Result<()> {
        if !folder.is_dir() {
            return Ok(());
        }
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let Some(name) = path.file_name().and_then(OsStr::to_str) else {
                continue;
            };
            let at = if at.is_empty() {
                name.to_owned()
            } else {
                format!("{at}/{name}")
            };
            // Symbolic links are skipped, because they could lead out of the folder.
            let kind = fs::symlink_metadata(&path)?.file_type();
            if kind.is_dir() {
                self.add(&path, &at)?;
            } else if kind.is_file() && is_served(&path) {
                let gzip = with_suffix(&path, ".gz");
                let file = File {
                    gzip: gzip.is_file().then_some(gzip),
                    immutable: at.contains("assets/"),
                    path,
                };
                self.0.insert(at, file);
            }
        }
        Ok(())
    }
}

/// Pages are rendered, and compressed variants are served in place of their file; neither is served
/// by its own name.
fn is_served(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    !matches!(extension, "gz" | "tpl" | "html" | "map" | "ts")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
