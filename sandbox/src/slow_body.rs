//! Response bodies that stop half-way, for a while or for good.

use std::time::Duration;

use actix_web::{
    Error,
    body::{BoxBody, MessageBody, SizedStream, to_bytes},
    dev::ServiceResponse,
    rt::time::sleep,
    web::Bytes,
};
use futures_util::stream;

/// A body that is shorter than its declared length. The connection ends with it.
pub fn break_off() -> BoxBody {
    let half = Ok(Bytes::from_static(br#"{"errcode":0,"errmsg":"ok","#));
    let end = Err(std::io::Error::other("the connection ends here"));
    BoxBody::new(SizedStream::new(100, stream::iter([half, end])))
}

/// Sends the body of a response in two halves, with a pause between them.
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
