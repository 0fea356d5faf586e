//! What each tenant asked and what came of it: counts since the start, and a memory of the last day.
//!
//! Counting is a few adds on counters of the counting thread's own, so that two threads never pass a
//! cache line to and fro. A clock tick puts what was added since the last one into the memory: whole
//! minutes of the last hour, quarters of the last day. Nothing here reads a clock.
//!
//! Invariants
//! - VOLUME-1: what a range tells is what was counted between two ticks: nothing twice, nothing lost.

mod memory;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::labels::VerdictLabel;
use super::table::MICROS;
use crate::domain::verdict::{Findings, Gate};
use crate::domain::words::Channel;
use memory::Memory;
pub use memory::{MINUTES_MAX, Moment, QUARTERS_MAX, Span};

/// Threads that count without meeting each other; more share.
const SHARDS: usize = 4;
/// Source systems counted by name; every other one counts as [`OTHER_SOURCE`].
pub const SOURCES_MAX: usize = 16;
/// What stands for the source systems beyond [`SOURCES_MAX`].
pub const OTHER_SOURCE: &str = "(other)";
/// What stands for a channel that is no published word.
pub const OTHER_CHANNEL: &str = "(other)";
/// Kinds of faults that are told apart.
pub const FAULTS_MAX: usize = 8;

const VERDICTS: usize = 3;
const CHANNELS: usize = Channel::ALL.len() + 1;
const GATES: usize = Gate::ALL.len();
const SOURCES: usize = SOURCES_MAX + 1;
const BUCKETS: usize = MICROS.len() + 1;

const BY_VERDICT: usize = 0;
const BY_CHANNEL: usize = BY_VERDICT + VERDICTS;
const BY_GATE: usize = BY_CHANNEL + 2 * CHANNELS;
const BY_SOURCE: usize = BY_GATE + GATES;
const LATENCY: usize = BY_SOURCE + 2 * SOURCES;
const BY_FAULT: usize = LATENCY + CHANNELS * BUCKETS;
const OUTCOMES: usize = BY_FAULT + FAULTS_MAX;
/// Counters of one tenant.
pub(super) const CELLS: usize = OUTCOMES + 1;

/// Where an intent is counted: its channel and source system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    channel: usize,
    source: usize,
}

/// One tenant's counters.
#[derive(Debug)]
pub struct Volume {
    shards: Box<[[AtomicU64; CELLS]]>,
    /// Read at every decision, so without a lock; names only come.
    sources: ArcSwap<Vec<Box<str>>>,
    memory: Mutex<Memory>,
}

impl Default for Volume {
    fn default() -> Self {
        let shard = || std::array::from_fn(|_| AtomicU64::new(0));
        Self {
            shards: (0..SHARDS).map(|_| shard()).collect(),
            sources: ArcSwap::default(),
            memory: Mutex::default(),
        }
    }
}

/// The counting thread's own shard.
fn shard() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static MINE: usize = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS;
    }
    MINE.with(|mine| *mine)
}

impl Volume {
    /// Where to count an intent of this channel (`None`: no published word) and source system.
    pub fn origin(&self, channel: Option<Channel>, source: &str) -> Origin {
        Origin {
            channel: channel.map_or(CHANNELS - 1, |channel| usize::from(channel.number())),
            source: self.source(source),
        }
    }

    fn source(&self, name: &str) -> usize {
        let known = |all: &[Box<str>]| all.iter().position(|known| &**known == name);
        let all = self.sources.load();
        if let Some(at) = known(&all) {
            return at;
        }
        if all.len() >= SOURCES_MAX {
            return SOURCES_MAX;
        }
        drop(all);
        self.sources.rcu(|all| {
            let mut all = Vec::clone(all);
            // Somebody else may have come first, with this name or the last one.
            if known(&all).is_none() && all.len() < SOURCES_MAX {
                all.push(name.into());
            }
            all
        });
        known(&self.sources.load()).unwrap_or(SOURCES_MAX)
    }

    /// Counts a decision that took `micros` from arrival to durable answer.
    pub fn decision(
        &self,
        origin: Origin,
        verdict: VerdictLabel,
        findings: &Findings,
        micros: u64,
    ) {
        let side = usize::from(verdict != VerdictLabel::Allow);
        self.add(BY_VERDICT + usize::from(verdict.number()));
        self.add(BY_CHANNEL + 2 * origin.channel + side);
        self.add(BY_SOURCE + 2 * origin.source + side);
        let bucket = MICROS.partition_point(|bound| *bound < micros);
        self.add(LATENCY + origin.channel * BUCKETS + bucket);
        let mut blocked = findings.blocked_bits();
        while blocked != 0 {
            self.add(BY_GATE + blocked.trailing_zeros() as usize);
            blocked &= blocked - 1;
        }
    }

    /// Counts an answer that is no decision; `kind` is below [`FAULTS_MAX`].
    pub fn fault(&self, kind: usize) {
        self.add(BY_VERDICT + usize::from(VerdictLabel::Fault.number()));
        self.add(BY_FAULT + kind.min(FAULTS_MAX - 1));
    }

