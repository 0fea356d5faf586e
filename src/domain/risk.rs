//! How much care an account asks for: 0 to 100, as the sum of named parts.
//!
//! For a reader's attention alone: no gate looks at it, and a low score allows nothing.
//!
//! Invariants
//! - RISK-1: the score is the sum of its parts, at most [`SCORE_MAX`]; a part is at most its most.
//! - RISK-2: more of anything counted never lowers the score.

use super::facts::{Account, AccountFile, NumberFacts, Person, Phone};
use super::gates::windows::placed;
use super::time::{SECONDS_PER_DAY, UnixSeconds};
use super::words::{AddressStatus, HoldKind, LineType, NoticeKind};

/// The highest score.
pub const SCORE_MAX: u32 = 100;
/// Days over which recent attempts are looked at.
const RECENT_DAYS: i64 = 7;
/// Facts confirmed within so many days are fresh.
const FRESH_DAYS: u32 = 30;

/// What is counted of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RiskFacts {
    /// Kinds of standing prohibition: bankruptcy, death, minority, cease, attorney, identity theft,
    /// hold of a court or a law suit.
    pub prohibitions: u32,
    /// Disputes without an answer.
    pub disputes: u32,
    /// Complaints, inquiries, referrals, reviews that are open.
    pub complaints: u32,
    /// Attempts placed in the last seven days, over everybody of the account.
    pub recent_attempts: u32,
    /// Vulnerability flags, military service among them.
    pub vulnerabilities: u32,
    /// Media, numbers and addresses that were refused, and numbers on the do-not-call list.
    pub refusals: u32,
    /// Numbers and addresses known to be wrong or reassigned.
    pub wrong_contacts: u32,
    /// Facts a gate asks for that are not there.
    pub missing_facts: u32,
    /// Days since the facts were last confirmed.
    pub stale_days: u32,
}

/// One part of the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RiskPart {
    /// Its name.
    pub name: &'static str,
    /// What was counted.
    pub count: u32,
    /// Its points.
    pub points: u32,
    /// Its points at most.
    pub most: u32,
    /// What it stands for, in one sentence.
    pub why: &'static str,
}

/// The score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Risk {
    /// 0 to [`SCORE_MAX`].
    pub score: u32,
    /// The parts, always all of them in the same order.
    pub parts: [RiskPart; 9],
}

/// How a part counts: points for the first, for each further one, at most.
struct Weight {
    name: &'static str,
    first: u32,
    further: u32,
    most: u32,
    why: &'static str,
}

impl Weight {
    fn of(&self, count: u32) -> RiskPart {
        let further = count.saturating_sub(1).saturating_mul(self.further);
        let points = if count == 0 {
            0
        } else {
            self.first.saturating_add(further).min(self.most)
        };
        RiskPart {
            name: self.name,
            count,
            points,
            most: self.most,
            why: self.why,
        }
    }
}

const PROHIBITIONS: Weight = Weight {
    name: "standing_prohibitions",
    first: 40,
    further: 5,
    most: 55,
    why: "Bankruptcy, death, minority, a request to cease, an attorney, identity theft or a court bar contact.",
};
const DISPUTES: Weight = Weight {
    name: "open_disputes",
    first: 15,
    further: 5,
    most: 25,
    why: "A dispute waits for an answer.",
};
const COMPLAINTS: Weight = Weight {
    name: "complaints",
    first: 15,
    further: 5,
    most: 25,
    why: "A complaint, an inquiry, a referral or a review is open.",
};
const ATTEMPTS: Weight = Weight {
    name: "recent_attempts",
    first: 1,
    further: 2,
    most: 15,
    why: "Attempts of the last seven days use up what frequency rules allow.",
};
const VULNERABILITIES: Weight = Weight {
    name: "vulnerability",
    first: 10,
    further: 5,
    most: 20,
    why: "Somebody of the account is flagged vulnerable or serves in the military.",
};
const REFUSALS: Weight = Weight {
    name: "refusals",
    first: 6,
    further: 3,
    most: 15,
    why: "A medium, a number or an address was refused.",
};
const WRONG_CONTACTS: Weight = Weight {
    name: "wrong_contacts",
    first: 6,
    further: 3,
    most: 12,
    why: "A number or an address reaches somebody else.",
};
const MISSING_FACTS: Weight = Weight {
    name: "missing_facts",
    first: 3,
    further: 3,
    most: 12,
    why: "Facts are missing that a gate has to take for the worst.",
};
const STALE_FACTS: Weight = Weight {
    name: "stale_facts",
    first: 3,
    further: 3,
    most: 12,
    why: "The facts were not confirmed for more than thirty days; one more for each thirty after.",
};

