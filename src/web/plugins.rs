//! The modules of plugins that the web client loads.

use actix_web::web::Bytes;
use sha2::{Digest, Sha256};

use super::index::FileIndex;
use crate::config::Http;
use crate::domain::plugin;

/// Which generation of NocoBase's web client asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// The one at `/`.
    V1,
    /// The one at `/v/`.
    V2,
}

impl Generation {
    fn folder(self) -> &'static str {
        match self {
            Self::V1 => "dist/client",
            Self::V2 => "dist/client-v2",
        }
    }

    /// Our own module: what both generations share, and what is the generation's own.
    fn own_module(self) -> Bytes {
        Bytes::from_static(match self {
            Self::V1 => concat!(
                include_str!("../../client/shared.js"),
                include_str!("../../client/v1.js")
            )
            .as_bytes(),
            Self::V2 => concat!(
                include_str!("../../client/shared.js"),
                include_str!("../../client/v2.js")
            )
            .as_bytes(),
        })
    }
}

/// Addresses of modules.
pub struct Modules {
    /// Address and package, of every module there is.
    urls: Vec<(String, Generation, String)>,
}

impl Modules {
    /// The modules of NocoBase's plugins that are among the files, and our own.
    pub fn new(files: &FileIndex, http: &Http) -> Self {
        let mut urls = Vec::new();
        for generation in [Generation::V1, Generation::V2] {
            let own = plugin::manifest();
            let official = plugin::OFFICIAL
                .iter()
                .map(|official| official.package_name);
            for package in official.chain([own.name.as_str()]) {
                let path = path(package, generation);
                let version = if package == own.name {
                    digest(&generation.own_module())
                } else if files.find(&path).is_some() {
                    plugin::NOCOBASE_VERSION.to_owned()
                } else {
                    continue;
                };
                let path = http.app_public_path.join(&format!("/{path}"));
                urls.push((
                    package.to_owned(),
                    generation,
                    format!("{path}?hash={version}"),
                ));
            }
        }
        Self { urls }
    }

    /// The address of a module. It changes with the content, so that browsers load it anew.
    pub fn url(&self, package_name: &str, generation: Generation) -> Option<String> {
        let wanted = |(package, of, _): &&(String, Generation, String)| {
            package == package_name && *of == generation
        };
        self.urls.iter().find(wanted).map(|(_, _, url)| url.clone())
    }

    /// Our own module, when the path is its.
    pub fn own(path_asked: &str) -> Option<Bytes> {
        [Generation::V1, Generation::V2]
            .into_iter()
            .find(|generation| path(&plugin::manifest().name, *generation) == path_asked)
            .map(Generation::own_module)
    }
}

fn path(package_name: &str, generation: Generation) -> String {
    format!(
        "static/plugins/{package_name}/{}/index.js",
        generation.folder()
    )
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes)).chars().take(8).collect()
}
