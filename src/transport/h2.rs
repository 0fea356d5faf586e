//! HTTP/2: the streams of one connection, each a task under a watch of its own.
//!
//! One timer a connection looks after all of its streams, as it does for HTTP/1.1. A stream whose
//! body does not come is reset, because others share the connection; a client that leaves a ready
//! answer alone, or the whole connection quiet, loses the connection. Nothing waits for a dead peer
//! longer than that, so there is no keep-alive ping.

use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use h2::Reason;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Method, Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::rt::Executor;
use hyper::server::conn::http2::Builder;

use super::body::RequestBody;
use super::events::AnswerBody;
use super::options::Options;
use super::serve::House;
use super::streams::{Seat, Streams};
use crate::gateway::door::{BodyFault, Door};
use crate::wire::limits;

/// Runs streams on the thread of their connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnThisThread;

impl<F: Future + 'static> Executor<F> for OnThisThread {
    fn execute(&self, stream: F) {
        drop(tokio::task::spawn_local(async {
            drop(stream.await);
        }));
    }
}

/// How hyper is to speak HTTP/2.
pub(super) fn builder(options: &Options) -> Builder<OnThisThread> {
    let mut builder = Builder::new(OnThisThread);
    builder
        .max_concurrent_streams(options.streams_max)
        .max_header_list_size(u32::try_from(options.header_bytes_max).unwrap_or(u32::MAX))
        .max_frame_size(limits::H2_FRAME_BYTES_MAX)
        .initial_stream_window_size(limits::H2_STREAM_WINDOW_BYTES)
        .initial_connection_window_size(limits::H2_CONNECTION_WINDOW_BYTES)
        .max_send_buf_size(limits::H2_SEND_BYTES_MAX)
        .max_pending_accept_reset_streams(limits::H2_PENDING_RESETS_MAX)
        .max_local_error_reset_streams(limits::H2_FAULT_RESETS_MAX)
        .keep_alive_interval(None);
    builder
}

/// An answer that keeps its stream's place until the client's window has let it go.
pub(super) struct Held {
    body: AnswerBody,
    _seat: Seat,
}

impl Body for Held {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Serves one stream. An error resets it. Dropped when the client resets it.
pub(super) fn serve<G: Door>(
    house: Rc<House<G>>,
    streams: &Rc<Streams>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Held>, h2::Error>> + use<G> {
    let seat = streams.open();
    async move {
        let bare = request.method() == Method::HEAD;
        let watch = Rc::clone(&seat.watch);
        let answer = {
            let answering = pin!(Rc::clone(&house).serve(request.map(RequestBody::from), &watch));
            let answered = seat.in_time(answering).await;
            answered.ok_or_else(|| h2::Error::from(Reason::CANCEL))?
        };
        let (mut head, mut body) = answer.into_parts();
        house.advertise(&mut head.headers);
        match &body {
            AnswerBody::Whole(_) => seat.answered(),
            // Each piece tells the watch whether the client takes it.
            AnswerBody::Passed(_) | AnswerBody::Lines(_) => seat.answering(),
            // Not all there to be taken: who is too slow for it is dropped elsewhere.
            AnswerBody::Events(_) => {}
        }
        if bare {
            // hyper leaves this to us on HTTP/2.
            if let Some(length) = body.size_hint().exact()
                && matches!(body, AnswerBody::Whole(_))
            {
                head.headers
                    .insert(CONTENT_LENGTH, HeaderValue::from(length));
            }
            body = Bytes::new().into();
        }
        Ok(Response::from_parts(head, Held { body, _seat: seat }))
    }
}
