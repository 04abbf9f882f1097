//! NocoBase's web client, as `make ui` fetches it.
//!
//! An index of all files is made at the start. A request can name nothing that is not in it, so
//! no path leads out of the folder, and files that a server keeps for itself are not there.

mod index;
mod outside;
mod packages;
mod pages;
mod serve;
mod texts;

pub use serve::serve;

use std::io;
use std::path::Path;

use index::FileIndex;
use pages::Pages;
use texts::Texts;

use crate::api::plugins::DescribedPlugin;
use crate::config::Http;
use crate::edge::browser_half::Modules;

/// Everything that browsers load which is not an answer of the API.
pub struct WebClient {
    files: FileIndex,
    pages: Option<Pages>,
    modules: Modules,
    texts: Texts,
    described: Vec<DescribedPlugin>,
}

impl WebClient {
    /// Reads the folder `ui`; without one there is only our own browser half, which is compiled
    /// in.
    pub fn open(ui: &Path, http: &Http) -> io::Result<Self> {
        let files = FileIndex::of(ui)?;
        let pages = Pages::read(ui, http)?;
        let modules = Modules::new(http, |path| files.find(path).is_some());
        Ok(Self {
            pages,
            modules,
            texts: Texts::new(ui),
            described: packages::describe(ui),
            files,
        })
    }

    /// Whether NocoBase's pages are here.
    pub fn has_pages(&self) -> bool {
        self.pages.is_some()
    }

    /// Where the modules of plugins are.
    pub fn modules(&self) -> &Modules {
        &self.modules
    }

    /// The plugins that this server knows, with what their packages say.
    pub fn plugins(&self) -> &[DescribedPlugin] {
        &self.described
    }

    /// What `app:getLang` answers for these plugins (short name, package).
    pub fn texts(
        &self,
        language: &str,
        plugins: &[(String, String)],
        only: Option<&str>,
    ) -> serde_json::Value {
        self.texts.of(language, plugins, only)
    }
}
