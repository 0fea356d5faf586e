//! State and city law.

use super::*;
use crate::domain::facts::{LastInbound, Phone};
use crate::domain::gates::fixture::{Fixture, date, debt, number, phone, places, state_rule, zone};
use crate::domain::intent::Asked;
use crate::domain::place::{JurisdictionSet, Places};
use crate::domain::rules::{
    CallHours, Counts, CoveredPerson, DayWindow, Frequency, Gate, HolidayBan, HolidayHours,
    HolidayList, HoursZone, InForce, Limit, Medium, MediumSet, RuleKind, StateRule, Target, Unit,
    WeeklyHours, Window,
};
use crate::domain::words::{CollectorRole, Inbound, LineType, PartyRole, PlaceKind, Purpose};

const COUNT: Code = Code::StateFrequency;

fn weekly(open: u32, close: u32, zone: HoursZone) -> WeeklyHours {
    WeeklyHours {
        days: [Some(DayWindow { open, close }); 7],
        holidays: HolidayHours::AsWeekday,
        zone,
    }
}

fn hours(kind: WeeklyHours) -> StateRule {
    state_rule(
        "CA",
        Gate::Timing,
        RuleKind::CallHours(CallHours::Weekly(kind)),
    )
}

fn counted(limit: u16, window: Window, unit: Unit) -> Frequency {
    Frequency {
        limit: Limit {
            limit,
            window,
            target: Target::Anyone,
        },
        second: None,
        unit,
        counts: Counts::Attempts,
        conversations_limit: None,
        counted: MediumSet::ANY_FORM,
        unable_to_leave_message_exempt: false,
        replies_exempt: false,
        includes_spouse: false,
    }
}

fn frequency(rule: Frequency) -> StateRule {
    state_rule("CA", Gate::Timing, RuleKind::Frequency(rule))
}

fn under(rule: StateRule) -> Fixture {
    Fixture {
        state_rules: vec![rule],
        ..Fixture::default()
    }
}

#[test]
fn hours_of_a_named_zone_are_read_on_its_clock() {
    let new_york = HoursZone::Named(zone("America/New_York"));
    let fixture = under(hours(weekly(28_800, 75_600, new_york)));
    assert_eq!(codes(&fixture, "2026-05-05T17:59:59-07:00"), []);
    assert_eq!(
        codes(&fixture, "2026-05-05T18:00:00-07:00"),
        [Code::StateHours]
    );
    let evening = "2026-05-05T18:00:00-07:00";
    assert_eq!(
        next(&fixture, evening),
        Some(at("2026-05-06T08:00:00-07:00"))
    );
    let before = "2026-05-05T17:58:00-07:00";
    assert_eq!(until(&fixture, before), at("2026-05-05T18:00:00-07:00"));
}

#[test]
fn weekdays_holidays_and_closed_days() {
    let mut table = weekly(9 * 3_600, 18 * 3_600, HoursZone::ConsumerLocal);
    table.days[5] = Some(DayWindow {
        open: 10 * 3_600,
        close: 17 * 3_600,
    });
    table.days[6] = None;
    table.holidays = HolidayHours::Closed;
    let fixture = under(hours(table));
    for (when, expected) in [
        ("2026-01-16T17:59:59-08:00", true),
        ("2026-01-16T18:00:00-08:00", false),
        ("2026-01-17T09:59:59-08:00", false),
        ("2026-01-17T10:00:00-08:00", true),
        ("2026-01-18T12:00:00-08:00", false),
        // The Monday for Dr King.
        ("2026-01-19T12:00:00-08:00", false),
        ("2026-01-20T09:00:00-08:00", true),
    ] {
        assert_eq!(codes(&fixture, when).is_empty(), expected, "{when}");
    }
    let saturday = "2026-01-17T17:30:00-08:00";
    assert_eq!(
        next(&fixture, saturday),
        Some(at("2026-01-20T09:00:00-08:00"))
    );
}

