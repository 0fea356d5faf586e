//! What a stream asks: intents, batches, dispositions, on their way to the gate.

use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use super::answers;
use super::deeds::Place;
use super::session::Session;
use crate::gateway::door::{Caller, Door, RouteName};
use crate::transport::auth::AuthError;
use crate::transport::serve::{id_text, require};
use crate::wire::answer::Fault;
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::frame::{self, Act, ArchivedIntents, Failure, Header, Reason};
use crate::wire::limits::FRAME_BATCH_INTENTS_MAX;
use crate::wire::native::{Native, ROUTES};
use crate::wire::problem::Problem;
use crate::wire::scopes::Scope;

impl<G: Door> Session<G> {
    /// Whether the caller may ask the gate at all, and for exceptions.
    pub(super) fn may_ask(&self) -> Result<bool, (Fault, u16)> {
        let Some(who) = &self.who else {
            return Err((AuthError::lapsed(), 401));
        };
        let caller = &who.caller;
        require(caller, Scope::GateAsk).map_err(|error| (error.fault(), error.status()))?;
        Ok(caller.scopes.has(Scope::GateException))
    }

    pub(super) fn intent(
        &mut self,
        header: Header,
        payload: &[u8],
        act: Act,
    ) -> Result<(), Reason> {
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
    pub(super) fn ask(&mut self) {
        if self.gathered.is_empty() || self.gathered.waits() {
            return;
        }
        match self.caller() {
            Ok(caller) => {
                let patience = self.house.gateway.announce(&caller, self.now);
                let asked = (patience, self.now);
                self.gathered.queue(&self.house, caller, asked);
                // Mostly it is: then what comes next is asked behind it.
                self.hear_of_turn(&mut Context::from_waker(Waker::noop()));
            }
            Err(fault) => self.refuse_gathered((&fault, 401)),
        }
    }

    /// Begins the slice whose turn has come, or refuses the one that has none; whether there was one.
    pub(super) fn hear_of_turn(&mut self, cx: &mut Context<'_>) -> bool {
        match self.gathered.poll_turn(cx) {
            Poll::Ready((caller, Ok(turn))) => {
                let slice = self.gathered.take();
                let when = (self.now, turn);
                self.deeds.slice(&self.house, &caller, slice, when);
            }
            Poll::Ready((_, Err(_no_turn))) => {
                let why = self.house.gateway.no_turn(self.gathered.len());
                self.refuse_gathered((&why.fault(), 200));
            }
            Poll::Pending => return false,
        }
        true
    }

    pub(super) fn refuse_gathered(&mut self, fault: (&Fault, u16)) {
        let (asks, places) = self.gathered.take();
        drop(asks);
        self.talk.answered(places.len());
        let (out, door) = (&mut self.mouth.out, &*self.house.gateway);
        for place in places {
            answers::refuse(out, door, place.correlation, fault);
        }
    }

    /// A batch is read whole before any of it is decided.
    pub(super) fn batch(
        &mut self,
        header: Header,
        batch: &ArchivedIntents,
        act: Act,
    ) -> Result<(), Reason> {
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

    pub(super) fn report(&mut self, header: Header, body: Bytes) {
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
                let reply = problem.reply(id_text(&self.house.ids.next()));
                let (out, door) = (&mut self.mouth.out, &*self.house.gateway);
                answers::report(out, door, header.correlation, &reply);
            }
        }
    }
}

/// Whether a caller may report outcomes: as the route it would use says.
fn may_report(caller: &Caller) -> Result<(), AuthError> {
    let spec = ROUTES.iter();
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
