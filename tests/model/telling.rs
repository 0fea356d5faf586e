//! What a record says of an account goes into the world: its own fields, people, contact points,
//! debts and attempts. Facts have a file of their own.

use std::collections::BTreeSet;

use dialgate::domain::record::{
    AccountRecord, AttemptRecord, DebtRecord, EmailRecord, PartyRecord, Personal, PhoneRecord,
};
use dialgate::domain::words::{
    AccountStatus, Action, AddressStatus, Channel, DebtKind, Inbound, Outcome, PlaceKind, Purpose,
};

use super::telling_facts;
use super::world::{Account, Attempt, Debt, Email, Party, Phone, Scope, World};

/// A text of a record, if it is there.
pub(crate) fn text(said: Option<&Personal>) -> Option<String> {
    said.map(|text| text.as_str().to_owned())
}

/// Whether only something that happened is told, and nothing of what the account's file holds.
fn news_only(record: &AccountRecord) -> bool {
    let mut file = record.clone();
    file.facts.clear();
    file.attempts.clear();
    file.reason = None;
    let empty = AccountRecord {
        account_id: record.account_id.clone(),
        ..AccountRecord::default()
    };
    file == empty && (!record.facts.is_empty() || !record.attempts.is_empty())
}

/// Tells the world a whole record.
pub(crate) fn tell(world: &mut World, record: &AccountRecord) {
    let id = text(record.account_id.as_ref()).unwrap_or_default();
    let new = !world.accounts.contains_key(&id);
    let mut account = world.accounts.remove(&id).unwrap_or_else(|| {
        let consumer = text(record.person_id.as_ref()).unwrap_or_else(|| format!("of {id}"));
        Account {
            consumer,
            ..Account::default()
        }
    });
    own_fields(&mut account, record, new);
    if new || !news_only(record) {
        account.told = world.now;
    }
    record.parties.iter().for_each(|p| party(&mut account, p));
    for said in &record.debts {
        debt(world, &mut account, &id, said);
    }
    if account.debts.is_empty() {
        account.debts.push(Debt {
            name: id.clone(),
            key: format!("{id}/"),
            status: AccountStatus::Open,
            kind: DebtKind::Unknown,
        });
    }
    for said in &record.phones {
        phone(world, &mut account, said);
    }
    for said in &record.emails {
        email(world, &mut account, said);
    }
    for fact in &record.facts {
        telling_facts::tell(world, &id, &mut account, fact);
    }
    let mut attempts: Vec<&AttemptRecord> = record.attempts.iter().collect();
    attempts.sort_by_key(|attempt| attempt.at);
    for said in attempts {
        attempt(world, &id, &mut account, said);
    }
    world.accounts.insert(id, account);
}

fn own_fields(account: &mut Account, record: &AccountRecord, new: bool) {
    account.status = record.status.or(account.status);
    account.collector = record.collector_role.or(account.collector);
    account.creditor = text(record.creditor.as_ref()).or(account.creditor.take());
    account.portfolio = text(record.portfolio.as_ref()).or(account.portfolio.take());
    let state = record.state.map(|state| state.as_str().to_owned());
    account.state = state.or(account.state.take());
    if record.zip.is_some() {
        account.zip = text(record.zip.as_ref());
        if new {
            account.address = Some(AddressStatus::OnFile);
        }
    }
    account.address = record.address.or(account.address);
}

fn party(account: &mut Account, said: &PartyRecord) {
    let (Some(person), Some(role)) = (text(said.person_id.as_ref()), said.role) else {
        return;
    };
    match account.parties.iter_mut().find(|p| p.person == person) {
        Some(known) => {
            known.role = role;
            known.authorised = said.authorised.unwrap_or(known.authorised);
        }
        None => account.parties.push(Party {
            person,
            role,
            authorised: said.authorised.unwrap_or(false),
        }),
    }
}

