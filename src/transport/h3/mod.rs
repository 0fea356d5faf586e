//! HTTP/3 (RFC 9114): requests of a QUIC connection to the house, answers back, and goodbye.
//!
//! The only room that names the `h3` crate, which speaks QPACK, settings and GOAWAY. Between it and quinn
//! lies a binding of our own, because that crate holds frames without bound, takes an empty piece of a body
//! for its end and panics where a body breaks off within a piece.
//!
//! Each stream is a task under a watch of its own, as on HTTP/2. A client that takes its request back
//! drops it; but an intent under way is decided whoever listens.
//!
//! Going away takes two steps: first the client is told of more requests than it can have under way, so
//! that none is lost; then, round trips later, of the last one that was read. What comes after that is
//! refused as never looked at. The connection closes once every answer was acknowledged.
//!
//! Invariants
//! - H3-1: every byte a client sends passes a [`FrameSieve`](crate::wire::sieve::FrameSieve).
//! - H3-2: an answer that did not get to its end is reset: it never looks whole. A body that did not get to
//!   its end is an error, never a short body.
//! - H3-3: a request that GOAWAY says was not looked at was not looked at.

mod body;
mod fields;
mod halves;
mod link;

use std::cell::Cell;
use std::future::poll_fn;
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use h3::error::Code;
use h3::server::{RequestResolver, RequestStream};
use http::{Method, Response};
use hyper::body::Body as _;
use quinn::VarInt;
use tokio::sync::Notify;

use self::body::Received;
use self::fields::{Dates, announced, complete};
use self::halves::Fate;
use self::link::{Arrived, Link, Outgoing};
use super::body::RequestBody;
use super::events::AnswerBody;
use super::keeper::Keeper;
use super::quic::acknowledged;
use super::route::CONTACT_INTENT;
use super::serve::{Answer, House};
use super::streams::{Seat, Streams};
use super::watch::Watch;
use crate::gateway::door::Door;
use crate::wire::limits;

type Resolver = RequestResolver<Link, Bytes>;

fn varint(code: Code) -> VarInt {
    VarInt::from_u64(code.value()).unwrap_or(VarInt::MAX)
}

/// What the streams of one connection share.
struct Host<G: Door> {
    house: Rc<House<G>>,
    connection: quinn::Connection,
    streams: Rc<Streams>,
    arrived: Rc<Arrived>,
    headless: Cell<u32>,
    dates: Dates,
}

/// Serves a connection to its end: closed by the client, over a limit, or drained.
pub(super) async fn serve<G: Door>(
    house: Rc<House<G>>,
    connection: quinn::Connection,
    keeper: &mut Keeper<'_>,
) {
    let closing = Notify::new();
    let streams = Streams::new(Rc::clone(&keeper.watch));
    let host = Rc::new(Host {
        arrived: Arrived::new(house.limits.options.streams_max),
        house,
        connection,
        streams: Rc::clone(&streams),
        headless: Cell::new(0),
        dates: Dates::default(),
    });
    let work = pin!(converse(&host, &closing));
    let finish = |_: Pin<&mut _>| {
        closing.notify_one();
        ControlFlow::Continue(())
    };
    // Over, or over a limit: either way it is closed.
    let _over = keeper.keep(work, finish, |now| streams.look(now)).await;
    host.connection.close(varint(Code::H3_NO_ERROR), b"");
}

/// Takes requests until the client or the house goes away.
async fn converse<G: Door>(host: &Rc<Host<G>>, closing: &Notify) {
    let options = &host.house.limits.options;
    let fields_max = options.header_bytes_max.min(limits::H3_HEADER_BYTES_MAX);
    let fields_max = u64::try_from(fields_max).unwrap_or(u64::MAX);
    let mut builder = h3::server::builder();
    builder
        .max_field_section_size(fields_max)
        .send_grease(false);
    let link = Link::new(
        &host.connection,
        &host.arrived,
        fields_max * limits::H3_ENCODING_FACTOR,
    );
    let Ok(mut connection) = Box::pin(builder.build(link)).await else {
        return;
    };
    loop {
        let resolver = tokio::select! {
            accepted = connection.accept() => match accepted {
                Ok(Some(resolver)) => resolver,
                Ok(None) => break,
                Err(_lost) => return,
            },
            () = closing.notified() => {
                if farewell(host, &mut connection).await.is_none() {
                    return;
                }
                break;
            }
        };
        host.open(resolver, u64::MAX);
    }
    // What is under way is answered; nothing else is.
    let done = async {
        host.streams.empty().await;
        acknowledged(&host.connection, || true, host.arrived.left.none_left()).await;
    };
    let mut done = pin!(done);
    loop {
        tokio::select! {
            () = &mut done => return,
            accepted = connection.accept() => match accepted {
                Ok(Some(resolver)) => host.open(resolver, 0),
                Ok(None) => {
                    done.await;
                    return;
                }
                Err(_lost) => return,
            },
        }
    }
}

