//! A server that only answers: hyper, the same runtimes and allocator, a constant of the size of a
//! gate answer. What it costs is what HTTP costs on this machine; the rest is the gate.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use http::{HeaderValue, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use socket2::{Domain, Protocol, Socket, Type};

use crate::drive::CONNECTIONS_MAX;

const BACKLOG: i32 = 1024;
/// Largest constant served.
const BODY_BYTES_MAX: u32 = 1024 * 1024;
/// Size of a gate answer, used when no answer was seen.
pub(crate) const BODY_BYTES: u32 = 330;
/// Pause after a failed accept (too many open files), so that it does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// Options of `loadtest bare`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Address to listen on; port 0 chooses one, which is printed.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Runtimes, each with its own listening socket; default: one a core.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Bytes of the answer's body.
    #[arg(long, default_value_t = BODY_BYTES, value_parser = clap::value_parser!(u32).range(256..=i64::from(BODY_BYTES_MAX)))]
    body_bytes: u32,
}

/// Serves until killed.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = options.threads.map_or(cores, usize::from);
    let first = listen(options.listen)?;
    let address = first.local_addr()?;
    let mut listeners = vec![first];
    for _ in 1..threads {
        listeners.push(listen(address)?);
    }
    println!("listening on {address}");
    let body = Bytes::from(constant(options.body_bytes as usize));
    std::thread::scope(|scope| {
        let servers: Vec<_> = listeners
            .into_iter()
            .map(|listener| scope.spawn(|| serve(listener, &body)))
            .collect();
        for server in servers {
            server
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        Ok(())
    })
}

/// Command line that starts this program as the bare server.
pub(crate) fn command(body_bytes: usize) -> anyhow::Result<(PathBuf, Vec<String>)> {
    let bytes = body_bytes.clamp(256, BODY_BYTES_MAX as usize).to_string();
    let arguments = ["bare", "--body-bytes", &bytes];
    Ok((
        std::env::current_exe()?,
        arguments.map(str::to_owned).to_vec(),
    ))
}

/// An ALLOW answer of exactly `bytes` bytes: the published fields, padded in `source_system`, as a
/// batch's answer is padded by its further elements.
fn constant(bytes: usize) -> Vec<u8> {
    let before = "{\"allow\":true,\"decision\":\"ALLOW\",\"reason\":\"Allowed\",\"blocked_by\":[],\
        \"audit_id\":1000000,\"evaluation_id\":1000000,\"account_id\":\"ACC-0000001\",\
        \"tenant_id\":\"load\",\"channel\":\"phone\",\"next_allowed_at\":null,\
        \"expires_at\":\"2026-05-06T18:00:00Z\",\"source_system\":\"";
    let pad = bytes.saturating_sub(before.len() + 2);
    [before.as_bytes(), "x".repeat(pad).as_bytes(), b"\"}"].concat()
}

/// A TCP socket that others may share.
pub(crate) fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket
        .bind(&address.into())
        .with_context(|| format!("cannot bind {address}"))?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn serve(listener: TcpListener, body: &Bytes) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let room = std::sync::Arc::new(tokio::sync::Semaphore::new(CONNECTIONS_MAX));
        loop {
            let permit = std::sync::Arc::clone(&room).acquire_owned().await?;
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            stream.set_nodelay(true)?;
            let body = body.clone();
            tokio::task::spawn_local(async move {
                let service = service_fn(move |request| answer(request, body.clone()));
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                // A client that goes away is no fault of the server.
                drop(connection.await);
                drop(permit);
            });
        }
    })
}

/// Reads the body, as any server of this route must, and answers the constant.
async fn answer(
    request: http::Request<Incoming>,
    body: Bytes,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let _asked = request.into_body().collect().await;
    let mut response = Response::new(Full::new(body));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(
        "dialgate-use-by",
        HeaderValue::from_static("2026-05-05T18:05:00Z"),
    );
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::constant;

    #[test]
    fn the_constant_is_an_allow_answer_of_exactly_that_size() {
        for bytes in [256, 330, 357, 1_024] {
            let body = constant(bytes);
            assert_eq!(body.len(), bytes);
            let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(json["allow"], true);
        }
    }
}