    /// Counts an outcome that was taken.
    pub fn outcome(&self) {
        self.add(OUTCOMES);
    }

    fn add(&self, cell: usize) {
        let mine = self.shards.get(shard());
        if let Some(cell) = mine.and_then(|cells| cells.get(cell)) {
            cell.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn total(&self) -> Box<[u64; CELLS]> {
        let mut total = Box::new([0; CELLS]);
        for shard in &self.shards {
            for (sum, cell) in total.iter_mut().zip(shard) {
                *sum += cell.load(Ordering::Relaxed);
            }
        }
        total
    }

    /// Puts what was counted since the last tick into the memory. `minute` is minutes since 1970.
    pub fn tick(&self, minute: i64) {
        let total = self.total();
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.tick(&total, minute);
    }

    /// What was counted in a span up to now, and from which minute on the memory knows of it.
    pub fn over(&self, span: Span, minute: i64) -> Counted {
        let total = self.total();
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.tick(&total, minute);
        Counted {
            cells: memory.sum(span, minute),
            sources: Vec::clone(&self.sources.load()),
        }
    }

    /// What was counted in each minute or quarter of a span, oldest first; those in which nothing
    /// was are left out.
    pub fn moments(&self, span: Span, minute: i64) -> Vec<(Moment, Counted)> {
        let total = self.total();
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.tick(&total, minute);
        let counted = |cells| Counted {
            cells,
            sources: Vec::new(),
        };
        let all = memory.moments(span, minute).into_iter();
        all.map(|(moment, cells)| (moment, counted(cells)))
            .collect()
    }
}

/// What was counted in a span.
#[derive(Debug, Clone)]
pub struct Counted {
    cells: Box<[u64; CELLS]>,
    sources: Vec<Box<str>>,
}

impl Counted {
    fn at(&self, cell: usize) -> u64 {
        self.cells.get(cell).copied().unwrap_or_default()
    }

    /// Answers of a verdict.
    pub fn verdict(&self, verdict: VerdictLabel) -> u64 {
        self.at(BY_VERDICT + usize::from(verdict.number()))
    }

    /// Outcomes taken.
    pub fn outcomes(&self) -> u64 {
        self.at(OUTCOMES)
    }

    /// Channel, allowed, blocked; those that occurred.
    pub fn channels(&self) -> Vec<(&'static str, u64, u64)> {
        let names = Channel::ALL
            .iter()
            .map(|c| c.as_str())
            .chain([OTHER_CHANNEL]);
        self.sides(BY_CHANNEL, names)
    }

    /// Source system, allowed, blocked; those that occurred.
    pub fn sources(&self) -> Vec<(&str, u64, u64)> {
        let mut named = self.sides(BY_SOURCE, self.sources.iter().map(|name| &**name));
        let other = BY_SOURCE + 2 * SOURCES_MAX;
        let (allowed, blocked) = (self.at(other), self.at(other + 1));
        if allowed + blocked > 0 {
            named.push((OTHER_SOURCE, allowed, blocked));
        }
        named
    }

    fn sides<'n>(
        &self,
        from: usize,
        names: impl Iterator<Item = &'n str>,
    ) -> Vec<(&'n str, u64, u64)> {
        let sides = names.enumerate().map(|(n, name)| {
            let at = from + 2 * n;
            (name, self.at(at), self.at(at + 1))
        });
        sides.filter(|(_, a, b)| a + b > 0).collect()
    }

    /// Gate and how many decisions it blocked; all twelve.
    pub fn gates(&self) -> Vec<(&'static str, u64)> {
        let gates = Gate::ALL.iter().enumerate();
        gates
            .map(|(n, gate)| (gate.as_str(), self.at(BY_GATE + n)))
            .collect()
    }

    /// How often a kind of fault was answered.
    pub fn fault(&self, kind: usize) -> u64 {
        self.at(BY_FAULT + kind.min(FAULTS_MAX - 1))
    }

    /// Decisions by latency bucket, of one channel or of all.
    pub fn latency(&self, channel: Option<&str>) -> Latency {
        let names = Channel::ALL
            .iter()
            .map(|c| c.as_str())
            .chain([OTHER_CHANNEL]);
        let mut counts = [0; BUCKETS];
        for (n, name) in names.enumerate() {
            if channel.is_none_or(|wanted| wanted == name) {
                for (bucket, count) in counts.iter_mut().enumerate() {
                    *count += self.at(LATENCY + n * BUCKETS + bucket);
                }
            }
        }
        Latency { counts }
    }
}

/// Decisions by latency bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    counts: [u64; BUCKETS],
}

impl Latency {
    /// How many there were.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The upper bound, in microseconds, of the bucket in which the `per_mille`-th thousandth lies;
    /// `None` when there were none, or when it lies beyond the last bound.
    pub fn bound(&self, per_mille: u64) -> Option<u64> {
        let wanted = (self.count() * per_mille).div_ceil(1000).max(1);
        let mut seen = 0;
        let within = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        })?;
        MICROS.get(within).copied()
    }
}

#[cfg(test)]
mod tests;
