//! One stream, from its hello to its end.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Instant;

use bytes::Bytes;
use quinn::{RecvStream, SendStream};
use tokio::time::Sleep;

use super::asked::Gathered;
use super::deeds::{Deeds, Place};
use super::mouth::Mouth;
use super::{answers, number};
use crate::gateway::door::{Caller, Door, RouteName, SystemError};
use crate::transport::auth::{AuthError, Credential};
use crate::transport::drain::Present;
use crate::transport::serve::{House, require};
use crate::wire::answer::Fault;
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::frame::{
    self, Act, ArchivedHello, ArchivedIntents, Drain, Failure, FrameReader, Header, Kind, RawFrame,
    Reason, Said, Talk, Welcome,
};
use crate::wire::limits::{FRAME_BATCH_INTENTS_MAX, FRAME_BYTES_MAX, FRAME_WINDOW_INTENTS};
use crate::wire::native::Native;
use crate::wire::problem::Problem;
use crate::wire::scopes::Scope;

/// Pieces of a stream that are fetched at once.
const PIECES_MAX: usize = 32;
/// Frames that are heard before the thread's other tasks have their turn.
const FRAMES_IN_A_ROW_MAX: usize = 512;

/// Who asks on a stream.
struct Who {
    /// The credential as an `Authorization` header has it.
    header: Box<[u8]>,
    caller: Rc<Caller>,
}

/// A hello being looked at.
struct Greeting {
    correlation: u64,
    header: Box<[u8]>,
    check: Pin<Box<dyn Future<Output = Result<Credential, AuthError>>>>,
}

/// The client is gone, or takes nothing: nobody is left to be told.
struct Gone;

/// A stream's session.
pub(super) struct Session<G: Door> {
    house: Rc<House<G>>,
    recv: RecvStream,
    mouth: Mouth,
    pieces: VecDeque<Bytes>,
    reader: FrameReader,
    talk: Talk,
    who: Option<Who>,
    greeting: Option<Greeting>,
    gathered: Gathered,
    deeds: Deeds,
    /// The client has said everything.
    ended: bool,
    /// When this poll began: one look at the clock for all that came together.
    now: Instant,
    /// Since when nothing was asked, and since when the client takes no answer.
    quiet_since: Instant,
    blocked_since: Option<Instant>,
}

