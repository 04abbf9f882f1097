//! A response body that stops half-way for a while.

use std::time::Duration;

use actix_web::{
    Error,
    body::{BoxBody, MessageBody, SizedStream, to_bytes},
    dev::ServiceResponse,
    rt::time::sleep,
    web::Bytes,
};
use futures_util::stream;

/// The same response, its body sent in two halves with a pause between them.
pub async fn slow_down(
    response: ServiceResponse<impl MessageBody + 'static>,
    pause: Duration,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let body = to_bytes(body).await.map_err(Into::into)?;
    let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let mut first = body;
    let second = first.split_off(first.len() / 2);
    let halves = stream::unfold(
        vec![(second, pause), (first, Duration::ZERO)],
        |mut rest| async {
            let (half, pause) = rest.pop()?;
            sleep(pause).await;
            Some((Ok::<Bytes, Error>(half), rest))
        },
    );
    let body = SizedStream::new(length, Box::pin(halves));
    Ok(ServiceResponse::new(
        request,
        head.set_body(BoxBody::new(body)),
    ))
}
