//! `gates::evaluate`: all twelve gates over one case that lies in the cache, for a few typical
//! cases. What look-ups cost is `engine`'s to measure.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use dialgate::domain::case::{Case, DebtSets, World};
use dialgate::domain::facts::{Account, At, Attempt, ContactKey, Debt, Person, Phone};
use dialgate::domain::gates::evaluate;
use dialgate::domain::ids::{AccountNo, DebtNo, DebtSet, NameNo, PersonNo, Sym, TenantNo};
use dialgate::domain::intent::{Asked, ContactPoint, Intent};
use dialgate::domain::phone::PhoneNumber;
use dialgate::domain::place::{JurisdictionSet, PlacesId, StateCode, Zip5};
use dialgate::domain::policy::{KillSwitches, TenantPolicy};
use dialgate::domain::time::{UnixSeconds, Zones};
use dialgate::domain::words::{
    AccountStatus, Action, AddressStatus, Channel, CollectorRole, DebtKind, DialMode, LineType,
    Outcome, Purpose,
};

/// 2026-05-05T18:00:00Z.
const NOON: UnixSeconds = UnixSeconds(1_778_004_000);
const NUMBER: u64 = 4_045_550_100;

#[expect(clippy::panic, reason = "a bench that cannot begin stops")]
fn number() -> PhoneNumber {
    PhoneNumber::from_digits(NUMBER).unwrap_or_else(|why| panic!("{why:?}"))
}

fn account() -> Account {
    let phone = Phone {
        number: number(),
        person: PersonNo(0),
        line_type: LineType::Landline,
        flags: 0,
        dates: None,
    };
    let debt = Debt {
        id: Sym::NONE,
        no: DebtNo(0),
        status: AccountStatus::Open,
        kind: DebtKind::Other,
    };
    Account {
        id: Sym::NONE,
        tenant: TenantNo(0),
        consumer: PersonNo(0),
        places: PlacesId::NOWHERE,
        touched: 0,
        restricted: 0,
        facts_at: At::of(NOON),
        zip: 30_303,
        creditor: NameNo::NONE,
        portfolio: NameNo::NONE,
        state: StateCode::parse("GA"),
        role: Some(CollectorRole::ThirdParty),
        status: AccountStatus::Open,
        address: AddressStatus::OnFile,
        phones: vec![phone; 2].into(),
        debts: vec![debt].into(),
        extras: None,
    }
}

fn person(attempts: i64) -> Person {
    let attempt = |ago| Attempt {
        at: At::of(NOON.minus(ago * 86_400)),
        call: 0,
        debts: DebtSet::one(DebtNo(0)),
        audit: 0,
        contact: ContactKey::phone(number()),
        kind: Attempt::pack_kind(Channel::Phone, Action::Call),
        outcome: Outcome::NoAnswer.number(),
        flags: 0,
    };
    Person {
        id: Sym::NONE,
        tenant: TenantNo(0),
        touched: 0,
        restricted: 0,
        attempts: (0..attempts).rev().map(attempt).collect(),
        extras: None,
    }
}

fn intent() -> Intent {
    Intent {
        account_id: "A".into(),
        person_id: None,
        contact: ContactPoint::Phone(number()),
        channel: Some(Channel::Phone),
        action: Some(Action::Call),
        source_system: "five9".into(),
        role: Asked::Absent,
        dial_mode: Asked::Known(DialMode::Manual),
        purpose: Purpose::Collection,
        in_response_to: None,
        to_place: Asked::Absent,
        debt_ids: Vec::new(),
        dry_run: false,
        exception_scope: false,
    }
}

#[expect(clippy::panic, reason = "a bench that cannot begin stops")]
fn gates(c: &mut Criterion) {
    let pack = dialgate::rulepack::embedded().unwrap_or_else(|faults| panic!("{faults:?}"));
    let (account, intent, sets) = (account(), intent(), DebtSets::default());
    let numbers = [number()];
    let places = pack
        .places()
        .suggest(Zip5::parse("30303"), account.state, None, numbers);
    let mut policy = TenantPolicy::defaults("bench");
    policy.licences = Some(JurisdictionSet::from_bits(u128::MAX));
    let kills = KillSwitches::default();
    let cases = [
        ("evaluate, no history", 0, NOON),
        ("evaluate, five calls in five days", 5, NOON),
        ("evaluate, seven calls: next instant sought", 7, NOON),
        (
            "evaluate, at night: next instant sought",
            5,
            NOON.plus(9 * 3_600),
        ),
    ];
    for (name, attempts, now) in cases {
        let person = person(attempts);
        let case = Case {
            world: World {
                pack: &pack,
                zones: Zones::bundled(),
                debt_sets: &sets,
                clock_trusted: true,
                attempts_per_person_max: 256,
            },
            rules: pack.rules(),
            policy: &policy,
            kills: &kills,
            intent: &intent,
            source: NameNo::NONE,
            now,
            account_no: AccountNo(0),
            account: &account,
            person_no: PersonNo(0),
            person: &person,
            consumer: &person,
            others: &[],
            sharers: &[],
            phone: account.phones.first(),
            email: None,
            number: None,
            places: &places,
            debts: &[DebtNo(0)],
            account_debts: &[DebtNo(0)],
            kin: &[],
            unknown_debt: false,
            closed_debt: false,
            unknown_person: false,
            named_person: None,
        };
        c.bench_function(name, |b| b.iter(|| evaluate(black_box(&case))));
    }
}

criterion_group!(benches, gates);
criterion_main!(benches);
