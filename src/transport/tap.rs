//! A socket that tells its connection's watch when bytes move, and that can be listened to before it
//! is known what it speaks.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::watch::Watch;

/// What an HTTP/2 client that knows its server sends first (RFC 9113 section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A socket, bare or under TLS. One type, so that what drives it is compiled once.
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// The socket of one connection.
pub(super) struct Tap {
    stream: Stream,
    watch: Rc<Watch>,
    /// Read ahead and not yet handed on.
    ahead: [u8; PREFACE.len()],
    ahead_from: usize,
    ahead_to: usize,
    /// TLS took no more: that it takes some again means that the socket did.
    full: bool,
    /// Nobody reads while an answer is written; see `poll_flush`.
    is_http1: bool,
}

impl Tap {
    pub(super) fn new(stream: Stream, watch: Rc<Watch>) -> Self {
        Self {
            stream,
            watch,
            ahead: [0; PREFACE.len()],
            ahead_from: 0,
            ahead_to: 0,
            full: false,
            is_http1: false,
        }
    }

    /// Says that HTTP/1.1 is spoken here.
    pub(super) fn speak_http1(&mut self) {
        self.is_http1 = true;
    }

    /// Whether the client has ended its side. Reads no more than tells; nothing is lost.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.ahead_from < self.ahead_to {
            return Poll::Pending;
        }
        (self.ahead_from, self.ahead_to) = (0, 0);
        let mut room = ReadBuf::new(&mut self.ahead);
        let read = ready!(self.stream.poll_read(cx, &mut room));
        self.ahead_to = room.filled().len();
        if read.is_ok() && self.ahead_to > 0 {
            self.watch.read_some();
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// Whether the client begins as HTTP/2 does. Reads no more than tells; nothing is lost.
    ///
    /// # Errors
    /// The socket's own; also when the client hangs up before it is clear.
    pub(super) fn poll_preface(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            let known = self.ahead_to;
            if self.ahead.get(..known) != PREFACE.get(..known) {
                return Poll::Ready(Ok(false));
            }
            if known == PREFACE.len() {
                return Poll::Ready(Ok(true));
            }
            let mut room = ReadBuf::new(self.ahead.get_mut(known..).unwrap_or_default());
            ready!(self.stream.poll_read(cx, &mut room))?;
            let count = room.filled().len();
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            self.ahead_to += count;
            self.watch.read_some();
        }
    }

    /// What a write told. TLS takes bytes before the socket does, so that it took some says nothing
    /// until it once took none; see also `poll_flush`.
    fn note(&mut self, written: &Poll<io::Result<usize>>) {
        let buffered = matches!(self.stream, Stream::Tls(_));
        match written {
            Poll::Pending => {
                self.full = buffered;
                self.watch.write_blocked();
            }
            Poll::Ready(Ok(_)) if !buffered || std::mem::take(&mut self.full) => {
                self.watch.wrote_some();
            }
            Poll::Ready(_) => {}
        }
    }
}

impl Stream {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, into),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, into),
        }
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ahead_from < self.ahead_to {
            let end = self.ahead_to.min(self.ahead_from + buf.remaining());
            if let Some(bytes) = self.ahead.get(self.ahead_from..end) {
                buf.put_slice(bytes);
            }
            self.ahead_from = end;
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        let read = self.stream.poll_read(cx, buf);
        if buf.filled().len() > before {
            self.watch.read_some();
        }
        read
    }
}

impl AsyncWrite for Tap {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        };
        self.note(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, bytes),
        };
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Of a listener nothing more is to come, so one that ends its side is gone. Else it would keep
        // its place until something is written.
        if self.is_http1 && self.watch.ending().is_heard() && self.poll_end(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        match &mut self.stream {
            // Nothing is held back between us and the socket.
            Stream::Plain(_) => Poll::Ready(Ok(())),
            Stream::Tls(stream) => {
                let flushed = Pin::new(stream).poll_flush(cx);
                match &flushed {
                    Poll::Pending => self.watch.write_blocked(),
                    Poll::Ready(_) => self.watch.wrote_some(),
                }
                flushed
            }
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
