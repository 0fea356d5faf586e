//! Random facts, each with the fields its kind has.

use dialgate::domain::record::{ClockTime, FactKind as K, FactRecord, PeriodRecord};
use dialgate::domain::time::{CivilDate, UnixSeconds, Zones};
use dialgate::domain::words::{
    Action, ApprovalState, BankruptcyStatus, ConsentKind, EscalationKind, Form, GivenTo, HoldKind,
    Inbound, Medium, NoticeKind, OverrideKind, PlaceKind, Purpose, Vulnerability,
};

use super::dice::Dice;
use super::invent::{Cast, debt_names, edge, instant_before};
use super::local::{DAY, date_of};

/// What a story may dwell on.
pub(crate) const THEMES: &[&[K]] = &[
    &[K::Consent, K::Revocation, K::NumberCheck],
    &[
        K::Consent,
        K::Revocation,
        K::NumberCheck,
        K::Inbound,
        K::ContactOptOut,
    ],
    &[
        K::EmailProcedure,
        K::Consent,
        K::Revocation,
        K::ContactOptOut,
        K::Inbound,
    ],
    &[K::CallConsent, K::ConsentRevoked],
    &[
        K::PriorConsent,
        K::ConsentRevoked,
        K::InconvenientTime,
        K::Inbound,
    ],
    &[
        K::MediumOptOut,
        K::ContactOptOut,
        K::DoNotCall,
        K::Inbound,
        K::Approval,
    ],
    &[K::Cease, K::Attorney, K::Inbound],
    &[
        K::Dispute,
        K::Verification,
        K::NoticeSent,
        K::NoticeReturned,
    ],
    &[K::Bankruptcy, K::Deceased, K::Minor],
    &[K::Promise, K::Approval, K::Override],
    &[K::Hold, K::Escalation, K::Override, K::Vulnerability],
    &[K::Hold, K::Hold, K::NoticeSent, K::Approval],
    &[
        K::InconvenientPlace,
        K::EmployerProhibits,
        K::PriorConsent,
        K::Override,
    ],
    &[K::WrongNumber, K::StatedZone],
    &[K::InconvenientTime, K::StatedZone, K::Override],
];

/// What is told without a date, and then proves nothing of what came first.
const OFTEN_UNDATED: &[K] = &[
    K::Consent,
    K::Revocation,
    K::PriorConsent,
    K::CallConsent,
    K::ConsentRevoked,
    K::Bankruptcy,
    K::Hold,
];

/// What permits, and is sometimes dated ahead.
const MAY_BE_AHEAD: &[K] = &[
    K::Consent,
    K::NumberCheck,
    K::Inbound,
    K::Verification,
    K::PriorConsent,
    K::CallConsent,
    K::Override,
    K::Revocation,
];

/// A fact of what the story dwells on.
pub(crate) fn of_theme(dice: &mut Dice, cast: &Cast) -> FactRecord {
    let kind = dice.of(cast.theme);
    of_kind(dice, cast, kind)
}

/// What makes contact possible: consents, answers to come, a stated zone.
pub(crate) fn lenient(dice: &mut Dice, cast: &Cast) -> FactRecord {
    let kinds = [
        K::Consent,
        K::Consent,
        K::Inbound,
        K::Inbound,
        K::NumberCheck,
        K::CallConsent,
        K::CallConsent,
        K::PriorConsent,
        K::ConsentRevoked,
        K::StatedZone,
        K::EmailProcedure,
        K::Revocation,
        K::InconvenientTime,
        K::Override,
        K::Approval,
    ];
    let kind = dice.of(&kinds);
    let mut fact = of_kind(dice, cast, kind);
    if fact.fact == Some(K::NumberCheck) {
        fact.reassigned = Some(dice.one_in(8));
    }
    fact
}

/// Any fact at all.
pub(crate) fn any(dice: &mut Dice, cast: &Cast) -> FactRecord {
    let kind = dice.of(K::ALL);
    of_kind(dice, cast, kind)
}

/// A restriction of a number or address for the whole tenant.
pub(crate) fn of_tenant(dice: &mut Dice, cast: &Cast) -> FactRecord {
    let kind = dice.of(&[K::DoNotCall, K::ContactOptOut, K::Revocation]);
    of_kind(dice, cast, kind)
}

fn of_kind(dice: &mut Dice, cast: &Cast, kind: K) -> FactRecord {
    let lifts = dice.one_in(4);
    let days = dice.of(&[1, 1, 8, 61]);
    let mut at = Some(UnixSeconds(instant_before(dice, cast, days)));
    if OFTEN_UNDATED.contains(&kind) && dice.one_in(5) {
        at = None;
    } else if MAY_BE_AHEAD.contains(&kind) && dice.one_in(6) {
        at = Some(later(dice, cast));
    }
    let mut fact = FactRecord {
        fact: Some(kind),
        at,
        lifted: lifts.then_some(true),
        reason: lifts.then(|| "asked".into()),
        ..FactRecord::default()
    };
    of_person(dice, cast, kind, &mut fact);
    of_point(dice, cast, kind, &mut fact);
    of_account(dice, cast, kind, &mut fact);
    fact
}

