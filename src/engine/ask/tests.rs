//! How long a decision's row can become, and what stands in it then.

use std::sync::Arc;

use super::row::{DECISION_BYTES_MAX, push_debts};
use super::*;
use crate::domain::facts::ContactKey as Key;
use crate::domain::ids::DebtNo;
use crate::domain::intent::ContactPoint;
use crate::domain::policy::TenantPolicy;
use crate::domain::rules::RuleNo;
use crate::domain::time::Zones;
use crate::domain::verdict::{Code, Gate};
use crate::engine::commands::SealedSubject;
use crate::engine::{DEBTS_MAX, Options};

/// Keeps the newest body.
#[derive(Default)]
struct Newest(Vec<u8>);

impl RowSink for Newest {
    fn row(&mut self, _: TenantNo, _: u64, body: &[u8], _: &[&SealedSubject], _: [u64; 2]) {
        self.0 = body.to_vec();
    }
}

/// A number of rows no chain reaches in a thousand years.
const ROWS: u64 = 999_999_999_999_999;
const TENANT: TenantNo = TenantNo(0);

fn engine() -> Engine {
    let pack = Arc::new(crate::rulepack::embedded().unwrap());
    let options = Options {
        accounts_expected: 8,
        ..Options::default()
    };
    let mut engine = Engine::new(options, pack, Zones::bundled());
    engine.declare("agency", TenantPolicy::defaults("agency"));
    engine.tenants[0].activated_at = ROWS;
    engine
}

fn question() -> Ask {
    let intent = Intent {
        account_id: "A".into(),
        person_id: None,
        contact: ContactPoint::Absent,
        channel: None,
        action: None,
        source_system: "dialer".into(),
        role: Asked::Unknown,
        dial_mode: Asked::Unknown,
        purpose: crate::domain::words::Purpose::ConsentRequest,
        in_response_to: Some(crate::domain::words::Inbound::Letter),
        to_place: Asked::Unknown,
        debt_ids: Vec::new(),
        dry_run: false,
        exception_scope: true,
    };
    Ask {
        tenant: TENANT,
        intent,
        key: None,
        subject: SealedSubject::default(),
    }
}

/// Everything as large as it can be, about so many debts.
fn largest(engine: &mut Engine, debts: usize, allow: bool) -> Vec<u8> {
    let mut ask = question();
    ask.intent.dry_run = !allow;
    let account = crate::engine::draft::erased_account(TENANT, PersonNo(u32::MAX), 0);
    let no = AccountNo(u32::MAX);
    let mut target = case::target(&engine.state, no, &account, &ask.intent);
    // Of a number and an address one is asked for: the number's place is the longer.
    target.phone_slot = Some(31);
    target.contact = Key::NONE;
    target.debts = case::DebtList::default();
    for n in 0..debts {
        target
            .debts
            .add(DebtNo(u32::MAX - u32::try_from(n).unwrap()));
    }
    let mut findings = Findings::default();
    for rule in 0..8 {
        findings.flag(RuleNo(u16::MAX - 1 - rule));
    }
    for gate in Gate::ALL {
        findings.asked(gate);
    }
    if !allow {
        for n in 0..40 {
            findings.block_by(Code::KillSwitch, RuleNo(u16::MAX - n));
        }
        for gate in [Code::UnknownAccount, Code::StateHold, Code::ReservationLive] {
            findings.block(gate);
        }
    }
    let late = UnixSeconds(i64::from(u32::MAX));
    let decision = Decision {
        findings,
        audit_id: ROWS,
        evaluation_id: ROWS,
        decided_at: late,
        next_allowed_at: (!allow).then_some(late),
        use_by: late,
        dry_run: !allow,
        law: 0,
    };
    let decided = Decided {
        account_hash: 0,
        verdict: Verdict {
            findings,
            next_allowed_at: Some(late),
            use_by: late,
        },
        target: Some(target),
        attempt_flags: u8::MAX,
        consumed: Some(purpose::Consumed::Approval(63)),
    };
    let replaced = Some((PersonNo(u32::MAX), ROWS));
    let mut rows = Newest::default();
    engine.write_decision(&ask, &decision, &decided, replaced, &mut rows);
    rows.0
}

#[test]
fn a_decision_at_its_largest_keeps_to_its_bytes() {
    let mut engine = engine();
    for debts in 0..=DEBTS_MAX {
        for allow in [true, false] {
            let row = largest(&mut engine, debts, allow);
            let text = String::from_utf8(row).unwrap();
            assert!(text.len() <= DECISION_BYTES_MAX, "{} {text}", text.len());
            assert!(text.contains("\"f\":[65534,"), "{text}");
            assert_eq!(text.contains("\"dx\":"), allow && debts > 16);
            assert_eq!(text.contains("\"d\":"), allow && (1..=16).contains(&debts));
        }
    }
}

#[test]
fn debts_in_hex_read_back() {
    let debts: Vec<DebtNo> = [0, 1, 0x4000_0000, u32::MAX].map(DebtNo).to_vec();
    let mut out = Vec::new();
    push_debts(&mut out, &debts);
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text, "\"000000000000000140000000ffffffff\"");
    assert_eq!(read_debts(text.trim_matches('"')), Some(debts));
    assert_eq!(read_debts(""), Some(Vec::new()));
    for bad in ["0", "0000000", "0000000g", "+0000000", "000000000"] {
        assert_eq!(read_debts(bad), None, "{bad}");
    }
}
