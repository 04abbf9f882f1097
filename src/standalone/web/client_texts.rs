//! The texts of the web client, in the languages of its packages.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value, json};

use crate::domain::plugin;

/// Reads texts from the folder `ui` and keeps them in memory.
pub struct Texts {
    ui: PathBuf,
    /// The contents of files that were read, by path below `ui`: at most a few hundred.
    read: Mutex<HashMap<String, Arc<Value>>>,
}

impl Texts {
    /// The texts in this folder.
    pub fn new(ui: &Path) -> Self {
        Self {
            ui: ui.to_owned(),
            read: Mutex::default(),
        }
    }

    /// The answer of `app:getLang`: the texts of each plugin under its package name and under its
    /// short name, and those of the component libraries. `plugin_texts` are those of this product's
    /// plugin; `only` is a list of plugins, separated by commas.
    pub fn of(
        &self,
        language: &str,
        plugin_texts: &Value,
        plugins: &[(String, String)],
        only: Option<&str>,
    ) -> Value {
        let manifest = plugin::manifest();
        let wanted = |name: &str| only.is_none_or(|only| only.split(',').any(|one| one == name));
        let mut resources = Map::new();
        for (short, package) in plugins {
            let file;
            let texts = if *package == manifest.name {
                plugin_texts
            } else {
                file = self.file(&format!("{package}/dist/locale/{language}.json"));
                &*file
            };
            for name in [package, short] {
                if wanted(name) && texts.is_object() {
                    resources.insert(name.clone(), texts.clone());
                }
            }
        }
        let locale = "@nocobase/plugin-client/dist/locale";
        let antd = self.file(&format!(
            "{locale}/antd/{}.json",
            language.replace('-', "_")
        ));
        let cron = self.file(&format!("{locale}/cron/{language}.json"));
        json!({
            "lang": language,
            "resources": resources,
            "antd": or_empty(&antd),
            "cronstrue": {},
            "cron": or_empty(&cron),
        })
    }

    /// The content of a file; null when there is none. Names of languages come from the settings,
    /// so they are checked before they become part of a path.
    fn file(&self, path: &str) -> Arc<Value> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | '@');
        if !path.chars().all(plain) || path.contains("..") {
            return Arc::new(Value::Null);
        }
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(path) {
            return known.clone();
        }
        let text = fs::read(self.ui.join(path)).ok();
        let Some(value) = text.and_then(|text| serde_json::from_slice::<Value>(&text).ok()) else {
            return Arc::new(Value::Null);
        };
        let value = Arc::new(value);
        read.insert(path.to_owned(), value.clone());
        value
    }
}

fn or_empty(value: &Value) -> Value {
    if value.is_object() {
        value.clone()
    } else {
        json!({})
    }
}
