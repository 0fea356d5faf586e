//! What each contact on an account's file would be answered now.

use super::refused;
use crate::domain::facts::AccountFile;
use crate::domain::ids::PersonNo;
use crate::domain::intent::{Asked, ContactPoint, Intent};
use crate::domain::phone::PhoneNumber;
use crate::domain::words::{Action, Channel, DialMode, PartyRole, Purpose};
use crate::engine::query::{CHECK_INTENTS_MAX, Told, What};
use crate::gateway::door::{Caller, Errand, SystemError};
use crate::gateway::mailbox::Mailbox;
use crate::gateway::native::fault;
use crate::gateway::running::Gateway;
use crate::gateway::work::Delivered;
use crate::wire::compliance::bytes;
use crate::wire::compliance::check::{Check, OneCheck};
use crate::wire::field::FieldCode;
use crate::wire::intent::email_address;
use crate::wire::limits::CHECKS_MAX;
use crate::wire::problem::Problem;
use crate::wire::query::Params;
use crate::wire::reply::Reply;
use crate::wire::scopes::Scope;

const NAMES: [&str; 7] = [
    "channel",
    "phone",
    "email",
    "person_id",
    "purpose",
    "dial_mode",
    "source_system",
];

/// Which contacts are asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    channel: Option<Channel>,
    phone: Option<PhoneNumber>,
    email: Option<Box<str>>,
    person_id: Option<Box<str>>,
    purpose: Purpose,
    dial_mode: Option<DialMode>,
    source_system: Box<str>,
    exception_scope: bool,
}

impl Gateway {
    pub(super) async fn check(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        let exception_scope = caller.scopes.has(Scope::GateException);
        let wanted = wanted(errand.query, exception_scope)?;
        let file = self.file(desk, caller, errand).await?;
        let mut intents = intents(&file, &wanted);
        let truncated = intents.len() > CHECKS_MAX;
        intents.truncate(CHECKS_MAX);
        let mut checks = Vec::with_capacity(intents.len());
        // Some at a time, so that nobody's decision waits for a file of many numbers.
        for some in intents.chunks(CHECK_INTENTS_MAX) {
            let what = What::Check(some.into());
            let told = self.query(desk, caller, what, errand).await?;
            let Told::Check(found, stamp) = told else {
                return Err(fault(SystemError::Internal));
            };
            let law = self.law(stamp)?;
            for (intent, found) in some.iter().zip(found) {
                let found = found.ok_or(super::UNKNOWN_ACCOUNT)?;
                let person = found.person_id.as_deref();
                let told = (&found.verdict, &*found.windows, person);
                checks.push(OneCheck::of(intent, told, stamp.at, law.texts()));
            }
        }
        let told = Check {
            account_id: file.id.to_string(),
            tenant_id: caller.tenant_name.to_string(),
            checks,
            truncated,
        };
        Ok(Reply::json(200, bytes(&told)))
    }
}

fn wanted(query: &str, exception_scope: bool) -> Result<Wanted, Problem> {
    let params = Params::read(query, &NAMES).map_err(Problem::of_field)?;
    let phone = params.text("phone").map(|text| {
        let number = PhoneNumber::parse(text);
        number.map_err(|_no_number| refused("phone", FieldCode::InvalidPhone))
    });
    let email = params.text("email").map(|text| {
        let address = email_address(text);
        address.ok_or_else(|| refused("email", FieldCode::InvalidEmail))
    });
    let read = || {
        Ok((
            params.word("channel", Channel::parse)?,
            params.word("purpose", Purpose::parse)?,
            params.word("dial_mode", DialMode::parse)?,
        ))
    };
    let (channel, purpose, dial_mode) = read().map_err(Problem::of_field)?;
    Ok(Wanted {
        channel,
        phone: phone.transpose()?,
        email: email.transpose()?,
        person_id: params.text("person_id").map(Into::into),
        purpose: purpose.unwrap_or(Purpose::Collection),
        dial_mode,
        source_system: params.text("source_system").unwrap_or_default().into(),
        exception_scope,
    })
}

