//! Counters of a tenant since this engine was made: what was decided and what was reported.
//!
//! They decide nothing, stand in no row and in no snapshot, and begin at nothing with each start. An
//! ALLOW costs two additions.

use crate::domain::time::{SECONDS_PER_DAY, UnixSeconds};
use crate::domain::verdict::{Code, Findings, Gate};

/// What was counted in some time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// Decisions, dry runs among them.
    pub decisions: u64,
    /// Those of them that blocked.
    pub blocks: u64,
    /// Blocks by gate, in order of [`Gate::ALL`]; a decision counts in each that blocked.
    pub gates: [u64; Gate::ALL.len()],
    /// Blocks by code, in the order codes were first met; at most as many as there are codes.
    pub codes: Vec<(Code, u64)>,
    /// Outcomes by published word, in the order words were first met; at most as many as there are.
    pub outcomes: Vec<(&'static str, u64)>,
}

/// Counters of today (UTC) and since the start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tallies {
    day: i64,
    today: Figures,
    since_start: Figures,
}

impl Figures {
    fn decision(&mut self, findings: &Findings) {
        self.decisions += 1;
        if findings.allow() {
            return;
        }
        self.blocks += 1;
        for (gate, count) in Gate::ALL.iter().zip(&mut self.gates) {
            *count += u64::from(findings.blocks(*gate));
        }
        for (n, found) in findings.list().iter().enumerate() {
            let earlier = findings.list().get(..n).unwrap_or_default();
            // One code may stand for several rules.
            if earlier.iter().any(|other| other.code == found.code) {
                continue;
            }
            bump(&mut self.codes, found.code);
        }
    }
}

impl Tallies {
    /// Counts a decision.
    pub fn decision(&mut self, findings: &Findings, now: UnixSeconds) {
        self.turn(now);
        self.today.decision(findings);
        self.since_start.decision(findings);
    }

    /// Counts an outcome that made a row.
    pub fn outcome(&mut self, word: &'static str, now: UnixSeconds) {
        self.turn(now);
        for figures in [&mut self.today, &mut self.since_start] {
            bump(&mut figures.outcomes, word);
        }
    }

    /// Today's figures and those since the start.
    pub fn read(&mut self, now: UnixSeconds) -> (Figures, Figures) {
        self.turn(now);
        (self.today.clone(), self.since_start.clone())
    }

    fn turn(&mut self, now: UnixSeconds) {
        let day = now.0.div_euclid(SECONDS_PER_DAY);
        if day != self.day {
            self.day = day;
            self.today = Figures::default();
        }
    }
}

fn bump<T: PartialEq>(counts: &mut Vec<(T, u64)>, of: T) {
    match counts.iter_mut().find(|(known, _)| *known == of) {
        Some((_, count)) => *count += 1,
        None => counts.push((of, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::RuleNo;

    #[test]
    fn a_day_begins_at_nothing_and_the_whole_goes_on() {
        let mut tallies = Tallies::default();
        let (monday, tuesday) = (UnixSeconds(86_399), UnixSeconds(86_400));
        let mut blocked = Findings::default();
        blocked.block_by(Code::StateFrequency, RuleNo(40));
        blocked.block_by(Code::StateFrequency, RuleNo(41));
        blocked.block(Code::AttemptGap);
        tallies.decision(&Findings::default(), monday);
        tallies.decision(&blocked, monday);
        tallies.outcome("conversation", monday);
        let (today, whole) = tallies.read(monday);
        assert_eq!(today, whole);
        assert_eq!((whole.decisions, whole.blocks), (2, 1));
        assert_eq!(
            whole.codes,
            [(Code::StateFrequency, 1), (Code::AttemptGap, 1)]
        );
        let gates: Vec<Gate> = Gate::ALL
            .into_iter()
            .zip(whole.gates)
            .filter_map(|(gate, count)| (count == 1).then_some(gate))
            .collect();
        assert_eq!(gates, [Gate::Fairness, Gate::Timing]);
        tallies.decision(&blocked, tuesday);
        let (today, whole) = tallies.read(tuesday);
        assert_eq!((today.decisions, whole.decisions), (1, 3));
        assert_eq!(today.outcomes, []);
        assert_eq!(whole.outcomes, [("conversation", 1)]);
    }
}