#[test]
fn quiet_days_of_the_federal_calendar() {
    let ban = HolidayBan {
        weekdays: 0b100_0000,
        holidays: HolidayList::Federal,
        hours: None,
    };
    let fixture = under(state_rule("CA", Gate::Timing, RuleKind::HolidayBan(ban)));
    assert_eq!(codes(&fixture, "2026-01-17T12:00:00-08:00"), []);
    assert_eq!(
        codes(&fixture, "2026-01-18T12:00:00-08:00"),
        [Code::StateQuietDay]
    );
    assert_eq!(
        codes(&fixture, "2026-01-19T12:00:00-08:00"),
        [Code::StateQuietDay]
    );
    let sunday = "2026-01-18T12:00:00-08:00";
    assert_eq!(
        next(&fixture, sunday),
        Some(at("2026-01-20T08:00:00-08:00"))
    );
}

#[test]
fn a_rule_reaches_its_place_medium_collector_and_dates() {
    let noon = "2026-05-05T12:00:00-07:00";
    let rule = || hours(weekly(0, 3_600, HoursZone::ConsumerLocal));
    let mut elsewhere = under(rule());
    assert_eq!(codes(&elsewhere, noon), [Code::StateHours]);
    elsewhere.live_in("NV", &["America/Los_Angeles"]);
    assert_eq!(codes(&elsewhere, noon), []);
    let mut media = rule();
    media.media = MediumSet::EMPTY.with(Medium::Sms);
    assert_eq!(codes(&under(media), noon), []);
    let mut creditors = rule();
    creditors.covers = [CoveredPerson::Creditor].into_iter().collect();
    let mut fixture = under(creditors);
    assert_eq!(codes(&fixture, noon), []);
    fixture.account.role = Some(CollectorRole::FirstParty);
    assert_eq!(codes(&fixture, noon), [Code::StateHours]);
    let mut dated = rule();
    dated.in_force = InForce {
        from: Some(date("2026-05-05")),
        to: Some(date("2026-05-06")),
    };
    let fixture = under(dated);
    assert_eq!(codes(&fixture, "2026-05-04T20:59:59-07:00"), []);
    assert_eq!(
        codes(&fixture, "2026-05-05T08:00:00-07:00"),
        [Code::StateHours]
    );
    assert_eq!(codes(&fixture, "2026-05-07T08:00:00-07:00"), []);
    assert_eq!(next(&fixture, noon), Some(at("2026-05-07T08:00:00-07:00")));
}

#[test]
fn hours_that_only_repeat_federal_ones_yield_with_them() {
    let mut rule = hours(weekly(28_800, 75_600, HoursZone::ConsumerLocal));
    rule.stricter_than_federal = false;
    let mut fixture = Fixture::over(Channel::Email);
    fixture.state_rules = vec![rule];
    let night = "2026-05-05T22:00:00-07:00";
    assert_eq!(codes(&fixture, night), [Code::CallHours, Code::StateHours]);
    fixture.intent.purpose = Purpose::Reply;
    fixture.intent.in_response_to = Some(Inbound::Email);
    fixture.consumer().last_inbound[usize::from(Inbound::Email.number())] = LastInbound {
        at: At::of(at("2026-05-05T21:30:00-07:00")),
        answered: At::NEVER,
    };
    assert_eq!(codes(&fixture, night), []);
    fixture.state_rules[0].stricter_than_federal = true;
    assert_eq!(codes(&fixture, night), [Code::StateHours]);
}

fn twice(mut fixture: Fixture) -> Fixture {
    for day in ["01", "02"] {
        let when = format!("2026-05-{day}T12:00:00-07:00");
        fixture.attempts().push(call(&when, Outcome::NoAnswer));
    }
    fixture
}

