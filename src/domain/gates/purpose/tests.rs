//! Purposes: what each rests on, what it lifts, what it uses up.

use super::{
    Consumed, claimed, confirms_refusal, consumed, is_excepted, legally_required, lifts_refusals,
    reply_covers,
};
use crate::domain::facts::{Approval, At, Cease, DebtScope, LastInbound, NumberFacts, Promise};
use crate::domain::gates::fixture::{CONSUMER, Fixture, date};
use crate::domain::ids::{DebtNo, Sym};
use crate::domain::words::{
    Action, ApprovalState, Channel, Form, Inbound, Medium, PartyRole, Purpose,
};

const PAIRS: [(Inbound, Channel); 4] = [
    (Inbound::Call, Channel::Phone),
    (Inbound::Text, Channel::Sms),
    (Inbound::Email, Channel::Email),
    (Inbound::Letter, Channel::Mail),
];

fn uses(fixture: &Fixture) -> Option<Consumed> {
    let found = fixture.with(consumed);
    let mut without_scope = fixture.clone();
    without_scope.intent.exception_scope = false;
    assert_eq!(without_scope.with(consumed), None, "nothing without scope");
    found
}

fn began(fixture: &mut Fixture, inbound: Inbound, seconds_ago: i64) -> &mut LastInbound {
    let at = At::of(fixture.now.minus(seconds_ago));
    let last = &mut fixture.of(CONSUMER).last_inbound[usize::from(inbound.number())];
    *last = LastInbound {
        at,
        answered: At::NEVER,
    };
    last
}

#[test]
fn collection_rests_on_nothing_and_uses_nothing() {
    let fixture = Fixture::neutral();
    assert_eq!(uses(&fixture), None);
    assert!(!fixture.with(is_excepted));
}

#[test]
fn a_reply_answers_what_was_begun_in_its_own_medium() {
    for (inbound, its_own) in PAIRS {
        for channel in Channel::ALL {
            let mut fixture = Fixture::over(*channel);
            began(&mut fixture, inbound, 60);
            fixture.intent.in_response_to = Some(inbound);
            let expected = (*channel == its_own).then_some(Consumed::Answer(inbound));
            assert_eq!(uses(&fixture), expected, "{inbound:?} {channel:?}");
            assert_eq!(fixture.with(reply_covers), expected.is_some());
        }
    }
}

#[test]
fn a_reply_comes_in_time_and_once() {
    let mut fixture = Fixture::neutral();
    fixture.intent.in_response_to = Some(Inbound::Call);
    assert!(!fixture.with(reply_covers), "nothing was begun");
    for (seconds_ago, covers) in [(86_400, true), (86_401, false), (0, true), (-1, false)] {
        began(&mut fixture, Inbound::Call, seconds_ago);
        assert_eq!(fixture.with(reply_covers), covers, "{seconds_ago}");
    }
    fixture.policy.reply_age_max_s = 60;
    began(&mut fixture, Inbound::Call, 61);
    assert!(!fixture.with(reply_covers));
    let last = began(&mut fixture, Inbound::Call, 60);
    last.answered = last.at;
    assert!(!fixture.with(reply_covers), "already answered");
    let last = began(&mut fixture, Inbound::Call, 60);
    last.answered = At(last.at.0 - 1);
    assert!(fixture.with(reply_covers), "an older one was answered");
}

#[test]
fn naming_what_is_answered_makes_a_reply() {
    let mut fixture = Fixture::neutral();
    began(&mut fixture, Inbound::Call, 60);
    fixture.intent.purpose = Purpose::Reply;
    assert_eq!(uses(&fixture), None, "a reply to nothing named");
    fixture.intent.purpose = Purpose::Reminder;
    fixture.intent.in_response_to = Some(Inbound::Call);
    assert_eq!(fixture.with(claimed), Purpose::Reply);
    assert_eq!(uses(&fixture), Some(Consumed::Answer(Inbound::Call)));
}

#[test]
fn a_reminder_rests_on_the_plan() {
    let mut fixture = Fixture::neutral();
    fixture.intent.purpose = Purpose::Reminder;
    assert_eq!(uses(&fixture), None);
    fixture.extras().promise = Some(Promise {
        until: date("2026-06-01"),
        reminder: true,
        reminder_used: false,
    });
    assert_eq!(uses(&fixture), Some(Consumed::Reminder));
}

