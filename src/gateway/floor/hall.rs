//! The listeners of one tenant, and what waits for each of them.

use std::collections::BTreeMap;

use bytes::Bytes;
use tokio::sync::mpsc::error::TrySendError;

use super::Arrival;
use crate::wire::floor::{Event, EventKind, Filter, HEARTBEAT, Pick};
use crate::wire::limits::{FLOOR_HEARTBEAT_TICKS, FLOOR_TURN_TICKS, FLOOR_WAITING_BYTES_MAX};

/// A listener.
#[derive(Debug)]
pub(super) struct Listener {
    arrival: Arrival,
    waiting: Vec<u8>,
    /// Ticks since something went out.
    quiet: u32,
}

impl Listener {
    pub(super) fn new(arrival: Arrival) -> Self {
        Self {
            arrival,
            waiting: Vec::new(),
            quiet: 0,
        }
    }

    /// The first row not yet told.
    pub(super) fn next(&self) -> u64 {
        self.arrival.next
    }

    /// FLOOR-1: each row once, in order, whoever read it.
    pub(super) fn hear(&mut self, event: &Event) {
        if event.seq >= self.arrival.next {
            if self.arrival.filter.wants(event) {
                self.waiting.extend_from_slice(&event.text);
            }
            self.arrival.next = event.seq + 1;
        }
    }

    /// Something that is no row.
    pub(super) fn hear_health(&mut self, text: &[u8]) {
        if self.filter().wants_kind(EventKind::Health) {
            self.waiting.extend_from_slice(text);
        }
    }

    fn filter(&self) -> &Filter {
        &self.arrival.filter
    }

    /// Whether it has not taken what it was offered.
    pub(super) fn is_behind(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Offers what waits, `ticks` after it was last offered something; false when it has gone, or
    /// (FLOOR-3) is too slow.
    pub(super) fn flush(&mut self, ticks: u32) -> bool {
        if self.arrival.to.is_closed() {
            return false;
        }
        if self.waiting.is_empty() {
            self.quiet += ticks;
            if self.quiet < FLOOR_HEARTBEAT_TICKS {
                return true;
            }
            self.waiting.extend_from_slice(HEARTBEAT);
        }
        match self.arrival.to.try_reserve() {
            Ok(place) => {
                place.send(Bytes::copy_from_slice(&self.waiting));
                self.waiting.clear();
                self.waiting.shrink_to(FLOOR_WAITING_BYTES_MAX / 16);
                self.quiet = 0;
                true
            }
            Err(TrySendError::Full(())) => self.waiting.len() <= FLOOR_WAITING_BYTES_MAX,
            Err(TrySendError::Closed(())) => false,
        }
    }
}

/// The listeners of one tenant that hear what is read now.
#[derive(Debug, Default)]
pub(super) struct Hall {
    listeners: Vec<Seat>,
    /// Where the listeners sit who ask for a word, by the word, as in [`Pick::ALL`].
    picking: [BTreeMap<Box<str>, Vec<usize>>; Pick::ALL.len()],
    /// Where the others sit.
    others: Vec<usize>,
    /// Somebody came or went since the two above were made.
    moved: bool,
    /// Listeners so far: the next one's turn follows from it.
    admitted: u32,
    /// The tenant's newest row that was read.
    pub(super) last: u64,
}

#[derive(Debug)]
struct Seat {
    listener: Listener,
    /// The tick, of [`FLOOR_TURN_TICKS`], in which it is offered what waits.
    turn: u32,
}

impl Hall {
    /// Lets a listener in.
    pub(super) fn admit(&mut self, listener: Listener) {
        let turn = self.admitted % FLOOR_TURN_TICKS;
        self.admitted = self.admitted.wrapping_add(1);
        self.listeners.push(Seat { listener, turn });
        self.moved = true;
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.listeners.len()
    }

    /// Takes a row: read as an event only if somebody is there to hear it.
    pub(super) fn row(&mut self, seq: u64, body: &[u8], subject: Option<&[u8]>) {
        self.last = seq;
        if self.listeners.is_empty() {
            return;
        }
        self.seat();
        let Some(event) = Event::read(seq, body, subject) else {
            return;
        };
        let picking = Pick::ALL.iter().zip(&self.picking);
        let picked = picking.filter_map(|(pick, seats)| seats.get(pick.of(&event)));
        for &at in picked.flatten().chain(&self.others) {
            if let Some(seat) = self.listeners.get_mut(at) {
                seat.listener.hear(&event);
            }
        }
    }

    /// Notes where everybody sits: an event then meets those who may want it, not all.
    fn seat(&mut self) {
        if !std::mem::take(&mut self.moved) {
            return;
        }
        self.picking = Default::default();
        self.others.clear();
        for (at, seat) in self.listeners.iter().enumerate() {
            let pick = seat.listener.filter().pick();
            let kept = Pick::ALL.iter().zip(&mut self.picking);
            let mut kept = kept.filter_map(|(of, words)| {
                let (_, word) = pick.filter(|(asked, _)| asked == of)?;
                Some(words.entry(word.into()).or_default())
            });
            kept.next().unwrap_or(&mut self.others).push(at);
        }
    }

    /// Something that is no row, for everybody.
    pub(super) fn hear_health(&mut self, text: &[u8]) {
        let seats = self.listeners.iter_mut();
        seats.for_each(|seat| seat.listener.hear_health(text));
    }

    /// Offers what waits to those whose turn it is; how many have gone or are too slow.
    pub(super) fn flush(&mut self, turn: u32) -> usize {
        let before = self.listeners.len();
        (self.listeners)
            .retain_mut(|seat| seat.turn != turn || seat.listener.flush(FLOOR_TURN_TICKS));
        let gone = before - self.listeners.len();
        self.moved |= gone > 0;
        gone
    }
}
