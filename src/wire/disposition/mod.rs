//! The body of every outcome route -> [`Disposition`].
//!
//! One body for all of them. What it is about is said by `audit_id`, else `call_id`, else the
//! contact point; what happened by one word of [`Reported`]. Unknown fields are skipped.

use super::email;
use super::field::{FieldCode, FieldError};
use super::limits::DURATION_S_MAX;
use super::object::Object;
use crate::domain::outcome::Reported;
use crate::domain::phone::PhoneNumber;
use crate::domain::record::ClockTime;
use crate::domain::time::{CivilDate, UnixSeconds};
use crate::domain::words::{Action, Channel, Form, PartyRole};

crate::domain::words::words!(
    /// Who started a contact.
    Direction { Outbound = "outbound", Inbound = "inbound" }
);

crate::domain::words::words!(
    /// Who spoke.
    SpokeWith { Consumer = "consumer", ThirdParty = "third_party", Attorney = "attorney" }
);

/// What a report's channel rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ChannelBasis {
    /// The report names it, or nobody does.
    #[default]
    Said,
    /// It is what such reports usually speak of: what is known of the contact goes first.
    Assumed,
    /// The same, and the report names one that nobody knows: who asks for silence under it may mean
    /// texts.
    Unknown,
}

/// What became of one contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposition {
    /// The account; on routes that name it in the path, the path's.
    pub account_id: Option<Box<str>>,
    /// The decision it settles, in the caller's tenant.
    pub audit_id: Option<u64>,
    /// The word.
    pub outcome: Reported,
    /// The number.
    pub phone: Option<PhoneNumber>,
    /// The address, in lower case.
    pub email: Option<Box<str>>,
    /// Absent: the decision's, else phone.
    pub channel: Option<Channel>,
    /// What that rests on.
    pub channel_basis: ChannelBasis,
    /// Absent: the decision's, else the channel's own.
    pub action: Option<Action>,
    /// Absent: outbound.
    pub direction: Direction,
    /// When it happened; absent: now.
    pub occurred_at: Option<UnixSeconds>,
    /// How long, seconds; at most [`DURATION_S_MAX`].
    pub duration_s: Option<u32>,
    /// The agent, if one had to do with it.
    pub agent_id: Option<Box<str>>,
    /// Who answers for the report: one that would count less than what is known needs somebody.
    pub actor: Option<Box<str>>,
    /// The caller's id of the call; the same id again is the same call.
    pub call_id: Option<Box<str>>,
    /// The debts it counts toward; empty: those of the intent, else every open one.
    pub debt_ids: Vec<Box<str>>,
    /// What was talked about, when that differs from what it counts toward.
    pub conversation_about: Vec<Box<str>>,
    /// Whom it was addressed to, in relation to the debt.
    pub party_role: Option<PartyRole>,
    /// Whom, by the caller's id; absent: whoever the file gives the number, else the consumer.
    pub person_id: Option<Box<str>>,
    /// Who spoke; absent: the consumer.
    pub spoke_with: Option<SpokeWith>,
    /// A prerecorded or artificial voice.
    pub prerecorded: bool,
    /// Of a request or dispute; absent: oral where it was spoken, else written.
    pub form: Option<Form>,
    /// Why, in the caller's words.
    pub reason: Option<Box<str>>,
    /// Campaign.
    pub campaign_id: Option<Box<str>>,
    /// The system that reports.
    pub source_system: Option<Box<str>>,
    /// Last day of a promise.
    pub promise_date: Option<CivilDate>,
    /// Begin of the stated inconvenient time, local; absent: midnight.
    pub inconvenient_from: Option<ClockTime>,
    /// Its end, exclusive; absent: midnight.
    pub inconvenient_to: Option<ClockTime>,
    /// ISO weekdays on which it holds; empty: every day.
    pub inconvenient_days: Vec<u8>,
}

impl Disposition {
    /// A report that says the word and nothing else.
    pub const fn of(outcome: Reported) -> Self {
        Self {
            account_id: None,
            audit_id: None,
            outcome,
            phone: None,
            email: None,
            channel: None,
            channel_basis: ChannelBasis::Said,
            action: None,
            direction: Direction::Outbound,
            occurred_at: None,
            duration_s: None,
            agent_id: None,
            actor: None,
            call_id: None,
            debt_ids: Vec::new(),
            conversation_about: Vec::new(),
            party_role: None,
            person_id: None,
            spoke_with: None,
            prerecorded: false,
            form: None,
            reason: None,
            campaign_id: None,
            source_system: None,
            promise_date: None,
            inconvenient_from: None,
            inconvenient_to: None,
            inconvenient_days: Vec::new(),
        }
    }

    /// Somebody else than the consumer spoke, as far as the report says.
    pub fn with_another(&self) -> bool {
        match self.spoke_with {
            Some(who) => who != SpokeWith::Consumer,
            None => matches!(
                self.party_role,
                Some(PartyRole::ThirdParty | PartyRole::Attorney)
            ),
        }
    }
}

