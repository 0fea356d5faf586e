//! A house made of what a caller may send and an operator may write: lines of an ingest, a tenant's
//! file, a rule pack, an instant. One row of the table is asked of it.

use std::sync::Arc;

use dialgate::config::tenant::TenantFile;
use dialgate::domain::ids::TenantNo;
use dialgate::domain::record::Line;
use dialgate::domain::time::{UnixSeconds, Zones};
use dialgate::domain::verdict::Code;
use dialgate::engine::commands::{
    Admin, Answer, Ask, FactsPage, Item, PageResult, RowSink, SealedSubject, Stated,
};
use dialgate::engine::{Administered, Engine, Options};
use dialgate::rulepack::{self, PackFiles};
use dialgate::wire::ingest::{JsonReader, Numbered, Rejected};
use dialgate::wire::intent;
use serde_json::{Map, Value, json};

/// When facts arrive, and when the question is asked: two in the afternoon in Georgia.
pub(crate) const TOLD: &str = "2026-05-05T16:00:00Z";
pub(crate) const ASKED: &str = "2026-05-05T18:00:00Z";

/// Every agency gate open, calls dialled by hand.
const OPEN: [(&str, &str); 8] = [
    ("name", "\"t\""),
    ("fairness.gap_s", "0"),
    ("fairness.phone_per_day", "0"),
    ("fairness.person_per_day", "0"),
    ("fairness.voicemails_per_week", "0"),
    ("authority.dial_mode", "\"manual\""),
    ("concurrency.one_at_a_time", "false"),
    ("infrastructure.facts_age_max_s", "0"),
];

/// A consumer in Georgia with a mobile number that may be texted, and an address that may be used.
const ACCOUNT: &str = r#"{"account_id":"A","person_id":"C","zip":"30301","state":"GA","address":"on_file",
    "debts":[{"debt_id":"D1","kind":"other"}],
    "phones":[{"number":"+14045550100","line_type":"wireless","personal":true}],
    "emails":[{"address":"c@mail.example"}],
    "facts":[{"fact":"consent","phone":"+14045550100","consent":["autodialed","prerecorded","text"],
        "given_to":"collector"},
      {"fact":"consent","address":"c@mail.example","consent":["email"],"given_to":"collector"}]}"#;

/// One row: what differs from the plain call that every gate allows.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// The code the row is for.
    pub(crate) code: Code,
    /// The codes that come with it.
    pub(crate) with: &'static [Code],
    /// The account in place of the usual one.
    pub(crate) account: Option<&'static str>,
    /// Further lines of the ingest.
    pub(crate) lines: &'static [&'static str],
    /// Keys of the tenant's file.
    pub(crate) policy: &'static [(&'static str, &'static str)],
    /// Rules in place of the pack's `states.toml`.
    pub(crate) states: Option<&'static str>,
    /// Fields of the intent; null takes one away.
    pub(crate) intent: &'static str,
    /// The same intent is allowed once before.
    pub(crate) twice: bool,
    /// When it is asked.
    pub(crate) asked: &'static str,
    /// Whether the clock is trusted.
    pub(crate) clock: bool,
    /// Attempts a person's ring keeps.
    pub(crate) attempts_max: usize,
}

/// The row of a code about which nothing is said yet.
pub(crate) const fn row(code: Code) -> Row {
    Row {
        code,
        with: &[],
        account: None,
        lines: &[],
        policy: &[],
        states: None,
        intent: "{}",
        twice: false,
        asked: ASKED,
        clock: true,
        attempts_max: 256,
    }
}

/// Rows of the ledger go nowhere.
struct Nowhere;

impl RowSink for Nowhere {
    fn row(&mut self, _: TenantNo, _: u64, _: &[u8], _: &[&SealedSubject], _: [u64; 2]) {}
}

impl Row {
    /// Builds the house, tells it everything, asks, and gives the codes in ascending order.
    pub(crate) fn found(&self) -> Vec<Code> {
        self.found_under(&[])
    }

