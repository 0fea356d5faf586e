//! What a report must not undo: other accounts' calls, conversations about other debts, refusals
//! of another channel or number, promises; and what rows say again in recovery.

use dialgate::domain::facts::{AccountFile, Attempt, NumberFacts};
use dialgate::domain::ids::TenantNo;
use dialgate::domain::intent::{Asked, Intent};
use dialgate::domain::outcome::Reported;
use dialgate::domain::phone::PhoneNumber;
use dialgate::domain::record::{
    AccountRecord, AttemptRecord, ClockTime, DebtRecord, EmailRecord, FactKind, FactRecord, Line,
    PartyRecord, PhoneRecord,
};
use dialgate::domain::time::{CivilDate, UnixSeconds};
use dialgate::domain::verdict::Code;
use dialgate::domain::words::{Channel, LineType, Medium, Outcome, PartyRole, Purpose};
use dialgate::engine::commands::{Answer, NotTaken, Refusal, Taken};
use dialgate::engine::query::{Query, Told as Heard, What};
use dialgate::engine::{Engine, Options};
use dialgate::wire::disposition::{Direction, Disposition, SpokeWith};

use super::image;
use super::ops::Op;
use super::reports;
use super::run::{self, Run, START, Told};

mod groups;
mod imports;
mod location;
mod news;
mod repeats;
mod whose;

const N1: &str = "+14045550100";
const N2: &str = "+14045550101";
/// On nobody's file.
const STRAY: &str = "+14045550109";
const MAIL: &str = "ann@example.com";
/// The tenant whose agency gates are open.
const OPEN: usize = 1;
const DAY: i64 = 86_400;

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

fn roomy() -> Engine {
    let mut engine = run::bare(Options::default());
    run::declare(&mut engine);
    engine
}

/// Two accounts of one person, `A` with the debts `D1` and `D2` and `B` with `D9`; at noon.
fn begun() -> Run {
    let mut one = Run::of(roomy());
    for (id, debts) in [("A", &["D1", "D2"][..]), ("B", &["D9"][..])] {
        let phone = |text: &str| PhoneRecord {
            number: Some(text.into()),
            line_type: Some(LineType::Landline),
            ..PhoneRecord::default()
        };
        let debt = |id: &&str| DebtRecord {
            debt_id: Some((*id).into()),
            ..DebtRecord::default()
        };
        let record = AccountRecord {
            account_id: Some(id.into()),
            person_id: Some("P".into()),
            phones: vec![phone(N1), phone(N2)],
            emails: vec![EmailRecord {
                address: Some(MAIL.into()),
                ..EmailRecord::default()
            }],
            debts: debts.iter().map(debt).collect(),
            zip: Some("30301".into()),
            ..AccountRecord::default()
        };
        one.step(&Op::Page(OPEN, vec![Line::Account(Box::new(record))]));
    }
    one.now = START.plus(3600);
    one
}

fn said(account: &str, call: Option<&str>, word: Reported) -> Disposition {
    Disposition {
        account_id: Some(account.into()),
        phone: Some(number(N1)),
        call_id: call.map(Into::into),
        ..Disposition::of(word)
    }
}

fn try_report(one: &mut Run, said: Disposition) -> Result<Taken, NotTaken> {
    let report = reports::report(TenantNo(1), said, run::sealed);
    one.engine.report(&report, one.now, &mut one.rows)
}

fn report(one: &mut Run, said: Disposition) -> Taken {
    try_report(one, said).unwrap()
}

/// What rows alone give is what commands gave.
fn rows_agree(one: &mut Run) {
    let mut two = roomy();
    run::replay(&mut two, &one.rows.0);
    assert!(image::of(&mut one.engine) == image::of(&mut two));
}

fn file_of(engine: &mut Engine, account: &str) -> AccountFile {
    let query = Query {
        tenant: TenantNo(1),
        what: What::File(account.into()),
    };
    let now = engine.last();
    match engine.tell(&query, now, &mut run::Rows::default()) {
        Heard::File(Some(file)) => *file,
        other => panic!("{other:?}"),
    }
}

