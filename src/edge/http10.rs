//! The end of an answer to an HTTP/1.0 client when the answer has no length.

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::{ConnectionType, Version};
use actix_web::{HttpRequest, HttpResponse};

/// HTTP/1.0 has no chunked encoding (RFC 9112, section 6.1), so an answer without a length must end
/// with the connection.
pub fn end_with_connection(request: &HttpRequest, answer: &mut HttpResponse) {
    if request.version() > Version::HTTP_10 || answer.body().size() != BodySize::Stream {
        return;
    }
    let head = answer.head_mut();
    head.no_chunking(true);
    head.set_connection_type(ConnectionType::Close);
}