    /// The same with further keys of the tenant's file, where the row says nothing of them.
    pub(crate) fn found_under(&self, keys: &[(&str, &str)]) -> Vec<Code> {
        let mut files = PackFiles::embedded();
        if let Some(states) = self.states {
            files = files.with("states.toml", states);
        }
        let pack = rulepack::read(&files).unwrap_or_else(|faults| panic!("{faults:?}"));
        let options = Options {
            accounts_expected: 1,
            attempts_per_person_max: self.attempts_max,
            idempotency_keys_max: 1,
        };
        let mut engine = Engine::new(options, Arc::new(pack), Zones::bundled());
        let tenant = self.tenant(&mut engine, keys);
        self.tell(&mut engine, tenant);
        engine.trust_clock(self.clock);
        let now = UnixSeconds::parse(self.asked).unwrap();
        if self.twice {
            assert_eq!(self.ask(&mut engine, tenant, now.minus(1)), []);
        }
        self.ask(&mut engine, tenant, now)
    }

    fn tenant(&self, engine: &mut Engine, keys: &[(&str, &str)]) -> TenantNo {
        let says = |keys: &[(&str, &str)], key: &str| keys.iter().any(|(known, _)| *known == key);
        let own = |key: &str| says(self.policy, key);
        let usual = OPEN.iter().filter(|(key, _)| !own(key) && !says(keys, key));
        let lines: Vec<String> = usual
            .chain(keys.iter().filter(|(key, _)| !own(key)))
            .chain(self.policy)
            .map(|(key, value)| format!("{key} = {value}"))
            .collect();
        let text = lines.join("\n");
        let file = TenantFile::parse("t.toml", &text).unwrap();
        let policy = file.into_policy(&mut |name| engine.name(name));
        engine.declare("t", policy)
    }

    fn tell(&self, engine: &mut Engine, tenant: TenantNo) {
        let now = UnixSeconds::parse(TOLD).unwrap();
        let account = self.account.unwrap_or(ACCOUNT);
        for line in std::iter::once(account).chain(self.lines.iter().copied()) {
            let what = match read(&line.replace('\n', " ")) {
                Line::Account(record) => Stated::Account(record),
                Line::Contact(fact) => Stated::Contact(fact),
                Line::Kill(kill) => {
                    let done =
                        engine.administer(tenant, &Admin::Kill(kill, None), now, &mut Nowhere);
                    assert!(matches!(done, Administered::Applied(_)), "{line}: {done:?}");
                    continue;
                }
                Line::ClockAccept => panic!("{line}"),
            };
            let item = Item {
                line: 1,
                what,
                body: b"{}".to_vec(),
                subject: SealedSubject::default(),
            };
            let items = vec![item];
            let page = FactsPage { tenant, items };
            let result = engine.apply_page(&page, now, &mut Nowhere);
            let applied = PageResult {
                applied: 1,
                ..PageResult::default()
            };
            assert_eq!(result, applied, "{line}");
        }
    }

    fn ask(&self, engine: &mut Engine, tenant: TenantNo, now: UnixSeconds) -> Vec<Code> {
        let mut fields: Map<String, Value> = Map::new();
        let usual = json!({"account_id": "A", "channel": "phone", "action_type": "call",
            "phone": "+14045550100", "source_system": "dialer"});
        let own: Value = serde_json::from_str(self.intent).unwrap();
        for (key, value) in usual
            .as_object()
            .unwrap()
            .iter()
            .chain(own.as_object().unwrap())
        {
            fields.insert(key.clone(), value.clone());
        }
        fields.retain(|_, value| !value.is_null());
        let body = Value::Object(fields).to_string();
        let request = intent::decode(body.as_bytes(), None, true).unwrap();
        let ask = Ask {
            tenant,
            intent: request.intent,
            key: None,
            subject: SealedSubject::default(),
        };
        let Answer::Decided(decision) = engine.ask(&ask, now, &mut Nowhere) else {
            panic!("{body} was not decided");
        };
        let mut codes: Vec<Code> = decision.findings.list().iter().map(|f| f.code).collect();
        codes.sort();
        codes.dedup();
        codes
    }
}

/// One line as intake reads it.
fn read(line: &str) -> Line {
    let (mut reader, mut lines) = (JsonReader::default(), Vec::new());
    let mut sink = |result: Result<Numbered, Rejected>| {
        lines.push(
            result
                .unwrap_or_else(|fault| panic!("{line}: {fault:?}"))
                .record,
        );
    };
    reader.push(line.as_bytes(), &mut sink).unwrap();
    reader.finish(&mut sink).unwrap();
    assert_eq!(lines.len(), 1, "{line}");
    lines.remove(0)
}
