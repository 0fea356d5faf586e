//! One stream, from its hello to its end.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use quinn::{Connection, RecvStream, SendStream};
use tokio::time::Sleep;

use super::asked::Gathered;
use super::deeds::Deeds;
use super::hello::{Greeting, Who};
use super::mouth::Mouth;
use super::{answers, number};
use crate::gateway::door::Door;
use crate::transport::drain::Present;
use crate::transport::quic::acknowledged;
use crate::transport::serve::House;
use crate::wire::frame::{self, Act, Drain, FrameReader, Kind, RawFrame, Reason, Said, Talk};

/// Pieces of a stream that are fetched at once.
const PIECES_MAX: usize = 32;
/// Frames that are heard before the thread's other tasks have their turn.
const FRAMES_IN_A_ROW_MAX: usize = 512;

/// The client is gone, or takes nothing: nobody is left to be told.
struct Gone;

/// A stream's session.
pub(super) struct Session<G: Door> {
    pub(super) house: Rc<House<G>>,
    connection: Connection,
    pub(super) recv: RecvStream,
    pub(super) mouth: Mouth,
    pieces: VecDeque<Bytes>,
    reader: FrameReader,
    /// What was read behind a slice that waits for its turn, and is taken behind it.
    held: Option<RawFrame>,
    pub(super) talk: Talk,
    pub(super) who: Option<Who>,
    pub(super) greeting: Option<Greeting>,
    pub(super) gathered: Gathered,
    pub(super) deeds: Deeds,
    /// The client has said everything.
    ended: bool,
    /// When this poll began: one look at the clock for all that came together.
    pub(super) now: Instant,
    /// Since when nothing was asked, and since when the client takes no answer.
    quiet_since: Instant,
    blocked_since: Option<Instant>,
}

impl<G: Door> Session<G> {
    pub(super) fn new(
        house: Rc<House<G>>,
        connection: Connection,
        (send, recv): (SendStream, RecvStream),
    ) -> Self {
        let now = house.gateway.instant();
        Self {
            house,
            connection,
            recv,
            mouth: Mouth::new(send),
            pieces: VecDeque::with_capacity(PIECES_MAX),
            reader: FrameReader::default(),
            held: None,
            talk: Talk::default(),
            who: None,
            greeting: None,
            gathered: Gathered::default(),
            deeds: Deeds::default(),
            ended: false,
            now,
            quiet_since: now,
            blocked_since: None,
        }
    }

