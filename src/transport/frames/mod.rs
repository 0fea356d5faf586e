//! Connections of ALPN `dialgate/1`: frames on long-lived streams that clients open.
//!
//! Each stream is a [`session`](session::Session) of its own task, with its own hello, window and
//! answers: what becomes of one touches no other. A session reads what has come, puts it to the gate
//! as slices, and writes whatever was decided in one go. What it holds is bounded: one chunk and one
//! begun frame, a window of intents, a few dispositions, the answers its client has not taken. Who
//! takes no answers is read from no more.
//!
//! Invariants
//! - FRAMES-1: whatever is wrong with an intent, its answer says `allow: false`; no frame is answered
//!   twice.
//! - FRAMES-2: the credential is looked at again for every slice, batch and disposition.
//! - FRAMES-3: slices, batches and dispositions of one stream begin in the order in which they came, also
//!   when a slice waits for its turn.
//! - FRAMES-4: what is taken is answered, through a fault of the stream and through a drain.

mod answers;
mod asked;
mod asking;
mod deeds;
mod hello;
mod mouth;
mod session;

use std::cell::Cell;
use std::future::poll_fn;
use std::ops::ControlFlow;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use quinn::{Connection, ConnectionError, RecvStream, SendStream, VarInt};

use self::session::Session;
use super::drain::Drain;
use super::keeper::Keeper;
use super::serve::House;
use super::watch::Watch;
use crate::gateway::door::Door;
use crate::wire::frame::Reason;

/// The streams of one connection.
struct Streams {
    drain: Rc<Drain>,
    closing: Cell<bool>,
    open: Cell<usize>,
    watch: Rc<Watch>,
}

/// One open stream in their count.
struct Open(Rc<Streams>);

impl Streams {
    fn enter(self: &Rc<Self>) -> Open {
        self.open.set(self.open.get() + 1);
        self.watch.work();
        Open(Rc::clone(self))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let left = self.0.open.get() - 1;
        self.0.open.set(left);
        if left == 0 {
            self.0.watch.quiet();
        }
    }
}

/// What a client begins.
enum Begun {
    Stream(SendStream, RecvStream),
    /// One that nobody may open.
    Unexpected,
}

/// Serves a connection to its end: closed by the client, over a limit, or drained.
///
/// Dropped, its streams end with it.
pub(super) async fn serve<G: Door>(
    house: Rc<House<G>>,
    connection: Connection,
    keeper: &mut Keeper<'_>,
) {
    let streams = Rc::new(Streams {
        drain: Rc::default(),
        closing: Cell::new(false),
        open: Cell::new(0),
        watch: Rc::clone(&keeper.watch),
    });
    streams.watch.share();
    let work = pin!(accept(&house, &connection, &streams));
    let close = |_work: std::pin::Pin<&mut _>| {
        streams.closing.set(true);
        streams.drain.close();
        ControlFlow::Continue(())
    };
    let reason = keeper.keep(work, close, |_| true).await;
    let reason = reason.unwrap_or(Reason::IdleTimeout);
    connection.close(number(reason), reason.as_str().as_bytes());
}

/// Gives each stream its session until the client is gone or the house closes; then waits for those
/// that are open.
async fn accept<G: Door>(
    house: &Rc<House<G>>,
    connection: &Connection,
    streams: &Rc<Streams>,
) -> Reason {
    loop {
        match begun(connection, streams).await {
            Some(Ok(Begun::Stream(send, recv))) => {
                let (open, present) = (streams.enter(), streams.drain.enter());
                let session = Session::new(Rc::clone(house), connection.clone(), (send, recv));
                drop(tokio::task::spawn_local(async move {
                    session.run(&present).await;
                    drop((open, present));
                }));
            }
            Some(Ok(Begun::Unexpected)) => return Reason::UnexpectedStream,
            Some(Err(_gone)) => return Reason::Done,
            None => {
                streams.drain.empty().await;
                return Reason::Draining;
            }
        }
    }
}

/// What the client begins next; `None` when the house closes. Cancellation safe.
async fn begun(
    connection: &Connection,
    streams: &Streams,
) -> Option<Result<Begun, ConnectionError>> {
    let mut both = pin!(connection.accept_bi());
    let mut one = pin!(connection.accept_uni());
    poll_fn(|cx| {
        if streams.closing.get() {
            return Poll::Ready(None);
        }
        if let Poll::Ready(opened) = both.as_mut().poll(cx) {
            return Poll::Ready(Some(opened.map(|(send, recv)| Begun::Stream(send, recv))));
        }
        let unexpected = one.as_mut().poll(cx);
        unexpected.map(|opened| Some(opened.map(|_stream| Begun::Unexpected)))
    })
    .await
}

/// A reason as QUIC's application error code.
fn number(reason: Reason) -> VarInt {
    VarInt::from_u32(reason.number())
}
