//! How counts stood: a minute each of the last hour, a quarter of an hour each of the last day.

use std::collections::VecDeque;

use super::CELLS;

/// Whole minutes that are told apart.
pub const MINUTES_MAX: i64 = 60;
/// Quarters of an hour that are told apart.
pub const QUARTERS_MAX: i64 = 96;
const QUARTER_MINUTES: i64 = 15;

type Cells = Box<[u64; CELLS]>;

/// How far back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// The last so many minutes, the current one included; at most [`MINUTES_MAX`].
    Minutes(i64),
    /// The last so many quarters of an hour, the current one included; at most [`QUARTERS_MAX`].
    Quarters(i64),
    /// Since the start.
    Start,
}

/// A minute or a quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Its first minute, in minutes since 1970.
    pub from: i64,
    /// How many minutes it has.
    pub minutes: i64,
}

#[derive(Debug, Default)]
pub(super) struct Memory {
    told: Option<Cells>,
    minutes: Ring,
    quarters: Ring,
}

/// Counts by slot, oldest first; a slot in which nothing was counted is not there.
#[derive(Debug, Default)]
struct Ring(VecDeque<(i64, Cells)>);

impl Ring {
    fn add(&mut self, slot: i64, since: &Cells, slots_max: i64) {
        match self.0.back_mut() {
            // A clock that went back adds to the newest slot: nothing is lost, nothing is rewritten.
            Some((newest, cells)) if *newest >= slot => sum_up(cells, since),
            _ => self.0.push_back((slot, since.clone())),
        }
        while self
            .0
            .front()
            .is_some_and(|(oldest, _)| *oldest <= slot - slots_max)
        {
            self.0.pop_front();
        }
    }

    fn last(&self, slot: i64, slots: i64) -> impl Iterator<Item = &(i64, Cells)> {
        self.0.iter().filter(move |(of, _)| *of > slot - slots)
    }
}

fn sum_up(into: &mut Cells, cells: &Cells) {
    for (sum, cell) in into.iter_mut().zip(cells.iter()) {
        *sum += cell;
    }
}

impl Memory {
    /// VOLUME-1: takes in what was counted since the last call.
    pub(super) fn tick(&mut self, total: &Cells, minute: i64) {
        let mut since = total.clone();
        if let Some(told) = &self.told {
            for (cell, before) in since.iter_mut().zip(told.iter()) {
                *cell = cell.saturating_sub(*before);
            }
        }
        if since.iter().any(|cell| *cell > 0) {
            self.minutes.add(minute, &since, MINUTES_MAX);
            let quarter = minute.div_euclid(QUARTER_MINUTES);
            self.quarters.add(quarter, &since, QUARTERS_MAX);
            self.told = Some(total.clone());
        }
    }

    pub(super) fn sum(&self, span: Span, minute: i64) -> Cells {
        let mut sum = Box::new([0; CELLS]);
        if span == Span::Start {
            return self.told.clone().unwrap_or(sum);
        }
        for (_, cells) in self.moments(span, minute) {
            sum_up(&mut sum, &cells);
        }
        sum
    }

    pub(super) fn moments(&self, span: Span, minute: i64) -> Vec<(Moment, Cells)> {
        let (ring, slot, slots, minutes) = match span {
            Span::Minutes(slots) => (&self.minutes, minute, slots, 1),
            Span::Quarters(slots) => {
                let slot = minute.div_euclid(QUARTER_MINUTES);
                (&self.quarters, slot, slots, QUARTER_MINUTES)
            }
            Span::Start => {
                let slot = minute.div_euclid(QUARTER_MINUTES);
                (&self.quarters, slot, QUARTERS_MAX, QUARTER_MINUTES)
            }
        };
        let told = |(of, cells): &(i64, Cells)| {
            let from = of * minutes;
            (Moment { from, minutes }, cells.clone())
        };
        ring.last(slot, slots).map(told).collect()
    }
}
