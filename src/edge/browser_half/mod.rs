//! The browser half of this product: the modules that NocoBase's web client loads, their addresses
//! and their contents.

mod compact;

use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use compact::compact;

use crate::config::Http;
use crate::domain::plugin;
use crate::state::AppState;

/// The `Cache-Control` of files whose address changes with their content.
pub const KEEP: &str = "public, max-age=31536000, immutable";

/// DingTalk's library.
const JSAPI: &str = include_str!("../../../client/vendor/dingtalk-jsapi.js");

/// The modules of the settings page, as one file that is loaded when the page is opened.
static SETTINGS: LazyLock<Bytes> = LazyLock::new(|| {
    sent(concat!(
        include_str!("../../../client/settings/parts.js"),
        include_str!("../../../client/settings/cures.js"),
        include_str!("../../../client/settings/chart.js"),
        include_str!("../../../client/settings/overview.js"),
        include_str!("../../../client/settings/sign-ins.js"),
        include_str!("../../../client/settings/people.js"),
        include_str!("../../../client/settings/messages.js"),
        include_str!("../../../client/settings/message-preview.js"),
        include_str!("../../../client/settings/message-form.js"),
        include_str!("../../../client/settings/runs.js"),
        include_str!("../../../client/settings/source-form.js"),
        include_str!("../../../client/settings/directory.js"),
        include_str!("../../../client/settings/page.js"),
    ))
});

/// A generation of NocoBase's web client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// The older web client, at `/`.
    V1,
    /// The newer web client, at `/v/`.
    V2,
}

impl Generation {
    fn folder(self) -> &'static str {
        match self {
            Self::V1 => "dist/client",
            Self::V2 => "dist/client-v2",
        }
    }
}

/// The package of the module that hides client features which this server does not have. It is not
/// a plugin that can be switched off: the pages always need it.
pub const SHELL_PACKAGE: &str = "nocobase-dingtalk-shell";

/// One of this product's modules: package, generation of the web client, and source text.
type ProductModule = (&'static str, Generation, Bytes);

/// A module as it is sent.
fn sent(text: &str) -> Bytes {
    Bytes::from(compact(text))
}

/// The source text of the plugin's module. It consists of the sign-in inside DingTalk, what both
/// generations share, the link to the settings page, and this file, which only one of them needs.
macro_rules! plugin_module {
    ($of_generation:literal) => {
        concat!(
            include_str!("../../../client/in-app.js"),
            include_str!("../../../client/shared.js"),
            include_str!("../../../client/qr-code.js"),
            include_str!("../../../client/sign-in.js"),
            include_str!("../../../client/account.js"),
            include_str!("../../../client/guide.js"),
            include_str!("../../../client/connection.js"),
            include_str!("../../../client/form.js"),
            include_str!("../../../client/settings-entry.js"),
            include_str!($of_generation)
        )
    };
}

static PRODUCT_MODULES: LazyLock<[ProductModule; 4]> = LazyLock::new(product_modules);

/// The modules of this product.
fn product_modules() -> [ProductModule; 4] {
    let plugin = plugin::manifest().name.as_str();
    let v1 = plugin_module!("../../../client/v1.js");
    let v2 = plugin_module!("../../../client/v2.js");
    let shell_v1 = concat!(
        include_str!("../../../client/shell.js"),
        include_str!("../../../client/shell-v1.js")
    );
    let shell_v2 = concat!(
        include_str!("../../../client/shell.js"),
        include_str!("../../../client/shell-v2.js")
    );
    [
        (plugin, Generation::V1, sent(v1)),
        (plugin, Generation::V2, sent(v2)),
        (SHELL_PACKAGE, Generation::V1, sent(shell_v1)),
        (SHELL_PACKAGE, Generation::V2, sent(shell_v2)),
    ]
}

/// The addresses of modules.
pub struct Modules {
    /// Address, generation and package of each module.
    urls: Vec<(String, Generation, String)>,
}

impl Modules {
    /// The modules of this product and those of the NocoBase plugins that are installed. When no
    /// NocoBase plugin is installed, there are no pages that the shell module would have to adapt.
    pub fn new(http: &Http, is_here: impl Fn(&str) -> bool) -> Self {
        let url = |package: &str, generation, version: &str| {
            let path = http
                .app_public_path
                .join(&format!("/{}", path(package, generation)));
            (
                package.to_owned(),
                generation,
                format!("{path}?hash={version}"),
            )
        };
        let mut urls = Vec::new();
        for official in plugin::OFFICIAL {
            let package = official.package_name;
            for generation in [Generation::V1, Generation::V2] {
                if is_here(&path(package, generation)) {
                    urls.push(url(package, generation, plugin::NOCOBASE_VERSION));
                }
            }
        }
        let client_is_here = !urls.is_empty();
        for (package, generation, text) in &*PRODUCT_MODULES {
            if client_is_here || *package != SHELL_PACKAGE {
                // The settings page is loaded with the version of the module that loads it.
                let version = digest(&[text, &SETTINGS]);
                urls.push(url(package, *generation, &version));
            }
        }
        Self { urls }
    }

    /// The address of a module. It contains a digest of the content, so that browsers load a
    /// changed module again.
    pub fn url(&self, package_name: &str, generation: Generation) -> Option<String> {
        let wanted = |(package, of, _): &&(String, Generation, String)| {
            package == package_name && *of == generation
        };
        self.urls.iter().find(wanted).map(|(_, _, url)| url.clone())
    }

    /// The module, or the file that a module loads later, at this path, if it is one of this
    /// product's.
    pub fn at(path_asked: &str) -> Option<Bytes> {
        // This check comes first because every request that the gateway passes on gets here.
        if !path_asked.starts_with("static/plugins/") {
            return None;
        }
        let plugin = &plugin::manifest().name;
        let is = |file| path_asked == format!("static/plugins/{plugin}/dist/{file}");
        if is("vendor/dingtalk-jsapi.js") {
            return Some(Bytes::from_static(JSAPI.as_bytes()));
        }
        if is("settings/index.js") {
            return Some(SETTINGS.clone());
        }
        let asked =
            |(package, generation, _): &&ProductModule| path(package, *generation) == path_asked;
        PRODUCT_MODULES
            .iter()
            .find(asked)
            .map(|(_, _, text)| text.clone())
    }
}

fn path(package_name: &str, generation: Generation) -> String {
    format!(
        "static/plugins/{package_name}/{}/index.js",
        generation.folder()
    )
}

fn digest(texts: &[&[u8]]) -> String {
    let whole = texts.iter().fold(Sha256::new(), Sha256::chain_update);
    hex::encode(whole.finalize()).chars().take(8).collect()
}

/// Answers a request for one of this product's modules.
pub fn product_module(app: &AppState, request: &HttpRequest) -> Option<HttpResponse> {
    let public_path = app.config.http.app_public_path.as_str();
    let path = percent_decode_str(request.uri().path())
        .decode_utf8()
        .ok()?;
    let module = Modules::at(path.strip_prefix(public_path)?)?;
    Some(script(module, request))
}

/// The answer that carries a module.
pub fn script(bytes: Bytes, request: &HttpRequest) -> HttpResponse {
    // The address that `pm:listEnabled` gives contains a digest, so its content never changes.
    let keep = if request.query_string().starts_with("hash=") {
        KEEP
    } else {
        "no-cache"
    };
    HttpResponse::Ok()
        .content_type("application/javascript; charset=utf-8")
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, keep))
        .body(bytes)
}
