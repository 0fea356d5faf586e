//! `POST /api/gate/stream`: intents by the line, answered as those of a batch are.

use std::rc::Rc;
use std::time::Instant;

use super::Opened;
use super::lane::{Ended, Lane, TOKEN_EXPIRED, TOKEN_EXPIRED_MESSAGE};
use crate::gateway::door::{Caller, Door, SystemError};
use crate::transport::auth::AuthError;
use crate::transport::body::BodyError;
use crate::transport::refusal::Refusal;
use crate::transport::serve::{id_text, require};
use crate::transport::told::Told;
use crate::transport::turns::Turn;
use crate::wire::answer::{self, Fault};
use crate::wire::intent::{self, AskRequest, Echo};
use crate::wire::limits::{SLICE_INTENTS_BESIDE_MAX, SLICE_INTENTS_MAX, STREAM_INTENTS_MAX};
use crate::wire::lines::{Line, TooLong};
use crate::wire::scopes::Scope;

/// Bytes of a usual answer with the end of its line.
const ANSWER_BYTES: usize = 384;

/// A stream of intents.
pub(super) struct Intents<G: Door> {
    pub(super) opened: Opened<G>,
    /// Answers tell the twelve gates.
    pub(super) explain: bool,
}

/// Intents that came together.
pub(super) struct Slice {
    /// Who asks; `None` when there was no room to check.
    caller: Option<Caller>,
    arrived: Instant,
    /// `None`: there is no room, and nothing is asked.
    turn: Option<Turn>,
    intents_max: usize,
    asks: Vec<AskRequest>,
    /// A line each: what its answer repeats, or why there is nothing to ask.
    places: Vec<(u64, Result<Echo, Fault>)>,
}

impl<G: Door> Lane for Intents<G> {
    type Slice = Slice;

    const WINDOW: usize = STREAM_INTENTS_MAX;

    fn open(self: &Rc<Self>) -> impl Future<Output = Result<Slice, Ended>> + 'static {
        let this = Rc::clone(self);
        async move {
            let Opened {
                house, head, watch, ..
            } = &this.opened;
            let arrived = watch.now();
            let mut slice = Slice {
                caller: None,
                arrived,
                turn: None,
                intents_max: SLICE_INTENTS_MAX,
                asks: Vec::new(),
                places: Vec::new(),
            };
            let caller = match house.credential(&head.headers).await {
                Ok(credential) => credential.caller,
                Err(AuthError::Busy) => return Ok(slice),
                Err(_ended) => return Err(Ended),
            };
            require(&caller, Scope::GateAsk).map_err(|_lost| Ended)?;
            let patience = house.gateway.announce(&caller, arrived);
            if patience.is_some() {
                slice.intents_max = SLICE_INTENTS_BESIDE_MAX;
            }
            // Before anything is read of it: what a flood costs is bounded by what is let in.
            slice.turn = house
                .turns
                .take(caller.tenant, patience, arrived)
                .await
                .ok();
            slice.caller = Some(caller);
            Ok(slice)
        }
    }

    fn slice_max(slice: &Slice) -> usize {
        slice.intents_max
    }

    fn take(&self, slice: &mut Slice, line: Line) {
        let place = match (&slice.caller, &slice.turn, line.text) {
            (Some(caller), Some(_turn), Ok(text)) => {
                let exception = caller.scopes.has(Scope::GateException);
                match intent::decode(&text, None, exception) {
                    Ok(mut ask) => {
                        let echo = ask.take_echo();
                        slice.asks.push(ask);
                        Ok(echo)
                    }
                    Err(error) => Err(Refusal::from(error).fault()),
                }
            }
            (_, _, Err(TooLong)) => Err(Refusal::from(BodyError::TooLarge).fault()),
            (Some(_), None, Ok(_unread)) => Err(self.opened.house.gateway.no_turn(1).fault()),
            (None, _, Ok(_unread)) => Err(SystemError::Overloaded.fault()),
        };
        slice.places.push((line.number, place));
    }

    fn answers(self: &Rc<Self>, slice: Slice) -> impl Future<Output = Vec<u8>> + 'static {
        let this = Rc::clone(self);
        async move {
            let Slice {
                caller,
                arrived,
                turn,
                asks,
                places,
                ..
            } = slice;
            let house = &this.opened.house;
            if let Some(turn) = &turn {
                turn.of(asks.len());
            }
            let answered = match &caller {
                Some(caller) if !asks.is_empty() => {
                    let asked = house
                        .gateway
                        .contact_slice(&house.desk, caller, asks, arrived);
                    asked.await
                }
                _ => Vec::new(),
            };
            drop(turn);
            let tenant = caller.as_ref().map(|caller| &*caller.tenant_name);
            let explain = this.explain.then_some(&*house.gateway);
            let mut answered = answered.iter();
            let mut out = Vec::with_capacity(places.len() * ANSWER_BYTES);
            for (line, place) in places {
                let told = Told {
                    tenant,
                    request_id: id_text(&this.opened.id),
                    line: Some(line),
                };
                match place {
                    Ok(echo) => told.answered(&mut out, &echo, answered.next(), explain),
                    Err(fault) => told.fault(&mut out, None, &fault),
                }
                out.push(b'\n');
            }
            out
        }
    }

    fn ended(&self, line: u64) -> Vec<u8> {
        let fault = Fault {
            code: TOKEN_EXPIRED,
            field: Some("Authorization"),
            message: TOKEN_EXPIRED_MESSAGE,
        };
        let mut out = Vec::new();
        let of = (id_text(&self.opened.id), line);
        answer::push_line_error(&mut out, None, None, &fault, of);
        out.push(b'\n');
        out
    }
}
