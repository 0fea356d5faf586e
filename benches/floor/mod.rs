//! A floor's worth of accounts in an engine, and questions about them.

use std::sync::Arc;

use dialgate::domain::hash::stable_hash_128;
use dialgate::domain::ids::TenantNo;
use dialgate::domain::intent::{Asked, ContactPoint, Intent};
use dialgate::domain::phone::PhoneNumber;
use dialgate::domain::place::{JurisdictionSet, StateCode};
use dialgate::domain::policy::TenantPolicy;
use dialgate::domain::record::{AccountRecord, AttemptRecord, DebtRecord, Personal, PhoneRecord};
use dialgate::domain::time::{UnixSeconds, Zones};
use dialgate::domain::words::{
    AddressStatus, Channel, CollectorRole, DialMode, LineType, Outcome, Purpose,
};
use dialgate::engine::commands::{Ask, FactsPage, Item, Key, RowSink, SealedSubject, Stated};
use dialgate::engine::{Engine, Options};

/// 2026-05-05T18:00:00Z: afternoon in the east, late morning in the west.
pub(crate) const NOON: UnixSeconds = UnixSeconds(1_778_004_000);
/// State, ZIP, area code.
const PLACES: [(&str, &str, u64); 5] = [
    ("GA", "30303", 404),
    ("TX", "75201", 214),
    ("OH", "43215", 614),
    ("FL", "33130", 305),
    ("TN", "37203", 615),
];
const TENANT: TenantNo = TenantNo(0);

/// Keeps nothing of a row but that it was made.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Rows.
    pub(crate) rows: u64,
    /// Bytes of their bodies.
    pub(crate) bytes: u64,
}

impl RowSink for Counted {
    fn row(&mut self, _: TenantNo, _: u64, body: &[u8], _: &[&SealedSubject], _: [u64; 2]) {
        self.rows += 1;
        self.bytes += body.len() as u64;
        std::hint::black_box(body);
    }
}

/// Numbers that are the same on every machine (xorshift64*).
#[derive(Debug)]
pub(crate) struct Uniform(pub u64);

impl Uniform {
    /// A number in `0..bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 20) % bound
    }
}

/// The policy with the agency gates open: what is left is law.
fn policy() -> TenantPolicy {
    let mut policy = TenantPolicy::defaults("floor");
    policy.licences = Some(JurisdictionSet::from_bits(u128::MAX));
    policy.dial_mode = DialMode::Manual;
    policy.one_at_a_time = false;
    policy.fairness.gap_s = 0;
    policy.fairness.phone_per_day = 0;
    policy.fairness.person_per_day = 0;
    policy.fairness.voicemails_per_week = 0;
    policy
}

fn number(n: u64, second: bool) -> u64 {
    let place = PLACES[usize::try_from(n % 5).unwrap_or(0)];
    place.2 * 10_000_000 + 2_000_000 + (n * 2 + u64::from(second)) % 8_000_000
}

fn text(text: &str) -> Personal {
    text.into()
}

fn record(n: u64) -> AccountRecord {
    let (state, zip, _) = PLACES[usize::try_from(n % 5).unwrap_or(0)];
    let phone = |second, line_type| PhoneRecord {
        number: Some(text(&format!("+1{}", number(n, second)))),
        line_type: Some(line_type),
        ..PhoneRecord::default()
    };
    let attempt = |ago: i64| AttemptRecord {
        at: Some(NOON.minus(ago * 2 * 86_400 + i64::try_from(n % 9_000).unwrap_or(0))),
        call_id: Some(text(&format!("call-{n}-{ago}"))),
        channel: Some(Channel::Phone),
        outcome: Some(Outcome::NoAnswer),
        phone: Some(text(&format!("+1{}", number(n, false)))),
        ..AttemptRecord::default()
    };
    AccountRecord {
        account_id: Some(text(&format!("ACC-{n:08}"))),
        address: Some(AddressStatus::OnFile),
        attempts: (1..=5).map(attempt).collect(),
        collector_role: Some(CollectorRole::ThirdParty),
        debts: vec![DebtRecord {
            debt_id: Some(text(&format!("D-{n:08}"))),
            ..DebtRecord::default()
        }],
        person_id: Some(text(&format!("P-{n:08}"))),
        phones: vec![
            phone(false, LineType::Landline),
            phone(true, LineType::Wireless),
        ],
        state: StateCode::parse(state),
        zip: Some(text(zip)),
        ..AccountRecord::default()
    }
}

/// How many accounts a floor has.
#[expect(clippy::disallowed_methods, reason = "a bench is sized from outside")]
pub(crate) fn accounts() -> u64 {
    let asked = std::env::var("DIALGATE_BENCH_ACCOUNTS").ok();
    asked
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000)
}

/// An engine that holds `accounts` of them: two numbers, five attempts, ids of account, person and
/// debt each.
#[expect(clippy::panic, reason = "a bench that cannot begin stops")]
pub(crate) fn engine(accounts: u64) -> Engine {
    let pack = dialgate::rulepack::embedded().unwrap_or_else(|faults| panic!("{faults:?}"));
    let options = Options {
        accounts_expected: usize::try_from(accounts).unwrap_or(0),
        ..Options::default()
    };
    let mut engine = Engine::new(options, Arc::new(pack), Zones::bundled());
    engine.declare("floor", policy());
    let (mut rows, mut n) = (Counted::default(), 0);
    while n < accounts {
        let end = (n + 256).min(accounts);
        let item = |n| Item {
            line: 1,
            what: Stated::Account(Box::new(record(n))),
            body: b"{}".to_vec(),
            subject: SealedSubject::default(),
        };
        let page = FactsPage {
            tenant: TENANT,
            items: (n..end).map(item).collect(),
        };
        engine.apply_page(&page, NOON.minus(3_600), &mut rows);
        n = end;
    }
    engine
}

/// A call to the first number of account `n`, as the gateway hands it on.
pub(crate) fn ask(n: u64, key: u64) -> Ask {
    let contact = PhoneNumber::from_digits(number(n, false))
        .map_or(ContactPoint::BadPhone, ContactPoint::Phone);
    let intent = Intent {
        account_id: format!("ACC-{n:08}").into(),
        person_id: None,
        contact,
        channel: Some(Channel::Phone),
        action: Some(dialgate::domain::words::Action::Call),
        source_system: "five9".into(),
        role: Asked::Absent,
        dial_mode: Asked::Known(DialMode::Manual),
        purpose: Purpose::Collection,
        in_response_to: None,
        to_place: Asked::Absent,
        debt_ids: Vec::new(),
        dry_run: false,
        exception_scope: false,
    };
    let subject = SealedSubject {
        bytes: vec![b'x'; 140],
        ..SealedSubject::default()
    };
    let key = Key {
        key: stable_hash_128(&[&key.to_le_bytes()]),
        body: 1,
    };
    Ask {
        tenant: TENANT,
        intent,
        key: Some(key),
        subject,
    }
}
