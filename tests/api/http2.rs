//! A client that speaks HTTP/2, one call at a time or many streams at once.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use crate::certificates::Pair;
use crate::client::{Reply, Request};

/// Longest silence of the server before a test fails.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// A connection, driven while something is waited for.
pub(crate) struct Http2 {
    runtime: Runtime,
    send: SendRequest<Bytes>,
    connection: JoinHandle<Result<(), h2::Error>>,
}

impl Http2 {
    /// Under TLS when a certificate to trust is given.
    pub(crate) fn connect(address: SocketAddr, trusted: Option<&Pair>) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (send, connection) = runtime.block_on(async {
            let stream = TcpStream::connect(address).await.unwrap();
            match trusted {
                None => handshake(stream).await,
                Some(pair) => {
                    let connector = tokio_rustls::TlsConnector::from(pair.client(&[b"h2"]));
                    let stream = connector.connect(Pair::name(), stream).await.unwrap();
                    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
                    Box::pin(handshake(stream)).await
                }
            }
        });
        Self {
            runtime,
            send,
            connection,
        }
    }

    /// Sends a request and reads its answer.
    pub(crate) fn ask(&mut self, request: &Request<'_>) -> Reply {
        let answer = self.send(request);
        self.answer(answer).unwrap()
    }

    /// Opens a stream and sends a whole request on it.
    pub(crate) fn send(&mut self, request: &Request<'_>) -> ResponseFuture {
        let (answer, mut body) = self.open(request, request.body.is_empty());
        if !request.body.is_empty() {
            body.send_data(Bytes::from(request.body.clone()), true)
                .unwrap();
        }
        answer
    }

    /// Opens a stream with a request's head.
    pub(crate) fn open(
        &mut self,
        request: &Request<'_>,
        whole: bool,
    ) -> (ResponseFuture, h2::SendStream<Bytes>) {
        let send = self.send.clone();
        let mut send = self.runtime.block_on(bounded(send.ready())).unwrap();
        send.send_request(request.head(), whole).unwrap()
    }

    /// Waits for a stream's answer; an error when it was reset.
    pub(crate) fn answer(&self, answer: ResponseFuture) -> Result<Reply, h2::Error> {
        self.runtime.block_on(bounded(async {
            let (head, mut body) = answer.await?.into_parts();
            let mut all = Vec::new();
            while let Some(piece) = body.data().await {
                let piece = piece?;
                body.flow_control().release_capacity(piece.len())?;
                all.extend_from_slice(&piece);
            }
            let text = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
                (name.to_string(), value.to_str().unwrap().to_owned())
            };
            let headers = head.headers.iter().map(text).collect();
            Ok(Reply::new(head.status.as_u16(), headers, all))
        }))
    }

    /// Waits for the head of a stream's answer, and leaves its body to come.
    pub(crate) fn head(&self, answer: ResponseFuture) -> (Reply, h2::RecvStream) {
        let answer = self.runtime.block_on(bounded(answer)).unwrap();
        let (head, body) = answer.into_parts();
        let text = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            (name.to_string(), value.to_str().unwrap().to_owned())
        };
        let headers = head.headers.iter().map(text).collect();
        (Reply::new(head.status.as_u16(), headers, Vec::new()), body)
    }

    /// The next piece of it; none at its end.
    pub(crate) fn piece(&self, body: &mut h2::RecvStream) -> Option<Result<Bytes, h2::Error>> {
        let piece = self.runtime.block_on(bounded(body.data()))?;
        Some(piece.inspect(|piece| {
            // A stream that has ended wants no more room.
            drop(body.flow_control().release_capacity(piece.len()));
        }))
    }

    /// Drives the connection a little.
    pub(crate) fn breathe(&self) {
        self.runtime.block_on(tokio::task::yield_now());
    }

    /// Waits until the server has ended the connection; how it did.
    pub(crate) fn closed(&mut self) -> Result<(), h2::Error> {
        self.runtime
            .block_on(bounded(&mut self.connection))
            .unwrap()
    }
}

async fn handshake<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
) -> (SendRequest<Bytes>, JoinHandle<Result<(), h2::Error>>) {
    let (send, connection) = h2::client::handshake(stream).await.unwrap();
    (send, tokio::spawn(connection))
}

async fn bounded<F: IntoFuture>(work: F) -> F::Output {
    tokio::time::timeout(SILENCE_MAX, work)
        .await
        .expect("silence")
}
