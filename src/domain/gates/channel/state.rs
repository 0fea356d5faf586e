//! Rules of states at home in CHANNEL: work, employers, visits, wireless numbers, third parties.

use crate::domain::case::Case;
use crate::domain::facts::Phone;
use crate::domain::gates::timing::{Ready, work_ready};
use crate::domain::gates::workplace;
use crate::domain::intent::Asked;
use crate::domain::rules::{RuleKind, StateRule, WorkplaceLimit};
use crate::domain::verdict::Code;
use crate::domain::words::{Channel, LineType, PartyRole, PlaceKind};

/// What the rule blocks with.
pub fn state_rule(case: &Case<'_>, rule: &StateRule) -> Option<Code> {
    match rule.kind {
        RuleKind::WorkplaceLimit(limit) => work(case, rule, limit),
        RuleKind::VisitBan {
            household,
            workplace,
        } => {
            let visit = case.intent.channel == Some(Channel::InPerson);
            let banned = match case.intent.to_place {
                Asked::Known(PlaceKind::Home) => household,
                Asked::Known(PlaceKind::Employment) => workplace,
                Asked::Known(_) => false,
                Asked::Absent | Asked::Unknown => household || workplace,
            };
            (visit && banned).then_some(Code::VisitBan)
        }
        RuleKind::WirelessBan => {
            let landline = |phone: &Phone| phone.line_type == LineType::Landline;
            (!case.phone.is_some_and(landline)).then_some(Code::WirelessBan)
        }
        RuleKind::ThirdParty => {
            let owes = matches!(
                case.role(),
                Some(PartyRole::Consumer | PartyRole::CoDebtor | PartyRole::Attorney)
            );
            (!owes).then_some(Code::ThirdPartyLimit)
        }
        _ => None,
    }
}

fn work(case: &Case<'_>, rule: &StateRule, limit: WorkplaceLimit) -> Option<Code> {
    if limit == WorkplaceLimit::NoEmployerContact {
        let barred = workplace::may_be_employer(case) && !workplace::judged(case);
        return barred.then_some(Code::EmployerContact);
    }
    if !workplace::may_be_asked(case) {
        return None;
    }
    match limit {
        WorkplaceLimit::OnRequest { oral_days, .. } => {
            asked_to_stop(case, Some(oral_days)).then_some(Code::WorkRefused)
        }
        WorkplaceLimit::AgainstInstruction => {
            let refused = asked_to_stop(case, None) && reachable_elsewhere(case);
            refused.then_some(Code::WorkRefused)
        }
        WorkplaceLimit::Count {
            only_if_unreachable_at_home,
            ..
        } => {
            let extras = case.person_extras();
            let unreachable = extras.is_some_and(|extras| extras.unreachable_at_home);
            let stopped =
                extras.is_some_and(|extras| extras.employer_prohibits) || asked_to_stop(case, None);
            let free = (unreachable || !only_if_unreachable_at_home)
                && !stopped
                && work_ready(case, rule) == Ready::Now;
            (!free).then_some(Code::WorkLimit)
        }
        WorkplaceLimit::NoEmployerContact => None,
    }
}

/// Whether a request not to be contacted at work stands. A spoken one lapses after so many days,
/// the last of which belongs to it; the written confirmation that would keep it is itself a request
/// in writing, so how soon it came changes nothing.
fn asked_to_stop(case: &Case<'_>, oral_days: Option<u16>) -> bool {
    let request = case.person_extras().and_then(|extras| extras.work_request);
    request.is_some_and(|request| {
        let lapsed = oral_days.filter(|_| request.oral).is_some_and(|days| {
            let made = request.at.get().map(|at| case.dates_at(at).1);
            made.is_some_and(|date| date.plus_days(i32::from(days)) < case.local_dates().0)
        });
        !lapsed
    })
}

/// Whether the file has a number at which the person may be reached out of work. One of unknown
/// kind counts.
fn reachable_elsewhere(case: &Case<'_>) -> bool {
    let phones = case.account.phones.iter();
    let theirs = phones.filter(|phone| phone.person == case.person_no);
    theirs
        .filter(|phone| !phone.has(Phone::WRONG))
        .any(|phone| !phone.has(Phone::WORK))
}
