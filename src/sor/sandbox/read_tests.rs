//! What the dialects make of a sandbox: every account read as the gateway reads it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::seed::PEOPLE;
use super::tests::{Bench, NOW};
use crate::domain::record::{AccountRecord, FactKind};
use crate::domain::words::AccountStatus;
use crate::sor::call::{Heard, Request};
use crate::sor::dialect::{self, Dialect, Hydrated, Place};
use crate::sor::route::System;

/// Steps of reading everything, at most.
const STEPS_MAX: usize = 50;

fn dialect_of(bench: &Bench, system: System) -> Arc<dyn Dialect> {
    dialect::of(bench.catalogues.of(system)).unwrap()
}

fn heard(bench: &Bench, system: System, request: &Request) -> Heard {
    let target = format!("{}{}", system.mount(), request.path);
    let body = request.body.clone().unwrap_or_default();
    let knock = bench.knock(request.method, &target, "application/json", &body);
    let (status, _, body) = bench.raw(&knock);
    Heard { status, body }
}

fn hydrated(bench: &Bench, system: System, account: &str) -> Hydrated {
    let dialect = dialect_of(bench, system);
    let reads = dialect.reads(account);
    let answer = |read: &Request| heard(bench, system, read);
    let mut heard: Vec<Heard> = reads.iter().map(answer).collect();
    let more = dialect.reads_more(account, &heard);
    heard.extend(more.iter().map(answer));
    dialect.account(account, &heard, None, NOW)
}

fn known(bench: &Bench, system: System, account: &str) -> AccountRecord {
    match hydrated(bench, system, account) {
        Hydrated::Known(record) => *record,
        other => panic!("{system:?} {account}: {other:?}"),
    }
}

/// The name person `n` has in a system.
fn name(system: System, n: usize) -> String {
    match system {
        System::Whl => format!("ACC-{:03}", n + 1),
        System::Scollect => format!("R{}", 1_000 + n),
        System::Portal => (n + 1).to_string(),
    }
}

fn states(record: &AccountRecord, fact: FactKind) -> bool {
    record.facts.iter().any(|known| known.fact == Some(fact))
}

#[test]
fn every_account_of_every_system_is_understood() {
    let bench = Bench::new();
    for system in System::ALL.iter().copied() {
        for n in 0..PEOPLE {
            let name = name(system, n);
            let record = known(&bench, system, &name);
            assert_eq!(&*record.account_id.as_ref().unwrap().0, name);
            assert!(!record.phones.is_empty(), "{system:?} {name}");
            assert!(!record.emails.is_empty(), "{system:?} {name}");
            // The portal has one number and says nowhere where a client lives.
            if system != System::Portal {
                let numbers = 1 + usize::from(n.is_multiple_of(3));
                assert_eq!(record.phones.len(), numbers, "{system:?} {name}");
                assert!(record.state.is_some() && record.zip.is_some(), "{name}");
            }
        }
        let nobody = match system {
            System::Whl => "ACC-999",
            System::Scollect => "R9999",
            System::Portal => "999",
        };
        assert_eq!(
            hydrated(&bench, system, nobody),
            Hydrated::NoSuchAccount,
            "{system:?}"
        );
    }
}

#[test]
fn what_stands_in_the_way_is_told_where_the_system_has_a_word_for_it() {
    let bench = Bench::new();
    for system in [System::Whl, System::Scollect] {
        let of = |n| known(&bench, system, &name(system, n));
        let signs = [FactKind::Dispute, FactKind::Bankruptcy, FactKind::Deceased];
        for (n, sign) in (20..).zip(signs) {
            assert!(states(&of(n), sign), "{system:?} {sign:?}");
            assert!(!states(&of(0), sign), "{system:?} {sign:?}");
        }
        assert_eq!(of(23).status, Some(AccountStatus::Closed), "{system:?}");
        assert_eq!(of(1).status, None, "{system:?}");
        // Every fourth was called nine days ago.
        let called: Vec<usize> = (0..PEOPLE)
            .filter(|n| !of(*n).attempts.is_empty())
            .collect();
        assert_eq!(called.len(), PEOPLE / 4, "{system:?} {called:?}");
    }
}

