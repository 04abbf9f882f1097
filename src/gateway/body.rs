//! Bodies that are passed on piece by piece, so that a slow reader slows the sender down.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web;
use bytes::Bytes;
use futures_util::StreamExt;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::sync::mpsc;

use super::secrets::Masking;

/// How many pieces of a request may wait for the upstream.
const PIECES: usize = 2;

/// The body of a request ended too early: the client disconnected, or sent something invalid.
#[derive(Debug, thiserror::Error)]
#[error("the client did not send the whole body")]
pub struct ClientGone;

/// The body of a request to the upstream.
pub enum RequestBody {
    /// There is no body.
    Empty,
    /// The whole body, which was created here.
    Whole(Bytes),
    /// A body that a client is sending.
    Stream {
        /// Its pieces.
        pieces: mpsc::Receiver<Result<Bytes, ClientGone>>,
        /// How many bytes are still to come, if the client has announced that.
        left: Option<u64>,
    },
}

impl RequestBody {
    /// The body that a client is sending, with `length` bytes if that is known.
    ///
    /// actix's bodies must stay on their thread, but the upstream's may not, so there is a channel
    /// in between. It holds only a few pieces, so the client is not read faster than the upstream
    /// takes them.
    pub fn of_client(mut payload: web::Payload, length: Option<u64>) -> Self {
        let (sender, pieces) = mpsc::channel(PIECES);
        actix_web::rt::spawn(async move {
            while let Some(piece) = payload.next().await {
                let broken = piece.is_err();
                // An upstream that has already answered may not read the rest.
                if sender.send(piece.map_err(|_| ClientGone)).await.is_err() || broken {
                    break;
                }
            }
        });
        Self::Stream {
            pieces,
            left: length,
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = ClientGone;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ClientGone>>> {
        let this = self.get_mut();
        match this {
            Self::Empty => Poll::Ready(None),
            Self::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then_some(Ok(Frame::data(bytes))))
            }
            Self::Stream { pieces, left } => {
                let piece = ready!(pieces.poll_recv(context));
                if let (Some(left), Some(Ok(bytes))) = (left, &piece) {
                    *left = left.saturating_sub(bytes.len() as u64);
                }
                Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Stream { left, .. } => *left == Some(0),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream { left, .. } => left.map_or_else(SizeHint::default, SizeHint::with_exact),
        }
    }
}

/// The body of an answer of the upstream.
pub struct ResponseBody {
    incoming: Option<Incoming>,
    size: BodySize,
    /// The secrets to mask in it.
    masking: Option<Masking>,
}

impl ResponseBody {
    /// A body that is passed on as it comes.
    pub fn of_upstream(incoming: Incoming, length: Option<u64>) -> Self {
        Self {
            incoming: Some(incoming),
            size: length.map_or(BodySize::Stream, BodySize::Sized),
            masking: None,
        }
    }

    /// The same body, with masks in place of secrets.
    pub fn masked(mut self, masking: Masking) -> Self {
        self.masking = Some(masking);
        self
    }

    /// An empty body in place of `length` bytes, for the answer to HEAD.
    pub fn left_out(length: Option<u64>) -> Self {
        Self {
            incoming: None,
            size: length.map_or(BodySize::None, BodySize::Sized),
            masking: None,
        }
    }
}

impl MessageBody for ResponseBody {
    type Error = hyper::Error;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, hyper::Error>>> {
        let this = self.get_mut();
        let Some(incoming) = &mut this.incoming else {
            return Poll::Ready(None);
        };
        loop {
            match ready!(Pin::new(&mut *incoming).poll_frame(context)) {
                Some(Ok(frame)) => {
                    // Trailers are dropped: this server cannot send any, and no browser reads them.
                    let Ok(bytes) = frame.into_data() else {
                        continue;
                    };
                    let Some(masking) = &mut this.masking else {
                        return Poll::Ready(Some(Ok(bytes)));
                    };
                    let bytes = masking.take(bytes);
                    if !bytes.is_empty() {
                        return Poll::Ready(Some(Ok(bytes)));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => {
                    let rest = this.masking.take().map(|mut masking| masking.end());
                    return Poll::Ready(rest.filter(|rest| !rest.is_empty()).map(Ok));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use actix_web::error::PayloadError;
    use actix_web::test::TestRequest;
    use actix_web::{FromRequest, dev};
    use futures_util::{Stream, stream};
    use http_body_util::BodyExt;

    use super::*;

    type Piece = Result<Bytes, PayloadError>;

    /// The body of a client that sends these pieces.
    async fn sent_by(pieces: impl Stream<Item = Piece> + 'static) -> RequestBody {
        let pieces: Pin<Box<dyn Stream<Item = Piece>>> = Box::pin(pieces);
        let request = TestRequest::default().to_http_request();
        let mut pieces = dev::Payload::from(pieces);
        let payload = web::Payload::from_request(&request, &mut pieces).await;
        RequestBody::of_client(payload.unwrap(), None)
    }

    #[actix_web::test]
    async fn nothing_follows_after_a_body_has_broken_off() {
        let pieces = [Ok("a"), Err(PayloadError::EncodingCorrupted), Ok("b")];
        let pieces = pieces.map(|piece| piece.map(Bytes::from));
        let mut body = sent_by(stream::iter(pieces)).await;
        let first = body.frame().await.unwrap().unwrap();
        assert_eq!(first.into_data().unwrap(), "a");
        assert!(body.frame().await.unwrap().is_err());
        assert!(body.frame().await.is_none());
    }

    #[actix_web::test]
    async fn the_rest_is_not_read_for_an_upstream_that_wants_no_more() {
        let read = Rc::new(Cell::new(0));
        let counted = read.clone();
        let pieces = stream::repeat_with(move || {
            counted.set(counted.get() + 1);
            Ok(Bytes::from_static(b"a"))
        });
        drop(sent_by(pieces.take(100)).await);
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        assert!(read.get() < 10, "{} pieces", read.get());
    }
}
