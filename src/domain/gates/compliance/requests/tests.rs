//! Requests to cease, attorneys, and what may still go out after them.

use super::ask;
use crate::domain::facts::{At, Attorney, Cease, DebtScope, LastInbound};
use crate::domain::gates::fixture::{ACCOUNT, CONSUMER, Fixture, at, state_rule};
use crate::domain::ids::{AccountNo, DebtNo};
use crate::domain::rules::{AttorneyNotice, CeaseForm, Gate, Medium, MediumSet, RuleKind};
use crate::domain::verdict::Code;
use crate::domain::words::{Channel, Form, Inbound, PartyRole, Purpose};

fn cease(form: Form) -> Cease {
    Cease {
        debts: DebtScope::Account(ACCOUNT),
        received: At::of(at("2026-05-01T12:00:00Z")),
        form,
        remedy_used: false,
        terminate_used: false,
        answered: At::NEVER,
    }
}

fn attorney() -> Attorney {
    Attorney {
        debts: DebtScope::Account(ACCOUNT),
        since: At::of(at("2026-05-01T12:00:00Z")),
        form: Form::Written,
        contact_known: true,
        lifted_by_attorney: false,
        answered: At::NEVER,
    }
}

fn ceased(channel: Channel) -> Fixture {
    let mut fixture = Fixture::over(channel);
    fixture.consumer().ceases = vec![cease(Form::Written)];
    fixture
}

#[test]
fn a_written_cease_stops_every_channel_for_its_debts() {
    for channel in Channel::ALL {
        assert_eq!(ceased(*channel).ask(ask), [Code::Cease], "{channel:?}");
    }
    let mut fixture = ceased(Channel::Phone);
    for (scope, expected) in [
        (DebtScope::Everything, vec![Code::Cease]),
        (DebtScope::Account(AccountNo(2)), vec![]),
        (DebtScope::Debts([DebtNo(1)].into()), vec![Code::Cease]),
        (DebtScope::Debts([DebtNo(2)].into()), vec![]),
    ] {
        fixture.consumer().ceases[0].debts = scope;
        assert_eq!(fixture.ask(ask), expected);
    }
}

#[test]
fn a_spoken_cease_binds_where_a_state_takes_one() {
    let mut rule = state_rule(
        "WI",
        Gate::Compliance,
        RuleKind::CeaseRequest {
            form: CeaseForm::OralOrWritten,
            mail_per_month: 0,
            personal_contacts_max: 0,
        },
    );
    rule.media = MediumSet::EMPTY.with(Medium::Phone);
    for (state, channel, form, expected) in [
        ("CA", Channel::Phone, Form::Oral, 0),
        ("WI", Channel::Phone, Form::Oral, 1),
        ("WI", Channel::Sms, Form::Oral, 0),
        ("WI", Channel::Phone, Form::Written, 2),
    ] {
        let mut fixture = Fixture::over(channel);
        fixture.state_rules = vec![rule.clone()];
        fixture.live_in(state, &["America/Chicago"]);
        assert_eq!(fixture.ask(ask), []);
        fixture.consumer().ceases = vec![cease(form)];
        let expected = vec![Code::Cease; expected];
        assert_eq!(fixture.ask(ask), expected, "{state} {channel:?} {form:?}");
    }
}

#[test]
fn one_notice_of_each_kind_still_goes_out_by_mail() {
    for purpose in [Purpose::NoticeOfRemedy, Purpose::TerminateEfforts] {
        let mut fixture = ceased(Channel::Mail);
        fixture.intent.purpose = purpose;
        assert_eq!(fixture.ask(ask), []);
        fixture.intent.exception_scope = false;
        assert_eq!(fixture.ask(ask), [Code::Cease]);
        fixture.intent.exception_scope = true;
        fixture.intent.channel = Some(Channel::Email);
        assert_eq!(fixture.ask(ask), [Code::Cease]);
        fixture.intent.channel = Some(Channel::Mail);
        let used = &mut fixture.consumer().ceases[0];
        used.remedy_used = purpose == Purpose::NoticeOfRemedy;
        used.terminate_used = purpose == Purpose::TerminateEfforts;
        assert_eq!(fixture.ask(ask), [Code::Cease]);
        fixture.consumer().ceases.push(cease(Form::Written));
        assert_eq!(fixture.ask(ask), [Code::Cease], "each cease, once");
    }
    let mut fixture = ceased(Channel::Mail);
    fixture.intent.purpose = Purpose::LegallyRequired;
    assert_eq!(fixture.ask(ask), [Code::Cease]);
}