fn debt(world: &mut World, account: &mut Account, id: &str, said: &DebtRecord) {
    let name = text(said.debt_id.as_ref()).unwrap_or_default();
    let known = account.debts.iter().position(|debt| debt.name == name);
    let at = known.unwrap_or_else(|| {
        account.debts.push(Debt {
            key: format!("{id}/{name}"),
            name,
            status: AccountStatus::Open,
            kind: DebtKind::Unknown,
        });
        account.debts.len() - 1
    });
    let debt = &mut account.debts[at];
    debt.status = said.status.unwrap_or(debt.status);
    debt.kind = said.kind.unwrap_or(debt.kind);
    if let Some(group) = &said.group {
        let shared = format!("group {}", group.as_str());
        let own = std::mem::replace(&mut debt.key, shared.clone());
        renamed(world, account, (&own, &shared));
    }
}

/// What was told of a debt was told of the one that it became with others.
fn renamed(world: &mut World, account: &mut Account, (own, shared): (&String, &String)) {
    let rename = |debts: &mut BTreeSet<String>| {
        if debts.remove(own) {
            debts.insert(shared.clone());
        }
    };
    for attempt in &mut world.attempts {
        rename(&mut attempt.debts);
        rename(&mut attempt.about);
        rename(&mut attempt.apart);
    }
    let mut scopes: Vec<&mut Scope> = Vec::new();
    scopes.extend(&mut account.identity_theft);
    scopes.extend(account.disputes.iter_mut().map(|d| &mut d.scope));
    for who in world.people.values_mut() {
        scopes.extend(who.attorneys.iter_mut().map(|a| &mut a.scope));
        scopes.extend(who.ceases.iter_mut().map(|c| &mut c.scope));
        scopes.extend(who.bankruptcies.iter_mut().map(|b| &mut b.scope));
        scopes.extend(who.call_consents.iter_mut().map(|c| &mut c.scope));
        scopes.extend(who.taken_back.iter_mut().map(|(scope, _)| scope));
    }
    for scope in scopes {
        if let Scope::Debts(debts) = scope {
            rename(debts);
        }
    }
}

fn phone(world: &mut World, account: &mut Account, said: &PhoneRecord) {
    let number = text(said.number.as_ref()).unwrap_or_default();
    let owner = text(said.person_id.as_ref());
    let theirs = owner.clone().unwrap_or_else(|| account.consumer.clone());
    let same = |known: &Phone| known.number == number && (owner.is_none() || known.owner == theirs);
    let at = account.phones.iter().position(same).unwrap_or_else(|| {
        account.phones.push(Phone {
            number: number.clone(),
            owner: theirs.clone(),
            ..Phone::default()
        });
        account.phones.len() - 1
    });
    let phone = &mut account.phones[at];
    phone.line = said.line_type.or(phone.line);
    phone.place = said.place.or(phone.place);
    phone.personal = said.personal.unwrap_or(phone.personal);
    let owner = phone.owner.clone();
    match said.wrong {
        Some(true) if !phone.wrong => world.misdirect(&owner, &number, true),
        Some(false) if phone.wrong => world.misdirect(&owner, &number, false),
        _ => {}
    }
    let wrong = said.wrong;
    let numbers = account.phones.iter_mut();
    for phone in numbers.filter(|p| p.number == number && p.owner == owner) {
        phone.wrong = wrong.unwrap_or(phone.wrong);
    }
}

fn email(world: &mut World, account: &mut Account, said: &EmailRecord) {
    let address = text(said.address.as_ref()).unwrap_or_default();
    let owner = text(said.person_id.as_ref()).unwrap_or_else(|| account.consumer.clone());
    let known = account.emails.iter().position(|e| e.address == address);
    let at = known.unwrap_or_else(|| {
        account.emails.push(Email {
            address: address.clone(),
            owner,
            ..Email::default()
        });
        account.emails.len() - 1
    });
    let refused = world.contact(&address).refused_texts.is_some();
    let email = &mut account.emails[at];
    email.wrong = said.wrong.unwrap_or(email.wrong);
    email.employer = said.employer_provided.unwrap_or(email.employer);
    if refused && email.opted_out.is_none() {
        email.opted_out = Some(1);
    }
}

/// The particular debts of these names.
pub(crate) fn keys(account: &Account, names: &[Personal]) -> BTreeSet<String> {
    let named = |debt: &&Debt| names.iter().any(|name| name.as_str() == debt.name);
    let found = account.debts.iter().filter(named);
    found.map(|debt| debt.key.clone()).collect()
}

