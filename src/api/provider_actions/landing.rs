//! The page that ends a sign-in: it hands the session to NocoBase's web client.
//!
//! The client reads a session only from the browser's storage, or from the address, where a token
//! must not be: addresses are kept in histories and logs. So this page writes the storage and then
//! replaces itself by the target.

use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

/// The page for this session. `target` is a checked path of this application.
pub fn page(token: &str, authenticator: &str, target: &str) -> HttpResponse {
    let nonce = BASE64_STANDARD.encode(rand::random::<[u8; 16]>());
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'self'"
    );
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((X_FRAME_OPTIONS, "SAMEORIGIN"))
        .body(html(&nonce, token, authenticator, target))
}

fn html(nonce: &str, token: &str, authenticator: &str, target: &str) -> String {
    // The role that somebody used before on this device could be refused, so it is removed;
    // NocoBase then chooses one.
    let session = script_json(&json!({
        "token": token, "authenticator": authenticator, "target": target,
    }));
    format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>…</title>\n\
         <script nonce=\"{nonce}\">\n\
         const session = {session};\n\
         localStorage.setItem('NOCOBASE_TOKEN', session.token);\n\
         localStorage.setItem('NOCOBASE_AUTH', session.authenticator);\n\
         localStorage.removeItem('NOCOBASE_ROLE');\n\
         location.replace(session.target);\n\
         </script>\n"
    )
}

/// JSON that cannot end the script element that it is in.
fn script_json(value: &serde_json::Value) -> String {
    let text = value.to_string();
    text.replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_the_script() {
        let page = html(
            "n",
            "t",
            "</script><script>alert(1)//",
            "/admin?\"+alert(1)+\"",
        );
        assert_eq!(page.matches("</script>").count(), 1, "{page}");
        assert!(
            page.contains(r#""target":"/admin?\"+alert(1)+\"""#),
            "{page}"
        );
    }
}
