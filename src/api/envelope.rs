//! The shape of a good answer.

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::store::query::Page;

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

/// Where a list stands among all its rows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageMeta {
    count: u64,
    page: u64,
    page_size: u64,
    /// Null for pages without rows, as JavaScript divides.
    total_page: Option<u64>,
}

/// `{"data": […], "meta": {"count", "page", "pageSize", "totalPage"}}`; no meta without pages.
pub fn page(rows: Vec<Value>, count: u64, page: Option<Page>) -> HttpResponse {
    let meta = page.map(|page| PageMeta {
        count,
        page: page.number,
        page_size: page.size,
        total_page: (page.size > 0).then(|| count.div_ceil(page.size)),
    });
    json(&Envelope { data: rows, meta })
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