impl<G: Door> Session<G> {
    pub(super) fn new(house: Rc<House<G>>, send: SendStream, recv: RecvStream) -> Self {
        let now = house.gateway.instant();
        Self {
            house,
            recv,
            mouth: Mouth::new(send),
            pieces: VecDeque::with_capacity(PIECES_MAX),
            reader: FrameReader::default(),
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
            // Late or not, it is over.
            drop(tokio::time::timeout(timeout, self.mouth.finish()).await);
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
            match self.reader.next_frame() {
                Ok(Some(frame)) => {
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
        // Whoever waits for its turn is to be woken.
        self.hear_of_turn(cx);
        Ok(heard)
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
                self.ask();
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

    /// Has the credential looked at. Nothing more is read before that is done.
    fn greet(&mut self, header: Header, hello: &ArchivedHello<'static>) {
        // What was asked before is asked under the old one.
        self.ask();
        let credential = [b"Bearer ", hello.token.as_bytes()].concat();
        let credential: Box<[u8]> = credential.into();
        let (house, sent) = (Rc::clone(&self.house), credential.clone());
        self.greeting = Some(Greeting {
            correlation: header.correlation,
            header: credential,
            check: Box::pin(async move { house.credential_in(Some(&sent)).await }),
        });
    }

    fn hear_of_greeting(&mut self, cx: &mut Context<'_>) {
        let Some(greeting) = &mut self.greeting else {
            return;
        };
        let Poll::Ready(checked) = greeting.check.as_mut().poll(cx) else {
            return;
        };
        let Some(Greeting {
            correlation,
            header,
            ..
        }) = self.greeting.take()
        else {
            return;
        };
        match checked {
            Ok(credential) => {
                self.talk.welcomed();
                let caller = Rc::new(credential.caller);
                self.welcome(correlation, &caller);
                self.who = Some(Who { header, caller });
            }
            Err(error) => {
                self.talk.refused();
                self.mouth
                    .say_error(correlation, &Failure::of(&error.fault()));
                drop(self.recv.stop(number(Reason::Unauthorized)));
            }
        }
    }

    fn welcome(&mut self, correlation: u64, caller: &Caller) {
        let bound = |bound: usize| u32::try_from(bound).unwrap_or(u32::MAX);
        let welcome = Welcome {
            tenant: (*caller.tenant_name).into(),
            window: bound(FRAME_WINDOW_INTENTS),
            frame_bytes_max: bound(FRAME_BYTES_MAX),
            batch_intents_max: bound(FRAME_BATCH_INTENTS_MAX),
            now: self.house.gateway.wall().0,
        };
        let _fits = frame::push(&mut self.mouth.out, Kind::Welcome, correlation, &welcome);
    }

    /// The caller, if the credential still holds (FRAMES-2). A stream whose credential has ended says
    /// so until the next hello.
    fn caller(&mut self) -> Result<Rc<Caller>, Fault> {
        let (house, lapsed) = (&self.house, AuthError::lapsed());
        let Some(who) = &mut self.who else {
            return Err(lapsed);
        };
        match house.credential_now(&who.header) {
            Ok(credential) => {
                if credential.caller != *who.caller {
                    who.caller = Rc::new(credential.caller);
                }
                Ok(Rc::clone(&who.caller))
            }
            Err(_ended) => {
                self.talk.lapse();
                Err(lapsed)
            }
        }
    }

    /// Whether the caller may ask the gate at all, and for exceptions.
    fn may_ask(&self) -> Result<bool, (Fault, u16)> {
        let Some(who) = &self.who else {
            return Err((AuthError::lapsed(), 401));
        };
        let caller = &who.caller;
        require(caller, Scope::GateAsk).map_err(|error| (error.fault(), error.status()))?;
        Ok(caller.scopes.has(Scope::GateException))
    }

    fn intent(&mut self, header: Header, payload: &[u8], act: Act) -> Result<(), Reason> {
        let may = match act {
            Act::Lapsed => Err((AuthError::lapsed(), 401)),
            _ => self.may_ask(),
        };
        let exception = may.unwrap_or_default();
        let opened = frame::open_intent(payload, exception)?;
        let (out, door) = (&mut self.mouth.out, &*self.house.gateway);
        match (may, opened.asked) {
            (Err((fault, status)), _) => {
                answers::refuse(out, door, header.correlation, (&fault, status));
            }
            (Ok(_), Err(error)) => {
                let fault = answers::fault(error);
                answers::refuse(out, door, header.correlation, (&fault, 422));
            }
            (Ok(_), Ok(ask)) => {
                let place = Place {
                    correlation: header.correlation,
                    explain: opened.explain,
                };
                self.talk.begun(1);
                self.gathered.push(ask, place);
                if self.gathered.is_full() {
                    self.ask();
                }
            }
        }
        Ok(())
    }

    /// Puts what is gathered to the gate as soon as it is the tenant's turn.
    fn ask(&mut self) {
        if self.gathered.is_empty() || self.gathered.waits() {
            return;
        }
        match self.caller() {
            Ok(caller) => {
                let patience = self.house.gateway.announce(&caller, self.now);
                self.gathered.queue(&self.house, caller, patience);
                // Mostly it is: then what comes next is asked behind it.
                self.hear_of_turn(&mut Context::from_waker(Waker::noop()));
            }
            Err(fault) => self.refuse_gathered((&fault, 401)),
        }
    }

    fn hear_of_turn(&mut self, cx: &mut Context<'_>) {
        match self.gathered.poll_turn(cx) {
            Poll::Ready((caller, Ok(turn))) => {
                let slice = self.gathered.take();
                let when = (self.now, turn);
                self.deeds.slice(&self.house, &caller, slice, when);
            }
            Poll::Ready((_, Err(_no_turn))) => {
                self.refuse_gathered((&SystemError::Overloaded.fault(), 200));
            }
            Poll::Pending => {}
        }
    }

    fn refuse_gathered(&mut self, fault: (&Fault, u16)) {
        let (asks, places) = self.gathered.take();
        drop(asks);
        self.talk.answered(places.len());
        let (out, door) = (&mut self.mouth.out, &*self.house.gateway);
        for place in places {
            answers::refuse(out, door, place.correlation, fault);
        }
    }

    /// A batch is read whole before any of it is decided.
    fn batch(&mut self, header: Header, batch: &ArchivedIntents, act: Act) -> Result<(), Reason> {
        let (correlation, count) = (header.correlation, batch.intents.len());
        let wrong = match count {
            0 => Some(FieldCode::EmptyBatch),
            1..=FRAME_BATCH_INTENTS_MAX => None,
            _ => Some(FieldCode::TooManyIntents),
        };
        if let Some(code) = wrong {
            let mut fault = answers::fault(FieldError::body(code));
            if code == FieldCode::TooManyIntents {
                fault.message = "The batch has more than 256 intents.";
            }
            self.house
                .gateway
                .count_answer(RouteName::ContactIntents, 422);
            self.mouth.say_error(correlation, &Failure::of(&fault));
            return Ok(());
        }
        // Before it, so that what came before is asked before.
        self.ask();
        let may = match act {
            Act::Lapsed => Err((AuthError::lapsed(), 401)),
            _ => self.may_ask(),
        };
        let may = may.and_then(|exception| {
            let caller = self.caller().map_err(|fault| (fault, 401))?;
            Ok((exception, caller))
        });
        let (mut asks, mut places) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for payload in batch.intents.iter() {
            let exception = may.as_ref().is_ok_and(|(exception, _)| *exception);
            let opened = frame::open_intent(payload, exception)?;
            places.push(opened.asked.map(|ask| asks.push(ask)));
        }
        match may {
            Ok((_, caller)) => {
                self.talk.begun(count);
                let batch = (correlation, asks, places);
                self.deeds.batch(&self.house, &caller, batch, self.now);
            }
            Err((fault, status)) => {
                let (out, door) = (&mut self.mouth.out, &*self.house.gateway);
                answers::refuse_all(out, door, (correlation, count), (&fault, status));
            }
        }
        Ok(())
    }

    fn report(&mut self, header: Header, body: Bytes) {
        let admitted = self.caller().map_err(|fault| problem(401, &fault));
        let admitted = admitted.and_then(|caller| match may_report(&caller) {
            Ok(()) => Ok(caller),
            Err(error) => Err(problem(error.status(), &error.fault())),
        });
        match admitted {
            Ok(caller) => {
                let said = (header.correlation, body);
                self.deeds.report(&self.house, &caller, said, self.now);
            }
            Err(problem) => {
                let reply = problem.reply("");
                let (out, door) = (&mut self.mouth.out, &*self.house.gateway);
                answers::report(out, door, header.correlation, &reply);
            }
        }
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

/// Whether a caller may report outcomes: as the route it would use says.
fn may_report(caller: &Caller) -> Result<(), AuthError> {
    let spec = crate::wire::native::ROUTES.iter();
    let mut ops = spec.flat_map(|spec| spec.ops);
    let op = ops.find(|op| op.does == Native::RecordAttempt);
    match op {
        Some(op) if op.access.admits(caller.scopes) => Ok(()),
        _ => Err(AuthError::MissingScope(Scope::OutcomeWrite)),
    }
}

fn problem(status: u16, fault: &Fault) -> Problem {
    Problem {
        status,
        code: fault.code,
        title: fault.message,
        field: fault.field,
    }
}
