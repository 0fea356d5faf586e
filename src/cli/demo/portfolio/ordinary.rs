//! Ordinary accounts: places across the country, a few numbers, some history, now and then a fact
//! that some gate knows.

use super::random::Random;
use super::text;
use crate::domain::place::StateCode;
use crate::domain::record::{
    AccountRecord, AttemptRecord, DebtRecord, EmailRecord, FactKind, FactRecord, Line, PhoneRecord,
};
use crate::domain::time::UnixSeconds;
use crate::domain::words::{
    AccountStatus, AddressStatus, BankruptcyStatus, Channel, CollectorRole, ConsentKind, DebtKind,
    EscalationKind, Form, GivenTo, HoldKind, Inbound, LineType, Medium, NoticeKind, Outcome,
    PlaceKind, Vulnerability,
};

/// State, ZIP, area code.
const PLACES: &[(&str, &str, &str)] = &[
    ("GA", "30303", "404"),
    ("TX", "75201", "214"),
    ("OH", "43215", "614"),
    ("CA", "90012", "213"),
    ("FL", "33130", "305"),
    ("NY", "10001", "212"),
    ("IL", "60601", "312"),
    ("WA", "98101", "206"),
    ("MA", "02108", "617"),
    ("PA", "19103", "215"),
    ("AZ", "85003", "602"),
    ("CO", "80202", "303"),
    ("NV", "89101", "702"),
    ("NC", "28202", "704"),
    ("MI", "48226", "313"),
    ("VA", "23219", "804"),
    ("TN", "37203", "615"),
    ("HI", "96813", "808"),
    ("DC", "20001", "202"),
];
const CREDITORS: &[&str] = &[
    "first-bank",
    "city-hospital",
    "no-texts-bank",
    "student-fund",
];
const PORTFOLIOS: &[&str] = &[
    "prime",
    "prime",
    "prime",
    "letters-only",
    "on-hold",
    "frozen",
];
const OUTCOMES: &[Outcome] = &[
    Outcome::NoAnswer,
    Outcome::NoAnswer,
    Outcome::Voicemail,
    Outcome::NotConnected,
    Outcome::Conversation,
];
const DAY_S: u64 = 86_400;
/// Last four digits of exchange 555, which no subscriber has; clear of the samples' 01 and of 1212.
const NUMBERS: std::ops::Range<u64> = 2_000..9_990;

/// `count` accounts.
pub(super) fn accounts(count: u32, seed: u64, now: UnixSeconds) -> impl Iterator<Item = Line> {
    let mut random = Random::new(seed);
    (1..=count).map(move |n| Line::Account(Box::new(account(&mut random, n, now))))
}

fn account(random: &mut Random, n: u32, now: UnixSeconds) -> AccountRecord {
    let (state, zip, area) = random.pick(PLACES).unwrap_or(("GA", "30303", "404"));
    let phones: Vec<_> = (0..=random.below(3))
        .map(|at| phone(random, area, (n, at)))
        .collect();
    let mut record = AccountRecord {
        account_id: text(&format!("A-{n:05}")),
        address: Some(AddressStatus::OnFile),
        collector_role: random.per_mille(900).then_some(CollectorRole::ThirdParty),
        creditor: random.pick(CREDITORS).and_then(text),
        debts: debts(random, n),
        // Some consumers have two accounts.
        person_id: text(&format!(
            "P-{:05}",
            if random.per_mille(100) { n / 2 } else { n }
        )),
        portfolio: random.pick(PORTFOLIOS).and_then(text),
        state: StateCode::parse(state),
        status: random.per_mille(30).then_some(AccountStatus::Paid),
        zip: text(zip),
        phones,
        ..AccountRecord::default()
    };
    if random.per_mille(300) {
        record.emails.push(EmailRecord {
            address: text(&format!("consumer{n}@example.org")),
            employer_provided: random.per_mille(100).then_some(true),
            ..EmailRecord::default()
        });
    }
    facts(random, &mut record, now);
    record.attempts = (0..random.below(6))
        .map(|_| attempt(random, &record, now))
        .collect();
    record
}

fn phone(random: &mut Random, area: &str, (n, at): (u32, u64)) -> PhoneRecord {
    // Hardly any number is two accounts': caps of a number count everybody who shares it.
    let line = NUMBERS.start + (u64::from(n) * 3 + at) % (NUMBERS.end - NUMBERS.start);
    let number = format!("+1{area}555{line:04}");
    PhoneRecord {
        line_type: random.pick(&[LineType::Wireless, LineType::Landline, LineType::Voip]),
        number: text(&number),
        place: (at == 2).then_some(PlaceKind::Employment),
        wrong: random.per_mille(20).then_some(true),
        ..PhoneRecord::default()
    }
}

