//! The two pages of NocoBase's web client, one a generation, with our settings put in.

use std::path::Path;
use std::{fs, io};

use actix_web::web::Bytes;

use crate::config::Http;

/// First part of the paths of the second generation.
pub const MODERN_PREFIX: &str = "v";

/// The rendered pages.
pub struct Pages {
    /// Of the first generation: every path that is no file.
    pub classic: Bytes,
    /// Of the second: every such path under `/v`.
    pub modern: Bytes,
}

impl Pages {
    /// Reads and renders the pages; nothing when they are not there.
    pub fn read(ui: &Path, http: &Http) -> io::Result<Option<Self>> {
        let client = ui.join("@nocobase/app/dist/client");
        let (classic, modern) = (client.join("index.html.tpl"), client.join("v/index.html"));
        if !classic.is_file() || !modern.is_file() {
            return Ok(None);
        }
        Ok(Some(Self {
            classic: render_classic(&fs::read_to_string(classic)?, http).into(),
            modern: render_modern(&fs::read_to_string(modern)?, http).into(),
        }))
    }
}

/// The template of the first generation names its settings `{{env.NAME}}`.
fn render_classic(template: &str, http: &Http) -> String {
    let public_path = http.app_public_path.as_str();
    let api_path = http.api_path();
    let web_socket = http.app_public_path.join("/ws");
    let values = [
        ("CDN_BASE_URL", ""),
        ("APP_PUBLIC_PATH", public_path),
        ("APP_MODERN_CLIENT_PREFIX", MODERN_PREFIX),
        ("APP_CLIENT_ENTRY_MODE", "legacy-default"),
        ("API_BASE_URL", &api_path),
        ("API_CLIENT_STORAGE_PREFIX", "NOCOBASE_"),
        ("API_CLIENT_STORAGE_TYPE", "localStorage"),
        ("API_CLIENT_SHARE_TOKEN", "false"),
        ("WS_URL", ""),
        ("WS_PATH", &web_socket),
        ("NOCOBASE_APP_DEV", "false"),
        ("ESM_CDN_BASE_URL", ""),
        ("ESM_CDN_SUFFIX", ""),
    ];
    let page = values
        .iter()
        .fold(template.to_owned(), |page, (name, value)| {
            page.replace(&format!("{{{{env.{name}}}}}"), value)
        });
    ["src", "href"].iter().fold(page, |page, attribute| {
        page.replace(
            &format!("{attribute}=\"assets/"),
            &format!("{attribute}=\"{public_path}assets/"),
        )
    })
}

/// The page of the second generation comes ready for `/v/`; a script in front of its own changes
/// the settings.
fn render_modern(page: &str, http: &Http) -> String {
    let base = http.app_public_path.join("/v/");
    let settings = [
        ("__nocobase_public_path__", base.clone()),
        (
            "__nocobase_modern_client_prefix__",
            MODERN_PREFIX.to_owned(),
        ),
        ("__nocobase_api_base_url__", http.api_path()),
        ("__nocobase_ws_path__", http.app_public_path.join("/ws")),
    ];
    // Paths hold letters, digits and a few signs only, see BasePath: no escaping is needed.
    let script = settings
        .map(|(name, value)| format!("window['{name}']=\"{value}\";"))
        .concat();
    page.replacen("<head>", &format!("<head><script>{script}</script>"), 1)
        .replace("src=\"/v/", &format!("src=\"{base}"))
        .replace("href=\"/v/", &format!("href=\"{base}"))
}