fn debts(dice: &mut Dice, cast: &Cast, fact: &mut FactRecord) {
    fact.debts = debt_names(dice, cast).into_iter().map(Into::into).collect();
}

/// An instant to come.
fn later(dice: &mut Dice, cast: &Cast) -> UnixSeconds {
    let days = dice.of(&[0, 1, 2, 7]);
    let at = edge(dice, cast, days).filter(|at| *at > cast.now);
    UnixSeconds(at.unwrap_or_else(|| cast.now + 1 + dice.seconds(3 * DAY as u64)))
}

fn day(dice: &mut Dice, cast: &Cast) -> Option<CivilDate> {
    let ahead = dice.of(&[-1, 0, 0, 1, 2, 6, 7]);
    let (year, month, day) = date_of(cast.now.div_euclid(DAY) + ahead);
    let small = |n| u8::try_from(n).unwrap_or(1);
    CivilDate::from_ymd(
        i32::try_from(year).unwrap_or(2026),
        small(month),
        small(day),
    )
}

fn of_person(dice: &mut Dice, cast: &Cast, kind: K, fact: &mut FactRecord) {
    match kind {
        K::StatedZone => {
            let zones = [
                "America/New_York",
                "America/Phoenix",
                "Pacific/Honolulu",
                "America/Denver",
            ];
            fact.zone = Zones::bundled().find(dice.of(&zones));
        }
        K::InconvenientTime => {
            fact.periods = (0..=dice.below(2)).map(|_| period(dice)).collect();
            fact.from_date = dice.maybe(3, |d| day(d, cast)).flatten();
            fact.until_date = dice.maybe(2, |d| day(d, cast)).flatten();
        }
        K::InconvenientPlace => fact.place = Some(dice.of(PlaceKind::ALL)),
        K::Attorney | K::Cease => {
            debts(dice, cast, fact);
            fact.form = Some(dice.of(Form::ALL));
            if kind == K::Attorney {
                fact.contact_known = dice.maybe(2, |d| d.one_in(2));
                fact.all_debts = dice.maybe(6, |_| true);
                if fact.all_debts.is_some() {
                    fact.debts.clear();
                }
            }
        }
        K::Bankruptcy => {
            debts(dice, cast, fact);
            fact.chapter = dice.maybe(2, |d| d.of(&[7, 11, 12, 13]));
            fact.status = dice.maybe(2, |d| d.of(BankruptcyStatus::ALL));
        }
        K::Military => fact.until_date = dice.maybe(2, |d| day(d, cast)).flatten(),
        K::Vulnerability => fact.vulnerability = Some(dice.of(Vulnerability::ALL)),
        K::MediumOptOut => fact.medium = Some(dice.of(Medium::ALL)),
        K::PriorConsent => {
            fact.given_to = Some(if dice.one_in(4) {
                dice.of(GivenTo::ALL)
            } else {
                GivenTo::Collector
            });
            fact.times = dice.maybe(2, |d| d.one_in(2));
            fact.places = dice.maybe(2, |d| d.one_in(2));
            fact.until = dice.maybe(2, |d| later(d, cast));
        }
        K::CallConsent => {
            debts(dice, cast, fact);
            fact.until_date = dice.maybe(2, |d| day(d, cast)).flatten();
            fact.phone = dice.maybe(3, |d| phone(d, cast).as_str().into());
        }
        K::ConsentRevoked => debts(dice, cast, fact),
        K::Deceased | K::Minor | K::EmployerProhibits | K::LocationAnswered => {}
        _ => return,
    }
    let somebody = cast.people.first().map(|(id, _)| *id);
    if dice.one_in(3) || kind == K::LocationAnswered {
        fact.person_id = somebody.map(Into::into);
    }
}

fn phone(dice: &mut Dice, cast: &Cast) -> String {
    cast.phones[dice.index(cast.phones.len())].clone()
}

fn point(dice: &mut Dice, cast: &Cast, fact: &mut FactRecord) {
    if dice.one_in(3) {
        fact.address = Some(dice.of(&cast.emails).into());
    } else {
        fact.phone = Some(phone(dice, cast).as_str().into());
    }
}