#[test]
fn rolling_days_calendar_days_and_hours() {
    let noon = "2026-05-02T13:00:00-07:00";
    for (limit, window, last, first) in [
        (
            2,
            Window::RollingDays(7),
            "2026-05-07T20:59:59-07:00",
            "2026-05-08T08:00:00-07:00",
        ),
        (
            2,
            Window::RollingDays(30),
            "2026-05-30T20:59:59-07:00",
            "2026-05-31T08:00:00-07:00",
        ),
        (
            1,
            Window::CalendarDay,
            "2026-05-02T20:59:59-07:00",
            "2026-05-03T08:00:00-07:00",
        ),
        (
            1,
            Window::ExactHours(24),
            "2026-05-03T11:59:59-07:00",
            "2026-05-03T12:00:00-07:00",
        ),
    ] {
        let fixture = twice(under(frequency(counted(limit, window, Unit::PerDebt))));
        assert_eq!(codes(&fixture, last), [COUNT], "{window:?}");
        assert_eq!(codes(&fixture, first), [], "{window:?}");
        assert_eq!(next(&fixture, noon), Some(at(first)), "{window:?}");
        let more = counted(limit + 1, window, Unit::PerDebt);
        assert_eq!(
            codes(&twice(under(frequency(more))), last),
            [],
            "{window:?}"
        );
    }
    let none = under(frequency(counted(0, Window::RollingDays(7), Unit::PerDebt)));
    assert_eq!(codes(&none, noon), [COUNT]);
    assert_eq!(next(&none, noon), None);
}

#[test]
fn after_a_conversation() {
    let window = Window::AfterConversationDays(7);
    let mut fixture = under(frequency(counted(0, window, Unit::PerAccount)));
    fixture.account.debts.push(debt(2));
    fixture.debts = Some(vec![DebtNo(2)]);
    let morning = "2026-05-05T10:00:00-07:00";
    assert_eq!(codes(&fixture, morning), []);
    let talk = flagged(
        "2026-05-01T12:00:00-07:00",
        Outcome::Conversation,
        Attempt::INBOUND,
    );
    fixture.attempts().push(talk);
    assert_eq!(codes(&fixture, morning), [Code::StateAfterConversation]);
    assert_eq!(
        next(&fixture, morning),
        Some(at("2026-05-08T08:00:00-07:00"))
    );
}

#[test]
fn what_counts_for_states() {
    let later = "2026-05-02T13:00:00-07:00";
    for (outcome, flags, exempt, replies_exempt, counts) in [
        (Outcome::NoAnswer, 0, true, true, true),
        (Outcome::VoicemailUnableToLeave, 0, false, false, true),
        (Outcome::VoicemailUnableToLeave, 0, true, false, false),
        (Outcome::NotConnected, 0, false, false, false),
        (Outcome::NoAnswer, Attempt::REPLY, false, false, true),
        (Outcome::NoAnswer, Attempt::REPLY, false, true, false),
        (Outcome::Conversation, Attempt::INBOUND, false, false, false),
        (Outcome::Pending, Attempt::RESERVED, false, false, true),
    ] {
        let mut rule = counted(2, Window::RollingDays(7), Unit::PerConsumer);
        rule.unable_to_leave_message_exempt = exempt;
        rule.replies_exempt = replies_exempt;
        let mut fixture = twice(under(frequency(rule)));
        for attempt in fixture.attempts() {
            attempt.outcome = outcome.number();
            attempt.flags = flags;
        }
        let found = codes(&fixture, later);
        assert_eq!(
            found.contains(&COUNT),
            counts,
            "{outcome:?} {flags} {found:?}"
        );
    }
}

#[test]
fn debts_accounts_and_consumers_are_told_apart() {
    let later = "2026-05-02T13:00:00-07:00";
    for (unit, of_account, of_other) in [
        (Unit::PerDebt, false, false),
        (Unit::PerAccount, true, false),
        (Unit::PerConsumer, true, true),
        (Unit::PerConsumerOrClaim, true, true),
        (Unit::PerRecipient, true, true),
    ] {
        let mut fixture = twice(under(frequency(counted(2, Window::RollingDays(7), unit))));
        fixture.account.debts.push(debt(2));
        fixture.debts = Some(vec![DebtNo(2)]);
        assert_eq!(!codes(&fixture, later).is_empty(), of_account, "{unit:?}");
        for attempt in fixture.attempts() {
            attempt.debts = DebtSet::one(DebtNo(99));
        }
        assert_eq!(!codes(&fixture, later).is_empty(), of_other, "{unit:?}");
    }
}

