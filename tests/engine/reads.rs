//! What is told of the gate before it is asked: a question to the engine and the intent that
//! follows it must agree, at whatever state random commands left.

use std::cell::Cell;
use std::collections::BTreeSet;

use dialgate::domain::gates::windows::LEFT_MAX;
use dialgate::domain::ids::TenantNo;
use dialgate::domain::intent::{Asked, ContactPoint, Intent};
use dialgate::domain::phone::PhoneNumber;
use dialgate::domain::place::{StateCode, Zip5};
use dialgate::domain::record::{AccountRecord, Line, PhoneRecord};
use dialgate::domain::rules::{Gate, RuleNo};
use dialgate::domain::verdict::Code;
use dialgate::domain::words::{Action, Channel, DialMode, Purpose};
use dialgate::engine::commands::{Answer, Decision};
use dialgate::engine::query::{Checked, Place, PlaceAsked, Query, Told, What};

use super::dice::Dice;
use super::image;
use super::ops::{Op, intent, sequence};
use super::run::{self, Run, START};
use super::seeds::each_seed;

fn tell(run: &mut Run, tenant: usize, what: What) -> Told {
    let tenant = TenantNo(u16::try_from(tenant).unwrap());
    let before = run.rows.0.len();
    let told = run
        .engine
        .tell(&Query { tenant, what }, run.now, &mut run.rows);
    assert_eq!(run.rows.0.len(), before, "a question leaves no row");
    told
}

fn check(run: &mut Run, tenant: usize, intent: &Intent) -> Option<Checked> {
    let told = tell(run, tenant, What::Check([intent.clone()].into()));
    let Told::Check(found, stamp) = told else {
        panic!("{told:?}");
    };
    assert_eq!(stamp.at, run.engine.last());
    found.into_vec().pop().unwrap()
}

fn decide(run: &mut Run, tenant: usize, intent: &Intent) -> Decision {
    let ask = run::ask(tenant, None, intent);
    match run.engine.ask(&ask, run.now, &mut run.rows) {
        Answer::Decided(decision) => decision,
        other => panic!("{other:?}"),
    }
}

fn agree(found: &Checked, decision: &Decision) {
    let verdict = &found.verdict;
    assert_eq!(verdict.findings, decision.findings);
    assert_eq!(verdict.next_allowed_at, decision.next_allowed_at);
    assert_eq!(verdict.use_by, decision.use_by);
}

#[test]
fn a_check_says_what_the_next_intent_is_answered() {
    let (known, blocked) = (Cell::new(0_u64), Cell::new(0_u64));
    each_seed(40, |seed| {
        let mut dice = Dice::of_seed(seed);
        let mut run = Run::new();
        for op in sequence(&mut dice, START, 120) {
            run.step(&op);
            let Op::Ask(tenant, _, asked) = op else {
                continue;
            };
            // A tenant that was withdrawn asks nothing: its credentials are refused before.
            if !run.engine.tenants().get(tenant).is_some_and(|t| t.declared) {
                continue;
            }
            // The same again, and something else: both at a state nobody chose.
            for asked in [*asked, intent(&mut dice)] {
                let found = check(&mut run, tenant, &asked);
                assert_eq!(
                    found,
                    check(&mut run, tenant, &asked),
                    "asking changes nothing"
                );
                let decision = decide(&mut run, tenant, &asked);
                match found {
                    Some(found) => {
                        agree(&found, &decision);
                        known.set(known.get() + 1);
                        let waits = decision.next_allowed_at.is_some();
                        blocked.set(blocked.get() + u64::from(waits));
                    }
                    None => assert!(decision.findings.has(Code::UnknownAccount)),
                }
            }
        }
    });
    // Known accounts, and blocks that time cures, were among them.
    assert!(
        known.get() > 100 && blocked.get() > 10,
        "{known:?} {blocked:?}"
    );
}

/// Windows that count contacts, as (code, rule) -> left.
fn left(found: &Checked) -> Vec<((Code, RuleNo), Option<u16>)> {
    let all = found.windows.iter();
    all.map(|one| ((one.finding.code, one.finding.rule), one.left))
        .collect()
}

#[test]
fn so_many_left_are_allowed_and_then_the_window_blocks() {
    let (closed, steps) = (Cell::new(0_u64), Cell::new(0_u64));
    each_seed(60, |seed| {
        let mut dice = Dice::of_seed(seed);
        let mut run = Run::new();
        for op in sequence(&mut dice, START, 100) {
            run.step(&op);
            let Op::Ask(tenant, _, asked) = op else {
                continue;
            };
            // A tenant that was withdrawn asks nothing: its credentials are refused before.
            if !run.engine.tenants().get(tenant).is_some_and(|t| t.declared) {
                continue;
            }
            let asked = Intent {
                dry_run: false,
                ..*asked
            };
            let Some(mut found) = check(&mut run, tenant, &asked) else {
                continue;
            };
            // As long as it is allowed, each contact leaves one less in every window that counts it.
            for _ in 0..=LEFT_MAX {
                let decision = decide(&mut run, tenant, &asked);
                agree(&found, &decision);
                let shut: BTreeSet<_> = left(&found)
                    .into_iter()
                    .filter(|(_, left)| *left == Some(0))
                    .map(|(window, _)| window)
                    .collect();
                let windows = left(&found);
                let of_window = |one: &(Code, RuleNo)| windows.iter().any(|(w, _)| w == one);
                let named: BTreeSet<_> = decision
                    .findings
                    .list()
                    .iter()
                    .map(|finding| (finding.code, finding.rule))
                    .filter(of_window)
                    .collect();
                assert_eq!(
                    shut, named,
                    "a window with none left blocks, and no other does"
                );
                if !decision.allow() {
                    closed.set(closed.get() + u64::from(!shut.is_empty()));
                    break;
                }
                let next = check(&mut run, tenant, &asked).unwrap();
                let counted = left(&found).into_iter();
                for (window, before) in counted.filter_map(|(w, left)| Some((w, left?))) {
                    let after = left(&next).into_iter().find(|(one, _)| *one == window);
                    let after = after.and_then(|(_, left)| left);
                    assert_eq!(after, Some(before - 1), "{window:?}");
                    steps.set(steps.get() + 1);
                }
                found = next;
            }
        }
    });
    assert!(closed.get() > 50, "{} windows were met", closed.get());
    assert!(steps.get() > 100, "{} steps", steps.get());
}

