//! Server-sent events: a beat a second, and an end.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame};

use super::asked::Asked;
use super::reply::{Content, Reply};
use crate::wire::limits::SANDBOX_EVENTS_MAX;

/// Between two events.
const BEAT: Duration = Duration::from_secs(1);

/// A stream, if the route is one; `?events=` says how many, all without.
pub(super) fn asked_for(asked: &Asked<'_>) -> Option<Reply> {
    if !asked.route.template.ends_with("/events/floor") {
        return None;
    }
    let wanted = asked.query("events").and_then(|text| text.parse().ok());
    let mut reply = Reply::bytes(200, "text/event-stream", Bytes::new());
    reply.body = Content::Events(wanted.unwrap_or(SANDBOX_EVENTS_MAX).min(SANDBOX_EVENTS_MAX));
    Some(reply.with("cache-control", "no-store"))
}

/// The body of a stream.
#[derive(Debug)]
pub(super) struct Events {
    sent: u32,
    all: u32,
    beat: tokio::time::Interval,
}

impl Events {
    pub(super) fn new(all: u32) -> Self {
        Self {
            sent: 0,
            all,
            beat: tokio::time::interval(BEAT),
        }
    }
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.sent >= self.all {
            return Poll::Ready(None);
        }
        std::task::ready!(self.beat.poll_tick(cx));
        self.sent += 1;
        let n = self.sent;
        let event = format!("id: {n}\nevent: beat\ndata: {{\"n\":{n}}}\n\n");
        Poll::Ready(Some(Ok(Frame::data(event.into()))))
    }
}
