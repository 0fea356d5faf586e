//! Intents that came and were not put to the gate yet.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::deeds::Place;
use crate::gateway::door::{Caller, Door};
use crate::transport::serve::House;
use crate::transport::turns::{NoTurn, Turn};
use crate::wire::intent::AskRequest;
use crate::wire::limits::SLICE_INTENTS_MAX;

/// A slice being gathered; one that waits for its turn takes nothing more.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) asks: Vec<AskRequest>,
    pub(super) places: Vec<Place>,
    waiting: Option<Waiting>,
}

/// A slice that waits for its turn, and for whom.
struct Waiting {
    caller: Rc<Caller>,
    turn: Pin<Box<dyn Future<Output = Result<Turn, NoTurn>>>>,
}

impl Gathered {
    pub(super) fn push(&mut self, ask: AskRequest, place: Place) {
        self.asks.push(ask);
        self.places.push(place);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.asks.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.asks.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.asks.len() >= SLICE_INTENTS_MAX
    }

    pub(super) fn waits(&self) -> bool {
        self.waiting.is_some()
    }

    /// Asks for a turn; it comes at once without a `patience`.
    pub(super) fn queue<G: Door>(
        &mut self,
        house: &Rc<House<G>>,
        caller: Rc<Caller>,
        (patience, now): (Option<Duration>, Instant),
    ) {
        let (house, tenant) = (Rc::clone(house), caller.tenant);
        let intents = self.asks.len();
        let turn = Box::pin(async move {
            let turn = house.turns.take(tenant, patience, now).await?;
            turn.of(intents);
            Ok(turn)
        });
        self.waiting = Some(Waiting { caller, turn });
    }

    /// The turn, once it has come, and who asks.
    pub(super) fn poll_turn(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<(Rc<Caller>, Result<Turn, NoTurn>)> {
        let Some(mut waiting) = self.waiting.take() else {
            return Poll::Pending;
        };
        match waiting.turn.as_mut().poll(cx) {
            Poll::Ready(taken) => Poll::Ready((waiting.caller, taken)),
            Poll::Pending => {
                self.waiting = Some(waiting);
                Poll::Pending
            }
        }
    }

    /// The slice, to be asked.
    pub(super) fn take(&mut self) -> (Vec<AskRequest>, Vec<Place>) {
        (
            std::mem::take(&mut self.asks),
            std::mem::take(&mut self.places),
        )
    }
}
