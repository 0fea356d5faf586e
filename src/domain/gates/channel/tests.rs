//! CHANNEL: words, refusals, do-not-call, places, addresses, lines.

use super::{ask, fits};
use crate::domain::facts::{At, Consent, NumberFacts, Phone, PriorConsent};
use crate::domain::gates::fixture::{CONSUMER, Fixture, at};
use crate::domain::intent::Asked;
use crate::domain::verdict::Code;
use crate::domain::words::{
    Action, Channel, GivenTo, Inbound, LineType, Medium, PartyRole, PlaceKind,
};

fn over(channel: Channel) -> Fixture {
    let mut fixture = Fixture::over(channel);
    fixture.policy.social_permitted = true;
    fixture
}

#[test]
fn each_action_fits_its_channels() {
    let table: [(Channel, &[Action]); 7] = [
        (Channel::Phone, &[Action::Call, Action::Voicemail]),
        (Channel::Sms, &[Action::Text]),
        (Channel::Email, &[Action::Email]),
        (Channel::Mail, &[Action::Letter]),
        (Channel::Fax, &[Action::Fax]),
        (Channel::InPerson, &[Action::InPerson]),
        (Channel::Social, &[Action::Text, Action::Email]),
    ];
    for (channel, actions) in table {
        for action in Action::ALL {
            assert_eq!(fits(channel, *action), actions.contains(action));
        }
    }
    let mut fixture = Fixture::neutral();
    fixture.intent.action = Some(Action::Text);
    assert_eq!(fixture.ask(ask), [Code::ChannelActionUnfit]);
    fixture.intent.action = None;
    assert_eq!(fixture.ask(ask), [Code::UnknownAction]);
    fixture.intent.channel = None;
    assert_eq!(
        fixture.ask(ask),
        [Code::UnknownChannel, Code::UnknownAction]
    );
}

#[test]
fn social_media_need_the_tenants_leave() {
    let mut fixture = over(Channel::Social);
    assert_eq!(fixture.ask(ask), []);
    fixture.policy.social_permitted = false;
    assert_eq!(fixture.ask(ask), [Code::SocialNotPermitted]);
}

#[test]
fn a_refused_medium_is_refused_and_no_other() {
    for medium in Medium::ALL {
        for channel in Channel::ALL {
            let mut fixture = over(*channel);
            fixture.phone().line_type = LineType::Voip;
            fixture.consumer().refused_media = 1 << medium.number();
            let same = medium.as_str() == channel.as_str();
            let expected = if same {
                vec![Code::MediumOptOut]
            } else {
                vec![]
            };
            assert_eq!(fixture.ask(ask), expected, "{medium:?} {channel:?}");
        }
    }
    let mut fixture = Fixture::neutral();
    let spouse = fixture.party(PartyRole::Spouse);
    fixture.of(spouse).refused_media = 0x7f;
    assert_eq!(fixture.ask(ask), [], "another person's");
}

#[test]
fn a_refused_number_or_address_is_refused_for_any_debt() {
    for (flag, channel) in [
        (NumberFacts::NO_CALLS, Channel::Phone),
        (NumberFacts::NO_TEXTS, Channel::Sms),
        (NumberFacts::NO_FAX, Channel::Fax),
        (NumberFacts::NO_EMAIL, Channel::Email),
        (NumberFacts::NO_EMAIL, Channel::Social),
    ] {
        let mut fixture = over(channel);
        fixture.phone().line_type = LineType::Voip;
        fixture.known().flags = flag;
        assert_eq!(fixture.ask(ask), [Code::MediumOptOut], "{channel:?}");
        fixture.known().flags = !(flag | NumberFacts::DO_NOT_CALL);
        assert_eq!(fixture.ask(ask), [], "{channel:?}");
    }
    for channel in [Channel::Email, Channel::Social] {
        let mut fixture = over(channel);
        fixture.email().opted_out = At::of(fixture.now);
        assert_eq!(fixture.ask(ask), [Code::MediumOptOut]);
    }
}