fn debts(random: &mut Random, n: u32) -> Vec<DebtRecord> {
    let kinds = [DebtKind::Other, DebtKind::Medical, DebtKind::StudentLoan];
    (0..random.below(3))
        .map(|at| DebtRecord {
            debt_id: text(&format!("D-{n:05}-{at}")),
            kind: random.pick(&kinds),
            ..DebtRecord::default()
        })
        .collect()
}

fn attempt(random: &mut Random, record: &AccountRecord, now: UnixSeconds) -> AttemptRecord {
    let ago = i64::try_from(3_600 + random.below(10 * DAY_S)).unwrap_or(0);
    AttemptRecord {
        at: Some(now.minus(ago)),
        channel: Some(Channel::Phone),
        outcome: random.pick(OUTCOMES),
        phone: record.phones.first().and_then(|phone| phone.number.clone()),
        ..AttemptRecord::default()
    }
}

/// Every fact a portfolio knows, each in a few accounts of a thousand.
fn facts(random: &mut Random, record: &mut AccountRecord, now: UnixSeconds) {
    let phone = record.phones.first().and_then(|phone| phone.number.clone());
    let address = record
        .emails
        .first()
        .and_then(|email| email.address.clone());
    let recently = now.minus(i64::try_from(random.below(30 * DAY_S)).unwrap_or(0));
    let fact = |kind| FactRecord {
        fact: Some(kind),
        at: Some(recently),
        ..FactRecord::default()
    };
    let consent = |kinds: &[ConsentKind]| FactRecord {
        consent: kinds.to_vec(),
        given_to: Some(GivenTo::Collector),
        phone: phone.clone(),
        ..fact(FactKind::Consent)
    };
    #[rustfmt::skip]
    let known = [
        (15, FactRecord { form: Some(Form::Written), ..fact(FactKind::Cease) }),
        (20, fact(FactKind::Attorney)),
        (15, FactRecord { chapter: Some(13), status: Some(BankruptcyStatus::Filed), ..fact(FactKind::Bankruptcy) }),
        (5, fact(FactKind::Deceased)),
        (3, fact(FactKind::Minor)),
        (4, fact(FactKind::IdentityTheft)),
        (4, fact(FactKind::Military)),
        (20, FactRecord { form: Some(Form::Written), ..fact(FactKind::Dispute) }),
        (400, FactRecord { notice: Some(NoticeKind::Validation), ..fact(FactKind::NoticeSent) }),
        (10, FactRecord { hold: Some(HoldKind::Litigation), ..fact(FactKind::Hold) }),
        (15, FactRecord { escalation: Some(EscalationKind::Complaint), ..fact(FactKind::Escalation) }),
        (15, FactRecord { vulnerability: Some(Vulnerability::Hardship), ..fact(FactKind::Vulnerability) }),
        (30, FactRecord { until_date: Some(now.plus(1_209_600).utc_date()), ..fact(FactKind::Promise) }),
        (30, FactRecord { medium: Some(Medium::Texts), ..fact(FactKind::MediumOptOut) }),
        (20, FactRecord { place: Some(PlaceKind::Employment), ..fact(FactKind::InconvenientPlace) }),
        (20, fact(FactKind::EmployerProhibits)),
        (20, FactRecord { phone: phone.clone(), ..fact(FactKind::DoNotCall) }),
        (10, FactRecord { phone: phone.clone(), medium: Some(Medium::Calls), ..fact(FactKind::ContactOptOut) }),
        (300, consent(&[ConsentKind::Text])),
        (250, consent(&[ConsentKind::Autodialed, ConsentKind::Prerecorded])),
        (200, FactRecord { phone: phone.clone(), reassigned: Some(false), ..fact(FactKind::NumberCheck) }),
        (50, FactRecord { inbound: Some(Inbound::Call), ..fact(FactKind::Inbound) }),
    ];
    record.facts = known
        .into_iter()
        .filter_map(|(times, fact)| random.per_mille(times).then_some(fact))
        .collect();
    if address.is_some() && random.per_mille(500) {
        record.facts.push(FactRecord {
            address,
            inbound: Some(Inbound::Email),
            ..fact(FactKind::Inbound)
        });
    }
}
