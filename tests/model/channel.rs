//! CHANNEL by the text.

use dialgate::domain::verdict::Code;
use dialgate::domain::words::{Action, Channel, LineType, OverrideKind, PlaceKind, Purpose};

use super::case::{Case, Codes, note};
use super::world::Email;

pub(crate) fn codes(case: &Case<'_>, at: i64) -> Codes {
    let mut found = Codes::new();
    fitting(case, &mut found);
    refusals(case, at, &mut found);
    places(case, at, &mut found);
    line(case, &mut found);
    found
}

fn fitting(case: &Case<'_>, found: &mut Codes) {
    note(found, case.q.channel.is_none(), Code::UnknownChannel);
    note(found, case.q.action.is_none(), Code::UnknownAction);
    let (Some(channel), Some(action)) = (case.q.channel, case.q.action) else {
        return;
    };
    let fits: &[Action] = match channel {
        Channel::Phone => &[Action::Call, Action::Voicemail],
        Channel::Sms => &[Action::Text],
        Channel::Email => &[Action::Email],
        Channel::Mail => &[Action::Letter],
        Channel::Fax => &[Action::Fax],
        Channel::InPerson => &[Action::InPerson],
        Channel::Social => &[Action::Text, Action::Email],
    };
    note(found, !fits.contains(&action), Code::ChannelActionUnfit);
    let social = channel == Channel::Social && !case.world.policy.social;
    note(found, social, Code::SocialNotPermitted);
}

fn refusals(case: &Case<'_>, at: i64, found: &mut Codes) {
    let Some(channel) = case.q.channel else {
        return;
    };
    let lifted = matches!(
        case.purpose(at),
        Purpose::Reply | Purpose::LegallyRequired | Purpose::OptOutConfirmation
    );
    let refused = !case.refusals(at).is_empty();
    note(found, refused && !lifted, Code::MediumOptOut);
    let number = case.q.phone.as_ref();
    let known = number.and_then(|number| case.world.contacts.get(number));
    let listed = known.and_then(|known| known.do_not_call);
    let listed = listed.is_some_and(|until| until.is_none_or(|until| at < until));
    let called = matches!(channel, Channel::Phone | Channel::Fax);
    note(found, called && listed, Code::DoNotCall);
}

fn places(case: &Case<'_>, at: i64, found: &mut Codes) {
    let named = PlaceKind::parse(&case.q.to_place);
    note(
        found,
        !case.q.to_place.is_empty() && named.is_none(),
        Code::UnknownPlace,
    );
    let consented = case.who.prior_consents.iter().any(|consent| {
        let ended = consent.until.is_some_and(|until| until <= at);
        consent.direct && consent.places && consent.at <= at && !ended
    });
    let permitted = case.overridden(OverrideKind::CourtPermission, 9, at);
    let own = case.person == case.account.consumer;
    let agreed = permitted || (own && case.overridden(OverrideKind::DirectConsent, 9, at));
    let there = reached(case, named);
    let unwelcome = |place: &PlaceKind| {
        case.who.places.contains(place) && !consented && !agreed && !case.answers(at)
    };
    let at_work = there.contains(&PlaceKind::Employment);
    let prohibited = case.who.employer_prohibits && !consented && !permitted;
    let work = unwelcome(&PlaceKind::Employment) || prohibited;
    note(found, at_work && work, Code::Employer);
    let mut elsewhere = there
        .iter()
        .filter(|place| **place != PlaceKind::Employment);
    note(found, elsewhere.any(unwelcome), Code::InconvenientPlace);
    // Refusals have codes of their own: here only whether the address was ever rightly used.
    let cleared = |e: &Email| {
        let given = e.mail.stands(at).map(|(given, _)| given);
        let mut since = given.into_iter().chain(e.used);
        let by_consumer = since.any(|since| since <= at);
        by_consumer || (e.obtained_properly && e.prior_used && !e.prior_opted_out)
    };
    let employers = case.email.is_some_and(|e| e.employer && !cleared(e));
    let electronic = matches!(case.q.channel, Some(Channel::Email | Channel::Social));
    note(found, electronic && employers, Code::EmployerEmail);
}

/// Where somebody would be reached: at work by a number there; where the caller says; else at home
/// by mail, in person and by whatever may be a landline.
fn reached(case: &Case<'_>, named: Option<PlaceKind>) -> Vec<PlaceKind> {
    let mut places: Vec<PlaceKind> = named.into_iter().collect();
    let fixed = matches!(case.line(), LineType::Landline | LineType::Unknown);
    let at_home = match case.q.channel {
        Some(Channel::Mail | Channel::InPerson) => true,
        Some(Channel::Phone | Channel::Fax) => {
            case.phone.is_some() && fixed && !case.number_at_work()
        }
        _ => false,
    };
    if named.is_none() && at_home {
        places.push(PlaceKind::Home);
    }
    if case.number_at_work() {
        places.push(PlaceKind::Employment);
    }
    places
}

fn line(case: &Case<'_>, found: &mut Codes) {
    let landline = case.line() == LineType::Landline;
    note(
        found,
        case.channel_is(Channel::Sms) && landline,
        Code::LineCannotText,
    );
    let wireless = case.line() == LineType::Wireless;
    note(
        found,
        case.channel_is(Channel::Fax) && wireless,
        Code::LineCannotFax,
    );
}
