//! Bodies that are held whole before anybody is let in: bounded in time, and all together in bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;

use super::steps::TOO_LARGE;
use crate::sor::upstream::Outbound;
use crate::wire::limits::{SOR_BODY_BYTES_MAX, SOR_BODY_MS, SOR_HELD_BYTES_MAX};
use crate::wire::problem::Problem;

const BROKEN_OFF: Problem = Problem::new(400, "BODY_BROKEN_OFF", "The body broke off.");
const TOO_SLOW: Problem = Problem::new(408, "BODY_TOO_SLOW", "The body did not come in time.");
const NO_ROOM: Problem = Problem::new(
    503,
    "TOO_MANY_BODIES",
    "The bodies of other calls leave no room for this one.",
);

/// Bytes held, of all calls.
#[derive(Debug, Default)]
pub(super) struct HeldBytes(AtomicUsize);

/// A call's share of them; let go when dropped.
#[derive(Debug)]
pub(super) struct Share {
    all: Arc<HeldBytes>,
    bytes: usize,
    max: usize,
}

impl HeldBytes {
    /// A share of a call; calls of nobody in particular leave half of the room to the others.
    pub(super) fn share(self: &Arc<Self>, public: bool) -> Share {
        Share {
            all: Arc::clone(self),
            bytes: 0,
            max: SOR_HELD_BYTES_MAX / if public { 2 } else { 1 },
        }
    }
}

impl Share {
    /// Makes room for so many more; false when there is none.
    fn grow(&mut self, bytes: usize) -> bool {
        let before = self.all.0.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        before.saturating_add(bytes) <= self.max
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.all.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A body, whole, within [`SOR_BODY_BYTES_MAX`], [`SOR_BODY_MS`] and the room there is.
pub(super) async fn whole(body: Outbound, share: &mut Share) -> Result<Bytes, Problem> {
    within(Duration::from_millis(SOR_BODY_MS), body, share).await
}

async fn within(span: Duration, body: Outbound, share: &mut Share) -> Result<Bytes, Problem> {
    let collected = tokio::time::timeout(span, collected(body, share));
    collected.await.unwrap_or(Err(TOO_SLOW))
}

async fn collected(mut body: Outbound, share: &mut Share) -> Result<Bytes, Problem> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_fault| BROKEN_OFF)?.into_data() else {
            continue;
        };
        if whole.len().saturating_add(data.len()) > SOR_BODY_BYTES_MAX {
            return Err(TOO_LARGE);
        }
        if !share.grow(data.len()) {
            return Err(NO_ROOM);
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use hyper::body::{Body, Frame};

    use super::*;
    use crate::sor::upstream::BodyFault;

    fn of(bytes: usize) -> Outbound {
        Outbound::whole(vec![b'x'; bytes].into())
    }

    #[tokio::test]
    async fn bodies_are_held_as_far_as_there_is_room() {
        let all = Arc::<HeldBytes>::default();
        let mut shares = Vec::new();
        for (public, room) in [(true, SOR_HELD_BYTES_MAX / 2), (false, SOR_HELD_BYTES_MAX)] {
            while shares.len() * SOR_BODY_BYTES_MAX < room {
                let mut share = all.share(public);
                let body = whole(of(SOR_BODY_BYTES_MAX), &mut share).await;
                assert_eq!(body.unwrap().len(), SOR_BODY_BYTES_MAX);
                shares.push(share);
            }
            let one_more = whole(of(1), &mut all.share(public)).await;
            assert_eq!(one_more.unwrap_err().status, 503);
        }
        drop(shares);
        assert_eq!(all.0.load(Ordering::Relaxed), 0);
        let too_long = whole(of(SOR_BODY_BYTES_MAX + 1), &mut all.share(false)).await;
        assert_eq!(too_long.unwrap_err().status, 413);
    }

    /// A byte a millisecond, for ever.
    struct Trickle(tokio::time::Interval);

    impl Body for Trickle {
        type Data = Bytes;
        type Error = BodyFault;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
            let tick = self.0.poll_tick(cx);
            tick.map(|_| Some(Ok(Frame::data(Bytes::from_static(b"x")))))
        }
    }

    #[tokio::test]
    async fn a_body_has_one_deadline_however_often_it_says_something() {
        let all = Arc::<HeldBytes>::default();
        let trickle = Trickle(tokio::time::interval(Duration::from_millis(1)));
        let body = Outbound::Streamed(Box::pin(trickle));
        let slow = within(Duration::from_millis(20), body, &mut all.share(true)).await;
        assert_eq!(slow.unwrap_err().status, 408);
        assert_eq!(all.0.load(Ordering::Relaxed), 0);
    }
}
