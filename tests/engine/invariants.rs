//! ENGINE-1 to ENGINE-5 under random commands.

use std::cell::Cell;

use dialgate::domain::facts::Attempt;
use dialgate::engine::commands::Answer;
use dialgate::engine::persist::read_persons;

use super::dice::Dice;
use super::ops::{self, Op};
use super::run::{self, Run, START, Told};
use super::seeds::each_seed;
use super::{image, laws};

/// Commands of a run.
const OPS: usize = 400;

fn random(seed: u64) -> Vec<Op> {
    ops::sequence(&mut Dice::of_seed(seed), START, OPS)
}

#[test]
fn engine_1_the_same_commands_give_the_same_rows() {
    each_seed(12, |seed| {
        let ops = random(seed);
        let (mut one, mut two) = (Run::new(), Run::new());
        for op in &ops {
            assert_eq!(one.step(op), two.step(op), "{op:?}");
        }
        assert!(one.rows.0.len() > 100, "only {} rows", one.rows.0.len());
        assert_eq!(one.rows, two.rows);
    });
}

/// ENGINE-2: also when it is told again under its key.
#[test]
fn engine_2_an_allow_leaves_exactly_one_reservation() {
    let (allowed, again) = (Cell::new(0), Cell::new(0));
    let runs = each_seed(12, |seed| {
        let mut run = Run::new();
        for op in &random(seed) {
            let told = run.step(op);
            let Told::Ask(Answer::Decided(decision)) = told else {
                continue;
            };
            let expected = usize::from(decision.allow() && !decision.dry_run);
            allowed.set(allowed.get() + expected as u64);
            let Op::Ask(tenant, ..) = op else { continue };
            let found = reservations(&mut run, *tenant, decision.audit_id);
            assert_eq!(found, expected, "{op:?} {decision:?}");
            // Under a key it is told again, and is still the one.
            let rows = run.rows.0.len();
            if expected == 0 || !matches!(op, Op::Ask(_, Some(_), _)) {
                continue;
            }
            if let Told::Ask(Answer::Repeated(same)) = run.step(op) {
                again.set(again.get() + 1);
                assert_eq!((same.audit_id, run.rows.0.len()), (decision.audit_id, rows));
                let found = reservations(&mut run, *tenant, decision.audit_id);
                assert_eq!(found, 1, "{op:?} {decision:?}");
            }
        }
    });
    assert!(allowed.get() >= runs, "only {} allowed", allowed.get());
    assert!(runs < 12 || again.get() >= runs, "{again:?} told again");
}

/// Live reservations of a decision, over all persons of its tenant.
fn reservations(run: &mut Run, tenant: usize, audit: u64) -> usize {
    let at = run.engine.last();
    let image = image::of(&mut run.engine);
    let pages = image.pages.iter().filter(|((table, _), _)| *table == 2);
    let persons = pages.flat_map(|((_, page), bytes)| {
        read_persons(*page, bytes).expect("a page of persons reads back")
    });
    let own = persons.filter(|p| usize::from(p.tenant.0) == tenant);
    let live = |a: &Attempt| u64::from(a.audit) == audit && a.is_live(at);
    own.flat_map(|p| p.attempts).filter(live).count()
}

/// ENGINE-3.
#[test]
fn engine_3_what_is_refused_leaves_no_trace() {
    let refused = Cell::new(0);
    let runs = each_seed(12, |seed| {
        let mut run = Run::new();
        for op in &random(seed) {
            let Op::Page(tenant, lines) = op else {
                run.step(op);
                continue;
            };
            for line in lines {
                // A pack whose day has come takes force with any command, refused or not.
                run.step(&Op::Page(*tenant, Vec::new()));
                let (before, rows) = (image::of(&mut run.engine), run.rows.0.len());
                let single = Op::Page(*tenant, vec![line.clone()]);
                let Told::Page(result) = run.step(&single) else {
                    continue;
                };
                if result.rejected.is_empty() {
                    continue;
                }
                refused.set(refused.get() + 1);
                assert_eq!(run.rows.0.len(), rows, "{line:?}");
                assert!(
                    image::of(&mut run.engine) == before,
                    "{:?} {line:?}",
                    result.rejected
                );
            }
        }
    });
    assert!(refused.get() >= runs, "only {} refused", refused.get());
}

/// ENGINE-3: said twice, it is one row.
#[test]
fn engine_3_what_changes_nothing_makes_no_fact_row() {
    each_seed(12, |seed| {
        let mut run = Run::new();
        for op in &random(seed) {
            let Op::Page(tenant, lines) = op else {
                run.step(op);
                continue;
            };
            for line in lines {
                let single = Op::Page(*tenant, vec![line.clone()]);
                let Told::Page(first) = run.step(&single) else {
                    continue;
                };
                if !first.rejected.is_empty() {
                    continue;
                }
                run.step(&Op::Step(7));
                let Told::Page(again) = run.step(&single) else {
                    continue;
                };
                // What contradicts itself may be refused when it would lift its own restriction.
                assert_eq!(again.applied, 0, "{line:?}");
            }
        }
    });
}

