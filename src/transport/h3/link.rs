//! A QUIC connection as the `h3` crate wants one: its traits over quinn's streams.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use quinn::{ReadError, VarInt, WriteError};

use super::Code;
use super::binding::{
    self as quic, ConnectionErrorIncoming, StreamErrorIncoming, StreamId, WriteBuf,
};
use super::halves::{Fate, ReadFault, Reading, Unacknowledged, Writing, halves};
use super::varint;

type Arriving = Pin<Box<dyn Future<Output = quinn::ConnectionError>>>;
type Opening = Pin<Box<dyn Future<Output = Result<quinn::SendStream, quinn::ConnectionError>>>>;

/// What came on a connection and was not yet served.
pub(super) struct Arrived {
    streams: RefCell<VecDeque<(quinn::SendStream, quinn::RecvStream)>>,
    one_direction: RefCell<VecDeque<quinn::RecvStream>>,
    /// The stream the library was given last: its number, and its fate.
    pub(super) accepted: Cell<Option<(u64, Rc<Fate>)>>,
    /// The number of the last that was served.
    pub(super) last: Cell<Option<u64>>,
    pub(super) left: Rc<Unacknowledged>,
}

impl Arrived {
    pub(super) fn new(streams_max: u32) -> Rc<Self> {
        let streams_max = usize::try_from(streams_max).unwrap_or(usize::MAX);
        Rc::new(Self {
            streams: RefCell::default(),
            one_direction: RefCell::default(),
            accepted: Cell::new(None),
            last: Cell::new(None),
            left: Unacknowledged::new(streams_max),
        })
    }
}

/// A QUIC connection as the library wants one.
pub(super) struct Link {
    connection: quinn::Connection,
    arrived: Rc<Arrived>,
    /// Puts what comes into its queue; quinn bounds how much that is.
    arriving: Arriving,
    arriving_one_direction: Arriving,
    opening: Option<Opening>,
    frame_bytes_max: u64,
}

impl Link {
    /// Frames that are no body are refused over `frame_bytes_max`.
    pub(super) fn new(
        connection: &quinn::Connection,
        arrived: &Rc<Arrived>,
        frame_bytes_max: u64,
    ) -> Self {
        let (both, to) = (connection.clone(), Rc::clone(arrived));
        let arriving = Box::pin(async move {
            loop {
                match both.accept_bi().await {
                    Ok(stream) => to.streams.borrow_mut().push_back(stream),
                    Err(lost) => return lost,
                }
            }
        });
        let (one, to) = (connection.clone(), Rc::clone(arrived));
        let arriving_one_direction = Box::pin(async move {
            loop {
                match one.accept_uni().await {
                    Ok(stream) => to.one_direction.borrow_mut().push_back(stream),
                    Err(lost) => return lost,
                }
            }
        });
        Self {
            connection: connection.clone(),
            arrived: Rc::clone(arrived),
            arriving,
            arriving_one_direction,
            opening: None,
            frame_bytes_max,
        }
    }
}

impl quic::Connection<Bytes> for Link {
    type RecvStream = Incoming;
    type OpenStreams = Self;