fn attempt(world: &mut World, id: &str, account: &mut Account, said: &AttemptRecord) {
    let Some(at) = said.at.map(|at| at.0.min(world.now)) else {
        return;
    };
    let contact = text(said.phone.as_ref()).or(text(said.address.as_ref()));
    let phones = account.phones.iter();
    let phones = phones.filter(|p| Some(&p.number) == contact.as_ref());
    let emails = account.emails.iter();
    let emails = emails.filter(|e| Some(&e.address) == contact.as_ref());
    let owners = phones.map(|p| &p.owner).chain(emails.map(|e| &e.owner));
    let owners: Vec<&String> = owners.collect();
    // Nobody was named: the consumer, if it is theirs at all.
    let consumer = owners.iter().find(|owner| ***owner == account.consumer);
    let owner = consumer.or(owners.first()).map(|owner| (*owner).clone());
    let person = text(said.person_id.as_ref())
        .or(owner)
        .unwrap_or_else(|| account.consumer.clone());
    let channel = said.channel.unwrap_or(Channel::Phone);
    let inbound = said.inbound == Some(true);
    let told = attempt_of(id, account, said, (person.clone(), channel, at, contact));
    inbound_or_answer(world, &person, said, (channel, at));
    if !inbound {
        use_up(world, account, &told, said.purpose);
    }
    let told = set_apart(told);
    let own: BTreeSet<String> = account.debts.iter().map(|debt| debt.key.clone()).collect();
    let same = |known: &Attempt| match &told.call_id {
        // Another account of the same person may have a call of this id.
        Some(id) => {
            known.person == person
                && known.call_id.as_ref() == Some(id)
                && known.use_by.is_none()
                && !known.debts.is_disjoint(&own)
        }
        // What was spoken about besides the call makes no second one of it.
        None => {
            known.person == person
                && (known.at, known.channel, known.action, known.outcome)
                    == (told.at, told.channel, told.action, told.outcome)
                && (&known.contact, &known.debts) == (&told.contact, &told.debts)
        }
    };
    // Without an id it is one of those it may be, and the others stay what they are.
    if told.call_id.is_none()
        && let Some(known) = world.attempts.iter_mut().find(|known| same(known))
    {
        *known = told_twice(known.clone(), told.clone());
        return;
    }
    let mut all = Vec::new();
    world.attempts.retain(|known| {
        let same = same(known);
        all.extend(same.then(|| known.clone()));
        !same
    });
    all.push(told);
    let joined = all.into_iter().reduce(told_twice);
    world.attempts.extend(joined);
}

/// A conversation about other debts than the call counts toward is said besides the call, which was
/// answered.
fn set_apart(mut told: Attempt) -> Attempt {
    if told.outcome == Outcome::Conversation && told.said_about && told.about != told.debts {
        told.outcome = Outcome::Dropped;
        told.apart.clone_from(&told.about);
    } else {
        told.said_about = false;
    }
    told
}

/// One call, of which two records tell: of two outcomes the one that says more, all debts that
/// either names, all that either says was spoken about. Nobody answers for a record, so what exempts
/// the call is believed only when both say it.
fn told_twice(known: Attempt, told: Attempt) -> Attempt {
    let order = [
        Outcome::NotDialed,
        Outcome::NotConnected,
        Outcome::VoicemailUnableToLeave,
        Outcome::NoAnswer,
        Outcome::Sent,
        Outcome::Dropped,
        Outcome::Voicemail,
        Outcome::Conversation,
        Outcome::WrongNumber,
    ];
    let says = |one: &Attempt| order.iter().position(|outcome| *outcome == one.outcome);
    let outcome = if says(&told) > says(&known) {
        told.outcome
    } else {
        known.outcome
    };
    let debts = &known.debts | &told.debts;
    let apart = &known.apart | &told.apart;
    let about = if outcome == Outcome::Conversation {
        &debts | &apart
    } else if apart.is_empty() {
        debts.clone()
    } else {
        apart.clone()
    };
    Attempt {
        outcome,
        said_about: !apart.is_empty(),
        debts,
        about,
        apart,
        inbound: known.inbound && told.inbound,
        reply: known.reply && told.reply,
        prerecorded: known.prerecorded || told.prerecorded,
        at_work: known.at_work || told.at_work,
        locates: known.locates || told.locates,
        contact: known.contact.clone().or(told.contact),
        misdirected: false,
        debts_said: false,
        ..known
    }
}

