//! Reports in any order, twice or late: one history, the same answers, each call counted once.

use dialgate::domain::ids::TenantNo;
use dialgate::domain::outcome::Reported;
use dialgate::domain::phone::PhoneNumber;
use dialgate::domain::record::{AccountRecord, Line, PhoneRecord};
use dialgate::domain::time::UnixSeconds;
use dialgate::domain::verdict::Code;
use dialgate::domain::words::LineType;
use dialgate::engine::commands::Answer;
use dialgate::engine::{Engine, Options};
use dialgate::wire::disposition::{Direction, Disposition};

use super::dice::Dice;
use super::ops::Op;
use super::reports;
use super::run::{self, Run, START, Told};
use super::seeds::each_seed;

const CALLED: &str = "+14045550100";
const OTHER: &str = "+14045550101";
/// The tenant whose agency gates are open.
const OPEN: usize = 1;

/// One call, and what will be said of it.
struct Call {
    at: UnixSeconds,
    asked: bool,
    words: Vec<Reported>,
}

fn calls(dice: &mut Dice) -> Vec<Call> {
    let many = 1 + dice.below(4);
    (0..i64::try_from(many).unwrap())
        .map(|n| Call {
            at: START.plus(n * 7200),
            asked: dice.one_in(2),
            words: (0..=dice.below(3)).map(|_| word(dice)).collect(),
        })
        .collect()
}

fn word(dice: &mut Dice) -> Reported {
    if dice.one_in(30) {
        return Reported::WrongNumber;
    }
    if dice.one_in(9) {
        return dice.of(&[Reported::Conversation, Reported::Refused, Reported::Promise]);
    }
    dice.of(&[
        Reported::NotConnected,
        Reported::Busy,
        Reported::VoicemailUnableToLeave,
        Reported::NoAnswer,
        Reported::HungUp,
        Reported::ThirdParty,
        Reported::Voicemail,
        Reported::WrongParty,
    ])
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

/// An engine that forgets no call.
fn roomy() -> Engine {
    let mut engine = run::bare(Options::default());
    run::declare(&mut engine);
    engine
}

/// An account with two numbers, and the calls that were asked about.
fn begun(calls: &[Call]) -> (Run, Vec<Option<u64>>) {
    let mut one = Run::of(roomy());
    let phone = |text: &str| PhoneRecord {
        number: Some(text.into()),
        line_type: Some(LineType::Landline),
        ..PhoneRecord::default()
    };
    let record = AccountRecord {
        account_id: Some("A".into()),
        phones: vec![phone(CALLED), phone(OTHER)],
        zip: Some("30301".into()),
        ..AccountRecord::default()
    };
    one.step(&Op::Page(OPEN, vec![Line::Account(Box::new(record))]));
    let mut audits = Vec::new();
    for call in calls {
        one.now = call.at;
        let mut audit = None;
        if call.asked {
            let told = one.step(&Op::Ask(OPEN, None, Box::new(run::call("A", CALLED, &[]))));
            if let Told::Ask(Answer::Decided(decision)) = told {
                audit = decision.allow().then_some(decision.audit_id);
                assert!(audit.is_some(), "{decision:?}");
            }
        }
        audits.push(audit);
    }
    one.now = START.plus(24 * 3600);
    (one, audits)
}

fn said(call: &Call, n: usize, word: Reported, audit: Option<u64>) -> Disposition {
    Disposition {
        account_id: Some("A".into()),
        audit_id: audit,
        phone: Some(number(CALLED)),
        occurred_at: Some(call.at.plus(20)),
        call_id: Some(format!("C{n}").into()),
        direction: Direction::Outbound,
        ..Disposition::of(word)
    }
}

/// What the gates say of both numbers at instants from now on, and how many calls are left.
fn answers(mut one: Run) -> (Vec<String>, usize) {
    let mut all = Vec::new();
    for hours in [0, 1, 24, 24 * 6, 24 * 7, 24 * 8] {
        for phone in [CALLED, OTHER] {
            let ask = run::ask(OPEN, None, &run::call("A", phone, &[]));
            let now = one.now.plus(hours * 3600);
            let found = one.engine.find(&ask, None, now);
            let codes: Vec<Code> = found.list().iter().map(|f| f.code).collect();
            all.push(format!("{codes:?}"));
        }
    }
    let mut left = 0;
    while left < 9 {
        let told = one.step(&Op::Ask(OPEN, None, Box::new(run::call("A", OTHER, &[]))));
        let Told::Ask(Answer::Decided(decision)) = told else {
            break;
        };
        if !decision.allow() {
            let codes: Vec<Code> = decision.findings.list().iter().map(|f| f.code).collect();
            all.push(format!("{codes:?}"));
            break;
        }
        left += 1;
    }
    (all, left)
}

/// Calls left by a model that knows nothing of joining: the word that says most, a call.
fn left_by_model(calls: &[Call]) -> Option<usize> {
    use Reported as R;
    let any = |words: &[R]| {
        calls
            .iter()
            .any(|c| c.words.iter().any(|w| words.contains(w)))
    };
    if any(&[R::WrongNumber]) {
        // No call to it ever counts; what was promised still stands.
        return (!any(&[R::Promise])).then_some(7);
    }
    let mut counted = 0;
    for call in calls {
        let said = |words: &[R]| call.words.iter().any(|w| words.contains(w));
        if said(&[R::Promise]) {
            return None;
        }
        if said(&[R::WrongParty]) {
            continue;
        }
        if said(&[R::Conversation, R::Refused]) {
            return Some(0);
        }
        let only_unconnected = call
            .words
            .iter()
            .all(|w| matches!(w, R::NotConnected | R::Busy));
        counted += usize::from(!only_unconnected);
    }
    Some(7 - counted)
}

/// REPORT-2, CALL-1: what says most stands, whenever it comes.
#[test]
fn report_2_history_is_right_in_any_order_of_arrival() {
    let tried = each_seed(60, |seed| {
        let mut dice = Dice::of_seed(seed);
        let calls = calls(&mut dice);
        let mut reports = Vec::new();
        for (n, call) in calls.iter().enumerate() {
            for word in &call.words {
                let by_audit = dice.one_in(2);
                let times = 1 + dice.index(2);
                reports.extend(std::iter::repeat_n((n, *word, by_audit), times));
            }
        }
        let mut first: Option<(Vec<String>, usize)> = None;
        for _ in 0..24 {
            for at in (1..reports.len()).rev() {
                reports.swap(at, dice.index(at + 1));
            }
            let (mut one, audits) = begun(&calls);
            for (n, word, by_audit) in &reports {
                let audit = audits[*n].filter(|_| *by_audit);
                let said = said(&calls[*n], *n, *word, audit);
                let report = reports::report(TenantNo(1), said, run::sealed);
                let told = one.engine.report(&report, one.now, &mut one.rows);
                assert!(told.is_ok_and(|t| t.matched), "{told:?}");
                let again = one.engine.report(&report, one.now, &mut one.rows);
                assert_eq!(again.map(|t| t.row), Ok(None), "the same again: {word:?}");
            }
            let mut two = roomy();
            run::replay(&mut two, &one.rows.0);
            assert!(super::image::of(&mut one.engine) == super::image::of(&mut two));
            let heard = answers(one);
            if let Some(left) = left_by_model(&calls) {
                assert_eq!(heard.1, left, "{reports:?} {:?}", heard.0);
            }
            match &first {
                None => first = Some(heard),
                Some(first) => assert_eq!(*first, heard, "{reports:?}"),
            }
        }
    });
    assert!(tried > 0);
}
