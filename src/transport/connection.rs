//! One connection, from its greeting to its end: hyper drives HTTP, one timer keeps its limits.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use super::body::RequestBody;
use super::drain::Present;
use super::forward::{Origin, splice};
use super::h2::{self, OnThisThread};
use super::keeper::Keeper;
use super::options::Options;
use super::serve::House;
use super::streams::Streams;
use super::tap::{Stream, Tap};
use super::tls::Greeter;
use super::watch::Watch;
use crate::gateway::door::Door;
use crate::wire::limits::{DISCARD_BYTES_MAX, H2_FAREWELL_MS, LINGER_MS, LINGER_PIECE_BYTES};

/// How hyper is to read and write.
pub(super) struct Builders {
    http1: http1::Builder,
    http2: http2::Builder<OnThisThread>,
}

impl Builders {
    pub(super) fn new(options: &Options) -> Self {
        let mut http1 = http1::Builder::new();
        // hyper's own timer would be armed anew for every request; the watch serves instead.
        http1
            .header_read_timeout(None)
            // Who has said everything may end its side and read on; who is gone is noticed by what is written.
            .half_close(true)
            .max_header_size(options.header_bytes_max.max(8192))
            .max_buf_size(options.header_bytes_max.max(8192) * 2);
        Self {
            http1,
            http2: h2::builder(options),
        }
    }
}

/// Serves a connection to its end: closed by the client, over a limit, or drained.
///
/// Dropping it closes the connection; requests under way are dropped with it.
pub(super) async fn serve<G: Door>(
    house: Rc<House<G>>,
    builders: &Builders,
    greeter: Option<&Greeter>,
    (stream, peer): (TcpStream, IpAddr),
    present: Present,
) {
    let origin = Origin::new(peer, greeter.is_some());
    let watch = Rc::new(Watch::new(&house.limits, origin));
    let tick = house.limits.options.tick();
    let timer = pin!(tokio::time::sleep(tick));
    let mut keeper = Keeper::new(&watch, present, tick, timer);
    let Some((mut tap, is_http2)) = greet(&mut keeper, greeter, stream).await else {
        return;
    };
    if !is_http2 {
        tap.speak_http1();
    }
    let io = TokioIo::new(tap);
    if is_http2 {
        // Boxed, so that the rarer protocol does not make room in the future of the other.
        Box::pin(serve_http2(house, &builders.http2, io, &mut keeper)).await;
        return;
    }
    let told = Rc::clone(&watch);
    let service = service_fn(move |request: Request<Incoming>| {
        let (house, watch) = (Rc::clone(&house), Rc::clone(&watch));
        async move {
            let asked = Rc::clone(&house).serve(request.map(RequestBody::from), &watch);
            let mut answer = asked.await;
            house.advertise(answer.headers_mut());
            Ok::<_, Infallible>(answer)
        }
    });
    let mut connection = builders.http1.serve_connection(io, service);
    let finish = |connection: Pin<&mut http1::Connection<_, _>>| {
        connection.graceful_shutdown();
        ControlFlow::Continue(())
    };
    // An error here is a client that spoke no HTTP or went away: nobody is left to be told.
    let ended = keeper
        .keep(Pin::new(&mut connection), finish, |_| true)
        .await;
    let Some(Ok(())) = ended else {
        return;
    };
    let parts = connection.into_parts();
    let Some(handover) = told.handed_over() else {
        linger(parts.io.into_inner()).await;
        return;
    };
    told.work();
    let spliced = pin!(splice(parts.io.into_inner(), parts.read_buf, handover));
    // What is no HTTP has no end that could be waited for.
    let _over = keeper
        .keep(spliced, |_| ControlFlow::Break(()), |_| true)
        .await;
}

/// Reads on after the last word, until the client closes, too. A socket that is closed over bytes
/// nobody has read resets its connection, and answers that are on their way are lost with it: of a
/// client that still streams lines there always are some.
async fn linger(mut io: Tap) {
    let mut unread = vec![0; LINGER_PIECE_BYTES];
    let until_closed = async {
        let mut left = DISCARD_BYTES_MAX;
        while let Ok(count @ 1..) = io.read(&mut unread).await
            && count < left
        {
            left -= count;
        }
    };
    drop(tokio::time::timeout(Duration::from_millis(LINGER_MS), until_closed).await);
}

async fn serve_http2<G: Door>(
    house: Rc<House<G>>,
    builder: &http2::Builder<OnThisThread>,
    io: TokioIo<Tap>,
    keeper: &mut Keeper<'_>,
) {
    let streams = Streams::new(Rc::clone(&keeper.watch));
    let opening = Rc::clone(&streams);
    let service = service_fn(move |request| h2::serve(Rc::clone(&house), &opening, request));
    let connection = pin!(builder.serve_connection(io, service));
    let (watch, farewell) = (Rc::clone(&keeper.watch), Cell::new(None));
    let finish = |connection: Pin<&mut http2::Connection<_, _, _>>| {
        farewell.set(Some(watch.now() + Duration::from_millis(H2_FAREWELL_MS)));
        connection.graceful_shutdown();
        ControlFlow::Continue(())
    };
    // hyper waits for the client to say that it heard of the end; one that is gone never does.
    let is_over = |now| farewell.get().is_some_and(|at| at <= now) && streams.is_empty();
    let look = |now| streams.look(now) && !is_over(now);
    drop(keeper.keep(connection, finish, look).await);
}

/// Finds out what the client speaks; under TLS by ALPN, else by how it begins. `None` when it said
/// nothing in time, broke off, or is too many.
async fn greet(
    keeper: &mut Keeper<'_>,
    greeter: Option<&Greeter>,
    stream: TcpStream,
) -> Option<(Tap, bool)> {
    let watch = Rc::clone(&keeper.watch);
    // A connection that has asked nothing yet loses nothing when the house closes.
    if let Some(greeter) = greeter {
        watch.shake_hands();
        let shaking = pin!(greeter.greet(stream));
        let shaken = keeper.keep(shaking, |_| ControlFlow::Break(()), |_| true);
        let (stream, is_http2) = shaken.await??;
        watch.greeted();
        return Some((Tap::new(Stream::Tls(stream), watch), is_http2));
    }
    let mut tap = Tap::new(Stream::Plain(stream), watch);
    let told = {
        let listening = pin!(poll_fn(|cx| tap.poll_preface(cx)));
        keeper
            .keep(listening, |_| ControlFlow::Break(()), |_| true)
            .await
    };
    let is_http2 = told?.ok()?;
    Some((tap, is_http2))
}
