//! A stream under way: lines in, slices under way, answers out in the order of the lines.

use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::Body as _;

use super::lane::{Ended, Lane};
use super::silence::Silence;
use crate::transport::body::RequestBody;
use crate::transport::watch::Watch;
use crate::wire::limits::{GATE_BODY_BYTES_MAX, STREAM_SLICES_MAX, STREAM_WRITE_BYTES};
use crate::wire::lines::LineSplitter;

/// The answer of a stream, as hyper asks for it.
pub(in crate::transport) struct Lines {
    session: Box<dyn Answering>,
    watch: Rc<Watch>,
    /// Its number on the connection.
    answer: u64,
    /// The client has a window of its own: whether it takes what it is given shows here.
    is_stream: bool,
}

impl Lines {
    pub(super) fn new(session: Box<dyn Answering>, watch: &Rc<Watch>, is_stream: bool) -> Self {
        Self {
            session,
            answer: watch.ending().enter(),
            watch: Rc::clone(watch),
            is_stream,
        }
    }

    /// The next answers; `None` when there will be none.
    pub(in crate::transport) fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.is_stream {
            self.watch.wrote_some();
        }
        if self.watch.ending().is_over(self.answer, cx) {
            self.session.stop_reading();
        }
        let watch = Rc::clone(&self.watch);
        let piece = self.session.poll_answers(&|| watch.now(), cx);
        if self.is_stream && matches!(piece, Poll::Ready(Some(_))) {
            self.watch.write_blocked();
        }
        piece
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.watch.ending().leave(self.answer);
        // The connection waits for its next request again.
        self.watch.end_request(self.watch.now());
    }
}

/// A session, whatever its lines are about.
pub(super) trait Answering {
    /// Lets nothing further come in; what was read is answered.
    fn stop_reading(&mut self);

    /// The next answers; `None` when there will be none.
    fn poll_answers(
        &mut self,
        now: &dyn Fn() -> Instant,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Bytes>>;
}

/// Answers of a slice, there or to come.
enum Answers {
    ToCome(Pin<Box<dyn Future<Output = Vec<u8>>>>),
    There(Vec<u8>),
}

/// A slice about to be opened.
type Opening<S> = Pin<Box<dyn Future<Output = Result<S, Ended>>>>;

/// A slice that is being filled.
struct Gathering<S> {
    slice: S,
    lines: usize,
    /// Whoever brings bytes was given another chance since the last line.
    yielded: bool,
}

/// How far taking up lines came.
enum Step {
    /// A slice is under way; there may be more.
    Submitted,
    /// For lines, for a turn, for room.
    Waits,
    /// No line will come.
    Over,
}

/// A stream of one kind.
pub(super) struct Session<L: Lane> {
    lane: Rc<L>,
    /// `None` once nothing more is read.
    body: Option<RequestBody>,
    splitter: LineSplitter,
    opening: Option<Opening<L::Slice>>,
    gathering: Option<Gathering<L::Slice>>,
    /// Slices in order, with their lines.
    under_way: VecDeque<(usize, Answers)>,
    lines_under_way: usize,
    out: Vec<u8>,
    silence: Silence,
    /// Lines that had ended when the silence was last looked at.
    ended: u64,
}

impl<L: Lane> Session<L> {
    /// A stream that begins `now` with a piece that may have come already, and that may be silent for
    /// `idle`.
    pub(super) fn new(
        lane: L,
        (first, body): (Option<Bytes>, RequestBody),
        now: Instant,
        idle: Duration,
    ) -> Self {
        let mut splitter = LineSplitter::new(GATE_BODY_BYTES_MAX);
        splitter.feed(first.unwrap_or_default());
        Self {
            lane: Rc::new(lane),
            body: Some(body),
            splitter,
            opening: None,
            gathering: None,
            under_way: VecDeque::new(),
            lines_under_way: 0,
            out: Vec::new(),
            silence: Silence::new(now, idle),
            ended: 0,
        }
    }

