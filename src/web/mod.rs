//! The web client: NocoBase's own files, as `make ui` fetches them, and our browser half.
//!
//! An index of all files is made at the start. A request can name nothing that is not in it, so
//! no path leads out of the folder, and files that a server keeps for itself are not there.

mod index;
mod outside;
mod packages;
mod pages;
mod plugins;
mod serve;
mod texts;

pub use outside::{is_for_us_without_path, path_is_lost};
pub use packages::DescribedPlugin;
pub use plugins::{Generation, SHELL_PACKAGE};
pub use serve::{own_module, serve};

use std::io;
use std::path::Path;

use index::FileIndex;
use pages::Pages;
use plugins::Modules;
use texts::Texts;

use crate::config::Http;

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
        let modules = Modules::new(&files, http);
        Ok(Self {
            pages,
            modules,
            texts: Texts::new(ui),
            described: packages::describe(ui),
            files,
        })
    }

    /// Only our own browser half: NocoBase, which we stand in front of, has the rest.
    pub fn own_only(http: &Http) -> Self {
        let nowhere = Path::new("");
        let files = FileIndex::default();
        Self {
            pages: None,
            modules: Modules::new(&files, http),
            texts: Texts::new(nowhere),
            described: packages::describe(nowhere),
            files,
        }
    }

    /// Whether NocoBase's pages are here.
    pub fn has_pages(&self) -> bool {
        self.pages.is_some()
    }

    /// The address of a plugin's module, if it has one for this generation of the web client.
    pub fn module_url(&self, package_name: &str, generation: Generation) -> Option<String> {
        self.modules.url(package_name, generation)
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
