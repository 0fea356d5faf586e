//! Work, employers, visits, wireless numbers, third parties.

use super::*;
use crate::domain::facts::DebtScope;
use crate::domain::gates::fixture::{ACCOUNT, debt, number, phone};

fn limit(limit: WorkplaceLimit) -> RuleKind {
    RuleKind::WorkplaceLimit(limit)
}

fn at_work(limit_: WorkplaceLimit) -> Fixture {
    let mut fixture = under(Channel::Phone, Gate::Channel, limit(limit_));
    fixture.phone().flags = Phone::WORK;
    fixture
}

#[test]
fn the_employer_is_left_alone_before_judgment() {
    let rule = limit(WorkplaceLimit::NoEmployerContact);
    let mut fixture = under(Channel::Phone, Gate::Channel, rule);
    fixture.phone().flags = Phone::WORK;
    assert_eq!(
        codes(&fixture),
        [],
        "the consumer at work is not the employer"
    );
    for role in PartyRole::ALL {
        let mut fixture = fixture.clone();
        if *role != PartyRole::Consumer {
            fixture.ask_for(*role);
        }
        let may_be = matches!(role, PartyRole::ThirdParty | PartyRole::Unknown);
        assert_eq!(!codes(&fixture).is_empty(), may_be, "{role:?}");
    }
    fixture.ask_for(PartyRole::ThirdParty);
    for (employer, blocks) in [(None, true), (Some(true), true), (Some(false), false)] {
        fixture.extras().parties[0].employer = employer;
        assert_eq!(!codes(&fixture).is_empty(), blocks, "{employer:?}");
    }
    fixture.extras().parties[0].employer = Some(true);
    fixture.account.debts.push(debt(2));
    let first = DebtScope::Debts(Box::new([DebtNo(1)]));
    fixture.extras().judgments = vec![first];
    assert_eq!(
        codes(&fixture),
        [Code::EmployerContact],
        "the second is open"
    );
    fixture.debts = Some(vec![DebtNo(1)]);
    assert_eq!(codes(&fixture), []);
    fixture.debts = None;
    fixture.extras().judgments = vec![DebtScope::Account(ACCOUNT)];
    assert_eq!(codes(&fixture), []);
}

#[test]
fn a_spoken_request_about_work_lapses_a_written_one_does_not() {
    let mut fixture = at_work(WorkplaceLimit::OnRequest {
        oral_days: 10,
        confirm_within_days: 7,
    });
    assert_eq!(codes(&fixture), []);
    let mut request = WorkRequest {
        at: At::of(at("2026-05-01T12:00:00-07:00")),
        oral: true,
    };
    fixture.consumer().work_request = Some(request);
    for (when, blocks) in [
        ("2026-05-01T12:00:00-07:00", true),
        ("2026-05-11T23:59:59-07:00", true),
        ("2026-05-12T00:00:00-07:00", false),
    ] {
        assert_eq!(blocks_at(&fixture, when), blocks, "{when}");
    }
    request.oral = false;
    fixture.consumer().work_request = Some(request);
    assert!(blocks_at(&fixture, "2027-05-12T00:00:00-07:00"));
    fixture.phone().flags = Phone::HOME;
    assert!(!blocks_at(&fixture, "2026-05-02T12:00:00-07:00"));
}

#[test]
fn an_instruction_about_work_binds_while_there_is_another_number() {
    let mut fixture = at_work(WorkplaceLimit::AgainstInstruction);
    fixture.consumer().work_request = Some(WorkRequest {
        at: At::of(at("2020-05-01T12:00:00-07:00")),
        oral: true,
    });
    assert_eq!(codes(&fixture), [], "no other number");
    let mut other = phone(number(8_185_550_199), fixture.asked);
    other.flags = Phone::WRONG;
    fixture.account.phones.push(other);
    assert_eq!(codes(&fixture), [], "a wrong one is none");
    fixture.account.phones[1].flags = 0;
    assert_eq!(codes(&fixture), [Code::WorkRefused]);
    fixture.account.phones[1].person = crate::domain::ids::PersonNo(9);
    assert_eq!(codes(&fixture), [], "somebody else's is none");
    // A number of unknown kind may be at work, and is another number too.
    fixture.phone().flags = 0;
    fixture.phone().line_type = LineType::Unknown;
    assert_eq!(codes(&fixture), [Code::WorkRefused]);
    fixture.consumer().work_request = None;
    assert_eq!(codes(&fixture), []);
}