#[test]
fn a_known_attorney_stands_between() {
    let mut fixture = Fixture::neutral();
    fixture.consumer().attorneys = vec![attorney()];
    assert_eq!(fixture.ask(ask), [Code::Attorney]);
    fixture.consumer().attorneys[0].contact_known = false;
    assert_eq!(fixture.ask(ask), []);
    fixture.consumer().attorneys = vec![attorney()];
    fixture.consumer().attorneys[0].lifted_by_attorney = true;
    assert_eq!(fixture.ask(ask), []);
    fixture.consumer().attorneys = vec![attorney()];
    fixture.consumer().attorneys[0].debts = DebtScope::Debts([DebtNo(2)].into());
    assert_eq!(fixture.ask(ask), []);
}

#[test]
fn a_state_adds_its_own_rule_on_attorneys() {
    for (notice, known, expected) in [
        (AttorneyNotice::Any, true, 2),
        (AttorneyNotice::Any, false, 0),
        (AttorneyNotice::WrittenByAttorney, true, 2),
        (AttorneyNotice::WrittenByAttorney, false, 0),
        (AttorneyNotice::OralByConsumer, true, 2),
        (AttorneyNotice::OralByConsumer, false, 1),
    ] {
        let mut fixture = Fixture::neutral();
        let kind = RuleKind::Attorney(notice);
        fixture.state_rules = vec![state_rule("CA", Gate::Compliance, kind)];
        assert_eq!(fixture.ask(ask), []);
        fixture.consumer().attorneys = vec![attorney()];
        fixture.consumer().attorneys[0].contact_known = known;
        let expected = vec![Code::Attorney; expected];
        assert_eq!(fixture.ask(ask), expected, "{notice:?} {known}");
    }
}

#[test]
fn requests_bind_for_those_who_stand_for_the_consumer() {
    for (role, binds) in [
        (PartyRole::Spouse, true),
        (PartyRole::Guardian, true),
        (PartyRole::Executor, true),
        (PartyRole::ThirdParty, true),
        (PartyRole::CoDebtor, false),
        (PartyRole::Attorney, false),
    ] {
        let mut fixture = ceased(Channel::Phone);
        fixture.consumer().attorneys = vec![attorney()];
        fixture.ask_for(role);
        let expected = if binds {
            vec![Code::Cease, Code::Attorney]
        } else {
            vec![]
        };
        assert_eq!(fixture.ask(ask), expected, "{role:?}");
    }
    let mut fixture = Fixture::neutral();
    let debtor = fixture.ask_for(PartyRole::CoDebtor);
    fixture.of(debtor).ceases = vec![cease(Form::Written)];
    assert_eq!(fixture.ask(ask), [Code::Cease]);
}

#[test]
fn what_the_consumer_began_since_is_answered_once_in_its_medium() {
    let mut fixture = ceased(Channel::Phone);
    fixture.consumer().attorneys = vec![attorney()];
    let both = [Code::Cease, Code::Attorney];
    fixture.intent.in_response_to = Some(Inbound::Call);
    assert_eq!(fixture.ask(ask), both);
    let began = |fixture: &mut Fixture, text: &str| {
        let slot = usize::from(Inbound::Call.number());
        fixture.of(CONSUMER).last_inbound[slot] = LastInbound {
            at: At::of(at(text)),
            answered: At::NEVER,
        };
    };
    began(&mut fixture, "2026-05-05T17:00:00Z");
    assert_eq!(fixture.ask(ask), []);
    fixture.consumer().ceases[0].answered = At::of(at("2026-05-05T17:00:00Z"));
    fixture.consumer().attorneys[0].answered = At::of(at("2026-05-05T17:00:00Z"));
    assert_eq!(fixture.ask(ask), both);
    began(&mut fixture, "2026-05-05T17:00:01Z");
    assert_eq!(fixture.ask(ask), []);
    fixture.intent.channel = Some(Channel::Sms);
    assert_eq!(fixture.ask(ask), both);
    fixture.intent.channel = Some(Channel::Phone);
    fixture.consumer().ceases[0].received = At::of(at("2026-05-05T17:00:02Z"));
    fixture.consumer().attorneys[0].since = At::of(at("2026-05-05T17:00:02Z"));
    assert_eq!(fixture.ask(ask), both, "begun before the request");
}
