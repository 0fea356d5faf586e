//! ACCOUNT, STRATEGY and AUTHORITY by the text.

use std::collections::BTreeSet;

use dialgate::domain::phone::PhoneNumber;
use dialgate::domain::verdict::Code;
use dialgate::domain::words::{
    AccountStatus, AddressStatus, ApprovalState, Channel, CollectorRole, DialMode, HoldKind,
    OverrideKind, PartyRole, Purpose,
};

use super::case::{Case, Codes, note};
use super::places;
use super::policy::Client;

pub(crate) fn account(case: &Case<'_>, at: i64) -> Codes {
    let mut found = Codes::new();
    let status = case.account.status.unwrap_or(AccountStatus::Open);
    for (is, code) in [
        (AccountStatus::Closed, Code::AccountClosed),
        (AccountStatus::Paid, Code::AccountPaid),
        (AccountStatus::Settled, Code::AccountSettled),
        (AccountStatus::Recalled, Code::AccountRecalled),
        (AccountStatus::Sold, Code::AccountSold),
    ] {
        note(&mut found, status == is, code);
    }
    contact_point(case, &mut found);
    people(case, at, &mut found);
    debts(case, &mut found);
    found
}

fn contact_point(case: &Case<'_>, found: &mut Codes) {
    let Some(channel) = case.q.channel else {
        return;
    };
    let (phone, email) = (case.q.phone.as_ref(), case.q.email.as_ref());
    let by_phone = matches!(channel, Channel::Phone | Channel::Sms | Channel::Fax);
    let by_email = matches!(channel, Channel::Email | Channel::Social);
    let missing = (by_phone && phone.is_none()) || (by_email && email.is_none());
    note(found, missing, Code::ContactPointMissing);
    let given = phone.is_some() || email.is_some();
    note(
        found,
        !by_phone && !by_email && given,
        Code::ContactPointUnexpected,
    );
    if let Some(number) = phone.filter(|_| by_phone) {
        let valid = PhoneNumber::parse(number).is_ok();
        note(found, !valid || !places::is_us(number), Code::InvalidPhone);
        note(found, valid && case.phone.is_none(), Code::UnknownPhone);
        let elsewhere = case.world.contacts.get(number);
        let elsewhere = elsewhere.is_some_and(|known| known.wrong_for.contains(&case.person));
        let wrong = case.phone.is_some_and(|p| p.wrong || elsewhere);
        note(found, wrong, Code::WrongNumber);
    }
    if email.is_some() && by_email {
        note(found, case.email.is_none(), Code::UnknownEmail);
        note(found, case.email.is_some_and(|e| e.wrong), Code::WrongEmail);
    }
    let on_file = case.account.address == Some(AddressStatus::OnFile);
    let posted = matches!(channel, Channel::Mail | Channel::InPerson);
    note(found, posted && !on_file, Code::UnknownAddress);
}

fn people(case: &Case<'_>, at: i64, found: &mut Codes) {
    let belongs = |id: &String| {
        let parties = case.account.parties.iter();
        *id == case.account.consumer || parties.clone().any(|p| p.person == *id)
    };
    if let Some(named) = &case.q.person {
        note(found, !belongs(named), Code::UnknownPerson);
        let owner = match case.q.channel {
            Some(Channel::Phone | Channel::Sms | Channel::Fax) => case.phone.map(|p| &p.owner),
            Some(Channel::Email | Channel::Social) => case.email.map(|e| &e.owner),
            _ => None,
        };
        let other = owner.is_some_and(|owner| owner != named);
        note(found, belongs(named) && other, Code::PersonMismatch);
    }
    let Some(role) = case.role().filter(|role| *role != PartyRole::Unknown) else {
        found.insert(Code::PartyUnknown);
        return;
    };
    let party = case
        .account
        .parties
        .iter()
        .find(|p| p.person == case.person);
    let on_file = party.map_or(PartyRole::Consumer, |p| p.role);
    if role != on_file {
        found.insert(Code::PartyMismatch);
        return;
    }
    let authorised = party.is_some_and(|p| p.authorised);
    let consumer = case.world.people.get(&case.account.consumer);
    let minor = consumer.is_some_and(|c| c.minor);
    let spoken_to = match on_file {
        PartyRole::ThirdParty | PartyRole::Unknown => authorised,
        PartyRole::Parent => minor || authorised,
        _ => true,
    };
    let permitted = case.overridden(OverrideKind::CourtPermission, 1, at)
        || case.overridden(OverrideKind::DirectConsent, 1, at);
    let located = case.purpose(at) == Purpose::LocationInformation;
    note(
        found,
        !spoken_to && !permitted && !located,
        Code::ThirdParty,
    );
    if !spoken_to && located {
        location(case, found);
    }
}

/// Location information is asked until it was given, and not once the attorney is known.
fn location(case: &Case<'_>, found: &mut Codes) {
    note(found, case.who.location_answered, Code::LocationUsed);
    let consumer = case.world.people.get(&case.account.consumer);
    let attorneys = consumer
        .map(|who| who.attorneys.clone())
        .unwrap_or_default();
    let represented = attorneys
        .iter()
        .any(|a| a.contact_known && !a.lifted && case.is_concerned(&a.scope));
    note(found, represented, Code::LocationAttorney);
}