#[test]
fn do_not_call_binds_calls_and_fax_until_it_ends() {
    for (channel, binds) in [
        (Channel::Phone, true),
        (Channel::Fax, true),
        (Channel::Sms, false),
    ] {
        let mut fixture = over(channel);
        fixture.phone().line_type = LineType::Voip;
        fixture.known().flags = NumberFacts::DO_NOT_CALL;
        let expected = if binds { vec![Code::DoNotCall] } else { vec![] };
        assert_eq!(fixture.ask(ask), expected, "{channel:?}");
    }
    let mut fixture = Fixture::neutral();
    fixture.known().flags = NumberFacts::DO_NOT_CALL;
    fixture.known().do_not_call_until = At::of(fixture.now.plus(1));
    assert_eq!(fixture.ask(ask), [Code::DoNotCall]);
    fixture.known().do_not_call_until = At::of(fixture.now);
    assert_eq!(fixture.ask(ask), []);
}

#[test]
fn a_line_carries_what_it_can() {
    for (channel, line, expected) in [
        (Channel::Sms, LineType::Landline, vec![Code::LineCannotText]),
        (Channel::Sms, LineType::Wireless, vec![]),
        (Channel::Sms, LineType::Voip, vec![]),
        (Channel::Sms, LineType::Unknown, vec![]),
        (Channel::Fax, LineType::Wireless, vec![Code::LineCannotFax]),
        (Channel::Fax, LineType::Landline, vec![]),
        (Channel::Fax, LineType::Unknown, vec![]),
        (Channel::Phone, LineType::Landline, vec![]),
    ] {
        let mut fixture = Fixture::over(channel);
        fixture.phone().line_type = line;
        assert_eq!(fixture.ask(ask), expected, "{channel:?} {line:?}");
    }
}

#[test]
fn an_employers_address_needs_the_consumers_own_use_or_an_earlier_collectors() {
    let mut fixture = Fixture::over(Channel::Email);
    fixture.email().employer_provided = true;
    assert_eq!(fixture.ask(ask), []);
    fixture.email().used = At::NEVER;
    assert_eq!(fixture.ask(ask), [Code::EmployerEmail]);
    fixture.email().creditor_notice = At(1);
    assert_eq!(fixture.ask(ask), [Code::EmployerEmail]);
    fixture.email().consent = Consent::dated(At(1));
    assert_eq!(fixture.ask(ask), []);
    fixture.email().consent = Consent::default();
    for (proper, used, opted_out) in [
        (true, true, false),
        (false, true, false),
        (true, false, false),
        (true, true, true),
    ] {
        let prior = &mut fixture.email().prior;
        prior.obtained_properly = proper;
        prior.immediately_prior_used = used;
        prior.opted_out = opted_out;
        let open = proper && used && !opted_out;
        let expected = if open {
            vec![]
        } else {
            vec![Code::EmployerEmail]
        };
        assert_eq!(fixture.ask(ask), expected);
    }
}

#[test]
fn work_is_barred_when_the_employer_prohibits_it_or_it_is_inconvenient() {
    let at_work: [fn(&mut Fixture); 2] = [
        |f| f.phone().flags = Phone::WORK,
        |f| f.intent.to_place = Asked::Known(PlaceKind::Employment),
    ];
    for place in at_work {
        let mut fixture = Fixture::neutral();
        place(&mut fixture);
        assert_eq!(fixture.ask(ask), []);
        fixture.consumer().employer_prohibits = true;
        assert_eq!(fixture.ask(ask), [Code::Employer]);
        fixture.consumer().employer_prohibits = false;
        fixture.consumer().inconvenient_places = 1 << PlaceKind::Employment.number();
        assert_eq!(fixture.ask(ask), [Code::Employer]);
    }
    let mut fixture = Fixture::neutral();
    fixture.consumer().employer_prohibits = true;
    fixture.consumer().inconvenient_places = 1 << PlaceKind::Employment.number();
    assert_eq!(fixture.ask(ask), []);
}

