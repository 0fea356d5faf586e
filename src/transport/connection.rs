//! One connection: hyper drives HTTP/1.1, one timer keeps its limits.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::drain::Present;
use super::options::Options;
use super::serve::House;
use super::tap::Tap;
use super::watch::Watch;
use crate::gateway::door::Door;

/// How hyper is to read and write.
pub(super) fn builder(options: &Options) -> Builder {
    let mut builder = Builder::new();
    // hyper's own timer would be armed anew for every request; the watch serves instead.
    builder
        .header_read_timeout(None)
        .max_header_size(options.header_bytes_max.max(8192))
        .max_buf_size(options.header_bytes_max.max(8192) * 2);
    builder
}

/// Serves a connection to its end: closed by the client, over a limit, or drained.
///
/// Dropping it closes the connection; requests under way are dropped with it.
pub(super) async fn serve<G: Door>(
    house: Rc<House<G>>,
    builder: &Builder,
    stream: TcpStream,
    present: Present,
) {
    let gateway = Arc::clone(&house.gateway);
    let now = Box::new(move || gateway.instant());
    let options = house.options.clone();
    let tick = options.tick();
    let watch = Rc::new(Watch::new(now, options));
    let io = TokioIo::new(Tap::new(stream, Rc::clone(&watch)));
    let answering = Rc::clone(&watch);
    let service = service_fn(move |request| {
        let (house, watch) = (Rc::clone(&house), Rc::clone(&answering));
        async move { Ok::<_, Infallible>(house.serve(request, &watch).await) }
    });
    let mut connection = pin!(builder.serve_connection(io, service));
    let mut timer = pin!(tokio::time::sleep(tick));
    let (mut known, mut told) = (false, false);
    poll_fn(|cx| {
        if !known {
            // The waker of a task does not change, so once is enough.
            present.wake_with(cx.waker());
            known = true;
        }
        if present.closing() && !told {
            connection.as_mut().graceful_shutdown();
            told = true;
        }
        // An error here is a client that spoke no HTTP or went away: nobody is left to be told.
        if connection.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        while timer.as_mut().poll(cx).is_ready() {
            let now = watch.now();
            if watch.due().is_some_and(|due| due <= now) {
                return Poll::Ready(());
            }
            let next = timer.deadline() + tick;
            timer.as_mut().reset(next);
        }
        Poll::Pending
    })
    .await;
}
