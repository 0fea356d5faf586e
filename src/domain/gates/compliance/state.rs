//! Rules of states at home in COMPLIANCE: holds, moratoria, and what they demand of the house.
//!
//! A hold begins with a fact (an application, a request) and ends with one. A time that must pass
//! after a notice runs from its mailing; one that came back was not delivered and does not count.
//! A duty of the house is met when the tenant says so, else it is broken by every contact.

use super::in_force;
use crate::domain::case::Case;
use crate::domain::facts::{At, Hold, Notice};
use crate::domain::gates::purpose;
use crate::domain::gates::timing::{Ready, days_after, fewer_than, tally};
use crate::domain::rules::{DebtType, RecordingParties, RuleKind, StateRule, Window};
use crate::domain::time::CivilDate;
use crate::domain::verdict::Code;
use crate::domain::words::{Channel, DebtKind, Duty, HoldKind, NoticeKind};

/// What the rule blocks with.
pub fn state_rule(case: &Case<'_>, rule: &StateRule) -> Option<Code> {
    match rule.kind {
        RuleKind::ValidationHold { debt_type, .. } => {
            let held = may_be(debt_type, case) && held(case, HoldKind::Itemisation);
            (held && !is_the_notice(case)).then_some(Code::ItemisationPending)
        }
        RuleKind::AccountHold { debt_type } => {
            let held = may_be(debt_type, case) && held(case, HoldKind::CharityCare);
            held.then_some(Code::CharityCare)
        }
        RuleKind::PreContactMoratorium {
            days,
            debt_type,
            notice,
            unknown_blocks,
        } => {
            let free = purpose::reply_covers(case) || is_the_notice(case);
            let waits = may_be(debt_type, case) && !free;
            (waits && !waited(case, notice, days, unknown_blocks)).then_some(Code::NoticePeriod)
        }
        RuleKind::EmergencyMoratorium { plus_days } => {
            emergency(case, rule, plus_days).then_some(Code::EmergencyMoratorium)
        }
        RuleKind::Licence { display: true, .. } => {
            let written = !matches!(
                case.intent.channel,
                Some(Channel::Phone | Channel::InPerson)
            );
            broken(case, written, Duty::LicenceDisplay, Code::LicenceDisplay)
        }
        RuleKind::RecordingConsent(parties) => {
            let spoken = match parties {
                RecordingParties::All | RecordingParties::Contested => true,
                RecordingParties::OneByTelephone => case.intent.channel == Some(Channel::InPerson),
            };
            broken(case, spoken, Duty::Recording, Code::RecordingConsent)
        }
        RuleKind::CallerId => broken(case, true, Duty::CallerId, Code::CallerId),
        RuleKind::Language => broken(case, true, Duty::Language, Code::LanguageRecord),
        _ => None,
    }
}

fn broken(case: &Case<'_>, asked: bool, duty: Duty, code: Code) -> Option<Code> {
    (asked && !case.policy.rules.meets(duty)).then_some(code)
}

/// Whether a debt asked about is of the type, or nobody said of which it is.
fn may_be(debt_type: DebtType, case: &Case<'_>) -> bool {
    debt_type == DebtType::Any
        || case.debts.iter().any(|debt| {
            let mut known = case.account.debts.iter().filter(|d| d.no == *debt);
            !known.any(|d| !matches!(d.kind, DebtKind::Medical | DebtKind::Unknown))
        })
}

fn held(case: &Case<'_>, kind: HoldKind) -> bool {
    let holds = case.extras().map_or(&[][..], |extras| &extras.holds);
    let meant = |hold: &&Hold| hold.kind == kind && in_force(hold, case);
    holds
        .iter()
        .filter(meant)
        .any(|hold| !stated_since(case, hold))
}

/// Whether the itemised statement went out after a hold that asked for it.
pub(super) fn stated_since(case: &Case<'_>, hold: &Hold) -> bool {
    let statement =
        |notice: &Notice| notice.kind == NoticeKind::ItemisedStatement && notice.sent >= hold.since;
    hold.kind == HoldKind::Itemisation && mailed(case).any(statement)
}

/// Notices that went out by now and did not come back.
pub fn mailed<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Notice> {
    let now = case.now;
    let notices = case.extras().map_or(&[][..], |extras| &extras.notices);
    let gone = move |notice: &&Notice| notice.sent.get().is_some_and(|sent| sent <= now);
    notices
        .iter()
        .filter(gone)
        .filter(|notice| !notice.returned.is_set())
}

/// Whether the days have passed since such a notice was mailed; contact is free on the date itself.
fn waited(case: &Case<'_>, kind: Option<NoticeKind>, days: u16, unknown_blocks: bool) -> bool {
    let mut sent = mailed(case)
        .filter(|notice| Some(notice.kind) == kind)
        .filter_map(|notice| notice.sent.get())
        .peekable();
    if sent.peek().is_none() {
        return !unknown_blocks;
    }
    sent.any(|sent| days_after(case, sent, days) == Ready::Now)
}

/// Whether the contact is itself the letter the law asks for: by mail, with an approval.
pub(super) fn is_the_notice(case: &Case<'_>) -> bool {
    case.intent.channel == Some(Channel::Mail) && purpose::legally_required(case).is_some()
}

/// Whether an emergency holds, or held so few days ago. Nobody said when: it holds now.
fn emergency(case: &Case<'_>, rule: &StateRule, plus_days: u16) -> bool {
    let (first, last) = case.local_dates();
    let mut declared = case
        .policy
        .rules
        .emergencies
        .iter()
        .filter(|emergency| emergency.jurisdiction == rule.jurisdiction)
        .peekable();
    declared.peek().is_none()
        || declared.any(|emergency| {
            let ended = |until: CivilDate| until.plus_days(i32::from(plus_days)) < first;
            emergency.from <= last && !emergency.until.is_some_and(ended)
        })
}

/// Requests to cease that leave room for some contacts: whether that room is used up.
pub(super) fn room_is_used(
    case: &Case<'_>,
    since: At,
    (mail_per_month, personal_max): (u16, u16),
) -> bool {
    // Attempts are remembered for forty days: what may lie before them counts as used.
    const REMEMBERED_DAYS: u16 = 37;
    const MONTH: Window = Window::RollingDays(31);
    let by_mail = case.intent.channel == Some(Channel::Mail);
    let past = case.person.attempts.iter().filter(|attempt| {
        attempt.at >= since
            && tally::placed(attempt)
            && (attempt.channel() == Some(Channel::Mail)) == by_mail
    });
    if by_mail {
        return fewer_than(case, mail_per_month, MONTH, past.map(tally::at)) != Ready::Now;
    }
    let forgotten = since
        .get()
        .is_none_or(|since| days_after(case, since, REMEMBERED_DAYS) == Ready::Now);
    forgotten || past.count() >= usize::from(personal_max)
}
