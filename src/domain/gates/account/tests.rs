//! ACCOUNT: each way an account, a debt, a contact point or a party can be unfit.

use super::ask;
use crate::domain::facts::{At, Attorney, DebtScope, Phone, Phones};
use crate::domain::gates::fixture::{CONSUMER, Fixture, number, phone};
use crate::domain::ids::PersonNo;
use crate::domain::intent::{Asked, ContactPoint};
use crate::domain::verdict::Code;
use crate::domain::words::{AccountStatus, AddressStatus, Channel, Form, PartyRole, Purpose};

#[test]
fn only_an_open_account_passes() {
    let mut fixture = Fixture::neutral();
    for (status, expected) in [
        (AccountStatus::Open, vec![]),
        (AccountStatus::Closed, vec![Code::AccountClosed]),
        (AccountStatus::Paid, vec![Code::AccountPaid]),
        (AccountStatus::Settled, vec![Code::AccountSettled]),
        (AccountStatus::Recalled, vec![Code::AccountRecalled]),
        (AccountStatus::Sold, vec![Code::AccountSold]),
    ] {
        fixture.account.status = status;
        assert_eq!(fixture.ask(ask), expected);
    }
}

#[test]
fn debts_must_be_the_accounts_and_open() {
    let mut fixture = Fixture::neutral();
    fixture.unknown_debt = true;
    assert_eq!(fixture.ask(ask), [Code::UnknownDebt]);
    fixture.unknown_debt = false;
    fixture.closed_debt = true;
    assert_eq!(fixture.ask(ask), [Code::DebtClosed]);
    fixture.closed_debt = false;
    fixture.account.debts[0].status = AccountStatus::Paid;
    assert_eq!(fixture.ask(ask), [Code::NoOpenDebt]);
}

#[test]
fn a_number_must_be_american_on_file_and_right() {
    let mut fixture = Fixture::neutral();
    let asked = |fixture: &mut Fixture, digits: u64| {
        fixture.intent.contact = ContactPoint::Phone(number(digits));
        fixture.account.phones = vec![phone(number(digits), CONSUMER)].into();
        fixture.ask(ask)
    };
    assert_eq!(asked(&mut fixture, 8_185_551_234), []);
    assert_eq!(asked(&mut fixture, 8_005_551_234), []);
    assert_eq!(asked(&mut fixture, 4_165_551_234), [Code::InvalidPhone]);
    assert_eq!(asked(&mut fixture, 3_335_551_234), [Code::InvalidPhone]);
    asked(&mut fixture, 8_185_551_234);
    fixture.phone().flags = Phone::WRONG;
    assert_eq!(fixture.ask(ask), [Code::WrongNumber]);
    fixture.phone().flags = 0;
    fixture.known().rare().wrong_for = vec![PersonNo(99)];
    assert_eq!(fixture.ask(ask), []);
    fixture.known().rare().wrong_for.push(CONSUMER);
    assert_eq!(fixture.ask(ask), [Code::WrongNumber]);
    fixture.account.phones = Phones::default();
    assert_eq!(fixture.ask(ask), [Code::UnknownPhone]);
    fixture.intent.contact = ContactPoint::BadPhone;
    assert_eq!(fixture.ask(ask), [Code::InvalidPhone]);
    fixture.intent.channel = None;
    assert_eq!(fixture.ask(ask), [Code::InvalidPhone]);
    fixture.intent.contact = ContactPoint::BadEmail;
    assert_eq!(fixture.ask(ask), [Code::InvalidEmail]);
}

#[test]
fn each_channel_needs_its_own_contact_point() {
    let points = [
        ContactPoint::Phone(number(8_185_551_234)),
        ContactPoint::Email("a@x.example".into()),
        ContactPoint::Absent,
    ];
    for channel in Channel::ALL {
        let fit = match channel {
            Channel::Phone | Channel::Sms | Channel::Fax => 0,
            Channel::Email | Channel::Social => 1,
            Channel::Mail | Channel::InPerson => 2,
        };
        for (at, point) in points.iter().enumerate() {
            let mut fixture = Fixture::over(*channel);
            fixture.intent.contact = point.clone();
            let expected = match (at == fit, fit) {
                (true, _) => vec![],
                (false, 2) => vec![Code::ContactPointUnexpected],
                (false, _) => vec![Code::ContactPointMissing],
            };
            assert_eq!(fixture.ask(ask), expected, "{channel:?} {at}");
        }
    }
}