fn one_a_week(only_if_unreachable_at_home: bool, replies_exempt: bool) -> WorkplaceLimit {
    WorkplaceLimit::Count {
        limit: 1,
        window: Window::RollingDays(7),
        only_if_unreachable_at_home,
        replies_exempt,
    }
}

#[test]
fn work_is_called_once_a_week_and_only_if_home_is_of_no_use() {
    let mut fixture = at_work(one_a_week(true, false));
    assert_eq!(codes(&fixture), [Code::WorkLimit], "nobody said so");
    fixture.consumer().unreachable_at_home = true;
    assert_eq!(codes(&fixture), []);
    let mut past = call("2026-05-01T12:00:00-07:00", Outcome::NoAnswer);
    past.flags = Attempt::WORKPLACE;
    fixture.attempts().push(past);
    assert!(blocks_at(&fixture, "2026-05-07T23:59:59-07:00"));
    assert!(!blocks_at(&fixture, "2026-05-08T00:00:00-07:00"));
    fixture.attempts()[0].outcome = Outcome::NotConnected.number();
    assert_eq!(codes(&fixture), []);
    fixture.attempts().clear();
    fixture.consumer().employer_prohibits = true;
    assert_eq!(codes(&fixture), [Code::WorkLimit]);
    fixture.consumer().employer_prohibits = false;
    fixture.consumer().work_request = Some(WorkRequest {
        at: At::of(at("2026-01-01T12:00:00-07:00")),
        oral: true,
    });
    assert_eq!(codes(&fixture), [Code::WorkLimit]);
    fixture.phone().flags = Phone::PERSONAL;
    assert_eq!(codes(&fixture), []);
}

#[test]
fn a_count_at_work_in_timing_says_when_the_next_is_free() {
    use crate::domain::gates::timing;
    let mut fixture = at_work(one_a_week(false, true));
    fixture.state_rules[0].gate = Some(Gate::Timing);
    fixture.now = at("2026-05-05T11:00:00-07:00");
    let mut past = call("2026-05-01T12:00:00-07:00", Outcome::Voicemail);
    past.flags = Attempt::WORKPLACE;
    past.debts = DebtSet::one(DebtNo(44));
    fixture.attempts().push(past);
    assert_eq!(codes(&fixture), [], "not asked twice");
    assert_eq!(fixture.ask(timing::ask), [Code::WorkFrequency]);
    let next = fixture.with(|case| {
        let mut found = Findings::default();
        timing::ask(case, &mut found);
        timing::next_allowed_at(case, &found)
    });
    assert_eq!(next, Some(at("2026-05-08T08:00:00-07:00")));
    // An attempt at home does not count, one that may have been at work does.
    fixture.attempts()[0].flags = 0;
    assert_eq!(fixture.ask(timing::ask), [Code::WorkFrequency]);
    fixture.attempts()[0].contact = crate::domain::facts::ContactKey::NONE;
    fixture.attempts()[0].kind = Attempt::pack_kind(Channel::Mail, Action::Letter);
    assert_eq!(fixture.ask(timing::ask), []);
    fixture.attempts()[0].kind = Attempt::pack_kind(Channel::InPerson, Action::InPerson);
    assert_eq!(fixture.ask(timing::ask), [Code::WorkFrequency]);
    // Answers neither count nor are blocked.
    fixture.attempts()[0].flags = Attempt::REPLY;
    assert_eq!(fixture.ask(timing::ask), []);
    fixture.attempts()[0].flags = 0;
    let now = fixture.now;
    fixture.consumer().last_inbound[usize::from(Inbound::Call.number())].at = At::of(now);
    fixture.intent.in_response_to = Some(Inbound::Call);
    assert_eq!(fixture.ask(timing::ask), []);
}

