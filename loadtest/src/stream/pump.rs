//! One connection that keeps a window of questions under way: writes while it may, reads what has come.
//!
//! Reading and writing go on in one poll, so neither a full send buffer nor a slow answer stops the other.
//! The clock is read once for what goes out together and once for what comes in together, which keeps the
//! client cheap; a latency runs from the composing of a question to the reading of its answer.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::schedule::Schedule;
use crate::clock;
use crate::drive::tally::Tally;

/// Bytes read at once.
const READ_BYTES: usize = 64 * 1024;
/// Most bytes composed and not yet taken by the transport.
const OUT_BYTES_MAX: usize = 256 * 1024;
/// Questions under way at most.
pub(super) const WINDOW_MAX: usize = 4_096;
/// How long after its end a window may still take before it counts as stuck.
const OVERRUN_MAX: Duration = Duration::from_secs(10);

/// What is spoken on a connection.
pub(super) trait Speech {
    /// Begins what goes out together.
    fn begin(&mut self, out: &mut Vec<u8>);
    /// Adds the next question; its answer will name `slot`.
    fn ask(&mut self, slot: u32, out: &mut Vec<u8>);
    /// Ends what goes out together.
    fn end(&mut self, out: &mut Vec<u8>);
    /// Takes bytes that came, and calls `each` for every answer that is whole now.
    fn hear(&mut self, bytes: &[u8], each: &mut dyn FnMut(Heard<'_>)) -> anyhow::Result<()>;
}

/// One answer.
pub(super) struct Heard<'a> {
    /// The slot of its question.
    pub(super) slot: u32,
    /// Its bytes.
    pub(super) bytes: usize,
    /// What it says.
    pub(super) says: Says<'a>,
}

/// What an answer says.
pub(super) enum Says<'a> {
    /// A bare server's: nothing.
    Nothing,
    /// ALLOW.
    Allow,
    /// BLOCK by these gates.
    Block(&'a str),
    /// What the body of an answer over HTTP says.
    Json(&'a [u8]),
    /// No decision.
    Fault(String),
}

/// The questions under way.
struct Slots {
    sent: Vec<Option<Instant>>,
    free: Vec<u32>,
}

impl Slots {
    fn new(window: usize) -> Self {
        let window = u32::try_from(window.clamp(1, WINDOW_MAX)).unwrap_or(1);
        Self {
            sent: vec![None; window as usize],
            free: (0..window).rev().collect(),
        }
    }

    fn take(&mut self, now: Instant) -> Option<u32> {
        let slot = self.free.pop()?;
        if let Some(place) = self.sent.get_mut(slot as usize) {
            *place = Some(now);
        }
        Some(slot)
    }

    /// When the question of `slot` was sent; `None` if none was under way.
    fn done(&mut self, slot: u32) -> Option<Instant> {
        let sent = self.sent.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        Some(sent)
    }

    fn are_all_free(&self) -> bool {
        self.free.len() == self.sent.len()
    }
}

/// A connection, what it speaks, and its questions under way.
pub(super) struct Pump<S, R, W> {
    speech: S,
    reader: R,
    writer: W,
    slots: Slots,
    out: Vec<u8>,
    written: usize,
    buffer: Box<[u8]>,
}

impl<S: Speech, R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Pump<S, R, W> {
    /// Of a connection that is ready for questions.
    pub(super) fn new(speech: S, (reader, writer): (R, W), window: usize) -> Self {
        Self {
            speech,
            reader,
            writer,
            slots: Slots::new(window),
            out: Vec::with_capacity(READ_BYTES),
            written: 0,
            buffer: vec![0; READ_BYTES].into_boxed_slice(),
        }
    }

    /// Asks until `span` has passed or `most` questions went out, and waits for the last answer.
    /// Cancelling it abandons the connection.
    ///
    /// # Errors
    /// The connection broke, something was no answer, or the last one did not come in time.
    pub(super) async fn run(&mut self, span: Duration, most: u64) -> anyhow::Result<Tally> {
        let (mut tally, end) = (Tally::new()?, clock::now() + span);
        let mut left = most;
        let work = poll_fn(|cx| self.poll(cx, &mut tally, (end, &mut left)));
        tokio::time::timeout(span + OVERRUN_MAX, work)
            .await
            .context("a window did not end in time")??;
        Ok(tally)
    }

    /// Asks `rate` times a second for `span`, as far as the window permits, and waits for the last answer. A
    /// latency runs from the instant a question was due. Cancelling it abandons the connection.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub(super) async fn run_at(&mut self, rate: f64, span: Duration) -> anyhow::Result<Tally> {
        let (mut tally, mut schedule) = (Tally::new()?, Schedule::new(rate, span)?);
        let work = poll_fn(|cx| self.poll_at(cx, &mut tally, &mut schedule));
        tokio::time::timeout(span + OVERRUN_MAX, work)
            .await
            .context("a window did not end in time")??;
        Ok(tally)
    }

    fn poll_at(
        &mut self,
        cx: &mut Context<'_>,
        tally: &mut Tally,
        schedule: &mut Schedule,
    ) -> Poll<anyhow::Result<()>> {
        loop {
            let step = self.poll_hear(cx, tally).and_then(|heard| {
                schedule.poll(cx, tally)?;
                self.compose_due(schedule);
                Ok(heard | self.poll_tell(cx)?)
            });
            match step {
                Err(error) => return Poll::Ready(Err(error)),
                Ok(_) if schedule.is_over() && self.slots.are_all_free() => {
                    return Poll::Ready(Ok(()));
                }
                Ok(true) => {}
                Ok(false) => return Poll::Pending,
            }
        }
    }

    /// Asks what is due.
    fn compose_due(&mut self, schedule: &mut Schedule) {
        while !self.slots.free.is_empty() && self.out.len() <= OUT_BYTES_MAX {
            let Some(due) = schedule.take() else {
                return;
            };
            if let Some(slot) = self.slots.take(due) {
                self.speech.begin(&mut self.out);
                self.speech.ask(slot, &mut self.out);
                self.speech.end(&mut self.out);
            }
        }
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        tally: &mut Tally,
        (end, left): (Instant, &mut u64),
    ) -> Poll<anyhow::Result<()>> {
        loop {
            let heard = match self.poll_hear(cx, tally) {
                Ok(heard) => heard,
                Err(error) => return Poll::Ready(Err(error)),
            };
            let now = clock::now();
            if now < end && *left > 0 {
                self.compose(now, left);
            } else if self.slots.are_all_free() {
                return Poll::Ready(Ok(()));
            }
            let told = match self.poll_tell(cx) {
                Ok(told) => told,
                Err(error) => return Poll::Ready(Err(error)),
            };
            if !heard && !told {
                return Poll::Pending;
            }
        }
    }

    /// Fills the window.
    fn compose(&mut self, now: Instant, left: &mut u64) {
        if self.slots.free.is_empty() || self.out.len() > OUT_BYTES_MAX {
            return;
        }
        self.speech.begin(&mut self.out);
        while *left > 0
            && let Some(slot) = self.slots.take(now)
        {
            self.speech.ask(slot, &mut self.out);
            *left -= 1;
        }
        self.speech.end(&mut self.out);
    }

    /// Whether anything went out.
    fn poll_tell(&mut self, cx: &mut Context<'_>) -> anyhow::Result<bool> {
        let rest = self.out.get(self.written..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(false);
        }
        match Pin::new(&mut self.writer).poll_write(cx, rest) {
            Poll::Pending => Ok(false),
            Poll::Ready(Ok(0)) => bail!("the server takes no more"),
            Poll::Ready(written) => {
                self.written += written?;
                if self.written == self.out.len() {
                    self.out.clear();
                    self.written = 0;
                    // What buffers (TLS) is to send now; it goes on by itself when it cannot.
                    if let Poll::Ready(flushed) = Pin::new(&mut self.writer).poll_flush(cx) {
                        flushed?;
                    }
                }
                Ok(true)
            }
        }
    }

    /// Whether anything came in.
    fn poll_hear(&mut self, cx: &mut Context<'_>, tally: &mut Tally) -> anyhow::Result<bool> {
        let mut buffer = ReadBuf::new(&mut self.buffer);
        match Pin::new(&mut self.reader).poll_read(cx, &mut buffer) {
            Poll::Pending => return Ok(false),
            Poll::Ready(read) => read?,
        }
        let bytes = buffer.filled();
        if bytes.is_empty() {
            bail!("the server closed the connection");
        }
        let (now, slots, mut strange) = (clock::now(), &mut self.slots, false);
        self.speech
            .hear(bytes, &mut |heard| match slots.done(heard.slot) {
                Some(sent) => count(tally, &heard, clock::nanos(now.duration_since(sent))),
                None => strange = true,
            })?;
        if strange {
            bail!("an answer to nothing that was asked");
        }
        Ok(true)
    }
}

fn count(tally: &mut Tally, heard: &Heard<'_>, nanos: u64) {
    match &heard.says {
        Says::Nothing => tally.echoed(heard.bytes, nanos),
        Says::Allow => tally.decided(None, heard.bytes, nanos),
        Says::Block(gates) => tally.decided(Some(gates.as_bytes()), heard.bytes, nanos),
        Says::Json(body) => tally.body(200, body, nanos),
        Says::Fault(words) => tally.fault(|| words.clone()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, split};

    use super::{Heard, Pump, Says, Slots, Speech};
    use crate::clock;

    /// A byte a question, the slot; the answer is the same byte.
    struct Bytes;

    impl Speech for Bytes {
        fn begin(&mut self, _out: &mut Vec<u8>) {}
        fn ask(&mut self, slot: u32, out: &mut Vec<u8>) {
            out.push(u8::try_from(slot).unwrap());
        }
        fn end(&mut self, _out: &mut Vec<u8>) {}
        fn hear(&mut self, bytes: &[u8], each: &mut dyn FnMut(Heard<'_>)) -> anyhow::Result<()> {
            for &byte in bytes {
                let says = if byte % 2 == 0 {
                    Says::Allow
                } else {
                    Says::Block("TIMING")
                };
                each(Heard {
                    slot: u32::from(byte),
                    bytes: 1,
                    says,
                });
            }
            Ok(())
        }
    }

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(work)
    }

    #[test]
    fn a_slot_is_one_questions_until_its_answer() {
        let (mut slots, now) = (Slots::new(2), clock::now());
        assert_eq!(
            (slots.take(now), slots.take(now), slots.take(now)),
            (Some(0), Some(1), None)
        );
        assert_eq!(slots.done(1), Some(now));
        assert_eq!((slots.done(1), slots.done(7)), (None, None));
        assert!(!slots.are_all_free());
        assert_eq!(slots.take(now), Some(1));
    }

    #[test]
    fn the_window_is_never_exceeded_and_everything_is_answered() {
        let (client, server) = tokio::io::duplex(64);
        let echo = async {
            let (mut reader, mut writer) = split(server);
            let mut buffer = [0; 64];
            loop {
                let read = reader.read(&mut buffer).await.unwrap();
                assert!(read <= 3, "{read} at once with a window of three");
                writer.write_all(&buffer[..read]).await.unwrap();
            }
        };
        let tally = block_on(async {
            let mut pump = Pump::new(Bytes, split(client), 3);
            tokio::select! {
                tally = pump.run(Duration::from_secs(5), 1_000) => tally.unwrap(),
                never = echo => never,
            }
        });
        let summary = tally.summary();
        assert_eq!((summary.requests, summary.errors), (1_000, 0));
        assert!(summary.mix["ALLOW"] > 0 && summary.mix["TIMING"] > 0);
    }

    #[test]
    fn an_answer_nobody_asked_for_ends_the_window() {
        let (client, mut server) = tokio::io::duplex(64);
        let error = block_on(async {
            server.write_all(&[9]).await.unwrap();
            let mut pump = Pump::new(Bytes, split(client), 3);
            pump.run(Duration::from_secs(5), 1_000).await.err().unwrap()
        });
        assert_eq!(error.to_string(), "an answer to nothing that was asked");
    }
}