/// The score of what was counted.
pub fn score(facts: &RiskFacts) -> Risk {
    let parts = [
        PROHIBITIONS.of(facts.prohibitions),
        DISPUTES.of(facts.disputes),
        COMPLAINTS.of(facts.complaints),
        ATTEMPTS.of(facts.recent_attempts),
        VULNERABILITIES.of(facts.vulnerabilities),
        REFUSALS.of(facts.refusals),
        WRONG_CONTACTS.of(facts.wrong_contacts),
        MISSING_FACTS.of(facts.missing_facts),
        STALE_FACTS.of(facts.stale_days / FRESH_DAYS),
    ];
    let sum: u32 = parts.iter().map(|part| part.points).sum();
    Risk {
        score: sum.min(SCORE_MAX),
        parts,
    }
}

impl RiskFacts {
    /// Counts an account's file.
    pub fn of(file: &AccountFile) -> Self {
        let account = &file.account;
        let mut facts = Self::default();
        facts.of_account(account, file.at);
        for person in &file.persons {
            facts.of_person(&person.person, file.at);
        }
        let kinds = file.persons.iter().fold(0, |kinds, person| {
            kinds | personal_prohibitions(&person.person)
        });
        facts.prohibitions += (kinds | prohibitions(account, file.at)).count_ones();
        let bound = file.numbers.iter().map(|(_, known)| known);
        for known in bound.chain(file.addresses.iter().map(|(_, known)| known)) {
            let ended = known
                .do_not_call_until
                .get()
                .is_some_and(|end| end <= file.at);
            let listed = if ended { NumberFacts::DO_NOT_CALL } else { 0 };
            facts.refusals += u32::from(known.flags & !listed != 0);
        }
        facts
    }

    fn of_account(&mut self, account: &Account, now: UnixSeconds) {
        let wrong = |phone: &&Phone| phone.has(Phone::WRONG | Phone::REASSIGNED);
        self.wrong_contacts += count(account.phones.iter().filter(wrong));
        let usable = account.phones.iter().filter(|phone| !wrong(phone));
        let unknown = |phone: &&Phone| phone.line_type == LineType::Unknown;
        let lines_unknown = usable.clone().any(|phone| unknown(&phone));
        let extras = account.extras.as_deref();
        let notices = extras.map_or(&[][..], |extras| &extras.notices);
        let validated = notices.iter().any(|n| n.kind == NoticeKind::Validation);
        let missing = [
            account.state.is_none(),
            account.zip == 0,
            usable.count() == 0,
            lines_unknown,
            !validated,
            account.address != AddressStatus::OnFile,
        ];
        self.missing_facts += count(missing.into_iter().filter(|missing| *missing));
        let age = account.facts_at.get().map_or(0, |at| now.since(at).max(0));
        self.stale_days = u32::try_from(age / SECONDS_PER_DAY).unwrap_or(u32::MAX);
        let Some(extras) = extras else { return };
        self.disputes += count(extras.disputes.iter().filter(|d| !d.answered.is_set()));
        self.complaints += count(extras.escalations.iter());
        let refused = extras
            .emails
            .iter()
            .filter(|email| email.opted_out.is_set());
        self.refusals += count(refused);
        self.wrong_contacts += count(extras.emails.iter().filter(|email| email.wrong));
    }

    fn of_person(&mut self, person: &Person, now: UnixSeconds) {
        let since = now.minus(RECENT_DAYS * SECONDS_PER_DAY);
        let recent = person
            .attempts
            .iter()
            .filter(|attempt| placed(attempt) && attempt.at.get().is_some_and(|at| since < at));
        self.recent_attempts += count(recent);
        let Some(extras) = person.extras.as_deref() else {
            return;
        };
        let military = extras
            .military
            .is_some_and(|until| until.is_none_or(|until| now.utc_date() <= until));
        self.vulnerabilities += extras.vulnerable.count_ones() + u32::from(military);
        self.refusals += extras.refused_media.count_ones();
    }
}