/// REPORT-1: one row or none, and without one nothing has changed.
#[test]
fn report_1_a_report_is_one_row_or_leaves_no_trace() {
    let (refused, nothing_new) = (Cell::new(0), Cell::new(0));
    let runs = each_seed(12, |seed| {
        let mut run = Run::new();
        for op in &random(seed) {
            let Op::Report(said) = op else {
                run.step(op);
                continue;
            };
            for _ in 0..2 {
                // A pack whose day has come takes force with any command, refused or not.
                run.step(&Op::Page(said.tenant, Vec::new()));
                let (before, rows) = (image::of(&mut run.engine), run.rows.0.len());
                let told = run.step(op);
                let Told::Report(told) = told else { continue };
                let row = told.as_ref().ok().and_then(|taken| taken.row);
                let expected = rows + usize::from(row.is_some());
                assert_eq!(run.rows.0.len(), expected, "{op:?} {told:?}");
                if row.is_some() {
                    continue;
                }
                refused.set(refused.get() + u64::from(told.is_err()));
                nothing_new.set(nothing_new.get() + u64::from(told.is_ok()));
                assert!(image::of(&mut run.engine) == before, "{op:?} {told:?}");
            }
        }
    });
    let (refused, nothing_new) = (refused.get(), nothing_new.get());
    assert!(refused.min(nothing_new) >= runs, "{refused} {nothing_new}");
}

/// ENGINE-4, though the clock goes back.
#[test]
fn engine_4_time_never_goes_back() {
    each_seed(12, |seed| {
        let mut run = Run::new();
        let mut last = run.engine.last();
        for op in &random(seed) {
            run.step(op);
            // Accepting the clock is the one act that may set it back.
            assert!(
                matches!(op, Op::ClockAccept(_)) || run.engine.last() >= last,
                "{op:?}"
            );
            last = run.engine.last();
        }
    });
}

/// ENGINE-4: what sets time back is a row of every tenant's chain, and nothing else does.
#[test]
fn engine_4_accepting_the_clock_sets_time_to_it() {
    let mut run = Run::new();
    run.step(&Op::Page(0, Vec::new()));
    run.now = START.minus(3_600);
    run.step(&Op::Page(0, Vec::new()));
    assert_eq!(run.engine.last(), START);
    let rows = run.rows.0.len();
    run.step(&Op::ClockAccept(0));
    assert_eq!(run.engine.last(), run.now);
    let tenants: Vec<u16> = run.rows.0[rows..].iter().map(|row| row.tenant.0).collect();
    assert_eq!(tenants, [0, 1]);
    let mut two = Run::new();
    run::replay(&mut two.engine, &run.rows.0);
    assert_eq!(two.engine.last(), run.now);
}

#[test]
fn engine_5_rows_alone_give_the_state() {
    each_seed(24, |seed| {
        let mut one = Run::new();
        for op in &random(seed) {
            one.step(op);
        }
        let mut two = Run::new();
        run::replay(&mut two.engine, &one.rows.0);
        assert_eq!(two.engine.work(), one.engine.work(), "seed {seed}");
        laws::start_like(&one, &mut two);
        same_state(&mut one, &mut two);
        // And so the same answers from here on.
        two.now = one.now;
        two.engine.trust_clock(true);
        one.engine.trust_clock(true);
        let mut dice = Dice::of_seed(!seed);
        for _ in 0..60 {
            let op = Op::Ask(dice.index(2), None, Box::new(ops::intent(&mut dice)));
            assert_eq!(one.step(&op), two.step(&op), "{op:?}");
        }
    });
}

/// Compares two states page by page.
pub(crate) fn same_state(one: &mut Run, two: &mut Run) {
    let (a, b) = (image::of(&mut one.engine), image::of(&mut two.engine));
    assert_eq!(a.rest, b.rest);
    assert_eq!(
        a.pages.keys().collect::<Vec<_>>(),
        b.pages.keys().collect::<Vec<_>>()
    );
    for (key, page) in &a.pages {
        let other = b.pages.get(key);
        if Some(page) == other {
            continue;
        }
        if key.0 == 2 {
            let read = |bytes: &[u8]| read_persons(key.1, bytes).expect("a page reads back");
            assert_eq!(read(page), read(other.expect("same keys")));
        }
        assert!(
            Some(page) == other,
            "page {} of table {} differs",
            key.1,
            key.0
        );
    }
}

#[test]
fn a_pack_that_took_force_is_taken_up_by_the_start_after_its_rows() {
    let bytes = include_bytes!("../../fuzz/corpus/engine_ops/pack_takes_force");
    let mut dice = Dice::of_bytes(&bytes[1..]);
    let mut one = Run::new();
    for op in &ops::sequence(&mut dice, START, 100) {
        one.step(op);
    }
    let mut two = run::fresh();
    run::replay(&mut two, &one.rows.0);
    let mut two = Run::of(two);
    assert_ne!(
        two.engine.pack().hash(),
        one.engine.pack().hash(),
        "a pack took force"
    );
    laws::start_like(&one, &mut two);
    assert!(image::of(&mut one.engine) == image::of(&mut two.engine));
}
