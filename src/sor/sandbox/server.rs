//! The listener: HTTP/1.1, on a thread of its own.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};

use super::SandboxError;
use super::asked::Knock;
use super::events::Events;
use super::keeper::Door;
use super::reply::{Content, Reply};
use crate::wire::limits::{SANDBOX_BODY_BYTES_MAX, SANDBOX_CONNECTIONS_MAX};

/// What says that an answer is a sandbox's (SANDBOX-2).
const MARK: HeaderName = HeaderName::from_static("x-dialgate-sandbox");
/// A request's head has to come within this.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// After an accept that failed, for want of descriptors most likely.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Binds, so that a taken address is told at once.
pub(super) fn bind(
    listen: SocketAddr,
) -> Result<(SocketAddr, std::net::TcpListener), SandboxError> {
    let told = |source| SandboxError::Bind {
        address: listen,
        source,
    };
    let listener = std::net::TcpListener::bind(listen).map_err(told)?;
    listener.set_nonblocking(true).map_err(told)?;
    Ok((listener.local_addr().map_err(told)?, listener))
}

/// Serves until told to stop, or until whoever could tell is gone; calls under way are dropped then.
pub(super) fn start(
    listener: std::net::TcpListener,
    door: Door,
    stopped: oneshot::Receiver<()>,
) -> std::io::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let listener = {
        let _entered = runtime.enter();
        TcpListener::from_std(listener)?
    };
    std::thread::Builder::new()
        .name("sandbox-listen".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = accept(&listener, &door) => {}
                }
            });
        })
}

#[expect(clippy::infinite_loop, reason = "a listener ends by being dropped")]
async fn accept(listener: &TcpListener, door: &Door) {
    let room = Arc::new(Semaphore::new(SANDBOX_CONNECTIONS_MAX));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            continue;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let door = door.clone();
                tokio::spawn(async move {
                    serve(stream, door).await;
                    drop(permit);
                });
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn serve(stream: TcpStream, door: Door) {
    // Without it answers of two parts wait for the client's acknowledgement; they do arrive.
    let _slower = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let door = door.clone();
        async move { Ok::<_, Infallible>(answer(request, &door).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    // A client that goes away is no fault of the sandbox.
    drop(connection.await);
}

async fn answer(request: Request<Incoming>, door: &Door) -> Response<BoxBody<Bytes, Infallible>> {
    let (head, body) = request.into_parts();
    let is_head = head.method == Method::HEAD;
    let Some((body, body_bytes)) = read(body).await else {
        return written(Reply::bytes(400, "text/plain", Bytes::new()), is_head);
    };
    let text = |name: HeaderName| header(&head.headers, &name);
    let knock = Knock {
        method: head.method.as_str().to_owned(),
        target: head
            .uri
            .path_and_query()
            .map_or_else(String::new, |target| target.as_str().to_owned()),
        authorization: text(AUTHORIZATION),
        api_key: text(HeaderName::from_static("x-api-key")),
        content_type: text(CONTENT_TYPE).unwrap_or_default(),
        body,
        body_bytes,
    };
    written(door.ask(knock).await, is_head)
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

/// The body up to its bound, and how long it was; nothing is held of a longer one. `None`: it broke off.
async fn read(mut body: Incoming) -> Option<(Bytes, u64)> {
    let mut held = BytesMut::new();
    let mut count: u64 = 0;
    while let Some(frame) = body.frame().await {
        let Ok(bytes) = frame.ok()?.into_data() else {
            continue;
        };
        count += bytes.len() as u64;
        if count <= SANDBOX_BODY_BYTES_MAX as u64 {
            held.extend_from_slice(&bytes);
        } else {
            held = BytesMut::new();
        }
    }
    Some((held.freeze(), count))
}

fn written(reply: Reply, is_head: bool) -> Response<BoxBody<Bytes, Infallible>> {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = match reply.body {
        _ if is_head || status == StatusCode::NO_CONTENT => Full::new(Bytes::new()).boxed(),
        Content::Whole(bytes) => Full::new(bytes).boxed(),
        Content::Events(all) => Events::new(all).boxed(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(MARK, HeaderValue::from_static("1"));
    if status != StatusCode::NO_CONTENT {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    }
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