    /// Serves the stream to its end. Dropped, what was put to the gate stands and nobody hears of it.
    pub(super) async fn run(mut self, present: &Present) {
        let tick = self.house.limits.options.tick();
        let mut timer = pin!(tokio::time::sleep(tick));
        let (mut known, mut told) = (false, false);
        let spoken = poll_fn(|cx| {
            if !known {
                present.wake_with(cx.waker());
                known = true;
            }
            if present.closing() && !told {
                told = true;
                self.drain();
            }
            self.poll(cx, timer.as_mut())
        })
        .await;
        if spoken.is_ok() {
            let timeout = self.house.limits.options.write_timeout;
            let said = self.mouth.finish();
            let heard = acknowledged(&self.connection, || present.closing(), said);
            // Late or not, it is over.
            drop(tokio::time::timeout(timeout, heard).await);
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>, mut timer: Pin<&mut Sleep>) -> Poll<Result<(), Gone>> {
        self.now = self.house.gateway.instant();
        while timer.as_mut().poll(cx).is_ready() {
            self.look_at_limits()?;
            let next = timer.deadline() + self.house.limits.options.tick();
            timer.as_mut().reset(next);
        }
        let mut frames = 0;
        loop {
            self.hear_of_greeting(cx);
            self.hear_of_turn(cx);
            while let Poll::Ready(done) = self.deeds.poll_done(cx, &mut self.talk) {
                answers::push(&mut self.mouth.out, &*self.house.gateway, done);
                self.quiet_since = self.now;
            }
            self.write(cx)?;
            let heard = self.listen(cx)?;
            if self.is_over() {
                return Poll::Ready(Ok(()));
            }
            if heard == 0 {
                return Poll::Pending;
            }
            self.quiet_since = self.now;
            frames += heard;
            if frames >= FRAMES_IN_A_ROW_MAX {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
    }

    fn write(&mut self, cx: &mut Context<'_>) -> Result<(), Gone> {
        match self.mouth.poll_write(cx) {
            Poll::Ready(Err(_gone)) => return Err(Gone),
            Poll::Ready(Ok(())) | Poll::Pending => {}
        }
        if self.mouth.is_blocked() {
            self.blocked_since.get_or_insert(self.now);
        } else {
            self.blocked_since = None;
        }
        Ok(())
    }

    /// Whether nothing is to be said any more.
    fn is_over(&self) -> bool {
        let silent = self.ended || !self.talk.listens();
        silent
            && self.greeting.is_none()
            && self.gathered.is_empty()
            && self.deeds.is_empty()
            && self.mouth.is_empty()
    }

    /// Whether another frame is taken now.
    fn takes(&self) -> bool {
        self.talk.takes()
            && !self.ended
            && !self.gathered.waits()
            && self.deeds.has_room()
            && self.mouth.has_room()
    }

    /// Hears what has come, and puts it to the gate; how many frames it was, a fault or the end
    /// counted as one: there is something to write, or to begin, then.
    fn listen(&mut self, cx: &mut Context<'_>) -> Result<usize, Gone> {
        let mut heard = 0;
        while self.takes() && heard < FRAMES_IN_A_ROW_MAX {
            match self.next_frame() {
                Ok(Some(frame)) => {
                    // Before it, so that what came before is asked before.
                    if !matches!(frame.header.kind, Kind::Intent | Kind::Ping) {
                        self.ask();
                    }
                    if self.gathered.waits() {
                        self.held = Some(frame);
                        break;
                    }
                    heard += 1;
                    if let Err(reason) = self.hear(&frame) {
                        self.fail(reason, frame.header.correlation);
                    }
                }
                Err((reason, correlation)) => {
                    heard += 1;
                    self.fail(reason, correlation);
                }
                Ok(None) => match self.poll_piece(cx) {
                    Poll::Ready(Ok(Some(piece))) => self.reader.take(piece),
                    Poll::Ready(Ok(None)) => {
                        heard += 1;
                        self.hear_the_end();
                    }
                    Poll::Ready(Err(gone)) => return Err(gone),
                    Poll::Pending => break,
                },
            }
        }
        self.ask();
        // Whoever waits for its turn is to be woken; whose turn has come has something to begin.
        Ok(heard + usize::from(self.hear_of_turn(cx)))
    }

    fn next_frame(&mut self) -> Result<Option<RawFrame>, (Reason, u64)> {
        let held = self.held.take().map(|frame| Ok(Some(frame)));
        held.unwrap_or_else(|| self.reader.next_frame())
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Gone>> {
        if let Some(piece) = self.pieces.pop_front() {
            return Poll::Ready(Ok(Some(piece)));
        }
        let mut pieces = [const { Bytes::new() }; PIECES_MAX];
        let read = pin!(self.recv.read_chunks(&mut pieces)).poll(cx);
        match ready!(read) {
            Ok(Some(count)) => {
                self.pieces.extend(pieces.into_iter().take(count));
                Poll::Ready(Ok(self.pieces.pop_front()))
            }
            Ok(None) => Poll::Ready(Ok(None)),
            Err(_gone) => Poll::Ready(Err(Gone)),
        }
    }

    fn hear_the_end(&mut self) {
        self.ended = true;
        if !self.reader.at_boundary() {
            self.fail(Reason::Truncated, 0);
        }
    }

    fn hear(&mut self, frame: &RawFrame) -> Result<(), Reason> {
        let (header, act) = (frame.header, self.talk.hear(&frame.header)?);
        match (act, Said::open(frame)?) {
            (Act::Greet, Said::Hello(hello)) => self.greet(header, hello),
            (Act::Decide | Act::Lapsed, Said::Intent(payload)) => {
                self.intent(header, payload, act)?;
            }
            (Act::Decide | Act::Lapsed, Said::Intents(batch)) => self.batch(header, batch, act)?,
            (Act::Report, Said::Disposition(said)) => {
                self.report(header, Bytes::copy_from_slice(&said.body));
            }
            (Act::Pong, Said::Ping) => {
                frame::push_empty(&mut self.mouth.out, Kind::Pong, header.correlation);
            }
            (Act::Drop, _) => {}
            _ => return Err(Reason::Internal),
        }
        Ok(())
    }

    /// A fault: nothing more is read; what was taken is still answered (FRAMES-4).
    fn fail(&mut self, reason: Reason, correlation: u64) {
        self.talk.close();
        self.mouth.say_error(correlation, &reason.into());
        drop(self.recv.stop(number(reason)));
    }

    /// The house is closing: nothing more is read; what was taken is still answered (FRAMES-4).
    fn drain(&mut self) {
        if self.talk.drain() {
            let why = Drain {
                why: Reason::Draining.as_str().into(),
            };
            let _fits = frame::push(&mut self.mouth.out, Kind::Drain, 0, &why);
        }
        drop(self.recv.stop(number(Reason::Draining)));
    }

    /// Looks whose time is up.
    fn look_at_limits(&mut self) -> Result<(), Gone> {
        let options = &self.house.limits.options;
        let over = |since: Instant, bound| self.now.saturating_duration_since(since) >= bound;
        if self
            .blocked_since
            .is_some_and(|since| over(since, options.write_timeout))
        {
            self.mouth.reset(Reason::WriteTimeout);
            drop(self.recv.stop(number(Reason::WriteTimeout)));
            return Err(Gone);
        }
        if !self.talk.listens() || !self.deeds.is_empty() || self.gathered.waits() {
            return Ok(());
        }
        let (bound, reason) = if self.talk.is_new() {
            (options.header_timeout, Reason::HelloTimeout)
        } else {
            (options.idle_timeout, Reason::IdleTimeout)
        };
        if over(self.quiet_since, bound) && self.blocked_since.is_none() {
            self.fail(reason, 0);
        }
        Ok(())
    }
}
