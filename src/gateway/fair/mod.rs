//! Whose turn it is: live work of many tenants, picked so that none waits for another's flood.
//!
//! Each tenant has two flows, one of live commands (slices of streams are) and one of slices of
//! batches. Flows with work
//! stand in a ring and each turn takes up to [`TURN_INTENTS`] intents, so a command that finds its own
//! flow empty waits for what was picked before it came and then for one turn of every other flow,
//! however much they have. Within a flow
//! the order of arrival stands. Rejected: one queue for all (a flood of one tenant is everybody's
//! wait), and shares by weight (nobody has said whose calls are worth more).

use std::collections::VecDeque;

use super::work::{Job, SliceOf, Work};
use crate::wire::limits::SLICE_INTENTS_MAX;

/// Intents one flow may have decided before the next has its turn.
const TURN_INTENTS: usize = SLICE_INTENTS_MAX;

/// Live work that waits, by flow.
#[derive(Debug, Default)]
pub struct Fair {
    flows: Vec<VecDeque<Job>>,
    ring: VecDeque<usize>,
    jobs: usize,
}

impl Fair {
    /// Jobs waiting.
    pub fn len(&self) -> usize {
        self.jobs
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.jobs == 0
    }

    /// Puts a job at the end of its flow.
    pub fn put(&mut self, job: Job) {
        let batch = matches!(&job.work, Work::Slice(slice) if slice.of == SliceOf::Batch);
        let at = usize::from(job.work.tenant().0) * 2 + usize::from(batch);
        if self.flows.len() <= at {
            self.flows.resize_with(at + 1, VecDeque::new);
        }
        let Some(flow) = self.flows.get_mut(at) else {
            return;
        };
        if flow.is_empty() {
            self.ring.push_back(at);
        }
        flow.push_back(job);
        self.jobs += 1;
    }

    /// Takes jobs of at most `intents_max` intents, turn by turn; the first one always.
    pub fn take(&mut self, into: &mut Vec<Job>, intents_max: usize) {
        let mut left = intents_max;
        let mut first = true;
        while left > 0 {
            let Some(at) = self.ring.pop_front() else {
                return;
            };
            let Some(flow) = self.flows.get_mut(at) else {
                continue;
            };
            let (mut turn, before) = (TURN_INTENTS.min(left), into.len());
            while let Some(job) = flow.pop_front_if(|job| first || job.work.intents() <= turn) {
                let intents = job.work.intents();
                turn = turn.saturating_sub(intents);
                left = left.saturating_sub(intents);
                into.push(job);
                self.jobs -= 1;
                first = false;
            }
            if flow.is_empty() {
                continue;
            }
            if into.len() == before {
                // Its next slice finds no room in this go: it keeps its place.
                self.ring.push_front(at);
                return;
            }
            self.ring.push_back(at);
        }
    }
}

#[cfg(test)]
mod tests;
