//! What was decided -> frames.

use std::borrow::Cow;

use super::deeds::{Done, Place};
use crate::gateway::door::{Answered, Door, RouteName, SystemError};
use crate::wire::answer::{Decision, Fault};
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::frame::{self, Decisions, Failure, Kind, Reported};
use crate::wire::reply::Reply;

/// Appends the answers to what is done.
pub(super) fn push(out: &mut Vec<u8>, door: &impl Door, done: Done) {
    match done {
        Done::Slice(places, answered) => {
            let mut answered = answered.into_iter();
            for place in places {
                one(out, door, place, answered.next());
            }
        }
        Done::Batch(correlation, places, answered) => {
            batch(out, door, correlation, &places, answered);
        }
        Done::Report(correlation, reply) => report(out, door, correlation, &reply),
    }
}

/// Appends the answer to one intent.
fn one(out: &mut Vec<u8>, door: &impl Door, place: Place, answered: Option<Answered>) {
    match answered {
        Some(Answered::Decision(decision)) => {
            door.count_answer(RouteName::ContactIntent, 200);
            let with_texts = place.explain
                && door.with_rule_texts(decision.law, |texts| {
                    let told = frame::decision(&decision, Some(texts));
                    frame::push(out, Kind::Decision, place.correlation, &told)
                });
            if !with_texts {
                // Also where a pack's texts are longer than a frame: codes always fit.
                decided(out, place.correlation, &decision);
            }
        }
        other => {
            let (fault, status) = fault_of(other.as_ref());
            refuse(out, door, place.correlation, (&fault, status));
        }
    }
}

fn decided(out: &mut Vec<u8>, correlation: u64, decision: &Decision) {
    let told = frame::decision(decision, None);
    let _fits = frame::push(out, Kind::Decision, correlation, &told);
}

/// Appends BLOCK `SYSTEM_ERROR` as the answer to an intent; `status` is what HTTP would say.
pub(super) fn refuse(
    out: &mut Vec<u8>,
    door: &impl Door,
    correlation: u64,
    (fault, status): (&Fault, u16),
) {
    door.count_answer(RouteName::ContactIntent, status);
    let told = frame::system_error(fault);
    let _fits = frame::push(out, Kind::Decision, correlation, &told);
}

/// Appends BLOCK `SYSTEM_ERROR` for every intent of a batch.
pub(super) fn refuse_all(
    out: &mut Vec<u8>,
    door: &impl Door,
    (correlation, intents): (u64, usize),
    (fault, status): (&Fault, u16),
) {
    door.count_answer(RouteName::ContactIntents, status);
    let decisions = vec![frame::system_error(fault); intents];
    let told = Decisions { decisions };
    let _fits = frame::push(out, Kind::Decisions, correlation, &told);
}

fn batch(
    out: &mut Vec<u8>,
    door: &impl Door,
    correlation: u64,
    places: &[Result<(), FieldError>],
    answered: Vec<Answered>,
) {
    let mut answered = answered.into_iter();
    let decisions = places.iter().map(|place| match place {
        Err(error) => frame::system_error(&fault(*error)),
        Ok(()) => match answered.next() {
            Some(Answered::Decision(decision)) => frame::decision(&decision, None),
            other => frame::system_error(&fault_of(other.as_ref()).0),
        },
    });
    let decisions = decisions.collect();
    let told = Decisions { decisions };
    if frame::push(out, Kind::Decisions, correlation, &told) {
        door.count_answer(RouteName::ContactIntents, 200);
    } else {
        let internal = (&SystemError::Internal.fault(), 200);
        refuse_all(out, door, (correlation, places.len()), internal);
    }
}

/// Why there is no decision. The door owes an answer for every intent; without one nothing is allowed.
fn fault_of(answered: Option<&Answered>) -> (Fault, u16) {
    match answered {
        Some(Answered::KeyReused) => {
            let reused = FieldError::of("request_id", FieldCode::KeyReused);
            (fault(reused), 422)
        }
        Some(Answered::SystemError(error)) => (error.fault(), 200),
        Some(Answered::Decision(_)) | None => (SystemError::Internal.fault(), 200),
    }
}

/// What is wrong with an intent, as its answer tells it.
pub(super) fn fault(error: FieldError) -> Fault {
    Fault {
        code: error.code.as_str(),
        field: error.field,
        message: error.code.message(),
    }
}

/// Appends the answer to a disposition.
pub(super) fn report(out: &mut Vec<u8>, door: &impl Door, correlation: u64, reply: &Reply) {
    door.count_answer(RouteName::RecordAttempt, reply.status);
    let told = Reported {
        status: reply.status,
        body: Cow::Borrowed(&reply.body),
    };
    if !frame::push(out, Kind::Reported, correlation, &told) {
        let fault = SystemError::Internal.fault();
        let _fits = frame::push(out, Kind::Error, correlation, &Failure::of(&fault));
    }
}
