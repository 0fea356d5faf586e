//! The twelve gates, in order, on one screen.
//!
//! Each gate is a pure function of the [`Case`]: it reads facts and adds findings. None knows
//! another, none keeps state, none reads a clock. Every rule has one home gate.
//!
//! Invariants
//! - GATES-1: all twelve are asked; only an unknown account ends the questions early (semantics 1).
//! - GATES-2: a verdict without findings is the only ALLOW.
//! - GATES-3: a supervisor's override clears no finding whose code or rule carries a citation of law;
//!   a court's or the consumer's clears only what 12 CFR 1006.6 lets it, and no rule of a state.

pub mod account;
pub mod authority;
pub mod channel;
pub mod compliance;
pub mod concurrency;
pub mod consent;
pub mod escalation;
pub mod fairness;
#[cfg(test)]
mod fixture;
pub mod infrastructure;
pub mod overrides;
pub mod promise;
pub mod purpose;
pub mod reach;
pub mod state_law;
pub mod strategy;
pub mod timing;
pub mod windows;
pub mod workplace;

use super::case::Case;
use super::time::UnixSeconds;
use super::verdict::{Code, Findings, Gate};

/// A decision before it has a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// What the gates found.
    pub findings: Findings,
    /// When TIMING (with FAIRNESS and CONCURRENCY, if they block too) would pass.
    pub next_allowed_at: Option<UnixSeconds>,
    /// How long an ALLOW may be used; `now` for a BLOCK.
    pub use_by: UnixSeconds,
}

impl Verdict {
    /// Seconds an ALLOW lives at most (GATES.md, semantics 6).
    pub const USE_BY_MAX_S: i64 = 300;

    /// The verdict on an account the tenant does not have: G1 alone is asked.
    pub fn unknown_account(now: UnixSeconds) -> Self {
        let mut findings = Findings::default();
        findings.asked(Gate::Account);
        findings.block(Code::UnknownAccount);
        Self {
            findings,
            next_allowed_at: None,
            use_by: now,
        }
    }
}

/// Asks all twelve gates.
pub fn evaluate(case: &Case<'_>) -> Verdict {
    let mut found = Findings::default();
    account::ask(case, &mut found);
    strategy::ask(case, &mut found);
    compliance::ask(case, &mut found);
    escalation::ask(case, &mut found);
    authority::ask(case, &mut found);
    fairness::ask(case, &mut found);
    timing::ask(case, &mut found);
    consent::ask(case, &mut found);
    channel::ask(case, &mut found);
    promise::ask(case, &mut found);
    concurrency::ask(case, &mut found);
    infrastructure::ask(case, &mut found);
    state_law::ask(case, &mut found);
    overrides::apply(case, &mut found);
    state_law::flag(case, &mut found);
    for gate in Gate::ALL {
        found.asked(gate);
    }
    let next_allowed_at = timing::next_allowed_at(case, &found);
    let use_by = if found.allow() {
        timing::use_by(case)
    } else {
        case.now
    };
    Verdict {
        findings: found,
        next_allowed_at,
        use_by,
    }
}

#[cfg(test)]
mod tests;
