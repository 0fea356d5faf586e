//! CASE-1: whom and which debts a question is about.

use std::sync::Arc;

use super::commands::{FactsPage, Item, RowSink, SealedSubject, Stated};
use super::{Engine, Options};
use crate::domain::gates;
use crate::domain::ids::{DebtNo, TenantNo};
use crate::domain::intent::{Asked, ContactPoint, Intent};
use crate::domain::phone::PhoneNumber;
use crate::domain::policy::TenantPolicy;
use crate::domain::record::Line;
use crate::domain::time::{UnixSeconds, Zones};
use crate::domain::verdict::{Code, Gate};
use crate::domain::words::{Action, Channel, PartyRole, Purpose};
use crate::wire::ingest::{JsonReader, Numbered};

const NOW: UnixSeconds = UnixSeconds(1_777_993_200);
const TENANT: TenantNo = TenantNo(0);
const ACCOUNTS: &str = r#"[{"account_id":"A","person_id":"C","zip":"30301",
    "debts":[{"debt_id":"D1"},{"debt_id":"D2"},{"debt_id":"D3","status":"paid"}],
    "parties":[{"person_id":"S","role":"spouse"},{"person_id":"T1","role":"third_party"},
      {"person_id":"T2","role":"third_party"}],
    "phones":[{"number":"+14045550100"},{"number":"+14045550101","person_id":"S"}]},
  {"account_id":"B","person_id":"C","debts":[{"debt_id":"D1","status":"paid"}]}]"#;

struct Nowhere;

impl RowSink for Nowhere {
    fn row(&mut self, _: TenantNo, _: u64, _: &[u8], _: &[&SealedSubject], _: [u64; 2]) {}
}

fn engine() -> Engine {
    let pack = Arc::new(crate::rulepack::embedded().unwrap());
    let mut engine = Engine::new(Options::default(), pack, Zones::bundled());
    engine.declare("agency", TenantPolicy::defaults("agency"));
    let mut items = Vec::new();
    let mut reader = JsonReader::default();
    let mut take = |line: Result<Numbered, _>| {
        let Line::Account(record) = line.unwrap().record else {
            panic!("an account");
        };
        items.push(Item {
            line: 1,
            what: Stated::Account(record),
            body: b"{}".to_vec(),
            subject: SealedSubject::default(),
        });
    };
    reader.push(ACCOUNTS.as_bytes(), &mut take).unwrap();
    reader.finish(&mut take).unwrap();
    let tenant = TENANT;
    let told = engine.apply_page(&FactsPage { tenant, items }, NOW, &mut Nowhere);
    assert_eq!(told.applied, 2, "{told:?}");
    engine
}

fn letter(account: &str) -> Intent {
    Intent {
        account_id: account.into(),
        person_id: None,
        contact: ContactPoint::Absent,
        channel: Some(Channel::Mail),
        action: Some(Action::Letter),
        source_system: "five9".into(),
        role: Asked::Absent,
        dial_mode: Asked::Absent,
        purpose: Purpose::Collection,
        in_response_to: None,
        to_place: Asked::Absent,
        debt_ids: Vec::new(),
        dry_run: false,
        exception_scope: false,
    }
}

fn call(number: &str) -> Intent {
    Intent {
        contact: ContactPoint::Phone(PhoneNumber::parse(number).unwrap()),
        channel: Some(Channel::Phone),
        action: Some(Action::Call),
        ..letter("A")
    }
}

/// Whether the case is about this person, and what G1 finds.
fn about(engine: &Engine, intent: &Intent, person: &str) -> (bool, Vec<Code>) {
    let expected = engine.state.person(TENANT, person);
    let seen = engine.on_case(TENANT, intent, NOW, |_target, case| {
        let found = gates::evaluate(case).findings;
        let of_account = found.list().iter().map(|finding| finding.code);
        let of_account = of_account.filter(|code| code.gate() == Gate::Account);
        (Some(case.person_no) == expected, of_account.collect())
    });
    seen.unwrap()
}

#[test]
fn case_1_the_person_named_then_the_owner_then_the_role_then_the_consumer() {
    let engine = engine();
    let (own, of_spouse) = ("+14045550100", "+14045550101");
    let named = |intent: Intent, id: &str| Intent {
        person_id: Some(id.into()),
        ..intent
    };
    let role = |role| Intent {
        role: Asked::Known(role),
        ..letter("A")
    };
    let to_spouse = |intent: Intent| Intent {
        role: Asked::Known(PartyRole::Spouse),
        ..intent
    };
    for (intent, person, codes) in [
        (letter("A"), "C", vec![]),
        (call(own), "C", vec![]),
        (call("+14045550199"), "C", vec![Code::UnknownPhone]),
        (to_spouse(call(of_spouse)), "S", vec![]),
        (named(to_spouse(call(of_spouse)), "S"), "S", vec![]),
        (named(call(of_spouse), "C"), "C", vec![Code::PersonMismatch]),
        (named(letter("A"), "X"), "C", vec![Code::UnknownPerson]),
        (role(PartyRole::Spouse), "S", vec![]),
        (role(PartyRole::ThirdParty), "C", vec![Code::PartyMismatch]),
    ] {
        assert_eq!(about(&engine, &intent, person), (true, codes), "{intent:?}");
    }
}

#[test]
fn case_1_debts_are_those_named_or_all_open_ones_and_without_any_it_blocks() {
    let engine = engine();
    let seen = |account: &str, debts: &[&str]| {
        let intent = Intent {
            debt_ids: debts.iter().map(|id| (*id).into()).collect(),
            ..letter(account)
        };
        let seen = engine.on_case(TENANT, &intent, NOW, |_target, case| {
            let place = |debt: &DebtNo| case.account_debts.iter().position(|one| one == debt);
            let debts: Vec<usize> = case.debts.iter().map(|debt| place(debt).unwrap()).collect();
            (debts, gates::evaluate(case).findings.blocks(Gate::Account))
        });
        seen.unwrap()
    };
    assert_eq!(seen("A", &[]), (vec![0, 1], false));
    assert_eq!(seen("A", &["D2"]), (vec![1], false));
    assert_eq!(seen("A", &["D2", "D1", "D2"]), (vec![1, 0], false));
    assert_eq!(seen("A", &["D3"]), (vec![2], true));
    assert_eq!(seen("A", &["D9"]), (vec![], true));
    assert_eq!(seen("B", &[]), (vec![], true));
}