#[test]
fn notices_after_a_cease_rest_on_it() {
    for (purpose, expected) in [
        (Purpose::NoticeOfRemedy, Consumed::RemedyNotice),
        (Purpose::TerminateEfforts, Consumed::TerminationNotice),
    ] {
        let mut fixture = Fixture::over(Channel::Mail);
        fixture.intent.purpose = purpose;
        assert_eq!(uses(&fixture), None);
        fixture.consumer().ceases = vec![Cease {
            debts: DebtScope::Everything,
            received: At(1),
            form: Form::Written,
            remedy_used: purpose == Purpose::TerminateEfforts,
            terminate_used: purpose == Purpose::NoticeOfRemedy,
            answered: At::NEVER,
        }];
        assert_eq!(uses(&fixture), Some(expected));
        fixture.consumer().ceases[0].debts = DebtScope::Debts([DebtNo(2)].into());
        assert_eq!(uses(&fixture), None);
        fixture.consumer().ceases[0].debts = DebtScope::Everything;
        fixture.intent.channel = Some(Channel::Phone);
        assert_eq!(uses(&fixture), None);
    }
}

fn confirming(channel: Channel) -> Fixture {
    let mut fixture = Fixture::over(channel);
    fixture.intent.purpose = Purpose::OptOutConfirmation;
    fixture
}

#[test]
fn a_text_confirms_a_refusal_within_five_minutes_once() {
    let mut fixture = confirming(Channel::Sms);
    assert_eq!(uses(&fixture), None);
    for (seconds_ago, confirms) in [(300, true), (301, false), (0, true), (-1, false)] {
        let at = At::of(fixture.now.minus(seconds_ago));
        fixture.known().flags = NumberFacts::NO_TEXTS;
        fixture.known().rare().refused_texts_at = at;
        let expected = confirms.then_some(Consumed::OptOutConfirmation(Medium::Texts));
        assert_eq!(uses(&fixture), expected, "{seconds_ago}");
    }
    fixture.known().rare().refused_texts_at = At::of(fixture.now);
    assert!(fixture.with(lifts_refusals));
    fixture.known().rare().confirmed = true;
    assert_eq!(uses(&fixture), None);
    fixture.known().rare().confirmed = false;
    fixture.consumer().refused_media = 1 << Medium::Texts.number();
    assert_eq!(uses(&fixture), None, "an older refusal of the medium");
    let slot = usize::from(Medium::Texts.number());
    fixture.consumer().refused_at[slot] = At::of(fixture.now);
    assert!(fixture.with(confirms_refusal));
    fixture.consumer().confirmed_media = 1 << Medium::Texts.number();
    assert!(!fixture.with(confirms_refusal));
}

#[test]
fn an_e_mail_confirms_a_refusal_once() {
    let mut fixture = confirming(Channel::Email);
    fixture.email().opted_out = At(1);
    let expected = Some(Consumed::OptOutConfirmation(Medium::Email));
    assert_eq!(uses(&fixture), expected);
    fixture.email().confirmed = true;
    assert_eq!(uses(&fixture), None);
}

#[test]
fn no_other_channel_confirms_a_refusal() {
    for channel in Channel::ALL {
        let mut fixture = confirming(*channel);
        fixture.consumer().refused_media = 0x7f;
        fixture.consumer().refused_at = [At::of(fixture.now); 7];
        let electronic = matches!(channel, Channel::Sms | Channel::Email);
        assert_eq!(fixture.with(confirms_refusal), electronic, "{channel:?}");
    }
}

#[test]
fn what_the_law_requires_rests_on_an_approval_with_a_document() {
    let mut fixture = Fixture::neutral();
    fixture.intent.purpose = Purpose::LegallyRequired;
    assert_eq!(uses(&fixture), None);
    let sound = Approval {
        action: u8::MAX,
        purpose: Purpose::LegallyRequired.number(),
        state: ApprovalState::Approved,
        until: At::of(fixture.now.plus(1)),
        document: Sym(3),
        used: false,
    };
    let now = At::of(fixture.now);
    let unsound: [fn(&mut Approval, At); 6] = [
        |a, _| a.action = Action::Letter.number(),
        |a, _| a.purpose = u8::MAX,
        |a, _| a.state = ApprovalState::Pending,
        |a, now| a.until = now,
        |a, _| a.document = Sym::NONE,
        |a, _| a.used = true,
    ];
    for spoil in unsound {
        let mut approval = sound.clone();
        spoil(&mut approval, now);
        fixture.extras().approvals = vec![approval.clone()];
        assert_eq!(uses(&fixture), None, "{approval:?}");
        fixture.extras().approvals.push(sound.clone());
        assert_eq!(uses(&fixture), Some(Consumed::Approval(1)));
    }
    fixture.extras().approvals[1].action = Action::Call.number();
    assert_eq!(fixture.with(legally_required), Some(1));
    assert!(fixture.with(lifts_refusals));
}

#[test]
fn a_location_contact_is_one_with_a_third_party_on_file() {
    let mut fixture = Fixture::neutral();
    fixture.intent.purpose = Purpose::LocationInformation;
    assert!(!fixture.with(is_excepted));
    fixture.ask_for(PartyRole::ThirdParty);
    assert!(fixture.with(is_excepted));
    assert_eq!(uses(&fixture), None);
    fixture.extras().parties[0].role = PartyRole::Spouse;
    assert!(!fixture.with(is_excepted));
}
