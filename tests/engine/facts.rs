//! Random facts, each with the fields its kind has.

use dialgate::domain::record::{ClockTime, FactKind, FactRecord, PeriodRecord, Personal};
use dialgate::domain::time::{UnixSeconds, Zones};
use dialgate::domain::words::{
    Action, ApprovalState, BankruptcyStatus, ConsentKind, EscalationKind, Form, GivenTo, HoldKind,
    Inbound, Medium, NoticeKind, OverrideKind, PlaceKind, Purpose, Vulnerability,
};

use super::dice::Dice;
use super::names;

/// Any fact, effective at about `now`.
pub(crate) fn any(dice: &mut Dice, now: UnixSeconds) -> FactRecord {
    let kind = dice.of(FactKind::ALL);
    let lifts = dice.one_in(4);
    let mut fact = FactRecord {
        fact: Some(kind),
        at: dice.maybe(2, |d| now.minus(d.seconds(20 * 86_400))),
        lifted: lifts.then_some(true),
        reason: (lifts && !dice.one_in(8)).then(|| "asked".into()),
        ..FactRecord::default()
    };
    person_fields(dice, now, kind, &mut fact);
    contact_fields(dice, now, kind, &mut fact);
    account_fields(dice, now, kind, &mut fact);
    fact
}

fn debts(dice: &mut Dice) -> Vec<Personal> {
    match dice.below(4) {
        0 => vec![names::debt(dice)],
        1 => vec!["D0".into(), "D1".into()],
        _ => Vec::new(),
    }
}

fn person_fields(dice: &mut Dice, now: UnixSeconds, kind: FactKind, fact: &mut FactRecord) {
    use FactKind as K;
    match kind {
        K::StatedZone => {
            let zone = dice.of(&["America/New_York", "America/Denver", "Pacific/Honolulu"]);
            fact.zone = Zones::bundled().find(zone);
        }
        K::InconvenientTime => fact.periods = vec![period(dice)],
        K::InconvenientPlace => fact.place = Some(dice.of(PlaceKind::ALL)),
        K::Attorney | K::Cease => {
            fact.debts = debts(dice);
            fact.form = Some(dice.of(Form::ALL));
            if kind == K::Attorney {
                fact.contact_known = dice.maybe(2, |d| d.one_in(2));
            }
        }
        K::Bankruptcy => {
            fact.debts = debts(dice);
            fact.chapter = dice.maybe(2, |d| d.of(&[7, 13]));
            fact.status = dice.maybe(2, |d| d.of(BankruptcyStatus::ALL));
        }
        K::Military => fact.until_date = dice.maybe(2, |d| day(d, now)),
        K::Vulnerability => fact.vulnerability = Some(dice.of(Vulnerability::ALL)),
        K::MediumOptOut => fact.medium = Some(dice.of(Medium::ALL)),
        K::PriorConsent => {
            fact.given_to = Some(dice.of(GivenTo::ALL));
            fact.times = Some(dice.one_in(2));
            fact.until = dice.maybe(2, |d| now.plus(d.seconds(86_400)));
        }
        K::CallConsent => {
            fact.debts = debts(dice);
            fact.until_date = dice.maybe(2, |d| day(d, now));
            fact.phone = dice.maybe(3, names::phone);
        }
        K::ConsentRevoked => fact.debts = debts(dice),
        K::LocationAnswered => fact.person_id = Some(names::person(dice)),
        _ => return,
    }
    if fact.person_id.is_none() {
        fact.person_id = dice.maybe(4, names::person);
    }
}

fn contact_fields(dice: &mut Dice, now: UnixSeconds, kind: FactKind, fact: &mut FactRecord) {
    use FactKind as K;
    match kind {
        K::ContactOptOut => {
            point(dice, fact);
            if fact.phone.is_some() {
                fact.medium = Some(dice.of(&[Medium::Calls, Medium::Texts, Medium::Fax]));
            }
        }
        K::DoNotCall => {
            fact.phone = Some(names::phone(dice));
            fact.until = dice.maybe(3, |d| now.plus(d.seconds(9 * 86_400)));
        }
        K::Consent => {
            point(dice, fact);
            fact.consent = vec![dice.of(ConsentKind::ALL)];
            fact.given_to = Some(dice.of(GivenTo::ALL));
            fact.written = dice.maybe(3, |_| true);
        }
        K::Revocation => {
            point(dice, fact);
            fact.consent = dice
                .maybe(2, |d| vec![d.of(ConsentKind::ALL)])
                .unwrap_or_default();
        }
        K::Inbound => fact.inbound = Some(dice.of(Inbound::ALL)),
        K::NumberCheck => {
            fact.phone = Some(names::phone(dice));
            fact.reassigned = Some(dice.one_in(3));
        }
        K::WrongNumber => fact.phone = Some(names::phone(dice)),
        K::EmailProcedure => {
            fact.address = Some(names::address(dice));
            fact.creditor_notice = Some(now.minus(dice.seconds(90 * 86_400)));
            fact.opted_out = dice.maybe(4, |_| true);
        }
        _ => {}
    }
}

fn account_fields(dice: &mut Dice, now: UnixSeconds, kind: FactKind, fact: &mut FactRecord) {
    use FactKind as K;
    match kind {
        K::IdentityTheft | K::Judgment | K::Verification => fact.debts = debts(dice),
        K::Dispute => {
            fact.debts = debts(dice);
            fact.form = Some(dice.of(Form::ALL));
        }
        K::NoticeSent | K::NoticeReturned => fact.notice = Some(dice.of(NoticeKind::ALL)),
        K::Escalation => fact.escalation = Some(dice.of(EscalationKind::ALL)),
        K::Hold => {
            fact.hold = Some(dice.of(HoldKind::ALL));
            fact.until = dice.maybe(2, |d| now.plus(d.seconds(86_400)));
        }
        K::Approval => {
            fact.approval = Some(dice.of(ApprovalState::ALL));
            fact.action = Some(dice.of(Action::ALL));
            fact.purpose = dice.maybe(2, |d| d.of(Purpose::ALL));
            fact.document_id = dice.maybe(2, |_| "doc-1".into());
        }
        K::Override => {
            fact.override_kind = Some(dice.of(OverrideKind::ALL));
            fact.document_id = Some("doc-2".into());
            fact.gates = vec![dice.of(&[2, 4, 6, 10])];
            fact.until = Some(now.plus(dice.seconds(86_400)));
            fact.actor = Some("kim".into());
        }
        K::Promise => {
            fact.until_date = Some(day(dice, now));
            fact.reminder = dice.maybe(2, |d| d.one_in(2));
        }
        _ => {}
    }
}

fn point(dice: &mut Dice, fact: &mut FactRecord) {
    if dice.one_in(3) {
        fact.address = Some(names::address(dice));
    } else {
        fact.phone = Some(names::phone(dice));
    }
}

fn day(dice: &mut Dice, now: UnixSeconds) -> dialgate::domain::time::CivilDate {
    now.plus(dice.seconds(9 * 86_400)).utc_date()
}

fn period(dice: &mut Dice) -> PeriodRecord {
    let from = u32::try_from(dice.below(20)).unwrap_or(0) * 3_600;
    PeriodRecord {
        days: vec![dice.of(&[1, 2, 3, 4, 5, 6, 7])],
        from: Some(ClockTime(from)),
        to: Some(ClockTime(from + 7_200)),
    }
}