/// The intents a dialer would put for the contacts wanted: those of the file, or the ones named.
fn intents(file: &AccountFile, wanted: &Wanted) -> Vec<Intent> {
    let mut all = Vec::new();
    let mut put = |channel, action, contact: ContactPoint, dial_mode, owner| {
        all.push(intent(
            file,
            wanted,
            (channel, action, contact),
            dial_mode,
            owner,
        ));
    };
    let asked = |channel| wanted.channel.is_none_or(|only| only == channel);
    let modes = match wanted.dial_mode {
        Some(mode) => vec![mode],
        None => vec![DialMode::Manual, DialMode::Predictive],
    };
    for (number, owner) in numbers(file, wanted) {
        let point = || ContactPoint::Phone(number);
        if asked(Channel::Phone) {
            for mode in &modes {
                put(Channel::Phone, Action::Call, point(), Some(*mode), owner);
            }
        }
        if asked(Channel::Sms) {
            put(Channel::Sms, Action::Text, point(), None, owner);
        }
        if wanted.channel == Some(Channel::Fax) {
            put(Channel::Fax, Action::Fax, point(), None, owner);
        }
    }
    for (address, owner) in addresses(file, wanted) {
        let point = || ContactPoint::Email(address.clone());
        if asked(Channel::Email) {
            put(Channel::Email, Action::Email, point(), None, owner);
        }
        if wanted.channel == Some(Channel::Social) {
            put(Channel::Social, Action::Text, point(), None, owner);
        }
    }
    let pointless = wanted.phone.is_none() && wanted.email.is_none();
    if wanted.channel == Some(Channel::Mail) || (wanted.channel.is_none() && pointless) {
        let absent = ContactPoint::Absent;
        put(Channel::Mail, Action::Letter, absent, None, None);
    }
    if wanted.channel == Some(Channel::InPerson) {
        let absent = ContactPoint::Absent;
        put(Channel::InPerson, Action::InPerson, absent, None, None);
    }
    all
}

/// Numbers to ask about, each once, and whose they are on the file.
fn numbers(file: &AccountFile, wanted: &Wanted) -> Vec<(PhoneNumber, Option<PersonNo>)> {
    let on_file = file.account.phones.iter();
    let mut all: Vec<_> = on_file.map(|p| (p.number, Some(p.person))).collect();
    if let Some(only) = wanted.phone {
        all.retain(|(number, _)| *number == only);
        if all.is_empty() {
            all.push((only, None));
        }
    } else if wanted.email.is_some() {
        all.clear();
    }
    once(all)
}

fn addresses(file: &AccountFile, wanted: &Wanted) -> Vec<(Box<str>, Option<PersonNo>)> {
    let extras = file.account.extras.as_deref();
    let on_file = extras.map_or(&[][..], |extras| &extras.emails).iter();
    let on_file = on_file.map(|e| (Box::<str>::from(file.text(e.address)), Some(e.person)));
    let mut all: Vec<_> = on_file.collect();
    if let Some(only) = &wanted.email {
        all.retain(|(address, _)| address == only);
        if all.is_empty() {
            all.push((only.clone(), None));
        }
    } else if wanted.phone.is_some() {
        all.clear();
    }
    once(all)
}

/// The first entry of each contact point.
fn once<T: PartialEq>(all: Vec<(T, Option<PersonNo>)>) -> Vec<(T, Option<PersonNo>)> {
    let mut kept: Vec<(T, Option<PersonNo>)> = Vec::with_capacity(all.len());
    for (point, owner) in all {
        if kept.iter().all(|(known, _)| *known != point) {
            kept.push((point, owner));
        }
    }
    kept
}

/// One intent. The role is the one on file, as a dialer that knows its file would state it.
fn intent(
    file: &AccountFile,
    wanted: &Wanted,
    (channel, action, contact): (Channel, Action, ContactPoint),
    dial_mode: Option<DialMode>,
    owner: Option<PersonNo>,
) -> Intent {
    let named = wanted.person_id.as_deref();
    let named = named.and_then(|id| file.persons.iter().find(|p| p.id.as_deref() == Some(id)));
    let person = named.map(|person| person.no).or(owner);
    let role = person.and_then(|person| role(file, person));
    Intent {
        account_id: file.id.clone(),
        person_id: wanted.person_id.clone(),
        contact,
        channel: Some(channel),
        action: Some(action),
        source_system: wanted.source_system.clone(),
        role: role.map_or(Asked::Absent, Asked::Known),
        dial_mode: dial_mode.map_or(Asked::Absent, Asked::Known),
        purpose: wanted.purpose,
        in_response_to: None,
        to_place: Asked::Absent,
        debt_ids: Vec::new(),
        dry_run: false,
        exception_scope: wanted.exception_scope,
    }
}

/// The role of a party; the consumer has none to state.
fn role(file: &AccountFile, person: PersonNo) -> Option<PartyRole> {
    if person == file.account.consumer {
        return None;
    }
    let extras = file.account.extras.as_deref()?;
    let party = extras.parties.iter().find(|party| party.person == person)?;
    Some(party.role)
}
