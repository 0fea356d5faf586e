//! What the counts still leave: how many more contacts of the kind asked each window allows.
//!
//! Found by trying: the contact is put into a copy of the person's history once, twice, ... and the
//! gates' own conditions are asked each time. No window is counted here a second time, so that what
//! is told and what is decided cannot differ.

use super::timing::{self, Ready};
use super::{fairness, overrides};
use crate::domain::case::Case;
use crate::domain::facts::Attempt;
use crate::domain::rules::{Frequency, RuleKind, StateRule, Window, WorkplaceLimit};
use crate::domain::time::{SECONDS_PER_DAY, UnixSeconds};
use crate::domain::verdict::{Code, Finding, Findings};

/// Contacts tried at most: a window that leaves more says only that it leaves more.
pub const LEFT_MAX: u16 = 32;
/// Days ahead that a window's end is looked for; what ends later is as good as never.
const HORIZON_DAYS_MAX: i64 = 400;
/// Times one window is asked when it ends.
const STEPS_MAX: usize = 256;

/// How long a window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Days or hours, as rules state them.
    Window(Window),
    /// Seconds after an attempt.
    Seconds(u32),
}

/// A count or a rest that applies to a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountWindow {
    /// What it blocks with.
    pub finding: Finding,
    /// Contacts in the window; `None` where the condition has no such number.
    pub limit: Option<u32>,
    /// Its length.
    pub span: Option<Span>,
    /// Contacts of the kind asked that may still be made at this instant before it blocks, 0 when it
    /// blocks now. `None`: [`LEFT_MAX`] more would not close it (a rest that only a conversation
    /// starts, a count of another kind of contact, a consent that lifts it).
    pub left: Option<u16>,
    /// When it blocks now: the first instant at which it does not, if nothing else happens. `None`
    /// when it does not block, or time alone never cures it.
    pub free_at: Option<UnixSeconds>,
}

/// Whether the counts take an attempt for one the collector placed.
pub fn placed(attempt: &Attempt) -> bool {
    timing::tally::placed(attempt)
}

/// The counts of TIMING and FAIRNESS that apply to the case, in the order the gates ask them.
///
/// `attempt` is the reservation that an ALLOW would make, `add` puts one into a history as the
/// engine does. At most [`LEFT_MAX`] + 2 askings of both gates.
pub fn windows(
    case: &Case<'_>,
    attempt: Attempt,
    add: impl Fn(&mut Vec<Attempt>, Attempt),
) -> Vec<CountWindow> {
    let mut all = applying(case);
    let mut person = case.person.clone();
    let blocked = blocking(case);
    // Windows that even the most contacts would not close need no looking for.
    for _ in 0..LEFT_MAX {
        add(&mut person.attempts, attempt);
    }
    let closing = blocking(&with_person(case, &person));
    for finding in closing.iter().filter(|finding| counts(finding.code)) {
        if all.iter().all(|one| one.finding != *finding) {
            all.push(window(case, *finding));
        }
    }
    person.attempts.clone_from(&case.person.attempts);
    let mut found = blocked;
    for made in 0..=LEFT_MAX {
        for one in all.iter_mut().filter(|one| one.left.is_none()) {
            one.left = found.contains(&one.finding).then_some(made);
        }
        let open = |one: &&CountWindow| one.left.is_none() && closing.contains(&one.finding);
        if all.iter().find(open).is_none() {
            break;
        }
        add(&mut person.attempts, attempt);
        found = blocking(&with_person(case, &person));
    }
    for one in all.iter_mut().filter(|one| one.left == Some(0)) {
        one.free_at = free_at(case, one.finding);
    }
    all
}

/// Whether the code is that of a count or a rest, and not of hours or of a standing condition.
fn counts(code: Code) -> bool {
    matches!(
        code,
        Code::AttemptGap
            | Code::PhoneDayCap
            | Code::PersonDayCap
            | Code::VoicemailWeekCap
            | Code::Call7In7
            | Code::CallAfterConversation
            | Code::Prerecorded3In30
            | Code::StateFrequency
            | Code::StateAfterConversation
            | Code::AttemptsAtCap
            | Code::WorkFrequency
    )
}

fn each(case: &Case<'_>, visit: &mut dyn FnMut(Finding, Ready)) {
    fairness::each(case, visit);
    timing::each(case, visit);
}

fn applying(case: &Case<'_>) -> Vec<CountWindow> {
    let mut all: Vec<CountWindow> = Vec::new();
    each(case, &mut |finding, _| {
        if counts(finding.code) && all.iter().all(|one| one.finding != finding) {
            all.push(window(case, finding));
        }
    });
    all
}

/// The case with another history of the person asked for.
fn with_person<'a>(case: &Case<'a>, person: &'a crate::domain::facts::Person) -> Case<'a> {
    let consumer = if case.is_consumer() {
        person
    } else {
        case.consumer
    };
    Case {
        person,
        consumer,
        ..*case
    }
}

/// The conditions of both gates that block and that no override lifts.
fn blocking(case: &Case<'_>) -> Vec<Finding> {
    let (mut raw, mut found) = (Vec::new(), Findings::default());
    each(case, &mut |finding, ready| {
        if ready != Ready::Now {
            raw.push(finding);
            found.block_by(finding.code, finding.rule);
        }
    });
    // A list that is full may have dropped a finding: then nothing counts as lifted.
    if found.list().len() == Findings::CODES_MAX {
        return raw;
    }
    overrides::apply(case, &mut found);
    found.list().to_vec()
}

