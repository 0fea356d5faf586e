//! A connection that has become something else than HTTP: bytes go both ways until either side is done.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf, copy_bidirectional};

use crate::gateway::door::Inbound;
use crate::wire::limits::SOR_UPGRADED_IDLE_MS;

/// The system's side of such a connection, and what keeps its call counted.
pub(in crate::transport) struct Handover {
    pub(super) upgrade: OnUpgrade,
    pub(super) body: Inbound,
}

/// Carries bytes both ways until both sides are done, one breaks off, or nothing moves for too long.
/// `ahead` was read from the client already. Cancellation: both connections are closed.
pub(in crate::transport) async fn splice<C>(mut client: C, ahead: Bytes, system: Handover)
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    let Ok(upgraded) = system.upgrade.await else {
        return;
    };
    let _counted = system.body;
    let moved = Rc::new(Cell::new(false));
    let mut system = Moving {
        io: TokioIo::new(upgraded),
        moved: Rc::clone(&moved),
    };
    if system.write_all(&ahead).await.is_err() {
        return;
    }
    tokio::select! {
        // Either side's end is the end: there is nobody to tell.
        _ended = copy_bidirectional(&mut client, &mut system) => {}
        () = silence(&moved) => {}
    }
}

/// Returns once nothing moved for a whole span.
async fn silence(moved: &Cell<bool>) {
    let span = Duration::from_millis(SOR_UPGRADED_IDLE_MS);
    loop {
        tokio::time::sleep(span).await;
        if !moved.replace(false) {
            return;
        }
    }
}

/// The system's side; every byte passes here one way or the other.
struct Moving {
    io: TokioIo<Upgraded>,
    moved: Rc<Cell<bool>>,
}

impl AsyncRead for Moving {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.io).poll_read(cx, into);
        if into.filled().len() > before {
            self.moved.set(true);
        }
        read
    }
}

impl AsyncWrite for Moving {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        if matches!(written, Poll::Ready(Ok(_))) {
            self.moved.set(true);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