#[test]
fn reading_everything_finds_everybody() {
    let bench = Bench::new();
    for system in System::ALL.iter().copied() {
        let dialect = dialect_of(&bench, system);
        let mut place = Some(Place::default());
        let mut found: Vec<String> = Vec::new();
        for _ in 0..STEPS_MAX {
            let Some(at) = place.take() else { break };
            let request = dialect.everything(&at).unwrap();
            let answer = heard(&bench, system, &request);
            let step = dialect.step(&at, &answer, None, NOW);
            let step = step.unwrap_or_else(|| panic!("{system:?} {at:?}: {answer:?}"));
            found.extend(step.accounts.iter().map(ToString::to_string));
            place = step.next;
        }
        assert_eq!(place, None, "{system:?} has no end");
        found.sort();
        let mut all: Vec<String> = (0..PEOPLE).map(|n| name(system, n)).collect();
        all.sort();
        assert_eq!(found, all, "{system:?}");
    }
}

/// SANDBOX-3: two sandboxes begin alike, in each of the three systems.
#[test]
fn the_portfolio_is_the_same_every_time() {
    let (one, other) = (Bench::new(), Bench::new());
    let in_portfolio = json!({ "portfolio": "SANDBOX 2026" });
    for (method, target, body) in [
        ("GET", "/api/exports/accounts?format=json", &Value::Null),
        ("GET", "/portal/clients", &Value::Null),
        ("POST", "/scollect/get_accounts_in_portfolio", &in_portfolio),
    ] {
        let told = one.call(method, target, body);
        assert_eq!(told.0, 200, "{target}");
        assert_eq!(told, other.call(method, target, body), "{target}");
        assert!(told.1.to_string().len() > 2_000, "{target}: {}", told.1);
    }
}

/// A number the system keeps on its do-not-call list is on the gate's with the account.
#[test]
fn a_listed_number_is_read_as_one() {
    let bench = Bench::new();
    let phone = |n: usize| {
        let record = known(&bench, System::Whl, &name(System::Whl, n));
        record.phones[0].number.clone().unwrap()
    };
    let listed = phone(1);
    let (status, told) = bench.call(
        "POST",
        "/api/compliance/dnc/add",
        &serde_json::json!({ "phone": listed.as_str() }),
    );
    assert!((200..300).contains(&status), "{told}");
    let of = |n| known(&bench, System::Whl, &name(System::Whl, n)).facts;
    let is_listed = |fact: &crate::domain::record::FactRecord| {
        fact.fact == Some(FactKind::DoNotCall) && fact.phone.as_ref() == Some(&listed)
    };
    assert!(of(1).iter().any(is_listed));
    assert!(!states(
        &known(&bench, System::Whl, "ACC-003"),
        FactKind::DoNotCall
    ));
}

/// What is changed through the sandbox is what is read of it next.
#[test]
fn a_change_is_read_again() {
    let bench = Bench::new();
    let dispute = serde_json::json!({ "account_id": "ACC-002", "reason": "not my debt" });
    let (status, _) = bench.call("POST", "/api/disputes", &dispute);
    assert_eq!(status, 201);
    assert!(states(
        &known(&bench, System::Whl, "ACC-002"),
        FactKind::Dispute
    ));
    let before = known(&bench, System::Scollect, "R1001").attempts.len();
    let attempt = serde_json::json!({
        "filenumber": "R1001", "phonenumber": "7135550101", "dispo": "LEFT MESSAGE MACHINE",
    });
    let (status, told) = bench.call("POST", "/scollect/insertattempt", &attempt);
    assert_eq!(status, 200, "{told}");
    assert_ne!(told, Value::Null);
    let after = known(&bench, System::Scollect, "R1001").attempts.len();
    assert_eq!(after, before + 1, "{told}");
}
