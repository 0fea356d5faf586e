//! A chain in numbers.

use serde::Serialize;

use super::instant;
use crate::domain::rules::Gate;
use crate::wire::marks::{Counts, RowKind};

/// A word and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WordCount {
    /// The word.
    pub name: String,
    /// How often.
    pub count: u64,
}

/// Figures of a tenant's chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StatsAnswer {
    /// Rows.
    pub rows: u64,
    /// Rows by kind.
    pub kinds: Vec<WordCount>,
    /// Decisions that allow.
    pub allowed: u64,
    /// Decisions that block.
    pub blocked: u64,
    /// Decisions each gate blocked; one may be blocked by several.
    pub blocked_by: Vec<WordCount>,
    /// Outcomes by word.
    pub outcomes: Vec<WordCount>,
    /// Outcomes of accounts nobody knows.
    pub unmatched: u64,
    /// Compliance events.
    pub events: u64,
    /// Engine time of the first row.
    pub first_at: Option<String>,
    /// Engine time of the last row.
    pub last_at: Option<String>,
    /// Position of the last row.
    pub head_seq: u64,
    /// Hash of the last row, hex.
    pub head_hash: String,
    /// The last row the scrubber has verified since the start of the process; 0 before its first
    /// segment. Rows in the segment in use are verified by every recovery.
    pub verified_seq: u64,
    /// Rounds the scrubber has finished since the start of the process.
    pub scrub_rounds: u64,
    /// Segments in use.
    pub segments: u64,
    /// Subjects found erased in the scrubber's newest look at each sealed segment.
    pub erased_subjects: u64,
}

impl StatsAnswer {
    /// From a chain's counts; the rest is filled in by whoever knows it.
    pub fn of(counts: &Counts) -> Self {
        let kinds = RowKind::ALL.iter().map(|kind| kind.as_str());
        let gates = Gate::ALL.iter().map(|gate| gate.name());
        let mut outcomes: Vec<WordCount> = counts
            .outcomes
            .iter()
            .map(|(word, count)| named(word, *count))
            .collect();
        outcomes.sort_by(|a, b| a.name.cmp(&b.name));
        Self {
            rows: counts.rows,
            kinds: zipped(kinds, &counts.kinds),
            allowed: counts.allowed,
            blocked: counts.blocked,
            blocked_by: zipped(gates, &counts.gates),
            outcomes,
            unmatched: counts.unmatched,
            events: counts.events,
            first_at: counts.span.map(|(first, _)| instant(first)),
            last_at: counts.span.map(|(_, last)| instant(last)),
            head_seq: 0,
            head_hash: String::new(),
            verified_seq: 0,
            scrub_rounds: 0,
            segments: 0,
            erased_subjects: 0,
        }
    }
}

fn zipped<'n>(names: impl Iterator<Item = &'n str>, counts: &[u64]) -> Vec<WordCount> {
    let counts = counts.iter().copied().chain(std::iter::repeat(0));
    names
        .zip(counts)
        .map(|(name, count)| named(name, count))
        .collect()
}

fn named(name: &str, count: u64) -> WordCount {
    WordCount {
        name: name.to_owned(),
        count,
    }
}