fn attempts(one: &mut Run) -> Vec<Attempt> {
    let file = file_of(&mut one.engine, "A");
    file.persons[0].person.attempts.clone()
}

fn bound(one: &mut Run, phone: &str) -> Option<NumberFacts> {
    let what = What::Number(number(phone));
    let tenant = TenantNo(1);
    match one
        .engine
        .tell(&Query { tenant, what }, one.now, &mut one.rows)
    {
        Heard::Number(facts) => facts,
        other => panic!("{other:?}"),
    }
}

/// Whether a conversation about the debts still rests.
fn rests(one: &mut Run, account: &str, debts: &[&str]) -> bool {
    let ask = run::ask(OPEN, None, &run::call(account, N2, debts));
    let found = one.engine.find(&ask, None, one.now);
    found.has(Code::CallAfterConversation)
}

fn allowed(one: &mut Run, intent: &Intent) -> u64 {
    let told = one.step(&Op::Ask(OPEN, None, Box::new(intent.clone())));
    match told {
        Told::Ask(Answer::Decided(decision)) if decision.allow() => decision.audit_id,
        other => panic!("{other:?}"),
    }
}

/// Names invariant REPORT-3.
#[test]
fn a_report_again_leaves_the_call_of_another_account() {
    let mut one = begun();
    let at = Some(one.now.minus(60));
    let of = |account, word| Disposition {
        occurred_at: at,
        ..said(account, Some("c1"), word)
    };
    report(&mut one, of("B", Reported::Conversation));
    report(&mut one, of("A", Reported::NoAnswer));
    report(&mut one, of("A", Reported::Voicemail));
    assert!(rests(&mut one, "B", &["D9"]), "{:?}", attempts(&mut one));
    assert_eq!(attempts(&mut one).len(), 2);
    // And the other way round.
    report(
        &mut one,
        Disposition {
            actor: Some("kim".into()),
            ..of("B", Reported::NoAnswer)
        },
    );
    let words: Vec<Outcome> = attempts(&mut one).iter().map(Attempt::outcome).collect();
    assert!(words.contains(&Outcome::Voicemail), "{words:?}");
    assert!(words.contains(&Outcome::NoAnswer), "{words:?}");
    rows_agree(&mut one);
}

#[test]
fn a_report_without_a_call_id_leaves_what_came_in_at_the_same_second() {
    let mut one = begun();
    let at = Some(one.now.minus(60));
    let inbound = Disposition {
        occurred_at: at,
        direction: Direction::Inbound,
        ..said("A", None, Reported::Conversation)
    };
    report(&mut one, inbound);
    for word in [Reported::NoAnswer, Reported::Voicemail] {
        report(
            &mut one,
            Disposition {
                occurred_at: at,
                ..said("A", None, word)
            },
        );
    }
    let all = attempts(&mut one);
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(rests(&mut one, "A", &["D1"]));
    rows_agree(&mut one);
}

#[test]
fn what_a_call_was_about_outlives_its_joining_with_the_decision() {
    let mut one = begun();
    let audit = allowed(&mut one, &run::call("A", N1, &["D1"]));
    one.now = one.now.plus(60);
    // By its id alone, about a debt it does not count toward; then by the decision and the id.
    let at = Some(one.now);
    let talk = Disposition {
        phone: Some(number(N2)),
        occurred_at: at,
        debt_ids: vec!["D1".into()],
        conversation_about: vec!["D2".into()],
        ..said("A", Some("c1"), Reported::Conversation)
    };
    report(&mut one, talk);
    assert!(rests(&mut one, "A", &["D2"]));
    let settled = Disposition {
        audit_id: Some(audit),
        phone: None,
        ..said("A", Some("c1"), Reported::NoAnswer)
    };
    report(&mut one, settled);
    assert!(rests(&mut one, "A", &["D2"]), "{:?}", attempts(&mut one));
    rows_agree(&mut one);
}

