//! G12 INFRASTRUCTURE: what the house itself must be sure of before anybody is contacted.
//!
//! Fresh facts, a rule pack within its review, a clock to trust, and no kill switch. The review date
//! is the house's own and is read in UTC; its last day belongs to the pack.

use crate::domain::case::Case;
use crate::domain::place::Jurisdiction;
use crate::domain::policy::permits_channel;
use crate::domain::rules::Review;
use crate::domain::verdict::{Code, Findings};

/// Asks the gate.
pub fn ask(case: &Case<'_>, found: &mut Findings) {
    if is_stale(case) {
        found.block(Code::FactsStale);
    }
    if case.world.pack.review(case.now.utc_date()) == Review::Overdue {
        found.block(Code::RulesPastReview);
    }
    if !case.world.clock_trusted {
        found.block(Code::ClockNotTrusted);
    }
    if is_killed(case) {
        found.block(Code::KillSwitch);
    }
}

/// Facts never confirmed are older than any limit.
fn is_stale(case: &Case<'_>) -> bool {
    let max = i64::from(case.policy.facts_age_max_s);
    let age = case.account.facts_at.get().map(|at| case.now.since(at));
    max != 0 && age.is_none_or(|age| age > max)
}

fn is_killed(case: &Case<'_>) -> bool {
    let kills = case.kills;
    let suggested = case.places.jurisdictions();
    kills.tenant
        || kills.portfolios.contains(&case.account.portfolio)
        || (kills.states.iter()).any(|state| suggested.contains(Jurisdiction::of_state(*state)))
        || (case.intent.channel).is_some_and(|channel| permits_channel(kills.channels, channel))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::At;
    use crate::domain::gates::fixture::{Fixture, at};
    use crate::domain::ids::NameNo;
    use crate::domain::place::StateCode;
    use crate::domain::words::Channel;

    #[test]
    fn facts_are_stale_past_the_limit_and_when_never_confirmed() {
        let mut fixture = Fixture::neutral();
        fixture.account.facts_at = At::of(fixture.now.minus(86_401));
        assert_eq!(fixture.ask(ask), []);
        fixture.policy.facts_age_max_s = 86_400;
        assert_eq!(fixture.ask(ask), [Code::FactsStale]);
        fixture.account.facts_at = At::of(fixture.now.minus(86_400));
        assert_eq!(fixture.ask(ask), []);
        fixture.account.facts_at = At::NEVER;
        assert_eq!(fixture.ask(ask), [Code::FactsStale]);
    }

    #[test]
    fn the_review_date_is_the_packs_last() {
        let mut fixture = Fixture::neutral();
        fixture.now = at("2027-06-30T23:59:59Z");
        assert_eq!(fixture.ask(ask), []);
        fixture.now = at("2027-07-01T00:00:00Z");
        assert_eq!(fixture.ask(ask), [Code::RulesPastReview]);
    }

    #[test]
    fn an_untrusted_clock_blocks() {
        let mut fixture = Fixture::neutral();
        fixture.clock_trusted = false;
        assert_eq!(fixture.ask(ask), [Code::ClockNotTrusted]);
    }

    #[test]
    fn each_kill_switch_stops_its_own_and_nothing_else() {
        let mut fixture = Fixture::neutral();
        fixture.account.portfolio = NameNo(3);
        fixture.kills.portfolios = vec![NameNo(4)];
        fixture.kills.states = vec![StateCode::parse("NV").unwrap()];
        fixture.kills.channels = 1 << Channel::Sms.number();
        assert_eq!(fixture.ask(ask), []);
        let switches: [fn(&mut Fixture); 4] = [
            |f| f.kills.tenant = true,
            |f| f.kills.portfolios.push(NameNo(3)),
            |f| f.kills.states.push(StateCode::parse("CA").unwrap()),
            |f| f.kills.channels |= 1 << Channel::Phone.number(),
        ];
        for throw in switches {
            let mut thrown = fixture.clone();
            throw(&mut thrown);
            assert_eq!(thrown.ask(ask), [Code::KillSwitch]);
        }
    }
}
