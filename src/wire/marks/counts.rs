//! The figures of one chain, counted as its rows come.

use serde::{Deserialize, Serialize};

use super::{Marks, RowKind};
use crate::domain::rules::Gate;

/// Words of outcomes counted apart; there are no more than the vocabulary has.
const WORDS_MAX: usize = 128;

/// What a chain holds, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Rows.
    pub rows: u64,
    /// Rows by kind, in the order of [`RowKind::ALL`].
    pub kinds: Vec<u64>,
    /// Decisions that allow.
    pub allowed: u64,
    /// Decisions that block.
    pub blocked: u64,
    /// Decisions a gate blocked, in the order of [`Gate::ALL`]; one may be blocked by several.
    pub gates: Vec<u64>,
    /// Outcomes by word, in the order in which words first came.
    pub outcomes: Vec<(Box<str>, u64)>,
    /// Outcomes of accounts nobody knows.
    pub unmatched: u64,
    /// Compliance events.
    pub events: u64,
    /// Instants of the first and the last row; `None` before the first.
    pub span: Option<(i64, i64)>,
}

impl Counts {
    /// Counts a row.
    pub fn add(&mut self, marks: Option<&Marks<'_>>) {
        self.rows += 1;
        let Some(marks) = marks else { return };
        bump(
            &mut self.kinds,
            RowKind::ALL.len(),
            usize::from(marks.kind.number()),
        );
        let first = self.span.map_or(marks.at, |(first, _)| first);
        self.span = Some((first, marks.at));
        self.events += u64::from(marks.event.is_some());
        self.unmatched += u64::from(marks.unmatched);
        if marks.kind == RowKind::Decision {
            self.allowed += u64::from(marks.blocked == 0);
            self.blocked += u64::from(marks.blocked != 0);
            for (at, gate) in Gate::ALL.into_iter().enumerate() {
                if marks.blocked & gate.bit() != 0 {
                    bump(&mut self.gates, Gate::ALL.len(), at);
                }
            }
        }
        if let Some(word) = marks.outcome {
            self.outcome(word);
        }
    }

    fn outcome(&mut self, word: &str) {
        if let Some((_, count)) = self.outcomes.iter_mut().find(|(known, _)| **known == *word) {
            *count += 1;
        } else if self.outcomes.len() < WORDS_MAX {
            self.outcomes.push((word.into(), 1));
        }
    }
}

fn bump(list: &mut Vec<u64>, len: usize, at: usize) {
    if list.len() < len {
        list.resize(len, 0);
    }
    if let Some(slot) = list.get_mut(at) {
        *slot += 1;
    }
}
