//! The format of successful answers.

use actix_web::HttpResponse;
use actix_web::web::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

use super::ApiError;
use super::allowed_actions::AllowedActions;
use crate::store::query::Page;

/// An answer as JSON text; empty when it could not be serialised.
#[derive(Clone)]
pub struct Rendered(Option<Bytes>);

impl Rendered {
    /// The HTTP response to one request.
    pub fn response(self) -> Result<HttpResponse, ApiError> {
        let Self(body) = self;
        let body =
            body.ok_or_else(|| ApiError::unexpected("an answer cannot be written as JSON"))?;
        Ok(HttpResponse::Ok().content_type(JSON).body(body))
    }
}

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

/// `{"data": …}`, serialised once to be sent many times.
pub fn rendered<T: Serialize>(data: T) -> Rendered {
    let meta = None::<Value>;
    let body = serde_json::to_vec(&Envelope { data, meta });
    Rendered(body.ok().map(Bytes::from))
}

/// `{"data": …, "meta": …}`.
pub fn data_with_meta<T: Serialize, M: Serialize>(data: T, meta: M) -> HttpResponse {
    json(&Envelope {
        data,
        meta: Some(meta),
    })
}

/// The position of a page among all rows, and what may be done with its rows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListMeta<'a> {
    #[serde(flatten)]
    page: Option<PageMeta>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_actions: Option<&'a AllowedActions>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageMeta {
    count: u64,
    page: u64,
    page_size: u64,
    /// Null for pages of size 0, because JavaScript divides by zero here without an error.
    total_page: Option<u64>,
}

/// `{"data": […], "meta": {"count", "page", "pageSize", "totalPage"}}`. There is no `meta` when all
/// rows are sent at once.
pub fn page(rows: Vec<Value>, count: u64, page: Option<Page>) -> HttpResponse {
    page_with_actions(rows, count, page, None)
}

/// Like [`page`], with what may be done with the rows.
pub fn page_with_actions(
    rows: Vec<Value>,
    count: u64,
    page: Option<Page>,
    allowed_actions: Option<&AllowedActions>,
) -> HttpResponse {
    let page = page.map(|page| PageMeta {
        count,
        page: page.number,
        page_size: page.size,
        total_page: (page.size > 0).then(|| count.div_ceil(page.size)),
    });
    let is_empty = page.is_none() && allowed_actions.is_none();
    let meta = ListMeta {
        page,
        allowed_actions,
    };
    json(&Envelope {
        data: rows,
        meta: (!is_empty).then_some(meta),
    })
}

/// `{"data": {…}}`, with what may be done with the row in `meta`.
pub fn row(row: Value, allowed_actions: Option<&AllowedActions>) -> HttpResponse {
    json(&Envelope {
        data: row,
        meta: allowed_actions.map(|allowed_actions| ListMeta {
            page: None,
            allowed_actions: Some(allowed_actions),
        }),
    })
}

/// `{}`, the answer of an action that has nothing to say.
pub fn empty() -> HttpResponse {
    json(&Map::new())
}

/// NocoBase sends the charset too, and one of its clients compares the whole text.
const JSON: &str = "application/json; charset=utf-8";

fn json<T: Serialize>(body: &T) -> HttpResponse {
    HttpResponse::Ok().content_type(JSON).json(body)
}
