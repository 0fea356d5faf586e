//! One stream from its hello to its end. Knows bytes in and bytes out, and no socket.

use std::collections::{BTreeMap, VecDeque};
use std::pin::pin;
use std::time::{Duration, Instant};

use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Sleep;

use super::{Answered, Call};
use crate::client::limits::{CONNECT_MS_MAX, SILENCE_MS_MAX};
use crate::client::line::Trouble;
use crate::client::token::Token;
use crate::client::verdict::ErrorCode;
use crate::clock::Clock;
use crate::domain::time::UnixSeconds;
use crate::wire::frame::{self, FrameReader, Hello, Kind, RawFrame, Reason, Told};

/// What the gateway is told of the asking program.
const AGENT: &str = concat!("dialgate-client/", env!("CARGO_PKG_VERSION"));
/// Bytes read at once.
const READ_BYTES: usize = 64 * 1024;
/// Bytes waiting to be sent over which nothing more is taken.
const UNSENT_BYTES_MAX: usize = 256 * 1024;
/// Where the correlation number stands in a header.
const CORRELATION: std::ops::Range<usize> = 8..16;

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Nobody can ask any more, or the gateway drained it.
    Done,
    /// It broke.
    Broken,
    /// It was never welcomed.
    NotWelcome,
    /// An answer came that nobody waits for.
    Stray,
    /// The gateway said what it must not.
    Faulty(Reason),
}

struct Waiting {
    intents: usize,
    reply: oneshot::Sender<Result<Answered, Trouble>>,
}

/// What is known of a stream.
pub(super) struct Session {
    clock: Clock,
    window: usize,
    under_way: usize,
    next: u64,
    waiting: BTreeMap<u64, Waiting>,
    unsent: BytesMut,
    token: Option<Token>,
    /// Hellos that wait for their welcome, and when they were said.
    hellos: VecDeque<(u64, Instant)>,
    /// The gateway's time by its first welcome, and when the hello for it was said.
    told_time: Option<(UnixSeconds, Instant)>,
    draining: bool,
}

impl Session {
    pub(super) fn new(window: usize, clock: Clock) -> Self {
        Self {
            clock,
            window,
            under_way: 0,
            next: 1,
            waiting: BTreeMap::new(),
            unsent: BytesMut::new(),
            token: None,
            hellos: VecDeque::new(),
            told_time: None,
            draining: false,
        }
    }