/// When a condition that blocks now ceases to.
fn free_at(case: &Case<'_>, finding: Finding) -> Option<UnixSeconds> {
    let horizon = case.now.plus(HORIZON_DAYS_MAX * SECONDS_PER_DAY);
    let mut at = case.now;
    for _ in 0..STEPS_MAX {
        let later = Case { now: at, ..*case };
        if !blocking(&later).contains(&finding) {
            return Some(at);
        }
        let mut ready = Ready::Now;
        each(&later, &mut |one, when| {
            if one == finding {
                ready = ready.and(when);
            }
        });
        match ready {
            Ready::NotBefore(instant) if instant <= horizon => at = instant,
            Ready::NotBefore(_) | Ready::Never | Ready::Now => return None,
        }
    }
    None
}

fn window(case: &Case<'_>, finding: Finding) -> CountWindow {
    let (limit, span) = figures(case, finding);
    CountWindow {
        finding,
        limit,
        span,
        left: None,
        free_at: None,
    }
}

/// The figures a window is stated with, for a reader: nothing is decided by them here.
fn figures(case: &Case<'_>, finding: Finding) -> (Option<u32>, Option<Span>) {
    let federal = case.world.pack.federal();
    let caps = case.policy.fairness;
    let windowed = |limit: u32, window| (Some(limit), Some(Span::Window(window)));
    match finding.code {
        Code::AttemptGap => (None, Some(Span::Seconds(caps.gap_s))),
        Code::PhoneDayCap => windowed(caps.phone_per_day, Window::CalendarDay),
        Code::PersonDayCap => windowed(caps.person_per_day, Window::CalendarDay),
        Code::VoicemailWeekCap => windowed(
            caps.voicemails_per_week,
            Window::RollingDays(fairness::VOICEMAIL_DAYS),
        ),
        Code::Call7In7 => windowed(federal.calls_limit.into(), federal.calls_window),
        Code::CallAfterConversation => (None, Some(Span::Window(federal.after_conversation))),
        Code::Prerecorded3In30 => {
            windowed(federal.prerecorded_limit.into(), federal.prerecorded_window)
        }
        Code::StateFrequency | Code::StateAfterConversation | Code::WorkFrequency => {
            let mut rules = case.rules.enforced().iter();
            let rule = rules.find(|rule| rule.no == finding.rule);
            rule.map_or((None, None), of_rule)
        }
        _ => (None, None),
    }
}

fn of_rule(rule: &StateRule) -> (Option<u32>, Option<Span>) {
    match rule.kind {
        RuleKind::Frequency(Frequency { limit, .. }) => {
            (Some(limit.limit.into()), Some(Span::Window(limit.window)))
        }
        RuleKind::WorkplaceLimit(WorkplaceLimit::Count { limit, window, .. }) => {
            (Some(limit.into()), Some(Span::Window(window)))
        }
        _ => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::gates::fixture::Fixture;
    use crate::domain::words::{Channel, Outcome};

    fn next() -> Attempt {
        timing::call_for_tests("2026-05-05T18:00:00Z", Outcome::Pending)
    }

    fn told(fixture: &Fixture) -> Vec<CountWindow> {
        fixture.with(|case| windows(case, next(), Vec::push))
    }

    fn left(fixture: &Fixture, code: Code) -> Option<u16> {
        let all = told(fixture);
        all.iter()
            .find(|one| one.finding.code == code)
            .unwrap()
            .left
    }

    #[test]
    fn every_call_made_leaves_one_less_until_none() {
        let mut fixture = Fixture::default();
        for made in 0..=8_u16 {
            assert_eq!(
                left(&fixture, Code::Call7In7),
                Some(7_u16.saturating_sub(made)),
                "after {made}"
            );
            fixture.attempts().push(next());
        }
        let all = told(&fixture);
        let seven = all.iter().find(|w| w.finding.code == Code::Call7In7);
        let seven = seven.unwrap();
        assert_eq!(
            (seven.limit, seven.span),
            (Some(7), Some(Span::Window(Window::RollingDays(7))))
        );
        // The seventh local day after the calls, at midnight in Los Angeles.
        assert_eq!(
            seven.free_at,
            UnixSeconds::parse("2026-05-12T07:00:00Z").ok()
        );
    }

    #[test]
    fn a_rest_leaves_no_number_until_a_conversation_starts_it() {
        let mut fixture = Fixture::default();
        let code = Code::CallAfterConversation;
        assert_eq!(left(&fixture, code), None);
        let mut talk = next();
        talk.outcome = Outcome::Conversation.number();
        fixture.attempts().push(talk);
        assert_eq!(left(&fixture, code), Some(0));
    }

    #[test]
    fn a_channel_that_no_count_binds_has_no_window() {
        assert_eq!(told(&Fixture::over(Channel::Email)), []);
    }

    #[test]
    fn the_agencys_own_caps_are_windows_too() {
        let mut fixture = Fixture::default();
        fixture.policy.fairness.gap_s = 300;
        fixture.policy.fairness.phone_per_day = 3;
        assert_eq!(left(&fixture, Code::AttemptGap), Some(1));
        assert_eq!(left(&fixture, Code::PhoneDayCap), Some(3));
        fixture.policy.fairness.phone_per_day = u32::from(LEFT_MAX) + 1;
        assert_eq!(left(&fixture, Code::PhoneDayCap), None);
    }
}