#[test]
fn home_is_where_mail_visits_and_landlines_go() {
    let home = 1 << PlaceKind::Home.number();
    for (channel, line, flags, expected) in [
        (Channel::Mail, LineType::Wireless, 0, true),
        (Channel::InPerson, LineType::Wireless, 0, true),
        (Channel::Phone, LineType::Landline, 0, true),
        (Channel::Phone, LineType::Unknown, 0, true),
        (Channel::Phone, LineType::Landline, Phone::WORK, false),
        (Channel::Phone, LineType::Wireless, 0, false),
        (Channel::Phone, LineType::Voip, 0, false),
        (Channel::Email, LineType::Landline, 0, false),
        (Channel::Sms, LineType::Unknown, 0, false),
    ] {
        let mut fixture = Fixture::over(channel);
        fixture.phone().line_type = line;
        fixture.phone().flags = flags;
        fixture.consumer().inconvenient_places = home;
        let codes = if expected {
            vec![Code::InconvenientPlace]
        } else {
            vec![]
        };
        assert_eq!(fixture.ask(ask), codes, "{channel:?} {line:?}");
        fixture.consumer().inconvenient_places = !home;
        fixture.phone().flags = 0;
        assert_eq!(fixture.ask(ask), [], "{channel:?} {line:?}");
    }
}

#[test]
fn a_stated_place_is_taken_at_its_word() {
    for place in PlaceKind::ALL {
        let mut fixture = Fixture::neutral();
        fixture.intent.to_place = Asked::Known(*place);
        fixture.consumer().inconvenient_places = 1 << place.number();
        let expected = match place {
            PlaceKind::Employment => Code::Employer,
            _ => Code::InconvenientPlace,
        };
        assert_eq!(fixture.ask(ask), [expected]);
        fixture.consumer().inconvenient_places = !(1 << place.number());
        assert_eq!(fixture.ask(ask), []);
    }
    let mut fixture = Fixture::neutral();
    fixture.intent.to_place = Asked::Unknown;
    assert_eq!(fixture.ask(ask), [Code::UnknownPlace]);
}

#[test]
fn consent_given_to_this_collector_opens_places_while_it_lasts() {
    let mut fixture = Fixture::neutral();
    fixture.phone().flags = Phone::WORK;
    fixture.intent.to_place = Asked::Known(PlaceKind::School);
    fixture.consumer().employer_prohibits = true;
    fixture.consumer().inconvenient_places = 0x1f;
    let barred = vec![Code::Employer, Code::InconvenientPlace];
    assert_eq!(fixture.ask(ask), barred);
    let now = fixture.now;
    for (given_to, places, at, until, opens) in [
        (GivenTo::Collector, true, now, None, true),
        (GivenTo::Collector, true, now.plus(1), None, false),
        (GivenTo::Collector, true, now, Some(now.plus(1)), true),
        (GivenTo::Collector, true, now.minus(9), Some(now), false),
        (GivenTo::Collector, false, now, None, false),
        (GivenTo::Creditor, true, now, None, false),
        (GivenTo::PriorCollector, true, now, None, false),
    ] {
        fixture.consumer().prior_consents = vec![PriorConsent {
            given_to,
            at: At::of(at),
            until: until.map_or(At::NEVER, At::of),
            times: true,
            places,
            undated: false,
        }];
        let expected = if opens { vec![] } else { barred.clone() };
        assert_eq!(fixture.ask(ask), expected);
    }
}

#[test]
fn a_reply_opens_places_and_its_refused_medium_but_no_employers_ban() {
    let mut fixture = Fixture::neutral();
    fixture.phone().flags = Phone::WORK;
    fixture.intent.in_response_to = Some(Inbound::Call);
    fixture.consumer().inconvenient_places = 0x1f;
    fixture.consumer().refused_media = 1 << Medium::Calls.number();
    assert_eq!(fixture.ask(ask), [Code::MediumOptOut, Code::Employer]);
    let slot = usize::from(Inbound::Call.number());
    fixture.of(CONSUMER).last_inbound[slot].at = At::of(at("2026-05-05T17:00:00Z"));
    assert_eq!(fixture.ask(ask), []);
    fixture.consumer().employer_prohibits = true;
    assert_eq!(fixture.ask(ask), [Code::Employer]);
}
