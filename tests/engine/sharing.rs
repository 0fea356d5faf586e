//! ENGINE-6: whoever shares a number is found with it, through whatever commands it came to be shared.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use dialgate::domain::facts::{ContactKey, NumberFacts};
use dialgate::domain::ids::{PersonNo, TenantNo};
use dialgate::domain::intent::{Asked, ContactPoint, Intent};
use dialgate::domain::phone::PhoneNumber;
use dialgate::domain::record::{AccountRecord, Line, PhoneRecord};
use dialgate::domain::verdict::Code;
use dialgate::domain::words::DialMode;
use dialgate::engine::commands::{Answer, Decision};
use dialgate::engine::persist::{read_accounts, read_contacts, read_persons};

use super::dice::Dice;
use super::image::{self, Image};
use super::ops::{self, Op};
use super::run::{Run, START, Told};
use super::seeds::each_seed;

type ByNumber = BTreeMap<(TenantNo, PhoneNumber), BTreeSet<PersonNo>>;

/// Everybody a number stands on file for or was tried for, from the tables alone.
fn known(image: &Image) -> ByNumber {
    let mut all = ByNumber::new();
    for ((table, page), bytes) in &image.pages {
        match table {
            1 => {
                for account in read_accounts(*page, bytes).expect("accounts") {
                    for phone in &account.phones {
                        let people = all.entry((account.tenant, phone.number)).or_default();
                        people.insert(phone.person);
                    }
                }
            }
            2 => {
                for (row, person) in read_persons(*page, bytes)
                    .expect("persons")
                    .iter()
                    .enumerate()
                {
                    let no = PersonNo(page * 32 + u32::try_from(row).expect("a small page"));
                    let numbers = person.attempts.iter().filter_map(|a| a.contact.as_phone());
                    for number in numbers {
                        all.entry((person.tenant, number)).or_default().insert(no);
                    }
                }
            }
            _ => {}
        }
    }
    all
}

/// Whom the rows of numbers list.
fn listed(image: &Image) -> ByNumber {
    let pages = image.pages.iter().filter(|((table, _), _)| *table == 3);
    let rows = pages.flat_map(|((_, page), bytes)| read_contacts(*page, bytes).expect("contacts"));
    let numbers = rows.filter_map(|row| {
        let people = row.shared_by().iter().copied().collect();
        Some(((row.tenant, row.key.as_phone()?), people))
    });
    numbers.collect()
}

#[test]
fn engine_6_whoever_shares_a_number_is_listed_or_it_is_crowded() {
    let (shared, crowded) = (Cell::new(0), Cell::new(0));
    let runs = each_seed(24, |seed| {
        let mut run = Run::new();
        for op in &ops::sequence(&mut Dice::of_seed(seed), START, 500) {
            run.step(op);
        }
        let image = image::of(&mut run.engine);
        let listed = listed(&image);
        for (number, people) in known(&image) {
            if people.len() < 2 {
                continue;
            }
            shared.set(shared.get() + 1);
            let list = listed.get(&number).cloned().unwrap_or_default();
            if list.len() > NumberFacts::SHARERS_MAX {
                crowded.set(crowded.get() + 1);
            } else {
                assert!(people.is_subset(&list), "{people:?} but {list:?}");
            }
        }
    });
    assert!(shared.get() >= runs, "only {shared:?} shared");
    assert!(crowded.get() > 0, "nothing was ever crowded");
    assert!(crowded.get() < shared.get(), "all were crowded");
}

const NUMBER: &str = "+14045550100";

fn file(run: &mut Run, tenant: usize, account: usize) {
    let record = AccountRecord {
        account_id: Some(format!("A{account}").as_str().into()),
        zip: Some("30301".into()),
        phones: vec![PhoneRecord {
            number: Some(NUMBER.into()),
            ..PhoneRecord::default()
        }],
        ..AccountRecord::default()
    };
    let told = run.step(&Op::Page(tenant, vec![Line::Account(Box::new(record))]));
    assert!(matches!(told, Told::Page(result) if result.applied == 1));
}

fn call(run: &mut Run, tenant: usize, account: usize) -> Decision {
    let mut intent: Intent = ops::intent(&mut Dice::of_seed(1));
    intent.account_id = format!("A{account}").into();
    intent.person_id = None;
    let number = PhoneNumber::parse(NUMBER).expect("a number");
    intent.contact = ContactPoint::Phone(number);
    intent.channel = Some(dialgate::domain::words::Channel::Phone);
    intent.action = Some(dialgate::domain::words::Action::Call);
    intent.role = Asked::Absent;
    intent.dial_mode = Asked::Known(DialMode::Manual);
    intent.purpose = dialgate::domain::words::Purpose::Collection;
    intent.in_response_to = None;
    intent.debt_ids = Vec::new();
    intent.dry_run = false;
    match run.step(&Op::Ask(tenant, None, Box::new(intent))) {
        Told::Ask(Answer::Decided(decision)) => decision,
        told => panic!("{told:?}"),
    }
}

fn capped(decision: &Decision) -> bool {
    let mut codes = decision.findings.list().iter().map(|f| f.code);
    codes.any(|code| code == Code::PhoneDayCap)
}

#[test]
fn a_day_of_calls_to_one_number_over_several_accounts() {
    let mut run = Run::new();
    for account in 0..4 {
        file(&mut run, 0, account);
    }
    for account in 0..3 {
        let decision = call(&mut run, 0, account);
        assert!(decision.allow(), "{account} {decision:?}");
        run.step(&Op::Step(600));
    }
    for account in 0..4 {
        assert!(capped(&call(&mut run, 0, account)), "{account}");
    }
    // Another tenant's calls are its own, and tomorrow is another day.
    file(&mut run, 1, 0);
    assert!(call(&mut run, 1, 0).allow());
    run.step(&Op::Step(86_400));
    assert!(call(&mut run, 0, 3).allow());
}

#[test]
fn a_number_of_more_people_than_are_listed_is_at_its_cap() {
    let mut run = Run::new();
    for account in 0..NumberFacts::SHARERS_MAX {
        file(&mut run, 0, account);
    }
    assert!(!capped(&call(&mut run, 0, 0)));
    run.step(&Op::Step(86_400));
    for account in NumberFacts::SHARERS_MAX..NumberFacts::SHARERS_MAX + 40 {
        file(&mut run, 0, account);
    }
    for account in [0, NumberFacts::SHARERS_MAX + 39] {
        let decision = call(&mut run, 0, account);
        assert!(capped(&decision), "{decision:?}");
        assert_eq!(decision.next_allowed_at, None);
    }
    let image = image::of(&mut run.engine);
    let number = PhoneNumber::parse(NUMBER).expect("a number");
    assert!(ContactKey::phone(number).as_phone() == Some(number));
    let list = listed(&image)[&(TenantNo(0), number)].len();
    assert_eq!(list, NumberFacts::SHARERS_MAX + 1);
}
