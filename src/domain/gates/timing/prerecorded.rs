//! Prerecorded voices to a residence, three in thirty days: 47 CFR 64.1200(a)(3)(iii).
//!
//! A collector's artificial or prerecorded voice to a residential line is exempt from consent up to
//! three calls in any thirty days, counted by caller and line, not by debt; beyond that it is barred
//! until the window frees or consent is given. So where express consent stands (it was not taken back,
//! nor void because the number was found reassigned) nothing is counted, and where none does time cures: the rule is TIMING's, not CONSENT's. Lines that are not known
//! to be landlines are wireless here and need consent (see `consent`). The rule speaks of calls
//! initiated to the line: one that did not connect counts, and one meant for somebody else.

use super::by_number::fewer_to;
use super::local::zones;
use super::ready::Visit;
use super::tally;
use crate::domain::case::Case;
use crate::domain::facts::{Attempt, ConsentTo, Phone};
use crate::domain::gates::consent::takes_recordings;
use crate::domain::rules::FederalId;
use crate::domain::verdict::{Code, Finding};
use crate::domain::words::{Channel, DialMode, LineType};

/// Shows the condition for a prerecorded call to a residential line without consent.
pub(super) fn each(case: &Case<'_>, visit: &mut (impl Visit + ?Sized)) {
    let Some(phone) = case.phone.filter(|phone| exempted(case, phone)) else {
        return;
    };
    let federal = case.world.pack.federal();
    let most = (federal.prerecorded_limit, federal.prerecorded_window);
    let ready = fewer_to(zones(case), case, phone.number, most, |attempt| {
        attempt.has(Attempt::PRERECORDED)
            && attempt.channel() == Some(Channel::Phone)
            && tally::rang(attempt)
    });
    let later = phone.consent(ConsentTo::Recordings).given_later(case.now);
    let ready = later.map_or(ready, |given| ready.or_from(given));
    let code = Code::Prerecorded3In30;
    let rule = case
        .world
        .pack
        .federal_no(FederalId::PrerecordedThreeInThirty);
    visit(Finding { code, rule }, ready);
}

fn exempted(case: &Case<'_>, phone: &Phone) -> bool {
    case.intent.channel == Some(Channel::Phone)
        && matches!(
            case.dial_mode(),
            Some(DialMode::Prerecorded | DialMode::Ringless)
        )
        && phone.line_type == LineType::Landline
        && !phone.has(Phone::WORK)
        && !takes_recordings(case)
}
