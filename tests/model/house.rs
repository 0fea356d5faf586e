//! FAIRNESS, CONCURRENCY, ESCALATION, PROMISE and INFRASTRUCTURE: the agency's own rules.

use dialgate::domain::verdict::Code;
use dialgate::domain::words::{Action, Channel, DialMode, EscalationKind, Outcome, OverrideKind};

use super::case::{Case, Codes, note};
use super::local::day_of;
use super::world::Attempt;

/// The pack is to be reviewed by this day.
const REVIEW_BY: (i64, i64, i64) = (2027, 6, 30);

pub(crate) fn fairness(case: &Case<'_>, at: i64) -> Codes {
    let mut found = Codes::new();
    if case.overridden(OverrideKind::Supervisor, 6, at) {
        return found;
    }
    let policy = &case.world.policy;
    let placed = || case.attempts().filter(|a| a.placed());
    let soon = placed().any(|a| at < a.at + policy.gap);
    note(&mut found, policy.gap > 0 && soon, Code::AttemptGap);
    let today = |a: &&Attempt| case.within(a.at, 1, at);
    // A number may be shared: whoever was meant, it rang.
    let phone = case.rung().filter(today).count();
    let full = policy.phone_day > 0 && phone >= policy.phone_day;
    note(&mut found, full, Code::PhoneDayCap);
    let full = policy.person_day > 0 && placed().filter(today).count() >= policy.person_day;
    note(&mut found, full, Code::PersonDayCap);
    let voicemails = placed().filter(|a| case.within(a.at, 7, at) && is_voicemail(a));
    let full = policy.voicemails > 0 && voicemails.count() >= policy.voicemails;
    note(
        &mut found,
        full && leaves_voicemail(case),
        Code::VoicemailWeekCap,
    );
    let vulnerable = !case.who.vulnerable.is_disjoint(&policy.vulnerable);
    note(&mut found, vulnerable, Code::Vulnerable);
    found
}

fn is_voicemail(attempt: &Attempt) -> bool {
    let meant = attempt.action == Action::Voicemail && attempt.outcome == Outcome::Pending;
    attempt.outcome == Outcome::Voicemail || meant
}

fn leaves_voicemail(case: &Case<'_>) -> bool {
    let ringless = case.dial_mode() == Some(DialMode::Ringless);
    case.q.action == Some(Action::Voicemail) || (ringless && case.channel_is(Channel::Phone))
}

pub(crate) fn concurrency(case: &Case<'_>, at: i64) -> Codes {
    let mut found = Codes::new();
    let live = case.attempts().any(|a| a.live(at));
    note(
        &mut found,
        case.world.policy.one_at_a_time && live,
        Code::ReservationLive,
    );
    found
}

pub(crate) fn escalation(case: &Case<'_>, at: i64) -> Codes {
    let mut found = Codes::new();
    if case.overridden(OverrideKind::Supervisor, 4, at) {
        return found;
    }
    for kind in &case.account.escalations {
        found.insert(match kind {
            EscalationKind::Complaint => Code::Complaint,
            EscalationKind::RegulatorInquiry => Code::RegulatorInquiry,
            EscalationKind::LegalReferral => Code::LegalReferral,
            EscalationKind::SupervisorReview => Code::SupervisorReview,
        });
    }
    found
}

pub(crate) fn promise(case: &Case<'_>, at: i64) -> Codes {
    let mut found = Codes::new();
    let Some(promise) = &case.account.promise else {
        return found;
    };
    let current = case
        .days(at)
        .into_iter()
        .any(|day| day <= promise.until_day);
    let lifted = case.overridden(OverrideKind::Supervisor, 10, at) || !case.collects(at);
    note(&mut found, current && !lifted, Code::PromiseCurrent);
    found
}

pub(crate) fn infrastructure(case: &Case<'_>, at: i64) -> Codes {
    let (world, account) = (case.world, case.account);
    let mut found = Codes::new();
    let age = world.policy.facts_age;
    note(
        &mut found,
        age > 0 && at - account.told > age,
        Code::FactsStale,
    );
    let (year, month, day) = REVIEW_BY;
    let past = at.div_euclid(86_400) > day_of(year, month, day);
    note(&mut found, past, Code::RulesPastReview);
    note(&mut found, !world.clock_trusted, Code::ClockNotTrusted);
    let channel = case.q.channel.map_or("", Channel::as_str);
    let killed = world.kills.iter().any(|(scope, value)| match &**scope {
        "tenant" => true,
        "portfolio" => account.portfolio.as_ref() == Some(value),
        "state" => case.suggested.law.contains(value),
        _ => value == channel,
    });
    note(&mut found, killed, Code::KillSwitch);
    found
}
