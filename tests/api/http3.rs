//! A client that speaks HTTP/3: over the crates `h3` and `h3-quinn`, of which the server uses only the
//! first, and that not where bytes are read.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use h3::client::{RequestStream, SendRequest};
use h3::error::{ConnectionError, StreamError};
use h3_quinn::{BidiStream, OpenStreams};
use quinn::crypto::rustls::QuicClientConfig;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use crate::certificates::Pair;
use crate::client::{Reply, Request};

/// Longest silence of the server before a test fails.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// A request under way.
pub(crate) type Asked = RequestStream<BidiStream<Bytes>, Bytes>;

/// A connection, driven while something is waited for.
pub(crate) struct Http3 {
    runtime: Runtime,
    endpoint: quinn::Endpoint,
    pub(crate) connection: quinn::Connection,
    send: SendRequest<OpenStreams, Bytes>,
    driver: JoinHandle<ConnectionError>,
}

/// What a client greets with that trusts `pair` and speaks `protocol`.
pub(crate) fn greeting(pair: &Pair, protocol: &[u8]) -> quinn::ClientConfig {
    let tls = pair.client(&[protocol]);
    quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()))
}

pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// An endpoint of the family of `address`.
pub(crate) fn endpoint(address: SocketAddr) -> quinn::Endpoint {
    let any = if address.is_ipv4() {
        "127.0.0.1:0"
    } else {
        "[::1]:0"
    };
    quinn::Endpoint::client(any.parse().unwrap()).unwrap()
}

impl Http3 {
    pub(crate) fn connect(address: SocketAddr, trusted: &Pair) -> Self {
        Self::try_connect(address, greeting(trusted, b"h3")).unwrap()
    }

    /// An error when the server does not take the connection.
    pub(crate) fn try_connect(
        address: SocketAddr,
        greeting: quinn::ClientConfig,
    ) -> Result<Self, quinn::ConnectionError> {
        let runtime = runtime();
        let (endpoint, connection) = runtime.block_on(async {
            let endpoint = endpoint(address);
            let name = Pair::name().to_str().into_owned();
            let connecting = endpoint.connect_with(greeting, address, &name).unwrap();
            Ok::<_, quinn::ConnectionError>((endpoint, bounded(connecting).await?))
        })?;
        let (send, driver) = runtime.block_on(async {
            let link = h3_quinn::Connection::new(connection.clone());
            let (mut driver, send) = Box::pin(h3::client::new(link)).await.unwrap();
            let drive = async move { std::future::poll_fn(|cx| driver.poll_close(cx)).await };
            (send, tokio::spawn(drive))
        });
        Ok(Self {
            runtime,
            endpoint,
            connection,
            send,
            driver,
        })
    }

    /// Sends a request and reads its answer.
    pub(crate) fn ask(&mut self, request: &Request<'_>) -> Reply {
        let mut asked = self.open(request).unwrap();
        self.send_all(&mut asked, request);
        self.answer(&mut asked).unwrap()
    }

    /// Opens a stream with a request's head.
    pub(crate) fn open(&mut self, request: &Request<'_>) -> Result<Asked, StreamError> {
        let opened = self.send.send_request(request.head());
        self.runtime.block_on(bounded(opened))
    }

    /// Sends a request's body to its end; a server that wants no more of it is for the answer to show.
    pub(crate) fn send_all(&self, asked: &mut Asked, request: &Request<'_>) {
        self.runtime.block_on(bounded(async {
            if !request.body.is_empty() {
                drop(asked.send_data(Bytes::from(request.body.clone())).await);
            }
            drop(asked.finish().await);
        }));
    }

    /// Sends a piece of a body.
    pub(crate) fn send_piece(&self, asked: &mut Asked, piece: &[u8]) -> Result<(), StreamError> {
        let piece = Bytes::copy_from_slice(piece);
        self.runtime.block_on(bounded(asked.send_data(piece)))
    }

    /// Waits for a stream's answer; an error when it was reset.
    pub(crate) fn answer(&self, asked: &mut Asked) -> Result<Reply, StreamError> {
        self.runtime.block_on(bounded(async {
            let head = asked.recv_response().await?;
            let mut all = Vec::new();
            while let Some(mut piece) = asked.recv_data().await? {
                all.extend_from_slice(&piece.copy_to_bytes(piece.remaining()));
            }
            let text = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
                (name.to_string(), value.to_str().unwrap().to_owned())
            };
            let headers = head.headers().iter().map(text).collect();
            Ok(Reply::new(head.status().as_u16(), headers, all))
        }))
    }

    /// Drives the connection while `work` goes on.
    pub(crate) fn during<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(bounded(work))
    }

    /// Waits until the server has ended the connection; how it did.
    pub(crate) fn closed(&mut self) -> ConnectionError {
        self.runtime.block_on(bounded(&mut self.driver)).unwrap()
    }
}

impl Drop for Http3 {
    fn drop(&mut self) {
        // Says goodbye, so that no server waits for it.
        self.connection.close(0x100_u32.into(), b"");
        let idle = self.endpoint.wait_idle();
        let leaving = async { tokio::time::timeout(Duration::from_millis(1), idle).await };
        drop(self.runtime.block_on(leaving));
    }
}

pub(crate) async fn bounded<F: IntoFuture>(work: F) -> F::Output {
    tokio::time::timeout(SILENCE_MAX, work)
        .await
        .expect("silence")
}