#[test]
fn an_address_must_be_on_file_and_right() {
    let mut fixture = Fixture::over(Channel::Email);
    fixture.email().wrong = true;
    assert_eq!(fixture.ask(ask), [Code::WrongEmail]);
    fixture.email().wrong = false;
    fixture.known().rare().wrong_for = vec![CONSUMER];
    assert_eq!(fixture.ask(ask), [Code::WrongEmail]);
    fixture.extras().emails.clear();
    assert_eq!(fixture.ask(ask), [Code::UnknownEmail]);
    fixture.intent.contact = ContactPoint::BadEmail;
    assert_eq!(fixture.ask(ask), [Code::InvalidEmail]);
    for channel in [Channel::Mail, Channel::InPerson] {
        let mut fixture = Fixture::over(channel);
        assert_eq!(fixture.ask(ask), []);
        for status in [AddressStatus::Returned, AddressStatus::None] {
            fixture.account.address = status;
            assert_eq!(fixture.ask(ask), [Code::UnknownAddress]);
        }
    }
}

#[test]
fn the_contact_point_must_be_the_named_persons() {
    let mut fixture = Fixture::neutral();
    fixture.unknown_person = true;
    assert_eq!(fixture.ask(ask), [Code::UnknownPerson]);
    fixture.unknown_person = false;
    let spouse = fixture.party(PartyRole::Spouse);
    fixture.named = Some(CONSUMER);
    assert_eq!(fixture.ask(ask), []);
    fixture.named = Some(spouse);
    assert_eq!(fixture.ask(ask), [Code::PersonMismatch]);
    fixture.named = None;
    fixture.phone().person = spouse;
    assert_eq!(fixture.ask(ask), [Code::PersonMismatch]);
    let mut fixture = Fixture::over(Channel::Email);
    fixture.email().person = PersonNo(2);
    assert_eq!(fixture.ask(ask), [Code::PersonMismatch]);
}

#[test]
fn the_role_asked_must_be_the_one_on_file() {
    for role in PartyRole::ALL {
        let mut fixture = Fixture::neutral();
        fixture.intent.role = Asked::Known(*role);
        let expected = match role {
            PartyRole::Consumer => vec![],
            PartyRole::Unknown => vec![Code::PartyUnknown],
            _ => vec![Code::PartyMismatch],
        };
        assert_eq!(fixture.ask(ask), expected, "{role:?}");

        let mut fixture = Fixture::neutral();
        fixture.ask_for(*role);
        let expected = match role {
            PartyRole::Parent | PartyRole::ThirdParty => vec![Code::ThirdParty],
            PartyRole::Unknown => vec![Code::PartyUnknown],
            _ => vec![],
        };
        assert_eq!(fixture.ask(ask), expected, "{role:?}");
        fixture.extras().parties[0].authorised = true;
        let expected = match role {
            PartyRole::Unknown => vec![Code::PartyUnknown],
            _ => vec![],
        };
        assert_eq!(fixture.ask(ask), expected, "{role:?} authorised");
    }
    let mut fixture = Fixture::neutral();
    fixture.ask_for(PartyRole::CoDebtor);
    fixture.intent.role = Asked::Absent;
    assert_eq!(fixture.ask(ask), [Code::PartyMismatch]);
    fixture.intent.role = Asked::Unknown;
    assert_eq!(fixture.ask(ask), [Code::PartyUnknown]);
    fixture.extras().parties.clear();
    fixture.intent.role = Asked::Known(PartyRole::CoDebtor);
    assert_eq!(fixture.ask(ask), [Code::PartyUnknown]);
}

#[test]
fn a_parent_stands_for_a_minor_only() {
    let mut fixture = Fixture::neutral();
    fixture.ask_for(PartyRole::Parent);
    assert_eq!(fixture.ask(ask), [Code::ThirdParty]);
    fixture.consumer().minor = true;
    assert_eq!(fixture.ask(ask), []);
}

#[test]
fn a_third_party_is_asked_for_the_location_until_they_answer() {
    let mut fixture = Fixture::neutral();
    let neighbour = fixture.ask_for(PartyRole::ThirdParty);
    fixture.intent.purpose = Purpose::LocationInformation;
    assert_eq!(fixture.ask(ask), []);
    fixture.of(neighbour).location_answered = true;
    assert_eq!(fixture.ask(ask), [Code::LocationUsed]);
    fixture.of(neighbour).location_answered = false;
    fixture.consumer().attorneys = vec![Attorney {
        debts: DebtScope::Everything,
        since: At::NEVER,
        form: Form::Oral,
        contact_known: true,
        lifted_by_attorney: false,
        answered: At::NEVER,
    }];
    assert_eq!(fixture.ask(ask), [Code::LocationAttorney]);
    fixture.consumer().attorneys[0].lifted_by_attorney = true;
    assert_eq!(fixture.ask(ask), []);
    fixture.intent.exception_scope = false;
    assert_eq!(fixture.ask(ask), [Code::ThirdParty]);
}