    fn poll_accept_recv(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Incoming, ConnectionErrorIncoming>> {
        let lost = self.arriving_one_direction.as_mut().poll(cx);
        let next = self.arrived.one_direction.borrow_mut().pop_front();
        if let Some(stream) = next {
            let id = id(stream.id());
            let reading = Reading::of_one_direction(stream, self.frame_bytes_max);
            return Poll::Ready(id.map(|id| Incoming { reading, id }));
        }
        lost.map(|lost| Err(connection_error(lost)))
    }

    fn poll_accept_bidi(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Both, ConnectionErrorIncoming>> {
        let lost = self.arriving.as_mut().poll(cx);
        let next = self.arrived.streams.borrow_mut().pop_front();
        if let Some(stream) = next {
            let (id, number) = (id(stream.0.id())?, stream.0.id().index());
            let code = varint(Code::H3_REQUEST_INCOMPLETE);
            let halves = halves(stream, self.frame_bytes_max, &self.arrived.left, code);
            let (writing, reading, fate) = halves;
            self.arrived.accepted.set(Some((number, fate)));
            let send = Outgoing {
                writing,
                id,
                pending: None,
            };
            let receive = Incoming { reading, id };
            return Poll::Ready(Ok(Both { send, receive }));
        }
        lost.map(|lost| Err(connection_error(lost)))
    }

    fn opener(&self) -> Self {
        Self::new(&self.connection, &self.arrived, self.frame_bytes_max)
    }
}

impl quic::OpenStreams<Bytes> for Link {
    type BidiStream = Both;
    type SendStream = Outgoing;

    fn poll_open_bidi(&mut self, _: &mut Context<'_>) -> Poll<Result<Both, StreamErrorIncoming>> {
        // A server opens none.
        let closed = Box::new(WriteError::ClosedStream);
        Poll::Ready(Err(StreamErrorIncoming::Unknown(closed)))
    }

    fn poll_open_send(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Outgoing, StreamErrorIncoming>> {
        let opening = self.opening.get_or_insert_with(|| {
            let connection = self.connection.clone();
            Box::pin(async move { connection.open_uni().await })
        });
        let opened = ready!(opening.as_mut().poll(cx));
        self.opening = None;
        let of_connection =
            |connection_error| StreamErrorIncoming::ConnectionErrorIncoming { connection_error };
        let stream = opened.map_err(|lost| of_connection(connection_error(lost)))?;
        let id = id(stream.id()).map_err(of_connection)?;
        let writing = Writing::of_one_direction(stream, &self.arrived.left);
        Poll::Ready(Ok(Outgoing {
            writing,
            id,
            pending: None,
        }))
    }

    fn close(&mut self, code: Code, _reason: &[u8]) {
        // The reason may hold what a client sent.
        self.connection.close(varint(code), b"");
    }
}

/// The half that is read.
pub(super) struct Incoming {
    reading: Reading,
    id: StreamId,
}

impl quic::RecvStream for Incoming {
    type Buf = Bytes;

    fn poll_data(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, StreamErrorIncoming>> {
        self.reading.poll_piece(cx).map_err(|fault| match fault {
            ReadFault::Stream(ReadError::Reset(code)) => terminated(code),
            ReadFault::Stream(ReadError::ConnectionLost(lost)) => lost_within(lost),
            other => StreamErrorIncoming::Unknown(Box::new(other)),
        })
    }

    fn stop_sending(&mut self, code: u64) {
        self.reading
            .stop(VarInt::from_u64(code).unwrap_or(VarInt::MAX));
    }

    fn recv_id(&self) -> StreamId {
        self.id
    }
}

/// The half that is written.
pub(super) struct Outgoing {
    writing: Writing,
    id: StreamId,
    pending: Option<WriteBuf<Bytes>>,
}

impl quic::SendStream<Bytes> for Outgoing {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamErrorIncoming>> {
        while let Some(pending) = self.pending.as_mut().filter(|left| left.remaining() > 0) {
            let written = ready!(self.writing.poll_write(cx, pending.chunk()));
            pending.advance(written.map_err(|fault| match fault {
                WriteError::Stopped(code) => terminated(code),
                WriteError::ConnectionLost(lost) => lost_within(lost),
                other => StreamErrorIncoming::Unknown(Box::new(other)),
            })?);
        }
        self.pending = None;
        Poll::Ready(Ok(()))
    }

    fn send_data<T: Into<WriteBuf<Bytes>>>(&mut self, data: T) -> Result<(), StreamErrorIncoming> {
        self.pending = Some(data.into());
        Ok(())
    }

    fn poll_finish(&mut self, _: &mut Context<'_>) -> Poll<Result<(), StreamErrorIncoming>> {
        let finished = self.writing.finish();
        Poll::Ready(finished.map_err(|over| StreamErrorIncoming::Unknown(Box::new(over))))
    }

    fn reset(&mut self, code: u64) {
        self.writing
            .reset(VarInt::from_u64(code).unwrap_or(VarInt::MAX));
    }

    fn send_id(&self) -> StreamId {
        self.id
    }
}

/// Both halves, until the library parts them.
pub(super) struct Both {
    send: Outgoing,
    receive: Incoming,
}

impl quic::RecvStream for Both {
    type Buf = Bytes;

    fn poll_data(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, StreamErrorIncoming>> {
        self.receive.poll_data(cx)
    }

    fn stop_sending(&mut self, code: u64) {
        self.receive.stop_sending(code);
    }

    fn recv_id(&self) -> StreamId {
        self.receive.recv_id()
    }
}

impl quic::SendStream<Bytes> for Both {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamErrorIncoming>> {
        self.send.poll_ready(cx)
    }

    fn send_data<T: Into<WriteBuf<Bytes>>>(&mut self, data: T) -> Result<(), StreamErrorIncoming> {
        self.send.send_data(data)
    }

    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamErrorIncoming>> {
        self.send.poll_finish(cx)
    }

    fn reset(&mut self, code: u64) {
        self.send.reset(code);
    }

    fn send_id(&self) -> StreamId {
        self.send.send_id()
    }
}

impl quic::BidiStream<Bytes> for Both {
    type SendStream = Outgoing;
    type RecvStream = Incoming;

    fn split(self) -> (Outgoing, Incoming) {
        (self.send, self.receive)
    }
}

fn id(id: quinn::StreamId) -> Result<StreamId, ConnectionErrorIncoming> {
    let id = u64::from(VarInt::from(id));
    StreamId::try_from(id).map_err(|odd| ConnectionErrorIncoming::InternalError(odd.to_string()))
}

fn terminated(code: VarInt) -> StreamErrorIncoming {
    StreamErrorIncoming::StreamTerminated {
        error_code: code.into_inner(),
    }
}

fn lost_within(lost: quinn::ConnectionError) -> StreamErrorIncoming {
    StreamErrorIncoming::ConnectionErrorIncoming {
        connection_error: connection_error(lost),
    }
}

fn connection_error(lost: quinn::ConnectionError) -> ConnectionErrorIncoming {
    match lost {
        quinn::ConnectionError::ApplicationClosed(close) => {
            ConnectionErrorIncoming::ApplicationClose {
                error_code: close.error_code.into_inner(),
            }
        }
        quinn::ConnectionError::TimedOut => ConnectionErrorIncoming::Timeout,
        other => ConnectionErrorIncoming::Undefined(std::sync::Arc::new(other)),
    }
}