#[test]
fn what_a_conversation_was_said_to_be_about_is_not_guessed() {
    let talk = Disposition {
        conversation_about: vec!["D1".into(), "D2".into()],
        ..said("A", Some("c1"), Reported::Conversation)
    };
    let counts = Disposition {
        debt_ids: vec!["D1".into()],
        ..said("A", Some("c1"), Reported::NoAnswer)
    };
    for order in [[&talk, &counts], [&counts, &talk]] {
        let mut one = begun();
        for said in order {
            report(&mut one, said.clone());
        }
        for debt in ["D1", "D2"] {
            assert!(
                rests(&mut one, "A", &[debt]),
                "{debt} {:?}",
                attempts(&mut one)
            );
        }
        rows_agree(&mut one);
    }
}

#[test]
fn only_the_consumer_opens_the_way_for_a_reply() {
    let came_in = |word, spoke_with| Disposition {
        direction: Direction::Inbound,
        spoke_with,
        ..said("A", Some("c1"), word)
    };
    let other = Some(SpokeWith::ThirdParty);
    for (said, opens) in [
        (came_in(Reported::Conversation, None), true),
        (came_in(Reported::Callback, Some(SpokeWith::Consumer)), true),
        (came_in(Reported::Conversation, other), false),
        (
            came_in(Reported::Callback, Some(SpokeWith::Attorney)),
            false,
        ),
        (came_in(Reported::WrongParty, None), false),
        (came_in(Reported::WrongNumber, None), false),
        (came_in(Reported::ThirdParty, None), false),
        (came_in(Reported::NotDialed, None), false),
        (came_in(Reported::CeaseRequested, None), false),
    ] {
        let mut one = begun();
        report(&mut one, said.clone());
        let file = file_of(&mut one.engine, "A");
        let extras = file.persons[0].person.extras.as_deref();
        let heard = extras.is_some_and(|e| e.last_inbound.iter().any(|slot| slot.at.is_set()));
        assert_eq!(heard, opens, "{said:?}");
    }
}

#[test]
fn a_refusal_binds_the_channel_it_was_said_through() {
    let mut one = begun();
    let audit = allowed(&mut one, &run::call("A", N1, &[]));
    let stop = Disposition {
        audit_id: Some(audit),
        channel: Some(Channel::Sms),
        ..said("A", Some("c1"), Reported::OptOut)
    };
    report(&mut one, stop);
    let file = file_of(&mut one.engine, "A");
    let extras = file.persons[0].person.extras.as_deref().unwrap();
    assert_eq!(extras.refused_media, 1 << Medium::Texts.number());
    rows_agree(&mut one);
}

#[test]
fn a_cease_that_was_spoken_refuses_the_medium() {
    let written = |channel| Disposition {
        channel: Some(channel),
        ..said("A", Some("c1"), Reported::CeaseRequested)
    };
    let calls = 1 << Medium::Calls.number();
    for (said, refused) in [
        (written(Channel::Phone), calls),
        (said("A", Some("c1"), Reported::CeaseRequested), calls),
        (written(Channel::Mail), 0),
    ] {
        let mut one = begun();
        report(&mut one, said.clone());
        let file = file_of(&mut one.engine, "A");
        let extras = file.persons[0].person.extras.as_deref().unwrap();
        assert_eq!(extras.refused_media, refused, "{said:?}");
        assert_eq!(extras.ceases.len(), 1);
        rows_agree(&mut one);
    }
}

#[test]
fn dates_without_periods_are_whole_days() {
    let mut one = begun();
    let record = AccountRecord {
        account_id: Some("A".into()),
        facts: vec![FactRecord {
            fact: Some(FactKind::InconvenientTime),
            from_date: CivilDate::parse("2020-01-01"),
            until_date: CivilDate::parse("2099-12-31"),
            ..FactRecord::default()
        }],
        ..AccountRecord::default()
    };
    one.step(&Op::Page(OPEN, vec![Line::Account(Box::new(record))]));
    let ask = run::ask(OPEN, None, &run::call("A", N1, &[]));
    let found = one.engine.find(&ask, None, one.now);
    assert!(found.has(Code::InconvenientTime));
    rows_agree(&mut one);
}