    /// Whether there is a line; `false` when none will come.
    fn poll_line(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        loop {
            if self.splitter.has_line() {
                return Poll::Ready(true);
            }
            let Some(body) = &mut self.body else {
                return Poll::Ready(false);
            };
            match Pin::new(body).poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(piece) = frame.into_data() {
                        self.splitter.feed(piece);
                    }
                }
                Poll::Ready(None) => {
                    self.body = None;
                    // A last line needs no end of its own.
                    self.splitter.feed(Bytes::from_static(b"\n"));
                }
                // Broken off: what there is of a line may not be all of it.
                Poll::Ready(Some(Err(_broken))) => self.body = None,
            }
        }
    }

    /// Whether another slice may be taken up.
    fn has_room(&self) -> bool {
        self.lines_under_way < L::WINDOW && self.under_way.len() < STREAM_SLICES_MAX
    }

    /// Takes up to a slice of lines up.
    fn take_up(&mut self, now: &dyn Fn() -> Instant, cx: &mut Context<'_>) -> Step {
        if self.opening.is_none() && self.gathering.is_none() {
            if !self.has_room() {
                return Step::Waits;
            }
            match self.poll_line(cx) {
                Poll::Pending => return Step::Waits,
                Poll::Ready(false) => return Step::Over,
                Poll::Ready(true) => {}
            }
            self.silence.broken(now());
            self.opening = Some(Box::pin(self.lane.open()));
        }
        if let Some(opening) = &mut self.opening {
            let Poll::Ready(opened) = opening.as_mut().poll(cx) else {
                return Step::Waits;
            };
            self.opening = None;
            match opened {
                Ok(slice) => {
                    self.gathering = Some(Gathering {
                        slice,
                        lines: 0,
                        yielded: false,
                    });
                }
                Err(Ended) => return self.end(),
            }
        }
        self.gather(cx)
    }

    /// Fills the slice, for as long as lines come without being waited for.
    fn gather(&mut self, cx: &mut Context<'_>) -> Step {
        let Some(mut filling) = self.gathering.take() else {
            return Step::Waits;
        };
        let room = L::WINDOW.saturating_sub(self.lines_under_way).max(1);
        let room = room.min(L::slice_max(&filling.slice));
        while filling.lines < room {
            match self.poll_line(cx) {
                Poll::Ready(false) => break,
                Poll::Ready(true) => {
                    let Some(line) = self.splitter.next_line() else {
                        break;
                    };
                    self.lane.take(&mut filling.slice, line);
                    filling.lines += 1;
                    filling.yielded = false;
                }
                Poll::Pending if filling.yielded => break,
                Poll::Pending => {
                    // HTTP/1.1 hands over a piece a poll, though more may have come.
                    filling.yielded = true;
                    self.gathering = Some(filling);
                    cx.waker().wake_by_ref();
                    return Step::Waits;
                }
            }
        }
        let answers = Box::pin(self.lane.answers(filling.slice));
        self.lines_under_way += filling.lines;
        let to_come = (filling.lines, Answers::ToCome(answers));
        self.under_way.push_back(to_come);
        Step::Submitted
    }

    /// The credential has ended: the line at hand is told so, and is the last.
    fn end(&mut self) -> Step {
        if let Some(line) = self.splitter.next_line() {
            let answer = Answers::There(self.lane.ended(line.number));
            self.lines_under_way += 1;
            self.under_way.push_back((1, answer));
        }
        self.body = None;
        self.splitter = LineSplitter::new(0);
        Step::Submitted
    }

    /// Drives what is under way, in order, and puts out what is there.
    fn tell(&mut self, cx: &mut Context<'_>) {
        for (_lines, answers) in &mut self.under_way {
            if let Answers::ToCome(to_come) = answers
                && let Poll::Ready(there) = to_come.as_mut().poll(cx)
            {
                *answers = Answers::There(there);
            }
        }
        while self.out.len() < STREAM_WRITE_BYTES
            && let Some((lines, Answers::There(there))) = self.under_way.front_mut()
        {
            self.lines_under_way -= *lines;
            if self.out.is_empty() {
                self.out = std::mem::take(there);
            } else {
                self.out.append(there);
            }
            self.under_way.pop_front();
        }
    }

    fn put_out(&mut self) -> Option<Bytes> {
        let out = std::mem::take(&mut self.out);
        (!out.is_empty()).then(|| Bytes::from(out))
    }
}

impl<L: Lane> Answering for Session<L> {
    fn stop_reading(&mut self) {
        self.body = None;
    }

    fn poll_answers(
        &mut self,
        now: &dyn Fn() -> Instant,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Bytes>> {
        self.tell(cx);
        if self.out.len() >= STREAM_WRITE_BYTES {
            return Poll::Ready(self.put_out());
        }
        let over = match self.take_up(now, cx) {
            Step::Submitted => {
                self.tell(cx);
                // Reading is work: let the requests of this thread in between.
                cx.waker().wake_by_ref();
                false
            }
            Step::Waits if self.under_way.is_empty() && self.body.is_some() => {
                // A blank line is no work, and a sign of life all the same.
                let ended = self.splitter.ended();
                if !self.out.is_empty() || ended != self.ended {
                    self.ended = ended;
                    self.silence.broken(now());
                }
                let silent = self.silence.is_over(now, cx);
                if silent && self.opening.is_none() && self.gathering.is_none() {
                    self.body = None;
                    true
                } else {
                    false
                }
            }
            Step::Waits => false,
            Step::Over => self.under_way.is_empty(),
        };
        match self.put_out() {
            Some(piece) => Poll::Ready(Some(piece)),
            None if over => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}
