//! The listeners of one tenant, and what waits for each of them.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use tokio::sync::mpsc::error::TrySendError;

use super::Arrival;
use crate::wire::floor::{Event, EventKind, Filter, HEARTBEAT};
use crate::wire::limits::{
    FLOOR_BEHIND_BYTES_MAX, FLOOR_HEARTBEAT_TICKS, FLOOR_UNTAKEN_BYTES_MAX, FLOOR_WAITING_BYTES_MAX,
};

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

    /// FLOOR-3, for one that catches up: so much of what was handed over and of what waits is not
    /// taken that nothing more is to be read for it.
    pub(super) fn is_behind(&self) -> bool {
        self.untaken() + self.waiting.len() >= FLOOR_BEHIND_BYTES_MAX
    }

    fn untaken(&self) -> usize {
        self.arrival.untaken.load(Ordering::Relaxed)
    }

    /// Offers what waits, or a heartbeat once it was quiet for long; called once a tick. False when
    /// it has gone, or (FLOOR-3) is too slow.
    pub(super) fn flush(&mut self) -> bool {
        if self.waiting.is_empty() {
            self.quiet += 1;
            if self.quiet >= FLOOR_HEARTBEAT_TICKS {
                self.waiting.extend_from_slice(HEARTBEAT);
            }
        }
        self.offer()
    }

    /// Offers what waits; false when it has gone, or (FLOOR-3) is too slow.
    pub(super) fn offer(&mut self) -> bool {
        if self.arrival.to.is_closed() {
            return false;
        }
        if self.waiting.is_empty() {
            return true;
        }
        let bytes = self.waiting.len();
        if self.untaken() >= FLOOR_UNTAKEN_BYTES_MAX {
            return bytes <= FLOOR_WAITING_BYTES_MAX;
        }
        match self.arrival.to.try_reserve() {
            Ok(place) => {
                // Counted first: it may be taken at once.
                self.arrival.untaken.fetch_add(bytes, Ordering::Relaxed);
                place.send(Bytes::copy_from_slice(&self.waiting));
                self.waiting.clear();
                self.waiting.shrink_to(FLOOR_WAITING_BYTES_MAX / 16);
                self.quiet = 0;
                true
            }
            Err(TrySendError::Full(())) => bytes <= FLOOR_WAITING_BYTES_MAX,
            Err(TrySendError::Closed(())) => false,
        }
    }
}

/// The listeners of one tenant that hear what is read now.
#[derive(Debug, Default)]
pub(super) struct Hall {
    pub(super) listeners: Vec<Listener>,
}

impl Hall {
    /// Takes a row: read as an event only if somebody is there to hear it.
    pub(super) fn row(&mut self, seq: u64, body: &[u8], subject: Option<&[u8]>) {
        if self.listeners.is_empty() {
            return;
        }
        if let Some(event) = Event::read(seq, body, subject) {
            for listener in &mut self.listeners {
                listener.hear(&event);
            }
        }
    }
}
