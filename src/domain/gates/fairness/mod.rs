//! G6 FAIRNESS: the agency's own caps, stricter than the law's numbers, each of them off at 0.
//!
//! 12 CFR 1006.14(a) and the factors in its commentary: calls in rapid succession, all in one day, a
//! pattern of voicemails. So every attempt counts that was placed, one that did not connect too, and
//! no purpose lifts a cap: semantics 8 names none that does.
//!
//! The cap of a number counts whoever was meant, over every account the number stands on.
//!
//! Days are those where the consumer may be; where nothing says where that is, the agency's own.

use super::timing::{Ready, Visit, fewer_than_in, fewer_to, tally, zones};
use crate::domain::case::Case;
use crate::domain::facts::Attempt;
use crate::domain::rules::{RuleNo, Window};
use crate::domain::time::ZoneId;
use crate::domain::verdict::{Code, Finding, Findings};
use crate::domain::words::{Action, Channel, DialMode};

/// Local days over which voicemails are counted.
pub(super) const VOICEMAIL_DAYS: u16 = 7;

/// Asks the gate.
pub fn ask(case: &Case<'_>, found: &mut Findings) {
    each(case, &mut |finding: Finding, ready| {
        if ready != Ready::Now {
            found.block_by(finding.code, finding.rule);
        }
    });
}

/// Shows every cap that is on.
pub(super) fn each(case: &Case<'_>, visit: &mut (impl Visit + ?Sized)) {
    let caps = case.policy.fairness;
    let mut show = |code, ready| {
        let rule = RuleNo::NONE;
        visit(Finding { code, rule }, ready);
    };
    if caps.gap_s > 0 {
        show(Code::AttemptGap, gap(case, i64::from(caps.gap_s)));
    }
    if let Some(limit) = cap(caps.phone_per_day) {
        show(Code::PhoneDayCap, phone_day(case, limit));
    }
    if let Some(limit) = cap(caps.person_per_day) {
        let all = case.person.attempts.iter();
        show(Code::PersonDayCap, day(case, limit, all));
    }
    if let Some(limit) = cap(caps.voicemails_per_week).filter(|_| leaves_message(case)) {
        show(Code::VoicemailWeekCap, voicemails(case, limit));
    }
    if case
        .person_extras()
        .is_some_and(|extras| extras.vulnerable & caps.vulnerable_blocks != 0)
    {
        show(Code::Vulnerable, Ready::Never);
    }
}

/// A cap that is on. One that no ring could fill is as good as the largest.
fn cap(number: u32) -> Option<u16> {
    (number > 0).then(|| u16::try_from(number).unwrap_or(u16::MAX))
}

fn gap(case: &Case<'_>, seconds: i64) -> Ready {
    case.person
        .attempts
        .iter()
        .filter(|attempt| tally::placed(attempt))
        .map(tally::at)
        .max()
        .map_or(Ready::Now, |last| Ready::from(last.plus(seconds), case.now))
}

fn phone_day(case: &Case<'_>, limit: u16) -> Ready {
    let Some(number) = case.phone.map(|phone| phone.number) else {
        return Ready::Now;
    };
    let most = (limit, Window::CalendarDay);
    fewer_to(calendars(case), case, number, most, tally::rang)
}

fn day<'a>(case: &Case<'_>, limit: u16, attempts: impl Iterator<Item = &'a Attempt>) -> Ready {
    let instants = attempts
        .filter(|attempt| tally::placed(attempt))
        .map(tally::at);
    fewer_than_in(calendars(case), case, limit, Window::CalendarDay, instants)
}

/// The zones whose days count.
fn calendars<'a>(case: &Case<'a>) -> &'a [ZoneId] {
    let known = zones(case);
    if known.is_empty() {
        return case.policy.zone.as_slice();
    }
    known
}

/// Whether the contact is a voice message from the start.
fn leaves_message(case: &Case<'_>) -> bool {
    let by_phone = case.intent.channel == Some(Channel::Phone);
    case.intent.action == Some(Action::Voicemail)
        || (by_phone && case.dial_mode() == Some(DialMode::Ringless))
}

fn voicemails(case: &Case<'_>, limit: u16) -> Ready {
    let left = case
        .person
        .attempts
        .iter()
        .filter(|attempt| tally::placed(attempt) && tally::voicemail(attempt))
        .map(tally::at);
    let window = Window::RollingDays(VOICEMAIL_DAYS);
    fewer_than_in(calendars(case), case, limit, window, left)
}

#[cfg(test)]
mod tests;
