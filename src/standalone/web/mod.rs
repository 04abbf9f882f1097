//! NocoBase's web client, as `make ui` fetches it.
//!
//! All files are indexed at start-up. A request can only name files of the index, so no path leads
//! out of the folder, and files that are only for servers are left out.

mod client_texts;
mod index;
mod outside;
mod packages;
mod pages;
mod serve;

pub use serve::serve;

use std::io;
use std::path::Path;

use client_texts::Texts;
use index::FileIndex;
use pages::Pages;

use crate::api::plugins::DescribedPlugin;
use crate::config::Http;
use crate::edge::browser_half::Modules;

/// Everything that browsers load except answers of the API.
pub struct WebClient {
    files: FileIndex,
    pages: Option<Pages>,
    modules: Modules,
    texts: Texts,
    described: Vec<DescribedPlugin>,
}

impl WebClient {
    /// Reads the folder `ui`. Without it there is only this product's browser half, which is
    /// compiled in.
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

    /// Whether NocoBase's pages are installed.
    pub fn has_pages(&self) -> bool {
        self.pages.is_some()
    }

    /// The addresses of the plugins' modules.
    pub fn modules(&self) -> &Modules {
        &self.modules
    }

    /// The plugins that this server knows, with the descriptions of their packages.
    pub fn plugins(&self) -> &[DescribedPlugin] {
        &self.described
    }

    /// The answer of `app:getLang` for these plugins (short name, package name), with the texts of
    /// this product's own.
    pub fn texts(
        &self,
        language: &str,
        plugin_texts: &serde_json::Value,
        plugins: &[(String, String)],
        only: Option<&str>,
    ) -> serde_json::Value {
        self.texts.of(language, plugin_texts, plugins, only)
    }
}