#[test]
fn a_wireless_number_is_counted_over_whoever_shares_it() {
    let later = "2026-05-02T13:00:00-07:00";
    for (unit, line, expected) in [
        (Unit::PerWirelessNumber, LineType::Wireless, true),
        (Unit::PerWirelessNumber, LineType::Unknown, true),
        (Unit::PerWirelessNumber, LineType::Landline, false),
        (Unit::PerRecipient, LineType::Wireless, true),
        (Unit::PerRecipient, LineType::Landline, false),
        (Unit::PerConsumer, LineType::Wireless, false),
        (Unit::PerDebt, LineType::Wireless, false),
        (Unit::PerAccount, LineType::Wireless, false),
    ] {
        let mut fixture = twice(under(frequency(counted(2, Window::RollingDays(7), unit))));
        fixture.phone().line_type = line;
        let called = std::mem::take(fixture.attempts());
        let (_, mut other) = fixture.persons[0].clone();
        other.attempts = called;
        fixture.sharers = vec![other];
        assert_eq!(
            !codes(&fixture, later).is_empty(),
            expected,
            "{unit:?} {line:?}"
        );
        // A busy line counts under no rule of a state; a wrong number rang.
        for placed in &mut fixture.sharers[0].attempts {
            placed.outcome = Outcome::WrongNumber.number();
        }
        assert_eq!(
            !codes(&fixture, later).is_empty(),
            expected,
            "{unit:?} {line:?}"
        );
        for placed in &mut fixture.sharers[0].attempts {
            placed.outcome = Outcome::NotConnected.number();
        }
        assert_eq!(codes(&fixture, later), [], "{unit:?} {line:?}");
    }
}

#[test]
fn the_spouse_and_the_claim_are_counted_where_the_text_says() {
    let later = "2026-05-02T13:00:00-07:00";
    let calls = twice(Fixture::default()).attempts().clone();
    for (role, includes_spouse, about, expected) in [
        (PartyRole::Spouse, true, 9, true),
        (PartyRole::Spouse, false, 9, false),
        (PartyRole::CoDebtor, true, 9, false),
        (PartyRole::CoDebtor, false, 1, true),
    ] {
        let mut rule = counted(2, Window::RollingDays(7), Unit::PerConsumerOrClaim);
        rule.includes_spouse = includes_spouse;
        let mut fixture = under(frequency(rule));
        fixture.party(role);
        fixture.persons[1].1.attempts = calls
            .iter()
            .map(|attempt| Attempt {
                debts: DebtSet::one(DebtNo(about)),
                ..*attempt
            })
            .collect();
        assert_eq!(
            !codes(&fixture, later).is_empty(),
            expected,
            "{role:?} {about}"
        );
    }
}

#[test]
fn a_wireless_number_has_a_day_of_its_own() {
    let rule = counted(1, Window::CalendarDay, Unit::PerWirelessNumber);
    let fixture = twice(under(frequency(rule)));
    let later = "2026-05-02T13:00:00-07:00";
    for (line, expected) in [
        (LineType::Wireless, true),
        (LineType::Unknown, true),
        (LineType::Landline, false),
        (LineType::Voip, false),
    ] {
        let mut fixture = fixture.clone();
        fixture.phone().line_type = line;
        assert_eq!(!codes(&fixture, later).is_empty(), expected, "{line:?}");
    }
    let mut other = fixture;
    other.account.phones[0].number = number(2_125_551_234);
    other.intent.contact = crate::domain::intent::ContactPoint::Phone(number(2_125_551_234));
    assert_eq!(codes(&other, later), []);
}

