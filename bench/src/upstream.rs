//! The upstream of the gateway while it is measured: a bare handler that costs as little as possible.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::web::{Bytes, Payload};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use futures_util::{StreamExt, stream};

use crate::Failure;

/// The size of a file that is downloaded or uploaded, in bytes.
pub const FILE: usize = 20 * 1024 * 1024;
/// The size of the long stream, in bytes.
pub const STREAM: usize = 1024 * 1024 * 1024;
/// How many bytes are sent in one piece.
const PIECE: usize = 64 * 1024;
/// A small answer, about as long as NocoBase's data of an account.
const SMALL: usize = 1024;

/// Serves at the port in `APP_PORT`.
pub async fn serve() -> Result<(), Failure> {
    let port: u16 = std::env::var("APP_PORT")?.parse()?;
    HttpServer::new(|| {
        App::new()
            .route("/small", web::get().to(small))
            .route("/api/small", web::get().to(small))
            .route("/api/roles:check", web::get().to(rights))
            .route("/file", web::get().to(|| async { file(FILE) }))
            .route("/stream", web::get().to(|| async { streamed(STREAM) }))
            .route("/upload", web::post().to(upload))
            .route("/ws", web::get().to(open))
    })
    .keep_alive(Duration::from_mins(1))
    .bind(("127.0.0.1", port))?
    .run()
    .await?;
    Ok(())
}

async fn small() -> HttpResponse {
    static TEXT: [u8; SMALL] = [b'x'; SMALL];
    HttpResponse::Ok()
        .content_type("application/json; charset=utf-8")
        .body(Bytes::from_static(&TEXT))
}

/// An answer that allows everything to everybody.
async fn rights() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({"data": {"role": "root", "allowAll": true}}))
}

/// An answer whose length is in its head.
fn file(length: usize) -> HttpResponse {
    HttpResponse::Ok()
        .no_chunking(length as u64)
        .streaming(pieces(length))
}

/// An answer whose length is not known before its end.
fn streamed(length: usize) -> HttpResponse {
    HttpResponse::Ok().streaming(pieces(length))
}

fn pieces(length: usize) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> {
    static TEXT: [u8; PIECE] = [b'x'; PIECE];
    stream::iter((0..length / PIECE).map(|_| Ok(Bytes::from_static(&TEXT))))
}

async fn upload(mut payload: Payload) -> HttpResponse {
    let mut length = 0;
    while let Some(Ok(piece)) = payload.next().await {
        length += piece.len();
    }
    if length == FILE {
        HttpResponse::Ok().finish()
    } else {
        HttpResponse::BadRequest().finish()
    }
}

/// A `WebSocket` over which nothing is sent, until the other end closes it.
async fn open(request: HttpRequest, payload: Payload) -> HttpResponse {
    if !request.headers().contains_key("upgrade") {
        return HttpResponse::BadRequest().finish();
    }
    let silence = payload.filter_map(async |_| None::<Result<Bytes, Infallible>>);
    HttpResponse::SwitchingProtocols()
        .upgrade("websocket")
        .streaming(silence)
}