#[test]
fn a_decision_about_one_number_is_not_settled_by_a_report_of_another() {
    let mut one = begun();
    let audit = allowed(&mut one, &run::call("A", N1, &[]));
    let wrong = Disposition {
        audit_id: Some(audit),
        phone: Some(number(N2)),
        ..said("A", None, Reported::WrongNumber)
    };
    let refused = Err(NotTaken::Field("phone", Refusal::Conflict));
    assert_eq!(try_report(&mut one, wrong.clone()), refused);
    assert!(attempts(&mut one)[0].has(Attempt::RESERVED));
    let right = Disposition {
        phone: Some(number(N1)),
        ..wrong
    };
    report(&mut one, right);
    assert_eq!(attempts(&mut one)[0].outcome(), Outcome::WrongNumber);
    rows_agree(&mut one);
}

fn promised(one: &mut Run) -> Option<CivilDate> {
    let file = file_of(&mut one.engine, "A");
    let extras = file.account.extras.as_deref();
    extras.and_then(|extras| extras.promise.as_ref().map(|p| p.until))
}

#[test]
fn a_late_promise_shortens_no_newer_one() {
    let mut one = begun();
    let date = CivilDate::parse("2026-09-01");
    let promise = |call, date, at: UnixSeconds| Disposition {
        promise_date: date,
        occurred_at: Some(at),
        ..said("A", Some(call), Reported::Promise)
    };
    let now = one.now;
    report(&mut one, promise("c1", date, now.minus(10)));
    report(
        &mut one,
        promise("c2", CivilDate::parse("2026-06-01"), now.minus(3000)),
    );
    report(&mut one, promise("c3", None, now));
    assert_eq!(promised(&mut one), date);
    let later = CivilDate::parse("2026-10-01");
    report(&mut one, promise("c4", later, now));
    assert_eq!(promised(&mut one), later);
    rows_agree(&mut one);
}

#[test]
fn a_revocation_binds_a_number_that_is_on_no_file() {
    let mut one = begun();
    let revoked = Disposition {
        phone: Some(number(STRAY)),
        ..said("A", Some("c1"), Reported::ConsentRevoked)
    };
    report(&mut one, revoked);
    let bound = bound(&mut one, STRAY).map_or(0, |facts| facts.flags);
    let all = NumberFacts::NO_CALLS | NumberFacts::NO_TEXTS;
    assert_eq!(bound & all, all);
    rows_agree(&mut one);
}

#[test]
fn the_sixty_fifth_cease_is_a_contact_too() {
    for word in [Reported::CeaseRequested, Reported::Dispute] {
        let mut one = begun();
        for n in 0..70 {
            one.now = one.now.plus(60);
            report(&mut one, said("A", Some(&format!("c{n}")), word));
        }
        assert_eq!(attempts(&mut one).len(), 70, "{word:?}");
        let file = file_of(&mut one.engine, "A");
        let person = file.persons[0].person.extras.as_deref();
        let account = file.account.extras.as_deref();
        let (first, last) = if word == Reported::Dispute {
            let all = &account.unwrap().disputes;
            (
                all.first().map(|d| d.received),
                all.last().map(|d| d.received),
            )
        } else {
            let all = &person.unwrap().ceases;
            (
                all.first().map(|c| c.received),
                all.last().map(|c| c.received),
            )
        };
        let attempts = attempts(&mut one);
        assert_eq!(
            (first, last),
            (
                attempts.first().map(|a| a.at),
                attempts.last().map(|a| a.at),
            )
        );
        rows_agree(&mut one);
    }
}

#[test]
fn a_request_there_is_no_room_for_stops_the_account_and_counts() {
    let mut one = begun();
    let times = |n: u32| Disposition {
        inconvenient_from: Some(ClockTime(n * 60)),
        inconvenient_to: Some(ClockTime(n * 60 + 3600)),
        ..said("A", Some(&format!("c{n}")), Reported::InconvenientTime)
    };
    for n in 0..66 {
        one.now = one.now.plus(60);
        report(&mut one, times(n));
    }
    assert_eq!(attempts(&mut one).len(), 66);
    let file = file_of(&mut one.engine, "A");
    let escalations = &file.account.extras.as_deref().unwrap().escalations;
    assert_eq!(escalations.len(), 1);
    rows_agree(&mut one);
}