#[test]
fn what_may_be_at_work() {
    let rule = one_a_week(true, false);
    let asked = |channel, prepare: fn(&mut Fixture)| {
        let mut fixture = under(channel, Gate::Channel, limit(rule));
        prepare(&mut fixture);
        !codes(&fixture).is_empty()
    };
    assert!(!asked(Channel::Phone, |_| ()), "a mobile number");
    assert!(asked(Channel::Phone, |f| f.phone().line_type = LineType::Unknown));
    assert!(asked(Channel::Phone, |f| f.phone().flags = Phone::WORK));
    assert!(asked(Channel::Phone, |f| {
        f.phone().flags = Phone::WORK;
        f.intent.to_place = Asked::Known(PlaceKind::Home);
    }));
    for flag in [Phone::HOME, Phone::PERSONAL] {
        let mut fixture = under(Channel::Phone, Gate::Channel, limit(rule));
        fixture.phone().line_type = LineType::Landline;
        assert_eq!(codes(&fixture), [Code::WorkLimit]);
        fixture.phone().flags = flag;
        assert_eq!(codes(&fixture), []);
    }
    assert!(!asked(Channel::Mail, |_| ()));
    assert!(asked(Channel::Mail, |f| f.intent.to_place = Asked::Unknown));
    assert!(asked(Channel::Mail, |f| {
        f.intent.to_place = Asked::Known(PlaceKind::Employment);
    }));
    assert!(asked(Channel::InPerson, |_| ()));
    assert!(!asked(Channel::InPerson, |f| {
        f.intent.to_place = Asked::Known(PlaceKind::Home);
    }));
    assert!(!asked(Channel::Email, |_| ()));
    assert!(asked(Channel::Email, |f| f.email().employer_provided = true));
}

#[test]
fn visits_are_banned_where_the_text_says() {
    for (household, workplace) in [(true, true), (true, false), (false, true), (false, false)] {
        let kind = RuleKind::VisitBan {
            household,
            workplace,
        };
        let mut fixture = under(Channel::InPerson, Gate::Channel, kind);
        for (place, banned) in [
            (Asked::Absent, household || workplace),
            (Asked::Unknown, household || workplace),
            (Asked::Known(PlaceKind::Home), household),
            (Asked::Known(PlaceKind::Employment), workplace),
            (Asked::Known(PlaceKind::School), false),
            (Asked::Known(PlaceKind::Hospital), false),
            (Asked::Known(PlaceKind::Other), false),
        ] {
            fixture.intent.to_place = place;
            let expected = banned.then_some(Code::VisitBan);
            assert_eq!(codes(&fixture), Vec::from_iter(expected), "{place:?}");
        }
        fixture.intent.channel = Some(Channel::Mail);
        assert_eq!(codes(&fixture), []);
    }
}

#[test]
fn wireless_numbers_and_those_who_do_not_owe() {
    let mut fixture = under(Channel::Phone, Gate::Channel, RuleKind::WirelessBan);
    for line in LineType::ALL {
        fixture.phone().line_type = *line;
        let landline = *line == LineType::Landline;
        assert_eq!(codes(&fixture).is_empty(), landline, "{line:?}");
    }
    let fixture = under(Channel::Mail, Gate::Channel, RuleKind::ThirdParty);
    assert_eq!(codes(&fixture), []);
    for role in PartyRole::ALL.iter().filter(|r| **r != PartyRole::Consumer) {
        let mut fixture = fixture.clone();
        fixture.ask_for(*role);
        let owes = matches!(role, PartyRole::CoDebtor | PartyRole::Attorney);
        assert_eq!(codes(&fixture).is_empty(), owes, "{role:?}");
    }
}
