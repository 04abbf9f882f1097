//! The token that NocoBase gives a caller in place of an old one, in an answer that the client does
//! not get as it is.

use std::cell::RefCell;

use actix_web::HttpResponse;
use actix_web::http::header::{
    HeaderMap as ActixHeaders, HeaderName as ActixName, HeaderValue as ActixValue,
};
use http::HeaderMap;

use super::headers::copy_to;

const NEW_TOKEN: ActixName = ActixName::from_static("x-new-token");
const SET_COOKIE: ActixName = ActixName::from_static("set-cookie");
/// Headers of NocoBase's answer that concern the session.
const OF_SESSION: [ActixName; 2] = [NEW_TOKEN, SET_COOKIE];

/// What NocoBase has answered for the session of the caller while one request was worked on.
///
/// Whatever the client is told in the end, a refusal too, has to carry it: NocoBase accepts the old
/// token for a few seconds only.
#[derive(Debug, Default)]
pub struct Renewal(RefCell<ActixHeaders>);

impl Renewal {
    /// Keeps what an answer of NocoBase has for the session. The newest token counts.
    pub fn note(&self, answered: &HeaderMap) {
        let mut all = ActixHeaders::new();
        copy_to(answered, &mut all);
        let mut kept = ActixHeaders::new();
        for name in OF_SESSION {
            for value in all.get_all(&name) {
                kept.append(name.clone(), value.clone());
            }
        }
        if self.0.borrow().is_empty() || kept.contains_key(NEW_TOKEN) {
            *self.0.borrow_mut() = kept;
        }
    }

    /// Keeps the new token of an answer of NocoBase, if it has one. The client may get this answer
    /// itself, with its other headers.
    pub fn note_token(&self, answered: &HeaderMap) {
        if answered.contains_key(NEW_TOKEN.as_str()) {
            self.note(answered);
        }
    }

    /// Adds what was kept to the answer for the client, unless the answer has a token of its own: a
    /// client reads one. Cookies that the answer sets itself are left alone.
    pub fn hand_over(&self, answer: &mut HttpResponse) {
        if answer.headers().contains_key(NEW_TOKEN) {
            return;
        }
        let set_here = answer.headers().get_all(SET_COOKIE).map(cookie_name);
        let set_here: Vec<_> = set_here.map(<[u8]>::to_vec).collect();
        for (name, value) in &*self.0.borrow() {
            let is_set = name == SET_COOKIE && set_here.iter().any(|one| one == cookie_name(value));
            if !is_set {
                answer.headers_mut().append(name.clone(), value.clone());
            }
        }
    }
}

/// The name in a value of `Set-Cookie`.
fn cookie_name(value: &ActixValue) -> &[u8] {
    let mut parts = value.as_bytes().split(|byte| *byte == b'=');
    parts.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn answered(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for &(name, value) in pairs {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_new_token_is_handed_over_unless_the_answer_has_one() {
        let renewal = Renewal::default();
        let mut bare = HttpResponse::Ok().finish();
        renewal.hand_over(&mut bare);
        assert!(!bare.headers().contains_key("x-new-token"));
        let first = [("x-new-token", "next"), ("set-cookie", "a=b"), ("via", "x")];
        renewal.note(&answered(&first));
        renewal.hand_over(&mut bare);
        assert_eq!(bare.headers().get("x-new-token").unwrap(), "next");
        assert_eq!(bare.headers().get("set-cookie").unwrap(), "a=b");
        assert!(!bare.headers().contains_key("via"));
        let mut own = HttpResponse::Ok()
            .insert_header(("x-new-token", "own"))
            .finish();
        renewal.hand_over(&mut own);
        let tokens: Vec<_> = own.headers().get_all("x-new-token").collect();
        assert_eq!(tokens, ["own"]);
        assert!(!own.headers().contains_key("set-cookie"));
    }

    #[test]
    fn a_cookie_that_the_answer_sets_comes_once() {
        let renewal = Renewal::default();
        let kept = [("set-cookie", "role=admin; path=/"), ("set-cookie", "a=b")];
        renewal.note(&answered(&kept));
        let mut answer = HttpResponse::Ok()
            .insert_header(("set-cookie", "role=admin; path=/; secure"))
            .finish();
        renewal.hand_over(&mut answer);
        let cookies: Vec<_> = answer.headers().get_all("set-cookie").collect();
        assert_eq!(cookies, ["role=admin; path=/; secure", "a=b"]);
    }

    #[test]
    fn the_newest_token_counts() {
        let renewal = Renewal::default();
        for head in [
            &[("x-new-token", "old"), ("set-cookie", "a=old")][..],
            &[("x-new-token", "new"), ("set-cookie", "a=new")],
            &[("set-cookie", "other=1")],
        ] {
            renewal.note_token(&answered(head));
            renewal.note(&answered(head));
        }
        let mut answer = HttpResponse::Forbidden().finish();
        renewal.hand_over(&mut answer);
        assert_eq!(answer.headers().get("x-new-token").unwrap(), "new");
        let cookies: Vec<_> = answer.headers().get_all("set-cookie").collect();
        assert_eq!(cookies, ["a=new"]);
    }
}
