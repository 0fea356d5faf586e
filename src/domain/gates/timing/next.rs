//! When a blocked contact could be made, and how long an allowed one may be.

use super::edges;
use super::ready::Ready;
use crate::domain::case::Case;
use crate::domain::gates::{Verdict, concurrency, fairness, overrides};
use crate::domain::time::{SECONDS_PER_DAY, UnixSeconds};
use crate::domain::verdict::{Finding, Findings, Gate};

/// Days `next_allowed_at` looks ahead; what is ready later is as good as never.
const HORIZON_DAYS_MAX: i64 = 400;
/// Times the conditions are asked for one `next_allowed_at`.
const STEPS_MAX: usize = 1_024;

/// The earliest instant at which TIMING, FAIRNESS and CONCURRENCY would all pass if nothing else
/// happens (GATES.md, semantics 3). `None` unless TIMING blocks and no gate besides those three.
pub fn next_allowed_at(case: &Case<'_>, found: &Findings) -> Option<UnixSeconds> {
    let curable = Gate::Timing.bit() | Gate::Fairness.bit() | Gate::Concurrency.bit();
    if !found.blocks(Gate::Timing) || found.blocked_bits() & !curable != 0 {
        return None;
    }
    let horizon = case.now.plus(HORIZON_DAYS_MAX * SECONDS_PER_DAY);
    let mut at = case.now;
    for _ in 0..STEPS_MAX {
        let later = Case { now: at, ..*case };
        match all(&later) {
            Ready::Now => return (at > case.now).then_some(at),
            Ready::NotBefore(instant) if instant <= horizon => at = instant,
            Ready::NotBefore(_) | Ready::Never => return None,
        }
    }
    None
}

/// How long an ALLOW may be used: until TIMING would close, 300 s at most (semantics 6). What an
/// override lifts now closes nothing while the override lasts.
pub fn use_by(case: &Case<'_>) -> UnixSeconds {
    let latest = case.now.plus(Verdict::USE_BY_MAX_S);
    let mut at = case.now;
    while let Some(edge) = edges::after(case, at, latest) {
        let later = Case { now: edge, ..*case };
        if timing(&later) != Ready::Now {
            return edge;
        }
        at = edge;
    }
    latest
}

fn all(case: &Case<'_>) -> Ready {
    gathered(case, |case, visit| {
        fairness::each(case, visit);
        super::each(case, visit);
        concurrency::each(case, visit);
    })
}

fn timing(case: &Case<'_>) -> Ready {
    gathered(case, |case, visit| super::each(case, visit))
}

/// When all the conditions that no override lifts are ready.
fn gathered(case: &Case<'_>, each: impl Fn(&Case<'_>, &mut dyn FnMut(Finding, Ready))) -> Ready {
    let mut ready = Ready::Now;
    let overridden = case
        .extras()
        .is_some_and(|extras| !extras.overrides.is_empty());
    if !overridden {
        each(case, &mut |_, one| ready = ready.and(one));
        return ready;
    }
    let mut found = Findings::default();
    each(case, &mut |finding, one| {
        if one != Ready::Now {
            found.block_by(finding.code, finding.rule);
        }
    });
    let to_come = case.extras().and_then(|extras| {
        let begins = extras.overrides.iter().filter_map(|o| o.since.get());
        begins.filter(|since| *since > case.now).min()
    });
    // A list that is full may have dropped a finding: then nothing counts as lifted.
    let full = found.list().len() == Findings::CODES_MAX;
    overrides::apply(case, &mut found);
    each(case, &mut |finding, one| {
        if full || found.list().contains(&finding) {
            ready = ready.and(one);
        }
    });
    // One that begins later may lift it then.
    to_come.map_or(ready, |since| ready.or_from(since))
}