    /// Says hello, puts `first` and then what comes, until the end. `stood` hears of the first
    /// welcome. What is under way at the end is told so.
    pub(super) async fn run<R, W>(
        mut self,
        (mut reader, mut writer): (R, W),
        first: Call,
        calls: &mut mpsc::Receiver<Call>,
        stood: impl Fn(),
    ) -> Ended
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        self.take(first);
        let mut frames = FrameReader::default();
        let mut piece = BytesMut::new();
        let mut silence = pin!(tokio::time::sleep(Duration::from_millis(CONNECT_MS_MAX)));
        let ended = loop {
            if self.draining && self.waiting.is_empty() {
                break Ended::Done;
            }
            let takes = !self.draining
                && self.under_way < self.window
                && self.unsent.len() < UNSENT_BYTES_MAX;
            piece.reserve(READ_BYTES);
            tokio::select! {
                sent = writer.write(&self.unsent), if !self.unsent.is_empty() => match sent {
                    Ok(count) if count > 0 => self.unsent.advance(count),
                    _ => break Ended::Broken,
                },
                read = reader.read_buf(&mut piece) => {
                    if !read.is_ok_and(|count| count > 0) {
                        break Ended::Broken;
                    }
                    restart(silence.as_mut());
                    let was_welcome = self.told_time.is_some();
                    frames.take(piece.split().freeze());
                    if let Err(ended) = self.hear(&mut frames) {
                        break ended;
                    }
                    if !was_welcome && self.told_time.is_some() {
                        stood();
                    }
                }
                call = calls.recv(), if takes => match call {
                    Some(call) => {
                        if self.waiting.is_empty() && self.told_time.is_some() {
                            restart(silence.as_mut());
                        }
                        self.take(call);
                    }
                    None => break Ended::Done,
                },
                () = silence.as_mut(), if !self.waiting.is_empty() => break Ended::Broken,
            }
        };
        let ended = match ended {
            Ended::Broken if self.told_time.is_none() => Ended::NotWelcome,
            ended => ended,
        };
        self.give_up(ended);
        ended
    }

    /// Puts a call among what is to be sent, behind a hello where its token is another one.
    fn take(&mut self, call: Call) {
        if call.reply.is_closed() {
            return;
        }
        if !self.token.as_ref().is_some_and(|held| held.is(&call.token)) {
            self.greet(&call.token);
        }
        let (number, start) = (self.number(), self.unsent.len());
        self.unsent.extend_from_slice(&call.frame);
        let place = start + CORRELATION.start..start + CORRELATION.end;
        if let Some(place) = self.unsent.get_mut(place) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        self.under_way += call.intents;
        let waiting = Waiting {
            intents: call.intents,
            reply: call.reply,
        };
        self.waiting.insert(number, waiting);
    }

    fn greet(&mut self, token: &Token) {
        let number = self.number();
        let hello = Hello {
            token: token.as_str().into(),
            agent: AGENT.into(),
        };
        let mut out = Vec::new();
        // A token that was taken from its source fits.
        if frame::push(&mut out, Kind::Hello, number, &hello) {
            self.unsent.extend_from_slice(&out);
            self.token = Some(token.clone());
            self.hellos.push_back((number, self.clock.instant()));
        }
    }

    fn number(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        number
    }

    /// Gives every whole frame to whoever waits for it.
    fn hear(&mut self, frames: &mut FrameReader) -> Result<(), Ended> {
        loop {
            match frames.next_frame() {
                Ok(Some(frame)) => self.heard(frame)?,
                Ok(None) => return Ok(()),
                Err((reason, _)) => return Err(Ended::Faulty(reason)),
            }
        }
    }

    fn heard(&mut self, frame: RawFrame) -> Result<(), Ended> {
        let number = frame.header.correlation;
        match Told::open(&frame) {
            Ok(Told::Welcome(told)) => {
                self.welcomed(number, told.window.to_native(), told.now.to_native())
            }
            Ok(Told::Drain(_)) => {
                self.draining = true;
                Ok(())
            }
            Ok(Told::Error(told)) => self.told_off(number, &told.code),
            Ok(Told::Pong) => Ok(()),
            Ok(told @ (Told::Decision(_) | Told::Decisions(_) | Told::Reported(_))) => {
                if has_lapsed(&told) {
                    // Whoever asks next says hello first, be it with the same token.
                    self.token = None;
                }
                let at = self.gateway_time();
                self.answer(number, Ok(Answered { frame, at }))
            }
            Err(reason) => Err(Ended::Faulty(reason)),
        }
    }

    fn welcomed(&mut self, number: u64, window: u32, now: i64) -> Result<(), Ended> {
        let said = match self.hellos.pop_front() {
            Some((hello, said)) if hello == number => said,
            _ => return Err(Ended::Stray),
        };
        let window = usize::try_from(window).unwrap_or(usize::MAX).max(1);
        self.window = self.window.min(window);
        self.told_time.get_or_insert((UnixSeconds(now), said));
        Ok(())
    }

    /// The gateway's time at the latest: what it said, and as much as has run since it was asked.
    fn gateway_time(&self) -> Option<UnixSeconds> {
        let (at, asked) = self.told_time?;
        let ran = self.clock.instant().saturating_duration_since(asked);
        let seconds = i64::try_from(ran.as_secs()).unwrap_or(i64::MAX);
        Some(at.plus(seconds.saturating_add(1)))
    }

    fn told_off(&mut self, number: u64, code: &str) -> Result<(), Ended> {
        let code = ErrorCode::read(code);
        if self.hellos.iter().any(|(hello, _)| *hello == number) {
            // Every question behind it goes unread.
            while let Some((_, waiting)) = self.waiting.pop_first() {
                let refused = Trouble::Refused(code.clone());
                let _gone = waiting.reply.send(Err(refused));
            }
            self.under_way = 0;
            return Err(Ended::Broken);
        }
        if number == 0 {
            return Err(Ended::Broken);
        }
        self.answer(number, Err(Trouble::Told(code)))
    }

    /// An answer nobody waits for is about something else than was asked: nothing more on this
    /// stream is believed.
    fn answer(&mut self, number: u64, answered: Result<Answered, Trouble>) -> Result<(), Ended> {
        let Some(waiting) = self.waiting.remove(&number) else {
            return Err(Ended::Stray);
        };
        self.under_way = self.under_way.saturating_sub(waiting.intents);
        // Whoever has given up does not hear it.
        let _gone = waiting.reply.send(answered);
        Ok(())
    }

    fn give_up(&mut self, ended: Ended) {
        while let Some((_, waiting)) = self.waiting.pop_first() {
            let trouble = match ended {
                Ended::Stray => Trouble::Mismatch,
                Ended::Faulty(_) => Trouble::Garbled,
                Ended::NotWelcome => Trouble::Unreachable,
                Ended::Done | Ended::Broken => Trouble::Disconnected,
            };
            let _gone = waiting.reply.send(Err(trouble));
        }
    }
}

/// Whether the gateway says that the credential has ended.
fn has_lapsed(told: &Told<'_>) -> bool {
    let decision = match told {
        Told::Decision(decision) => Some(*decision),
        Told::Decisions(all) => all.decisions.first(),
        _ => None,
    };
    let error = decision.and_then(|decision| decision.error.as_ref());
    error.is_some_and(|error| error.code.eq_ignore_ascii_case("token_expired"))
}

fn restart(timer: std::pin::Pin<&mut Sleep>) {
    let end = tokio::time::Instant::now() + Duration::from_millis(SILENCE_MS_MAX);
    timer.reset(end);
}