#[test]
fn nobody_releases_a_decision_days_later_by_its_call_id() {
    let mut one = begun();
    let audit = allowed(&mut one, &run::call("A", N1, &[]));
    let first = Disposition {
        audit_id: Some(audit),
        ..said("A", Some("c1"), Reported::NoAnswer)
    };
    report(&mut one, first);
    one.now = one.now.plus(3 * DAY);
    let released = Disposition {
        actor: Some("kim".into()),
        ..said("A", Some("c1"), Reported::NotDialed)
    };
    assert_eq!(try_report(&mut one, released), Err(NotTaken::TooLate));
    assert_eq!(attempts(&mut one)[0].outcome(), Outcome::NoAnswer);
}

/// An outcome of a contact that a shorter ring has dropped, known by its decision or by its call.
#[test]
fn rows_replay_into_rings_shorter_than_those_they_were_made_with() {
    let mut one = begun();
    let audit = allowed(&mut one, &run::call("A", N1, &[]));
    for n in 0..30 {
        one.now = one.now.plus(60);
        report(
            &mut one,
            said("A", Some(&format!("c{n}")), Reported::NoAnswer),
        );
    }
    report(&mut one, said("A", Some("c0"), Reported::Voicemail));
    let by_decision = Disposition {
        audit_id: Some(audit),
        ..said("A", None, Reported::Dispute)
    };
    report(&mut one, by_decision);
    rows_agree(&mut one);
    let short = Options {
        attempts_per_person_max: 16,
        ..Options::default()
    };
    let replayed = || {
        let mut two = run::bare(short);
        run::declare(&mut two);
        run::replay(&mut two, &one.rows.0);
        two
    };
    let (mut two, mut three) = (replayed(), replayed());
    assert_eq!(image::of(&mut two), image::of(&mut three));
    let file = file_of(&mut two, "A");
    assert_eq!(file.persons[0].person.attempts.len(), 17);
    // What the report said besides binds.
    let extras = file.account.extras.as_deref();
    assert_eq!(extras.map_or(0, |extras| extras.disputes.len()), 1);
}

/// Applies the rows without the subjects of those that `gone` names.
fn erased(one: &Run, gone: impl Fn(&run::Row) -> bool) -> Engine {
    let mut two = roomy();
    for row in &one.rows.0 {
        let kept = |subject| (!gone(row)).then_some(subject);
        let subjects: Vec<_> = row.subjects.iter().map(|s| kept(&**s)).collect();
        let applied = two.apply_row(row.tenant, &row.body, &subjects);
        assert_eq!(applied, Ok(()), "{}", String::from_utf8_lossy(&row.body));
    }
    two
}

#[test]
fn a_conversation_reported_after_an_erased_report_is_kept() {
    let mut one = begun();
    let at = Some(one.now.minus(60));
    for word in [Reported::NoAnswer, Reported::Conversation] {
        report(
            &mut one,
            Disposition {
                occurred_at: at,
                ..said("A", None, word)
            },
        );
    }
    let first = one.rows.0.len() - 2;
    let seq = one.rows.0[first].seq;
    let mut two = erased(&one, |row| row.seq == seq);
    let file = file_of(&mut two, "A");
    let all = &file.persons[0].person.attempts;
    let words: Vec<Outcome> = all.iter().map(Attempt::outcome).collect();
    assert_eq!(words, [Outcome::Conversation]);
}

#[test]
fn an_erased_report_of_an_unusable_address_closes_the_account() {
    let mut one = begun();
    let back = Disposition {
        phone: None,
        email: Some(MAIL.into()),
        channel: Some(Channel::Email),
        ..said("A", Some("c1"), Reported::Undeliverable)
    };
    report(&mut one, back);
    let newest = one.rows.0.last().unwrap().seq;
    let two = erased(&one, |row| row.seq == newest);
    one.engine = two;
    let told = one.step(&Op::Ask(OPEN, None, Box::new(run::call("A", N1, &[]))));
    let Told::Ask(Answer::Decided(decision)) = told else {
        panic!("{told:?}");
    };
    assert!(!decision.allow(), "{decision:?}");
}
