//! The places of waiting requests on one thread, and the credits for answers still to come.

use std::task::Waker;
use std::time::Instant;

use super::Ticket;

#[derive(Debug)]
enum State<T> {
    Free,
    Waiting(Instant, Option<Waker>),
    Answered(T),
    TimedOut,
}

#[derive(Debug)]
struct Slot<T> {
    generation: u32,
    state: State<T>,
}

/// What a poll finds.
#[derive(Debug)]
pub(super) enum Take<T> {
    Answer(T),
    Wait,
    Gone,
}

/// Places grow to the most that ever waited at once and are then reused, the last freed first.
#[derive(Debug)]
pub(super) struct Slots<T> {
    places: Vec<Slot<T>>,
    free: Vec<u32>,
    credits: usize,
}

impl<T> Slots<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            places: Vec::new(),
            free: Vec::new(),
            credits: capacity,
        }
    }

    /// Takes a credit and a place.
    pub(super) fn open(&mut self, give_up_at: Instant) -> Option<Ticket> {
        self.credits = self.credits.checked_sub(1)?;
        let state = State::Waiting(give_up_at, None);
        if let Some(index) = self.free.pop() {
            let slot = self.places.get_mut(usize::try_from(index).ok()?)?;
            slot.state = state;
            let generation = slot.generation;
            return Some(Ticket { index, generation });
        }
        let index = u32::try_from(self.places.len()).ok()?;
        self.places.push(Slot {
            generation: 0,
            state,
        });
        Some(Ticket {
            index,
            generation: 0,
        })
    }

    fn slot(&mut self, ticket: Ticket) -> Option<&mut Slot<T>> {
        let slot = self.places.get_mut(usize::try_from(ticket.index).ok()?)?;
        (slot.generation == ticket.generation).then_some(slot)
    }

    /// An answer came out of the queue: its credit returns, whoever waits is to be woken.
    pub(super) fn fill(&mut self, ticket: Ticket, answer: T) -> Option<Waker> {
        self.credits += 1;
        let slot = self.slot(ticket)?;
        let State::Waiting(_, waker) = &mut slot.state else {
            return None;
        };
        let waker = waker.take();
        slot.state = State::Answered(answer);
        waker
    }

    /// The answer of a request, or its waker kept.
    pub(super) fn take(&mut self, ticket: Ticket, waker: &Waker) -> Take<T> {
        let Some(slot) = self.slot(ticket) else {
            return Take::Gone;
        };
        if let State::Waiting(_, kept) = &mut slot.state {
            match kept {
                Some(kept) => kept.clone_from(waker),
                None => *kept = Some(waker.clone()),
            }
            return Take::Wait;
        }
        match std::mem::replace(&mut slot.state, State::TimedOut) {
            State::Answered(answer) => Take::Answer(answer),
            _ => Take::Gone,
        }
    }

    /// Frees a place; what still comes for it finds nobody.
    pub(super) fn close(&mut self, ticket: Ticket) {
        let Some(slot) = self.slot(ticket) else {
            return;
        };
        slot.generation = slot.generation.wrapping_add(1);
        slot.state = State::Free;
        self.free.push(ticket.index);
    }

    /// A registered request was never submitted.
    pub(super) fn return_credit(&mut self) {
        self.credits += 1;
    }

    /// Requests whose time is up, to be woken.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<Waker> {
        let mut wakers = Vec::new();
        for slot in &mut self.places {
            if let State::Waiting(give_up_at, waker) = &mut slot.state
                && *give_up_at <= now
            {
                wakers.extend(waker.take());
                slot.state = State::TimedOut;
            }
        }
        wakers
    }

    #[cfg(test)]
    pub(super) fn credits(&self) -> usize {
        self.credits
    }

    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        self.places.len()
    }
}
