//! A new connection to an address: TCP, TLS where it is spoken, and the HTTP both sides know.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hyper::client::conn::{http1, http2};
use hyper::rt::Executor;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::address::Address;
use super::body::Outbound;
use super::lines::Line;
use crate::wire::limits::{SOR_HEADER_BYTES_MAX, SOR_KEEPALIVE_S};

/// What ALPN calls HTTP/2.
const H2: &[u8] = b"h2";

/// Why there is no connection. Says nothing of what the other side sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoLine {
    #[error("nobody took the connection")]
    Refused,
    #[error("it took too long")]
    TooSlow,
    #[error("the TLS handshake failed")]
    Tls,
    #[error("the other side does not speak HTTP")]
    Http,
}

/// Runs what drives a connection on the thread that made it.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnThisThread;

impl<F: Future + 'static> Executor<F> for OnThisThread {
    fn execute(&self, work: F) {
        drop(tokio::task::spawn_local(async {
            drop(work.await);
        }));
    }
}

/// Connects within `timeout`. Cancellation safe: a dropped attempt closes its socket.
pub(super) async fn connect(
    address: &Address,
    tls: Option<&Arc<ClientConfig>>,
    timeout: Duration,
) -> Result<Line, NoLine> {
    // Boxed: most calls find a connection that was kept.
    let connecting = tokio::time::timeout(timeout, Box::pin(open(address, tls)));
    connecting.await.map_err(|_late| NoLine::TooSlow)?
}

/// Whether an address can be reached and greets, nothing more.
pub(super) async fn reach(
    address: &Address,
    tls: Option<&Arc<ClientConfig>>,
    timeout: Duration,
) -> Result<(), NoLine> {
    connect(address, tls, timeout).await.map(drop)
}

async fn open(address: &Address, tls: Option<&Arc<ClientConfig>>) -> Result<Line, NoLine> {
    let to = (&*address.host, address.port);
    let socket = TcpStream::connect(to).await;
    let socket = socket.map_err(|_refused| NoLine::Refused)?;
    // A connection without either is slower to move or to end, not wrong.
    drop(socket.set_nodelay(true));
    let alive = TcpKeepalive::new().with_time(Duration::from_secs(SOR_KEEPALIVE_S));
    drop(SockRef::from(&socket).set_tcp_keepalive(&alive));
    if !address.https {
        return greet_http1(socket).await;
    }
    let tls = Arc::clone(tls.ok_or(NoLine::Tls)?);
    let name = ServerName::try_from(address.host.to_string()).map_err(|_no_name| NoLine::Tls)?;
    let stream = TlsConnector::from(tls).connect(name, socket).await;
    let stream = stream.map_err(|_refused| NoLine::Tls)?;
    if stream.get_ref().1.alpn_protocol() == Some(H2) {
        let builder = http2::Builder::new(OnThisThread);
        let greeting = builder.handshake::<_, Outbound>(TokioIo::new(stream));
        let greeted = Box::pin(greeting).await;
        let (line, connection) = greeted.map_err(|_not_h2| NoLine::Http)?;
        OnThisThread.execute(connection);
        return Ok(Line::Http2(line));
    }
    greet_http1(stream).await
}

async fn greet_http1<S>(stream: S) -> Result<Line, NoLine>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let greeted = http1::Builder::new()
        .max_buf_size(SOR_HEADER_BYTES_MAX)
        .handshake::<_, Outbound>(TokioIo::new(stream))
        .await;
    let (line, connection) = greeted.map_err(|_not_http| NoLine::Http)?;
    // An answer may turn the connection into something else than HTTP.
    OnThisThread.execute(connection.with_upgrades());
    Ok(Line::Http1(line))
}