/// Tells the client to ask no more, and then which request was the last. `None` when it is gone.
async fn farewell<G: Door>(
    host: &Rc<Host<G>>,
    connection: &mut h3::server::Connection<Link, Bytes>,
) -> Option<()> {
    let ahead = host.house.limits.options.streams_max;
    let told = connection.shutdown(usize::try_from(ahead).ok()?);
    told.await.ok()?;
    // The library tells of the first stream while there was none.
    let last = host.arrived.last.get();
    let first_refused = last.map_or(0, |last| last + u64::from(ahead));
    let farewell = host.connection.rtt() * limits::H3_FAREWELL_ROUND_TRIPS;
    let farewell = farewell.clamp(
        Duration::from_millis(limits::H3_FAREWELL_MS_MIN),
        Duration::from_millis(limits::H3_FAREWELL_MS_MAX),
    );
    let mut over = pin!(tokio::time::sleep(farewell));
    loop {
        tokio::select! {
            accepted = connection.accept() => {
                let Some(resolver) = accepted.ok()? else { break };
                host.open(resolver, first_refused);
            }
            () = &mut over => break,
        }
    }
    connection.shutdown(1).await.ok()
}

impl<G: Door> Host<G> {
    /// Serves a stream that was just opened, unless it is one of those that are refused.
    fn open(self: &Rc<Self>, resolver: Resolver, first_refused: u64) {
        let Some((number, fate)) = self.arrived.accepted.take() else {
            return;
        };
        if number >= first_refused {
            fate.end_with(varint(Code::H3_REQUEST_REJECTED));
            return;
        }
        self.arrived.last.set(Some(number));
        let seat = self.streams.open();
        seat.watch.expect_head();
        let host = Rc::clone(self);
        drop(tokio::task::spawn_local(async move {
            host.exchange(&seat, resolver, &fate).await;
        }));
    }

    /// Reads a request, asks the house and writes its answer. What is dropped on the way is reset.
    async fn exchange(&self, seat: &Seat, resolver: Resolver, fate: &Fate) {
        let resolving = pin!(resolver.resolve_request());
        let Some(Ok((request, stream))) = seat.in_time(resolving).await else {
            return self.without_head();
        };
        fate.end_with(varint(Code::H3_MESSAGE_ERROR));
        let extended = request.extensions().get::<h3::ext::Protocol>().is_some();
        let (Ok(announced), false) = (announced(&request), extended) else {
            return self.without_head();
        };
        fate.end_with(varint(Code::H3_REQUEST_CANCELLED));
        let (mut send, receive) = stream.split();
        let bare = request.method() == Method::HEAD;
        let mut body = Received::new(receive, announced);
        // These have no body: what is passed on of them must not seem to have one.
        let ends = bare || request.method() == Method::GET;
        let looking = pin!(poll_fn(|cx| body.look(cx, ends)));
        if seat.in_time(looking).await.is_none() {
            return;
        }
        let hot = request.method() == Method::POST && request.uri().path() == CONTACT_INTENT;
        let request = request.map(|()| RequestBody::Http3(Box::pin(body)));
        let asked = Rc::clone(&self.house).serve(request, &seat.watch);
        let answer = if hot {
            // Decided whoever listens.
            seat.in_time(pin!(asked)).await
        } else {
            let asked = pin!(asked);
            let asked = pin!(fate.unless_stopped(asked));
            seat.in_time(asked).await.flatten()
        };
        let Some(answer) = answer else {
            return;
        };
        let writing = pin!(self.write(&mut send, answer, bare, seat));
        if let Some(Ok(())) = fate.unless_stopped(writing).await {
            // What is left of the request is of no use, and nobody's fault.
            fate.end_with(varint(Code::H3_NO_ERROR));
        }
    }

    /// Counts a stream whose request nobody could answer: the library keeps something of each.
    fn without_head(&self) {
        self.headless.set(self.headless.get() + 1);
        if self.headless.get() > limits::H3_HEADLESS_STREAMS_MAX {
            let code = varint(Code::H3_EXCESSIVE_LOAD);
            self.connection.close(code, b"");
        }
    }

    async fn write(
        &self,
        send: &mut RequestStream<Outgoing, Bytes>,
        answer: Answer,
        bare: bool,
        seat: &Seat,
    ) -> Result<(), Unsent> {
        let (mut head, body) = answer.into_parts();
        complete(
            &mut head.headers,
            &body,
            &self.dates,
            self.house.gateway.wall(),
        );
        match &body {
            AnswerBody::Whole(_) => seat.answered(),
            AnswerBody::Passed(_) | AnswerBody::Events(_) | AnswerBody::Lines(_) => {
                seat.answering();
            }
        }
        let watch: &Watch = &seat.watch;
        watch.write_blocked();
        send.send_response(Response::from_parts(head, ())).await?;
        watch.wrote_some();
        let mut body = pin!((!bare).then_some(body));
        let mut next = |cx: &mut Context<'_>| match body.as_mut().as_pin_mut() {
            Some(body) => body.poll_frame(cx),
            None => Poll::Ready(None),
        };
        while let Some(frame) = poll_fn(&mut next).await {
            watch.write_blocked();
            let frame = frame.map_err(|_broken| Unsent)?;
            match frame.into_data() {
                Ok(data) if data.is_empty() => {}
                Ok(data) => send.send_data(data).await?,
                Err(frame) => {
                    if let Ok(trailers) = frame.into_trailers() {
                        send.send_trailers(trailers).await?;
                    }
                }
            }
            watch.wrote_some();
        }
        send.finish().await?;
        Ok(())
    }
}

/// An answer that did not get to its end.
struct Unsent;

impl From<h3::error::StreamError> for Unsent {
    fn from(_: h3::error::StreamError) -> Self {
        Self
    }
}
