//! The shape of a good answer.

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Envelope<T, M> {
    data: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<M>,
}

/// `{"data": …}`.
pub fn data<T: Serialize>(data: T) -> HttpResponse {
    json(&Envelope {
        data,
        meta: None::<Value>,
    })
}

/// `{"data": …, "meta": …}`.
pub fn data_with_meta<T: Serialize, M: Serialize>(data: T, meta: M) -> HttpResponse {
    json(&Envelope {
        data,
        meta: Some(meta),
    })
}

/// `{}`, the answer of an action that has nothing to say.
pub fn empty() -> HttpResponse {
    json(&Map::new())
}

fn json<T: Serialize>(body: &T) -> HttpResponse {
    // NocoBase names the charset, and one of its clients compares the whole text.
    HttpResponse::Ok()
        .content_type("application/json; charset=utf-8")
        .json(body)
}
