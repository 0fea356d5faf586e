//! What the gates say: which gates block, with which codes.

mod codes;

pub use codes::{Code, CodeText};

pub use super::rules::Gate;
use super::rules::RuleNo;

/// One reason to block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// The stable machine code; it names its gate.
    pub code: Code,
    /// The rule of the pack behind it, [`RuleNo::NONE`] for agency policy.
    pub rule: RuleNo,
}

/// Everything the gates found. Bounded: beyond [`Findings::CODES_MAX`] a finding keeps its gate's
/// bit and drops its code, so a verdict never turns permissive for want of room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Findings {
    blocked: u16,
    evaluated: u16,
    /// Gates whose codes found no room, or were not recorded: only [`Findings::clear`] lifts them.
    unlisted: u16,
    count: u8,
    list: [Finding; Self::CODES_MAX],
    flag_count: u8,
    flags: [RuleNo; Self::FLAGS_MAX],
}

impl Default for Findings {
    fn default() -> Self {
        let none = Finding {
            code: Code::UnknownAccount,
            rule: RuleNo::NONE,
        };
        Self {
            blocked: 0,
            evaluated: 0,
            unlisted: 0,
            count: 0,
            list: [none; Self::CODES_MAX],
            flag_count: 0,
            flags: [RuleNo::NONE; Self::FLAGS_MAX],
        }
    }
}

impl Findings {
    /// Codes a verdict carries at most.
    pub const CODES_MAX: usize = 24;

    /// Flags a verdict carries at most; of more the first are kept.
    pub const FLAGS_MAX: usize = 8;

    /// Notes a rule that would have blocked if it were enforced. Never changes the verdict.
    pub fn flag(&mut self, rule: RuleNo) {
        if self.flags().contains(&rule) {
            return;
        }
        if let Some(slot) = self.flags.get_mut(usize::from(self.flag_count)) {
            *slot = rule;
            self.flag_count += 1;
        }
    }

    /// The rules noted, in the order they were found.
    pub fn flags(&self) -> &[RuleNo] {
        self.flags
            .get(..usize::from(self.flag_count))
            .unwrap_or_default()
    }

    /// Says that a gate was asked.
    pub fn asked(&mut self, gate: Gate) {
        self.evaluated |= gate.bit();
    }

    /// Adds a reason to block under the pack's rule.
    pub fn block_by(&mut self, code: Code, rule: RuleNo) {
        self.blocked |= code.gate().bit();
        let found = Finding { code, rule };
        if self.list().contains(&found) {
            return;
        }
        if let Some(slot) = self.list.get_mut(usize::from(self.count)) {
            *slot = found;
            self.count += 1;
        } else {
            self.unlisted |= code.gate().bit();
        }
    }

    /// Adds a reason of agency policy or of the gate itself.
    pub fn block(&mut self, code: Code) {
        self.block_by(code, RuleNo::NONE);
    }

    /// Removes every finding of a gate (an override reached it).
    pub fn clear(&mut self, gate: Gate) {
        self.retain(|f| f.code.gate() != gate);
        self.blocked &= !gate.bit();
        self.unlisted &= !gate.bit();
    }

    /// Keeps the findings `keep` accepts; a gate left without findings passes.
    pub fn retain(&mut self, keep: impl Fn(&Finding) -> bool) {
        let old = *self;
        self.count = 0;
        self.blocked = self.unlisted;
        for found in old.list().iter().filter(|f| keep(f)) {
            self.block_by(found.code, found.rule);
        }
    }

    /// The reasons, in the order they were found.
    pub fn list(&self) -> &[Finding] {
        self.list.get(..usize::from(self.count)).unwrap_or_default()
    }

    /// Whether a gate blocks.
    pub fn blocks(&self, gate: Gate) -> bool {
        self.blocked & gate.bit() != 0
    }

    /// Blocking gates as bits.
    pub fn blocked_bits(&self) -> u16 {
        self.blocked
    }

    /// Gates that were asked, as bits. An unknown account asks only the first.
    pub fn evaluated_bits(&self) -> u16 {
        self.evaluated
    }

    /// Whether nothing blocks.
    pub fn allow(&self) -> bool {
        self.blocked == 0
    }

    /// Whether a code is among the reasons.
    pub fn has(&self, code: Code) -> bool {
        self.list().iter().any(|f| f.code == code)
    }

    /// Rebuilds findings from a recorded row.
    pub fn restore(
        (blocked, evaluated): (u16, u16),
        list: impl Iterator<Item = Finding>,
        flags: impl Iterator<Item = RuleNo>,
    ) -> Self {
        let mut all = Self::default();
        for found in list {
            all.block_by(found.code, found.rule);
        }
        all.unlisted |= blocked & !all.blocked;
        all.blocked |= blocked;
        all.evaluated = evaluated;
        flags.for_each(|rule| all.flag(rule));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_list_still_blocks() {
        let mut all = Findings::default();
        for rule in 0..30 {
            all.block_by(Code::StateFrequency, RuleNo(rule));
        }
        all.block(Code::KillSwitch);
        assert_eq!(all.list().len(), Findings::CODES_MAX);
        assert!(all.blocks(Gate::Infrastructure));
        all.retain(|finding| finding.code != Code::KillSwitch);
        assert!(
            all.blocks(Gate::Infrastructure),
            "a code without room stays"
        );
        all.retain(|_| false);
        assert_eq!(
            all.blocked_bits(),
            Gate::Timing.bit() | Gate::Infrastructure.bit()
        );
    }

    #[test]
    fn clearing_a_gate_leaves_the_others() {
        let mut all = Findings::default();
        all.block(Code::AttemptGap);
        all.block(Code::KillSwitch);
        all.clear(Gate::Fairness);
        assert!(!all.blocks(Gate::Fairness));
        assert!(all.blocks(Gate::Infrastructure));
        assert!(!all.allow());
    }
}
