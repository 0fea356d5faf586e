//! Servers that only echo: frames on a QUIC stream, bodies over HTTP/3, lines over HTTP/1.1. What they
//! cost is what the transport costs on this machine, for the same bytes; the rest is the gate.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::Context;
use bytes::{Buf, Bytes, BytesMut};
use http::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

use super::quic::{self, FRAMES, Identity};
use crate::bare;

/// Bytes of an HTTP/3 body at most.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of frames taken at once.
const CHUNK_BYTES_MAX: usize = 64 * 1024;

/// Options of `loadtest echo`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where `cert.pem` and `key.pem` lie.
    #[arg(long)]
    identity: PathBuf,
    /// Address to listen on, TCP and UDP; port 0 chooses one, which is printed.
    #[arg(long, default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))]
    listen: SocketAddr,
    /// Runtimes, each with its own sockets; default: one a core.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

/// Command line that starts this program as the echo.
pub(super) fn command(identity: &Path) -> anyhow::Result<(PathBuf, Vec<std::ffi::OsString>)> {
    let arguments = vec!["echo".into(), "--identity".into(), identity.into()];
    Ok((std::env::current_exe()?, arguments))
}

/// Serves until killed.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = options.threads.map_or(cores, usize::from);
    let identity = Identity::of(&options.identity);
    let config = quic::server_config(&identity)?;
    let first = bare::listen(options.listen)?;
    let address = first.local_addr()?;
    let mut sockets = vec![(first, quic::socket(address)?)];
    for _ in 1..threads {
        sockets.push((bare::listen(address)?, quic::socket(address)?));
    }
    println!("listening on {address}");
    std::thread::scope(|scope| {
        let servers: Vec<_> = sockets
            .into_iter()
            .map(|(tcp, udp)| {
                let config = config.clone();
                scope.spawn(move || serve(tcp, udp, config))
            })
            .collect();
        for server in servers {
            server
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        Ok(())
    })
}

fn serve(
    tcp: TcpListener,
    udp: std::net::UdpSocket,
    config: quinn::ServerConfig,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let endpoint = quic::endpoint(udp, config)?;
        let listener = tokio::net::TcpListener::from_std(tcp)?;
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let (stream, _) = accepted?;
                    stream.set_nodelay(true)?;
                    tokio::task::spawn_local(lines(stream));
                }
                incoming = endpoint.accept() => {
                    let incoming = incoming.context("the endpoint has closed")?;
                    tokio::task::spawn_local(async move {
                        // A client that goes away is no fault of the server.
                        drop(Box::pin(connection(incoming)).await);
                    });
                }
            }
        }
    })
}

/// The body of the answer is the body of the request, piece by piece.
async fn lines(stream: tokio::net::TcpStream) {
    let service = service_fn(|request: http::Request<Incoming>| async {
        Ok::<_, Infallible>(Response::new(request.into_body()))
    });
    let connection = hyper::server::conn::http1::Builder::new();
    drop(
        connection
            .serve_connection(TokioIo::new(stream), service)
            .await,
    );
}

async fn connection(incoming: quinn::Incoming) -> anyhow::Result<()> {
    let connection = incoming.await?;
    if quic::protocol_of(&connection).as_deref() == Some(FRAMES) {
        loop {
            let (send, receive) = connection.accept_bi().await?;
            tokio::task::spawn_local(async move { drop(frames(send, receive).await) });
        }
    }
    let quic = h3_quinn::Connection::new(connection);
    let mut requests = Box::pin(h3::server::Connection::<_, Bytes>::new(quic)).await?;
    while let Some(resolver) = requests.accept().await? {
        tokio::task::spawn_local(async move {
            let (_head, mut stream) = resolver.resolve_request().await?;
            let mut body = BytesMut::new();
            while let Some(piece) = stream.recv_data().await? {
                if body.len() + piece.remaining() > BODY_BYTES_MAX {
                    anyhow::bail!("a body over its limit");
                }
                bytes::BufMut::put(&mut body, piece);
            }
            let head = Response::builder().header("content-type", "application/json");
            stream.send_response(head.body(())?).await?;
            stream.send_data(body.freeze()).await?;
            stream.finish().await?;
            Ok(())
        });
    }
    Ok(())
}

/// Whole frames or parts of them: an echo need not know.
async fn frames(mut send: quinn::SendStream, mut receive: quinn::RecvStream) -> anyhow::Result<()> {
    while let Some(chunk) = receive.read_chunk(CHUNK_BYTES_MAX, true).await? {
        send.write_chunk(chunk.bytes).await?;
    }
    send.finish()?;
    Ok(())
}
