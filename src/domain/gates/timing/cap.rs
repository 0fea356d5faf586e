//! A history longer than can be kept counts as full: what was dropped may have counted.

use super::ready::{Ready, Visit};
use super::tally;
use crate::domain::case::Case;
use crate::domain::rules::{RuleNo, WINDOW_DAYS_MAX};
use crate::domain::time::SECONDS_PER_DAY;
use crate::domain::verdict::{Code, Finding};

/// Local days the longest count window of any rule may reach back, and one for the zones.
const REACH_DAYS: i64 = WINDOW_DAYS_MAX + 1;

/// Shows the condition when the person's ring is full.
pub(super) fn each(case: &Case<'_>, visit: &mut (impl Visit + ?Sized)) {
    let kept = &case.person.attempts;
    if kept.len() < case.world.attempts_per_person_max {
        return;
    }
    // Once the oldest one kept lies before every window, all that was dropped does.
    let known_from = kept.iter().map(tally::at).min();
    let ready = known_from.map_or(Ready::Never, |oldest| {
        Ready::from(oldest.plus(REACH_DAYS * SECONDS_PER_DAY), case.now)
    });
    let (code, rule) = (Code::AttemptsAtCap, RuleNo::NONE);
    visit(Finding { code, rule }, ready);
}