#[test]
fn personal_and_other_numbers_have_their_own_counts() {
    let later = "2026-05-02T13:00:00-07:00";
    let unknown = LineType::Unknown;
    let wireless = LineType::Wireless;
    for (line, flags, personal, other) in [
        (unknown, 0, true, true),
        (wireless, 0, true, false),
        (unknown, Phone::HOME, true, false),
        (unknown, Phone::PERSONAL, true, false),
        (unknown, Phone::WORK, false, true),
        (wireless, Phone::WORK, false, true),
    ] {
        for (target, expected) in [
            (Target::PersonalNumber, personal),
            (Target::OtherNumber, other),
        ] {
            let mut rule = counted(2, Window::RollingDays(7), Unit::PerDebt);
            rule.limit.target = target;
            let mut fixture = twice(under(frequency(rule)));
            fixture.phone().line_type = line;
            fixture.phone().flags = flags;
            let found = codes(&fixture, later);
            assert_eq!(!found.is_empty(), expected, "{target:?} {line:?} {flags}");
        }
    }
    // Calls to the workplace leave the personal count alone.
    let mut rule = counted(2, Window::RollingDays(7), Unit::PerDebt);
    rule.limit.target = Target::PersonalNumber;
    let mut fixture = twice(under(frequency(rule)));
    fixture.attempts()[0].flags = Attempt::WORKPLACE;
    assert_eq!(codes(&fixture, later), []);
    let mut at_work = twice(under(frequency(rule)));
    at_work.intent.to_place = Asked::Known(PlaceKind::Employment);
    assert_eq!(codes(&at_work, later), []);
}

#[test]
fn the_household_is_whoever_is_not_the_consumer() {
    let later = "2026-05-02T13:00:00-07:00";
    let mut rule = counted(2, Window::RollingDays(7), Unit::PerDebt);
    rule.limit.target = Target::HouseholdAtResidence;
    rule.second = Some(Limit {
        limit: 1,
        window: Window::RollingDays(30),
        target: Target::HouseholdElsewhere,
    });
    let calls = twice(Fixture::default()).attempts().clone();
    let consumer = twice(under(frequency(rule)));
    assert_eq!(codes(&consumer, later), []);
    for (role, expected) in [(PartyRole::Spouse, true), (PartyRole::CoDebtor, false)] {
        let mut fixture = under(frequency(rule));
        fixture.ask_for(role);
        fixture.phone().line_type = LineType::Landline;
        fixture.phone().flags = Phone::HOME;
        fixture.persons[1].1.attempts.clone_from(&calls);
        assert_eq!(!codes(&fixture, later).is_empty(), expected, "{role:?}");
        fixture.persons[1].1.attempts.pop();
        assert_eq!(codes(&fixture, later), []);
        fixture.phone().flags = Phone::WORK;
        assert_eq!(!codes(&fixture, later).is_empty(), expected, "{role:?}");
    }
}

#[test]
fn conversations_may_have_a_limit_of_their_own() {
    let mut rule = counted(30, Window::RollingDays(7), Unit::PerConsumer);
    rule.conversations_limit = Some(2);
    let mut fixture = twice(under(frequency(rule)));
    let later = "2026-05-02T13:00:00-07:00";
    assert_eq!(codes(&fixture, later), []);
    for attempt in fixture.attempts() {
        attempt.outcome = Outcome::Conversation.number();
        attempt.debts = DebtSet::one(DebtNo(9));
    }
    assert_eq!(codes(&fixture, later), [COUNT]);
    // The call behind it then stands in the ring without a conversation.
    fixture.attempts()[1].flags = Attempt::TALK_ONLY;
    assert_eq!(codes(&fixture, later), [COUNT]);
    fixture.attempts()[1].flags = Attempt::WITHDRAWN;
    assert_eq!(codes(&fixture, later), []);
}

