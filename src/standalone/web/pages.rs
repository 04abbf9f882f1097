//! The two pages of NocoBase's web client, one for each generation, with this server's settings
//! filled in.

use std::path::Path;
use std::{fs, io};

use actix_web::web::Bytes;

use crate::config::Http;

/// The first part of all paths of the second generation.
pub const MODERN_PREFIX: &str = "v";

/// The rendered pages.
pub struct Pages {
    /// The page of the first generation, for every path that is not a file.
    pub classic: Bytes,
    /// The page of the second generation, for every such path under `/v`.
    pub modern: Bytes,
}

impl Pages {
    /// Reads and renders the pages; none when they are not installed.
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

/// Fills in the template of the first generation, which names its settings `{{env.NAME}}`.
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

/// Fills in the page of the second generation. It is built for `/v/`, so a script in front of its
/// own changes the settings.
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
    // No escaping is needed, because paths hold only letters, digits and a few signs: see
    // `BasePath`.
    let script = settings
        .map(|(name, value)| format!("window['{name}']=\"{value}\";"))
        .concat();
    page.replacen("<head>", &format!("<head><script>{script}</script>"), 1)
        .replace("src=\"/v/", &format!("src=\"{base}"))
        .replace("href=\"/v/", &format!("href=\"{base}"))
}