fn attempt_of(
    id: &str,
    account: &Account,
    said: &AttemptRecord,
    (person, channel, at, contact): (String, Channel, i64, Option<String>),
) -> Attempt {
    let inbound = said.inbound == Some(true);
    let open = account
        .debts
        .iter()
        .filter(|d| d.status == AccountStatus::Open);
    let mut debts: BTreeSet<String> = open.map(|debt| debt.key.clone()).collect();
    if debts.is_empty() {
        debts = account.debts.iter().map(|debt| debt.key.clone()).collect();
    }
    if !said.debts.is_empty() {
        debts = keys(account, &said.debts);
    }
    let mut about = keys(account, &said.conversation_about);
    let outcome = said.outcome.unwrap_or(if !about.is_empty() {
        Outcome::Conversation
    } else if channel == Channel::Phone {
        Outcome::Dropped
    } else {
        Outcome::Sent
    });
    let said_about = !about.is_empty();
    if !said_about {
        about.clone_from(&debts);
    }
    // A call in which somebody spoke did connect.
    let astray = matches!(outcome, Outcome::NotDialed | Outcome::WrongNumber);
    let outcome = if said_about && !astray {
        Outcome::Conversation
    } else {
        outcome
    };
    let at_work = account.phones.iter().any(|phone| {
        Some(&phone.number) == contact.as_ref() && phone.place == Some(PlaceKind::Employment)
    });
    Attempt {
        person,
        account: id.to_owned(),
        at,
        channel,
        action: said.action_type.unwrap_or_else(|| usual(channel)),
        contact,
        outcome,
        debts,
        about,
        apart: BTreeSet::new(),
        said_about,
        inbound,
        reply: said.in_response_to.is_some(),
        prerecorded: said.prerecorded == Some(true),
        at_work,
        locates: said.purpose == Some(Purpose::LocationInformation),
        misdirected: false,
        debts_said: false,
        call_id: text(said.call_id.as_ref()),
        audit: 0,
        use_by: None,
    }
}

fn usual(channel: Channel) -> Action {
    match channel {
        Channel::Phone => Action::Call,
        Channel::Sms => Action::Text,
        Channel::Email | Channel::Social => Action::Email,
        Channel::Mail => Action::Letter,
        Channel::Fax => Action::Fax,
        Channel::InPerson => Action::InPerson,
    }
}

/// The consumer came of their own accord, or was answered.
fn inbound_or_answer(
    world: &mut World,
    person: &str,
    said: &AttemptRecord,
    (channel, at): (Channel, i64),
) {
    let kind = match channel {
        Channel::Phone => Some(Inbound::Call),
        Channel::Sms => Some(Inbound::Text),
        Channel::Email => Some(Inbound::Email),
        Channel::Mail => Some(Inbound::Letter),
        Channel::Fax | Channel::InPerson | Channel::Social => None,
    };
    if let (Some(true), Some(kind)) = (said.inbound, kind) {
        came(world, person, kind, at);
    }
    let Some(answered) = said.in_response_to else {
        return;
    };
    if let Some(newest) = world.person(person).inbound.get_mut(&answered)
        && newest.0 <= at
    {
        newest.1 = true;
    }
}

/// The newest of a kind counts.
pub(crate) fn came(world: &mut World, person: &str, kind: Inbound, at: i64) {
    let known = &mut world.person(person).inbound;
    if known.get(&kind).is_none_or(|newest| at > newest.0) {
        known.insert(kind, (at, false));
    }
}

/// An attempt reported with a purpose used up what that purpose rests on.
fn use_up(world: &mut World, account: &mut Account, told: &Attempt, purpose: Option<Purpose>) {
    if matches!(told.outcome, Outcome::NotDialed | Outcome::WrongNumber) {
        return;
    }
    let Some(purpose) = purpose else { return };
    super::purpose::used_up_by_report(world, account, told, purpose);
}