/// Every other question, about what an intent names.
fn everything(intent: &Intent) -> Vec<What> {
    let account = || intent.account_id.clone();
    let place = PlaceAsked {
        phone: None,
        state: StateCode::parse("GA"),
        zip: None,
    };
    let mut all = vec![
        What::File(account()),
        What::AccountNumber(account()),
        What::Figures,
        What::Hours(place),
        What::Law(StateCode::parse("CA").unwrap()),
        What::Survey(Place::Accounts(0)),
        What::Survey(Place::Contacts(0)),
    ];
    if let ContactPoint::Phone(number) = intent.contact {
        all.extend([
            What::Number(number),
            What::Listing(number),
            What::Holder(number),
        ]);
    }
    all
}

/// QUERY-1: no row and nothing in the image, whatever is asked.
#[test]
fn questions_leave_no_trace() {
    each_seed(10, |seed| {
        let mut dice = Dice::of_seed(seed);
        let ops = sequence(&mut dice, START, 150);
        let (mut asked, mut quiet) = (Run::new(), Run::new());
        for op in &ops {
            asked.step(op);
            quiet.step(op);
            let Op::Ask(tenant, _, intent) = op else {
                continue;
            };
            check(&mut asked, *tenant, intent);
            for what in everything(intent) {
                tell(&mut asked, *tenant, what);
            }
        }
        let images = [&mut asked, &mut quiet].map(|run| image::of(&mut run.engine));
        assert!(images[0] == images[1], "a question left a trace");
        assert_eq!(asked.rows, quiet.rows);
    });
}

#[test]
fn hours_of_a_place_are_those_timing_finds_for_a_new_account_there() {
    let (open, shut) = (Cell::new(0_u64), Cell::new(0_u64));
    each_seed(12, |seed| {
        let mut dice = Dice::of_seed(seed);
        let mut run = Run::new();
        for n in 0..40 {
            run.step(&Op::Step(dice.seconds(9 * 3_600)));
            let number = dice.of(&["4045550100", "8185550103", "6175550104", "2125550106"]);
            let state = dice.maybe(2, |d| d.of(&["GA", "CA", "MA", "TX", "WA", "NY"]));
            let zip = dice.maybe(2, |d| d.of(&["30301", "94103", "02108", "10001"]));
            let account = format!("N{n}");
            newcomer(&mut run, &account, number, (state, zip));
            let number = PhoneNumber::parse(number).unwrap();
            let asked = PlaceAsked {
                phone: Some(number),
                state: state.and_then(StateCode::parse),
                zip: zip.and_then(Zip5::parse),
            };
            let Told::Hours(Some(hours), _) = tell(&mut run, 0, What::Hours(asked)) else {
                panic!("the tenant is known");
            };
            let call = Intent {
                account_id: account.as_str().into(),
                person_id: None,
                contact: ContactPoint::Phone(number),
                channel: Some(Channel::Phone),
                action: Some(Action::Call),
                role: Asked::Absent,
                dial_mode: Asked::Known(DialMode::Manual),
                purpose: Purpose::Collection,
                in_response_to: None,
                debt_ids: Vec::new(),
                ..intent(&mut dice)
            };
            let verdict = check(&mut run, 0, &call).unwrap().verdict;
            let timing = verdict.findings.list().iter();
            let timing: Vec<_> = timing.filter(|f| f.code.gate() == Gate::Timing).collect();
            let told: Vec<_> = hours.opening.findings.list().iter().collect();
            assert_eq!(told, timing, "{account} {asked:?}");
            if verdict.findings.blocked_bits() == Gate::Timing.bit() {
                assert_eq!(hours.opening.next, verdict.next_allowed_at);
            }
            // All suggested places bind: it is open where each of them is.
            let each = hours.zones.iter().all(|zone| zone.opening.findings.allow());
            assert_eq!(hours.opening.findings.allow(), each);
            let count = if each { &open } else { &shut };
            count.set(count.get() + 1);
        }
    });
    assert!(open.get() > 20 && shut.get() > 20, "{open:?} {shut:?}");
}

/// Brings an account of nothing but a number and a place.
fn newcomer(run: &mut Run, id: &str, number: &str, at: (Option<&str>, Option<&str>)) {
    let (state, zip) = at;
    let record = AccountRecord {
        account_id: Some(id.into()),
        state: state.and_then(StateCode::parse),
        zip: zip.map(Into::into),
        phones: vec![PhoneRecord {
            number: Some(number.into()),
            ..PhoneRecord::default()
        }],
        ..AccountRecord::default()
    };
    let mut line = Line::Account(Box::new(record));
    dialgate::wire::ingest::check(&mut line).unwrap();
    run.step(&Op::Page(0, vec![line]));
}
