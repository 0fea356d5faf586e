//! G7 TIMING: hours, stated times and every count window of law.
//!
//! Knows the case and nothing else. Each condition of this gate, of FAIRNESS and of CONCURRENCY is
//! one function that says when it is next [`Ready`]; the gate, `next_allowed_at` and `use_by` all
//! ask that one function, so they cannot differ.
//!
//! Invariants
//! - TIMING-1: a condition that is not ready at `now` passes at no instant before the one it names.
//! - TIMING-2: what time alone can never cure is [`Ready::Never`], so it gives no next instant.
//! - TIMING-3: where the facts suggest several places, a condition is ready only when it is ready in
//!   each of them (comment 6(b)(1)(i)-2; for counts the same by choice).
//! - TIMING-4: between two of the edges `use_by` looks at, no condition changes.

mod by_number;
mod cap;
mod consents;
mod edges;
mod exchange;
mod federal_counts;
mod hours;
mod inconvenient;
mod local;
mod next;
mod prerecorded;
mod ready;
mod state;
mod state_counts;
pub(super) mod tally;
mod target;
#[cfg(test)]
mod tests;
mod weekly;

#[cfg(test)]
pub(super) use tests::call as call_for_tests;

pub(super) use by_number::fewer_to;
pub(super) use local::{days_after, fewer_than, fewer_than_in, zones};
pub use next::{next_allowed_at, use_by};
pub(super) use ready::{Ready, Visit};
pub use state::state_rule;
pub(super) use state_counts::work_ready;

use crate::domain::case::Case;
use crate::domain::verdict::Findings;

/// Asks the gate.
pub fn ask(case: &Case<'_>, found: &mut Findings) {
    each(case, &mut |finding, ready| {
        if ready != Ready::Now {
            found.block_by(finding.code, finding.rule);
        }
    });
}

/// Shows every condition of TIMING that applies to the case.
pub(super) fn each(case: &Case<'_>, visit: &mut (impl Visit + ?Sized)) {
    hours::each(case, visit);
    inconvenient::each(case, visit);
    federal_counts::each(case, visit);
    prerecorded::each(case, visit);
    state::each(case, visit);
    cap::each(case, visit);
}