pub(super) const NAMES: [&str; 27] = [
    "account_id",
    "audit_id",
    "outcome",
    "phone",
    "email",
    "channel",
    "action_type",
    "direction",
    "occurred_at",
    "duration_s",
    "agent_id",
    "actor",
    "call_id",
    "debt_ids",
    "conversation_about",
    "party_role",
    "person_id",
    "spoke_with",
    "prerecorded",
    "form",
    "reason",
    "campaign_id",
    "source_system",
    "promise_date",
    "inconvenient_from",
    "inconvenient_to",
    "inconvenient_days",
];

/// Decodes a body.
///
/// # Errors
/// [`FieldError`], the first fault in the order the fields are published.
pub fn decode(body: &[u8]) -> Result<Disposition, FieldError> {
    let mut fields = Object::empty(&NAMES);
    fields.read(body)?;
    let account_id = named(&mut fields, 0)?;
    let audit_id = fields.number(1)?;
    let word = fields.required(2)?;
    let outcome = Reported::parse(&word).ok_or_else(|| fault(2, FieldCode::UnknownWord))?;
    let said = Disposition {
        account_id,
        audit_id,
        phone: read(&mut fields, 3, FieldCode::InvalidPhone, |text| {
            PhoneNumber::parse(text).ok()
        })?,
        email: read(&mut fields, 4, FieldCode::InvalidEmail, |text| {
            Some(email::normalise(text)?.into())
        })?,
        channel: word_of(&mut fields, 5, Channel::parse)?,
        action: word_of(&mut fields, 6, Action::parse)?,
        direction: word_of(&mut fields, 7, Direction::parse)?.unwrap_or(Direction::Outbound),
        occurred_at: read(&mut fields, 8, FieldCode::InvalidInstant, |text| {
            UnixSeconds::parse(text).ok()
        })?,
        duration_s: duration(&mut fields)?,
        agent_id: fields.boxed(10)?,
        actor: named(&mut fields, 11)?,
        call_id: named(&mut fields, 12)?,
        debt_ids: fields.texts(13)?,
        conversation_about: fields.texts(14)?,
        party_role: word_of(&mut fields, 15, PartyRole::parse)?,
        person_id: named(&mut fields, 16)?,
        spoke_with: word_of(&mut fields, 17, SpokeWith::parse)?,
        prerecorded: fields.flag(18)?,
        form: word_of(&mut fields, 19, Form::parse)?,
        reason: fields.boxed(20)?,
        campaign_id: fields.boxed(21)?,
        source_system: fields.boxed(22)?,
        promise_date: read(&mut fields, 23, FieldCode::InvalidDate, CivilDate::parse)?,
        inconvenient_from: read(&mut fields, 24, FieldCode::InvalidTime, ClockTime::parse)?,
        inconvenient_to: read(&mut fields, 25, FieldCode::InvalidTime, ClockTime::parse)?,
        inconvenient_days: days(&mut fields)?,
        ..Disposition::of(outcome)
    };
    whole(said)
}

/// What one field asks of another.
fn whole(said: Disposition) -> Result<Disposition, FieldError> {
    let about_something = said.audit_id.is_some() || said.call_id.is_some();
    let (phone, email) = match said.channel {
        None if said.email.is_some() => (false, false),
        None | Some(Channel::Phone | Channel::Sms | Channel::Fax) => (true, false),
        Some(Channel::Email | Channel::Social) => (false, true),
        Some(Channel::Mail | Channel::InPerson) => (false, false),
    };
    if phone && said.phone.is_none() && !about_something {
        return Err(fault(3, FieldCode::Missing));
    }
    if email && said.email.is_none() && !about_something {
        return Err(fault(4, FieldCode::Missing));
    }
    Ok(said)
}

fn fault(at: usize, code: FieldCode) -> FieldError {
    FieldError::of(NAMES.get(at).copied().unwrap_or_default(), code)
}

/// A name that, where it stands, is one.
fn named(fields: &mut Object<'_, 27>, at: usize) -> Result<Option<Box<str>>, FieldError> {
    match fields.boxed(at)? {
        Some(text) if text.is_empty() => Err(fault(at, FieldCode::Empty)),
        text => Ok(text),
    }
}

fn read<T>(
    fields: &mut Object<'_, 27>,
    at: usize,
    code: FieldCode,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, FieldError> {
    let Some(text) = fields.text(at)? else {
        return Ok(None);
    };
    parse(&text).map(Some).ok_or_else(|| fault(at, code))
}

fn word_of<T>(
    fields: &mut Object<'_, 27>,
    at: usize,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, FieldError> {
    read(fields, at, FieldCode::UnknownWord, parse)
}

fn duration(fields: &mut Object<'_, 27>) -> Result<Option<u32>, FieldError> {
    let Some(said) = fields.number(9)? else {
        return Ok(None);
    };
    let seconds = u32::try_from(said).ok().filter(|s| *s <= DURATION_S_MAX);
    seconds
        .map(Some)
        .ok_or_else(|| fault(9, FieldCode::OutOfRange))
}

fn days(fields: &mut Object<'_, 27>) -> Result<Vec<u8>, FieldError> {
    let day = |text: &str| match text.as_bytes() {
        [day @ b'1'..=b'7'] => Some(day - b'0'),
        _ => None,
    };
    let texts = fields.texts(26)?;
    let days: Option<Vec<u8>> = texts.iter().map(|text| day(text)).collect();
    days.ok_or_else(|| fault(26, FieldCode::OutOfRange))
}

#[cfg(test)]
mod tests;
