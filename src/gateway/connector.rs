//! Connections to NocoBase. They are counted, and go to another node when one does not answer.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::nodes::Nodes;
use crate::metrics::{OpenConnection, UpstreamMetrics};

/// Opens connections and counts them.
#[derive(Clone)]
pub struct Counting {
    connector: HttpConnector,
    nodes: Arc<Nodes>,
    // hyper clones its connector several times for each request.
    metrics: Arc<UpstreamMetrics>,
}

impl Counting {
    /// Connections of this connector.
    pub fn new(connector: HttpConnector, nodes: Arc<Nodes>, metrics: Arc<UpstreamMetrics>) -> Self {
        Self {
            connector,
            nodes,
            metrics,
        }
    }

    /// Connects to the node at this address, or to another one if that fails. This is safe because
    /// nothing has been sent yet; what is sent over a connection is never repeated.
    async fn open(&mut self, to: Uri) -> Result<TokioIo<TcpStream>, ConnectError> {
        let first = self.open_to(to.clone()).await;
        let Err(error) = first else { return first };
        let others: Vec<_> = {
            let others = self.nodes.instead_of(to.authority()).into_iter();
            others.filter_map(|node| node.uri("/")).collect()
        };
        for other in others {
            match self.open_to(other.clone()).await {
                Ok(stream) => return Ok(stream),
                Err(_) => drop(self.nodes.instead_of(other.authority())),
            }
        }
        Err(error)
    }

    async fn open_to(&mut self, to: Uri) -> Result<TokioIo<TcpStream>, ConnectError> {
        poll_fn(|context| self.connector.poll_ready(context)).await?;
        self.connector.call(to).await
    }
}

type ConnectError = <HttpConnector as Service<Uri>>::Error;

type Opening<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl Service<Uri> for Counting {
    type Response = Counted;
    type Error = ConnectError;
    type Future = Opening<Result<Counted, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let mut connector = self.clone();
        Box::pin(async move {
            let stream = connector.open(to).await?;
            Ok(Counted {
                stream,
                _open: connector.metrics.opened(),
            })
        })
    }
}

/// A connection that is counted for as long as it exists.
pub struct Counted {
    stream: TokioIo<TcpStream>,
    _open: OpenConnection,
}

impl Counted {
    fn stream(self: Pin<&mut Self>) -> Pin<&mut TokioIo<TcpStream>> {
        Pin::new(&mut self.get_mut().stream)
    }
}

impl Connection for Counted {
    fn connected(&self) -> Connected {
        self.stream.connected()
    }
}

impl Read for Counted {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        self.stream().poll_read(context, buffer)
    }
}

impl Write for Counted {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.stream().poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.stream().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.stream().poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        self.stream().poll_write_vectored(context, pieces)
    }
}