#[test]
fn media_are_counted_as_the_rule_says() {
    let later = "2026-05-02T13:00:00-07:00";
    let mut rule = counted(3, Window::RollingDays(7), Unit::PerAccount);
    let mut fixture = twice(under(frequency(rule)));
    let mut letter = call("2026-05-02T12:30:00-07:00", Outcome::Sent);
    letter.kind = Attempt::pack_kind(Channel::Mail, Action::Letter);
    fixture.attempts().push(letter);
    assert_eq!(codes(&fixture, later), [COUNT]);
    rule.counted = MediumSet::EMPTY.with(Medium::Phone).with(Medium::Sms);
    fixture.state_rules = vec![frequency(rule)];
    assert_eq!(codes(&fixture, later), []);
    // Letters themselves are bound where they count.
    let mut mail = twice(under(frequency(counted(
        2,
        Window::RollingDays(7),
        Unit::PerDebt,
    ))));
    mail.intent.channel = Some(Channel::Mail);
    mail.intent.action = Some(Action::Letter);
    let night = "2026-05-02T23:00:00-07:00";
    assert_eq!(codes(&mail, night), [COUNT]);
    assert_eq!(next(&mail, night), Some(at("2026-05-08T00:00:00-07:00")));
}

#[test]
fn a_tenant_may_count_the_residence_only() {
    let later = "2026-05-02T13:00:00-07:00";
    let set = |name| JurisdictionSet::EMPTY.with(crate::domain::gates::fixture::law(name));
    let zones = vec![zone("America/Los_Angeles")];
    let mut fixture = twice(under(frequency(counted(
        2,
        Window::RollingDays(7),
        Unit::PerDebt,
    ))));
    fixture.places = Places::new(zones.clone(), set("CA").union(set("NV")), set("NV"));
    assert_eq!(codes(&fixture, later), [COUNT]);
    fixture.policy.state_counts_residence = true;
    assert_eq!(codes(&fixture, later), []);
    fixture.places = Places::new(zones, set("CA"), JurisdictionSet::EMPTY);
    assert_eq!(codes(&fixture, later), [COUNT]);
}

#[test]
fn a_second_number_of_the_person_counts_toward_the_debt() {
    let later = "2026-05-02T13:00:00-07:00";
    let mut fixture = twice(under(frequency(counted(
        2,
        Window::RollingDays(7),
        Unit::PerDebt,
    ))));
    let second = phone(
        number(2_125_551_234),
        crate::domain::gates::fixture::CONSUMER,
    );
    fixture.intent.contact = crate::domain::intent::ContactPoint::Phone(second.number);
    fixture.account.phones.push(second);
    fixture.places = places("CA", &["America/Los_Angeles"]);
    assert_eq!(codes(&fixture, later), [COUNT]);
}

#[test]
fn an_answer_is_exempt_where_the_text_says() {
    let later = "2026-05-02T13:00:00-07:00";
    for (exempt, expected) in [(true, &[][..]), (false, &[COUNT])] {
        let mut rule = counted(2, Window::RollingDays(7), Unit::PerDebt);
        rule.replies_exempt = exempt;
        let mut fixture = twice(under(frequency(rule)));
        fixture.intent.in_response_to = Some(Inbound::Call);
        fixture.consumer().last_inbound[usize::from(Inbound::Call.number())] = LastInbound {
            at: At::of(at("2026-05-02T12:30:00-07:00")),
            answered: At::NEVER,
        };
        assert_eq!(codes(&fixture, later), expected);
    }
}

#[test]
fn a_letter_is_allowed_no_longer_than_to_the_midnight_a_rule_begins() {
    let mut rule = frequency(counted(2, Window::RollingDays(7), Unit::PerDebt));
    rule.in_force.from = Some(date("2026-05-04"));
    let mut fixture = twice(under(rule));
    fixture.intent.channel = Some(Channel::Mail);
    fixture.intent.action = Some(Action::Letter);
    let before = "2026-05-03T23:58:00-07:00";
    assert_eq!(codes(&fixture, before), []);
    assert_eq!(until(&fixture, before), at("2026-05-04T00:00:00-07:00"));
}