/// Kinds of prohibition a person's facts bring, a bit each.
fn personal_prohibitions(person: &Person) -> u32 {
    let Some(extras) = person.extras.as_deref() else {
        return 0;
    };
    bits([
        extras.is_bankrupt(),
        extras.deceased,
        extras.minor,
        !extras.ceases.is_empty(),
        extras.attorneys.iter().any(|a| !a.lifted_by_attorney),
    ])
}

/// Kinds of prohibition an account's facts bring, in bits of their own.
fn prohibitions(account: &Account, now: UnixSeconds) -> u32 {
    let Some(extras) = account.extras.as_deref() else {
        return 0;
    };
    let barring = extras.holds.iter().any(|hold| {
        matches!(hold.kind, HoldKind::Court | HoldKind::Litigation)
            && hold.until.get().is_none_or(|until| now < until)
    });
    bits([!extras.identity_theft.is_empty(), barring]) << 8
}

fn bits<const N: usize>(set: [bool; N]) -> u32 {
    set.into_iter()
        .enumerate()
        .fold(0, |bits, (n, one)| bits | u32::from(one) << n)
}

fn count<T>(some: impl Iterator<Item = T>) -> u32 {
    u32::try_from(some.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every count there is, as something to raise.
    const COUNTS: [fn(&mut RiskFacts) -> &mut u32; 9] = [
        |f| &mut f.prohibitions,
        |f| &mut f.disputes,
        |f| &mut f.complaints,
        |f| &mut f.recent_attempts,
        |f| &mut f.vulnerabilities,
        |f| &mut f.refusals,
        |f| &mut f.wrong_contacts,
        |f| &mut f.missing_facts,
        |f| &mut f.stale_days,
    ];

    /// RISK-1: no part is more than its most, nor the score.
    #[test]
    fn nothing_known_to_be_wrong_scores_nothing_and_all_of_it_the_most() {
        assert_eq!(score(&RiskFacts::default()).score, 0);
        let mut all = RiskFacts::default();
        for field in COUNTS {
            *field(&mut all) = u32::MAX;
        }
        let risk = score(&all);
        assert_eq!(risk.score, SCORE_MAX);
        assert!(risk.parts.iter().all(|part| part.points == part.most));
    }

    /// RISK-1, RISK-2: over random counts.
    #[test]
    fn more_of_anything_never_lowers_the_score() {
        let mut random = 20_261_121_u64;
        let mut below = |bound: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            u32::try_from(random % bound).unwrap()
        };
        for _ in 0..2_000 {
            let mut facts = RiskFacts::default();
            for field in COUNTS {
                *field(&mut facts) = below(12);
            }
            facts.stale_days = below(400);
            let before = score(&facts);
            assert!(before.score <= SCORE_MAX);
            let sum: u32 = before.parts.iter().map(|part| part.points).sum();
            assert_eq!(before.score, sum.min(SCORE_MAX));
            for (n, field) in COUNTS.into_iter().enumerate() {
                let mut more = facts;
                *field(&mut more) += below(90);
                let after = score(&more);
                assert!(after.score >= before.score, "{facts:?} {more:?}");
                assert!(after.parts[n].points >= before.parts[n].points);
            }
        }
    }

    #[test]
    fn each_part_moves_by_its_own_count() {
        for (n, field) in COUNTS.into_iter().enumerate() {
            let mut facts = RiskFacts::default();
            // Stale facts are counted in months.
            *field(&mut facts) = if n == 8 { 30 } else { 1 };
            let risk = score(&facts);
            let moved: Vec<usize> = (0..9).filter(|at| risk.parts[*at].points > 0).collect();
            assert_eq!(moved, [n], "{}", risk.parts[n].name);
        }
        let fresh = RiskFacts {
            stale_days: 29,
            ..RiskFacts::default()
        };
        assert_eq!(score(&fresh).score, 0);
    }
}