fn debts(case: &Case<'_>, found: &mut Codes) {
    let all = &case.account.debts;
    for name in &case.q.debts {
        let known = all.iter().find(|d| d.name == *name);
        note(found, known.is_none(), Code::UnknownDebt);
        let closed = known.is_some_and(|d| d.status != AccountStatus::Open);
        note(found, closed, Code::DebtClosed);
    }
    let open = all.iter().any(|d| d.status == AccountStatus::Open);
    note(found, case.q.debts.is_empty() && !open, Code::NoOpenDebt);
}

pub(crate) fn strategy(case: &Case<'_>, at: i64) -> Codes {
    let mut found = Codes::new();
    let policy = &case.world.policy;
    let named = |list: &[Client], name: &Option<String>| -> Vec<Client> {
        let same = |c: &&Client| name.as_deref() == Some(c.name);
        list.iter().filter(same).cloned().collect()
    };
    let mut clients = named(&policy.portfolios, &case.account.portfolio);
    clients.extend(named(&policy.creditors, &case.account.creditor));
    note(
        &mut found,
        clients.iter().any(|c| c.hold),
        Code::PortfolioHold,
    );
    if let Some(channel) = case.q.channel {
        let barred = |set: &BTreeSet<Channel>| !set.contains(&channel);
        let any = barred(&policy.channels) || clients.iter().any(|c| barred(&c.channels));
        note(&mut found, any, Code::ChannelNotPermitted);
    }
    if let Some(action) = case.q.action {
        let any = clients.iter().any(|c| !c.actions.contains(&action));
        note(&mut found, any, Code::ActionNotPermitted);
    }
    for kind in [HoldKind::Creditor, HoldKind::SystemOfRecord] {
        let hold = case.account.holds.get(&kind);
        let held = hold.is_some_and(|(_, until)| until.is_none_or(|until| at < until));
        note(&mut found, held, Code::CreditorHold);
    }
    if case.overridden(OverrideKind::Supervisor, 2, at) {
        found.clear();
    }
    licence(case, at, &mut found);
    found
}

fn licence(case: &Case<'_>, at: i64, found: &mut Codes) {
    let lives = if case.suggested.residence.is_empty() {
        &case.suggested.law
    } else {
        &case.suggested.residence
    };
    let asks = |place: &String| {
        let rules = case.rules.iter().filter(|r| r.kind == "licence");
        rules
            .filter(|r| r.jurisdiction == *place)
            .any(|r| case.in_force(r, at))
    };
    match &case.world.policy.licences {
        // Who collects their own debts is no collection agency.
        Some(_) if case.collector() == CollectorRole::FirstParty => {}
        Some(list) => {
            let outside = lives.iter().any(|place| !list.contains(&&**place));
            note(found, outside, Code::NotLicensed);
        }
        None => note(found, lives.iter().any(asks), Code::LicenceUnknown),
    }
}

pub(crate) fn authority(case: &Case<'_>, at: i64) -> Codes {
    let mut found = Codes::new();
    if case.overridden(OverrideKind::Supervisor, 5, at) {
        return found;
    }
    let policy = &case.world.policy;
    let source = policy.sources.iter().find(|s| s.name == case.q.source);
    let action = case.q.action;
    let barred = source.is_some_and(|s| action.is_some_and(|a| !s.actions.contains(&a)));
    let stranger = source.is_none() && policy.sources_closed;
    note(&mut found, barred || stranger, Code::SourceNotPermitted);
    if case.channel_is(Channel::Phone) {
        let mode = case.dial_mode();
        note(&mut found, mode.is_none(), Code::UnknownDialMode);
        let forbids = |set: &BTreeSet<DialMode>| mode.is_some_and(|m| !set.contains(&m));
        let any = forbids(&policy.dial_modes) || source.is_some_and(|s| forbids(&s.dial_modes));
        note(&mut found, any, Code::DialModeNotPermitted);
    }
    let purpose = super::purpose::asked(case.q);
    let mut newest = case.account.approvals.iter().rev();
    let speaks = newest.find(|a| {
        let of_action = a.action.is_none() || a.action == action;
        let of_purpose = a.purpose.is_none_or(|only| only == purpose);
        of_action && of_purpose && !(a.used && a.purpose.is_some())
    });
    let state = speaks
        .filter(|a| a.until.is_none_or(|until| at < until))
        .map(|a| a.state);
    let refused = state == Some(ApprovalState::Refused);
    note(
        &mut found,
        refused && action.is_some(),
        Code::ApprovalRefused,
    );
    let approved = state == Some(ApprovalState::Approved);
    let needed = action.is_some_and(|a| policy.approvals.contains(&a));
    note(
        &mut found,
        needed && !approved && !refused,
        Code::ApprovalMissing,
    );
    found
}