fn of_point(dice: &mut Dice, cast: &Cast, kind: K, fact: &mut FactRecord) {
    let calls = [
        ConsentKind::Autodialed,
        ConsentKind::Prerecorded,
        ConsentKind::Text,
    ];
    match kind {
        K::ContactOptOut => {
            point(dice, cast, fact);
            if fact.phone.is_some() {
                fact.medium = Some(dice.of(&[Medium::Calls, Medium::Texts, Medium::Fax]));
            }
        }
        K::DoNotCall => {
            fact.phone = Some(phone(dice, cast).as_str().into());
            fact.until = dice.maybe(2, |d| later(d, cast));
        }
        K::Consent => {
            point(dice, cast, fact);
            let by_phone = fact.phone.is_some();
            let one = if by_phone {
                dice.of(&calls)
            } else {
                dice.of(&[ConsentKind::Email, ConsentKind::Email, ConsentKind::Social])
            };
            fact.consent = vec![one];
            fact.given_to = Some(if dice.one_in(3) {
                dice.of(GivenTo::ALL)
            } else {
                GivenTo::Collector
            });
            fact.written = dice.maybe(3, |_| true);
        }
        K::Revocation => {
            point(dice, cast, fact);
            if fact.phone.is_some() {
                fact.consent = dice.maybe(2, |d| vec![d.of(&calls)]).unwrap_or_default();
            }
        }
        K::Inbound => {
            let kind = dice.of(Inbound::ALL);
            fact.inbound = Some(kind);
            match kind {
                Inbound::Text | Inbound::Call => {
                    fact.phone = Some(phone(dice, cast).as_str().into());
                }
                Inbound::Email => fact.address = Some(dice.of(&cast.emails).into()),
                Inbound::Letter => {}
            }
        }
        K::NumberCheck => {
            fact.phone = Some(phone(dice, cast).as_str().into());
            fact.reassigned = Some(dice.one_in(3));
        }
        K::WrongNumber => fact.phone = Some(phone(dice, cast).as_str().into()),
        K::EmailProcedure => {
            fact.address = Some(dice.of(&cast.emails).into());
            fact.creditor_notice = dice.maybe(2, |d| {
                let back = d.of(&[34, 35, 36, 60]);
                let at = edge(d, cast, -back).filter(|at| *at <= cast.now);
                UnixSeconds(at.unwrap_or(cast.now - back * DAY))
            });
            fact.obtained_properly = dice.maybe(2, |d| !d.one_in(3));
            fact.immediately_prior_used = dice.maybe(2, |d| !d.one_in(3));
            fact.opted_out = dice.maybe(8, |_| true);
        }
        _ => {}
    }
}

fn of_account(dice: &mut Dice, cast: &Cast, kind: K, fact: &mut FactRecord) {
    match kind {
        K::IdentityTheft | K::Verification => debts(dice, cast, fact),
        K::Dispute => {
            debts(dice, cast, fact);
            fact.form = dice.maybe(2, |d| d.of(Form::ALL));
            fact.in_period = dice.maybe(6, |_| true);
        }
        K::NoticeSent | K::NoticeReturned => {
            fact.notice = Some(dice.of(NoticeKind::ALL));
            let back = dice.of(&[1, 30, 35, 36, 37, 38, 39, 40]);
            let at = edge(dice, cast, -back).filter(|at| *at <= cast.now);
            fact.at = Some(UnixSeconds(at.unwrap_or(cast.now - back * DAY)));
        }
        K::Escalation => fact.escalation = Some(dice.of(EscalationKind::ALL)),
        K::Hold => {
            fact.hold = Some(dice.of(HoldKind::ALL));
            fact.until = dice.maybe(2, |d| later(d, cast));
            if dice.one_in(4) {
                fact.until = Some(UnixSeconds(cast.now - 1 - dice.seconds(DAY as u64)));
            }
        }
        K::Approval => {
            fact.approval = Some(dice.of(ApprovalState::ALL));
            if dice.one_in(3) {
                fact.purpose = Some(Purpose::LegallyRequired);
                fact.document_id = Some(dice.of(&["doc-1", "doc-2"]).into());
            } else {
                fact.action = Some(dice.of(&[Action::Call, Action::Text, Action::Letter]));
            }
            fact.until = dice.maybe(3, |d| later(d, cast));
        }
        K::Override => {
            fact.override_kind = Some(dice.of(OverrideKind::ALL));
            fact.document_id = Some(dice.of(&["doc-3", "doc-4"]).into());
            fact.gates = vec![dice.of(&[1, 2, 3, 4, 5, 6, 7, 9, 10]), dice.of(&[6, 7])];
            fact.gates.dedup();
            fact.until = Some(later(dice, cast));
            fact.actor = Some("kim".into());
        }
        K::Promise => {
            fact.until_date = day(dice, cast);
            fact.reminder = dice.maybe(2, |d| d.one_in(2));
        }
        _ => {}
    }
}

fn period(dice: &mut Dice) -> PeriodRecord {
    let hour = |n: u32| n * 3_600;
    let days = match dice.below(3) {
        0 => Vec::new(),
        1 => vec![1, 2, 3, 4, 5],
        _ => vec![dice.of(&[1, 2, 3, 4, 5, 6, 7])],
    };
    let (from, to) = dice.of(&[
        (hour(8), hour(12)),
        (hour(12), hour(17) + 1_800),
        (hour(17), hour(24)),
        (hour(22), hour(9)),
        (hour(18) + 61, hour(20) + 59),
        (0, hour(24)),
        (hour(20), hour(10) + 900),
    ]);
    PeriodRecord {
        days,
        from: Some(ClockTime(from)),
        to: Some(ClockTime(to)),
    }
}
