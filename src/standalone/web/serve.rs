//! Answers requests for files and pages.

use std::path::Path;
use std::time::Instant;

use actix_files::NamedFile;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentEncoding, HeaderValue,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use entity::authenticator;
use percent_encoding::percent_decode_str;

use super::index::File;
use super::pages::MODERN_PREFIX;
use super::{WebClient, outside};
use crate::domain::identity_provider::Embedded;
use crate::domain::plugin;
use crate::edge::browser_half::{KEEP, Modules, script};
use crate::metrics::RequestKind;
use crate::standalone::Standalone;
use crate::state::AppState;

/// The scripts that pages may load. The first generation compiles templates, which needs
/// `unsafe-eval`. Everything comes from this server, so no other host is allowed.
const SCRIPTS: &str = "script-src 'self' 'unsafe-inline' 'unsafe-eval'";
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: https:; font-src 'self' data:; \
    connect-src 'self' ws: wss:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; \
    form-action 'self'; frame-ancestors 'self'";

/// The page at `/` while the web client is not installed.
const NO_PAGES: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
    <title>nocobase-dingtalk</title>\n<h1>The server is running; the pages are not here yet</h1>\n\
    <p>Run <code>make ui</code> to fetch NocoBase's web client, or name its folder in \
    <code>NOCOBASE_UI_DIR</code>, and start the server again. The API works meanwhile.</p>\n";

/// Answers with the file at this path, else with a page.
pub async fn serve(server: web::Data<Standalone>, request: HttpRequest) -> HttpResponse {
    let started = Instant::now();
    let answer = answer(&server.app, &server.parts.web, &request).await;
    let requests = &server.app.metrics.requests;
    requests.count(
        RequestKind::File,
        answer.status().as_u16(),
        started.elapsed(),
    );
    answer
}

async fn answer(app: &AppState, web: &WebClient, request: &HttpRequest) -> HttpResponse {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return not_found();
    }
    let public_path = app.config.http.app_public_path.as_str();
    let Ok(path) = percent_decode_str(request.uri().path()).decode_utf8() else {
        return not_found();
    };
    let Some(path) = path.strip_prefix(public_path) else {
        // The path is outside the public path, or is the public path without its slash.
        return outside::lead_in(app, request);
    };
    if outside::is_marked(request) {
        return outside::without_mark(request);
    }
    if let Some(module) = Modules::at(path) {
        return script(module, request);
    }
    if let Some(file) = web.files.find(path) {
        return named_file(request, file);
    }
    // A page in place of a missing script would be taken for an empty script.
    if looks_like_a_file(path) {
        return not_found();
    }
    let Some(pages) = &web.pages else {
        return page(Bytes::from_static(NO_PAGES.as_bytes()), &policy(&[]));
    };
    let modern = path.split('/').next() == Some(MODERN_PREFIX);
    let text = if modern {
        pages.modern.clone()
    } else {
        pages.classic.clone()
    };
    page(text, &policy(&embedded(app).await))
}

/// What sign-in pages may load from providers. If the database cannot be read, they may load
/// nothing.
async fn embedded(app: &AppState) -> Vec<Embedded> {
    let Ok(settings) = app.store.settings().await else {
        return Vec::new();
    };
    if !plugin::this_plugin_is_among(&settings.plugins) {
        return Vec::new();
    }
    let rows = settings.authenticators.iter();
    let of_row = |row: &authenticator::Model| {
        let provider = app.providers.of_type(&row.auth_type)?;
        provider.embedded(&row.options)
    };
    rows.filter_map(of_row).collect()
}

/// The content security policy, with what may be loaded from providers.
fn policy(embedded: &[Embedded]) -> String {
    let mut policy = format!("{POLICY}; {SCRIPTS}");
    for Embedded { script, .. } in embedded {
        policy.push(' ');
        policy.push_str(script.as_str());
    }
    if !embedded.is_empty() {
        policy.push_str("; frame-src 'self'");
    }
    for Embedded { frame, .. } in embedded {
        policy.push(' ');
        policy.push_str(&frame.origin().ascii_serialization());
    }
    policy
}

fn named_file(request: &HttpRequest, file: &File) -> HttpResponse {
    let accepts = request
        .headers()
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let gzip = file
        .gzip
        .as_deref()
        .filter(|_| accepts.is_some_and(accepts_gzip));
    let Ok(named) = NamedFile::open(gzip.unwrap_or(&file.path)) else {
        return not_found();
    };
    let mut named = named
        .set_content_type(content_type(&file.path))
        .disable_content_disposition();
    if gzip.is_some() {
        named = named.set_content_encoding(ContentEncoding::Gzip);
    }
    let mut response = named.into_response(request);
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let keep = if file.immutable { KEEP } else { "no-cache" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    if file.gzip.is_some() {
        headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    response
}

fn accepts_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("gzip"))
            && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn content_type(path: &Path) -> mime::Mime {
    let extension = path.extension().and_then(|extension| extension.to_str());
    actix_files::file_extension_to_mime(extension.unwrap_or_default())
}

fn looks_like_a_file(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    last.rsplit_once('.')
        .is_some_and(|(_, extension)| !extension.eq_ignore_ascii_case("html"))
}

fn page(bytes: Bytes, policy: &str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(bytes)
}

fn not_found() -> HttpResponse {
    HttpResponse::NotFound()
        .content_type("text/plain; charset=utf-8")
        .body("Not Found")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_files_are_for_those_who_take_them() {
        for accepted in ["gzip", "br, gzip", "deflate, GZIP;q=0.5"] {
            assert!(accepts_gzip(accepted), "{accepted}");
        }
        for accepted in ["", "br", "gzip;q=0", "gzip; q=0.0", "x-gzipped"] {
            assert!(!accepts_gzip(accepted), "{accepted}");
        }
    }

    #[test]
    fn a_route_is_told_from_a_file() {
        for path in [
            "",
            "admin",
            "admin/settings/auth",
            "v/admin",
            "index.html",
            "a.b/c",
        ] {
            assert!(!looks_like_a_file(path), "{path}");
        }
        for path in ["main.js", "assets/x.css", "v/favicon.ico", ".env"] {
            assert!(looks_like_a_file(path), "{path}");
        }
    }
}
