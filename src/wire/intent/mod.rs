//! The body of `POST /api/gate/contact-intent`, or an intent's frame -> [`AskRequest`].
//!
//! Refused here, field named: what is not JSON of the published types, what is missing, what is over
//! its bound. Not refused here: what a gate must say no to (a text that is no telephone number, words
//! nobody published). Unknown fields are skipped, a `tenant_id` among them: the tenant comes from the
//! credential alone.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::email;
use super::field::{FieldCode, FieldError};
use super::limits::CALLER_TEXT_BYTES_MAX;
use super::object::Object;
use crate::domain::intent::{Asked, ContactPoint, Intent};
use crate::domain::phone::PhoneNumber;
use crate::domain::words::{Action, Channel, DialMode, Inbound, PartyRole, PlaceKind, Purpose};

mod source;

pub(in crate::wire) use source::Source;

/// The header that names the idempotency key.
pub const KEY_HEADER: &str = "Idempotency-Key";

/// A decoded request.
#[derive(Debug, Clone)]
pub struct AskRequest {
    /// What the gates judge.
    pub intent: Intent,
    /// What the answer repeats.
    pub echo: Echo,
    /// The `Idempotency-Key` header, else `request_id`; `None`: every request is a new one.
    pub key: Option<IdempotencyKey>,
    /// `request_id`, for the row's subject.
    pub request_id: Option<Box<str>>,
    /// `campaign_id`, for the row's subject.
    pub campaign_id: Option<Box<str>>,
    /// `agent_id`, for the row's subject.
    pub agent_id: Option<Box<str>>,
    /// `to_place` as spelt, for the row's subject.
    pub to_place: Option<Box<str>>,
}

impl AskRequest {
    /// Takes out what the answer repeats; an empty one stays behind.
    pub fn take_echo(&mut self) -> Echo {
        std::mem::replace(&mut self.echo, Echo::new("", "", ""))
    }
}

/// Names a request that may be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The caller's key, 1..=64 bytes.
    pub text: Box<str>,
    /// First 16 bytes of the body's SHA-256: the same key with another body is refused.
    pub body: u128,
}

/// The caller's own spellings that an answer repeats, in one allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Echo {
    text: Box<str>,
    account_end: usize,
    channel_end: usize,
}

impl Echo {
    /// Keeps the three spellings.
    pub fn new(account_id: &str, channel: &str, source_system: &str) -> Self {
        let mut text =
            String::with_capacity(account_id.len() + channel.len() + source_system.len());
        text.push_str(account_id);
        let account_end = text.len();
        text.push_str(channel);
        let channel_end = text.len();
        text.push_str(source_system);
        Self {
            text: text.into_boxed_str(),
            account_end,
            channel_end,
        }
    }

    /// `account_id`.
    pub fn account_id(&self) -> &str {
        self.text.get(..self.account_end).unwrap_or_default()
    }

    /// `channel`.
    pub fn channel(&self) -> &str {
        self.text
            .get(self.account_end..self.channel_end)
            .unwrap_or_default()
    }

    /// `source_system`.
    pub fn source_system(&self) -> &str {
        self.text.get(self.channel_end..).unwrap_or_default()
    }
}

pub(super) const NAMES: [&str; 17] = [
    "account_id",
    "phone",
    "channel",
    "action_type",
    "source_system",
    "request_id",
    "person_id",
    "party_role",
    "dial_mode",
    "purpose",
    "in_response_to",
    "to_place",
    "campaign_id",
    "agent_id",
    "email",
    "debt_ids",
    "dry_run",
];
pub(super) const ACCOUNT_ID: usize = 0;
pub(super) const PHONE: usize = 1;
pub(super) const CHANNEL: usize = 2;
pub(super) const ACTION_TYPE: usize = 3;
pub(super) const SOURCE_SYSTEM: usize = 4;
pub(super) const REQUEST_ID: usize = 5;
pub(super) const PERSON_ID: usize = 6;
pub(super) const PARTY_ROLE: usize = 7;
pub(super) const DIAL_MODE: usize = 8;
pub(super) const PURPOSE: usize = 9;
pub(super) const IN_RESPONSE_TO: usize = 10;
pub(super) const TO_PLACE: usize = 11;
pub(super) const CAMPAIGN_ID: usize = 12;
pub(super) const AGENT_ID: usize = 13;
pub(super) const EMAIL: usize = 14;
const DEBT_IDS: usize = 15;
pub(super) const DRY_RUN: usize = 16;

/// The published name of a field.
pub(super) fn name(at: usize) -> &'static str {
    NAMES.get(at).copied().unwrap_or_default()
}

/// The fields of one intent as they stood in the body.
pub(super) type Fields<'de> = Object<'de, 17>;

/// Decodes a body. `key_header` is the value of [`KEY_HEADER`], if sent; `exception_scope` whether
/// the credential carries `gate:exception`.
///
/// # Errors
/// [`FieldError`], the first fault in the order the fields are published.
pub fn decode(
    body: &[u8],
    key_header: Option<&[u8]>,
    exception_scope: bool,
) -> Result<AskRequest, FieldError> {
    let mut fields = Fields::empty(&NAMES);
    fields.read(body)?;
    asked_by(&mut fields, body, key_header, exception_scope)
}

/// No fields, to be filled again and again.
pub(super) fn no_fields<'de>() -> Fields<'de> {
    Fields::empty(&NAMES)
}

/// Decodes the intent at the beginning of `text`, under its `request_id` as key, and says where it
/// ends. What is wrong with an intent that is JSON is inside; it spoils no other intent.
///
/// # Errors
/// [`FieldError`] when the bytes are no JSON value.
pub(super) fn decode_first<'de>(
    fields: &mut Fields<'de>,
    text: &'de str,
    exception_scope: bool,
) -> Result<(Result<AskRequest, FieldError>, usize), FieldError> {
    let (read, end) = fields.read_first(text)?;
    let body = text.as_bytes().get(..end).unwrap_or_default();
    let ask = read.and_then(|()| asked_by(fields, body, None, exception_scope));
    Ok((ask, end))
}

/// Judges the fields of an intent, wherever they come from. `body` is the bytes a key binds.
pub(super) fn asked_by<'f>(
    fields: &mut impl Source<'f>,
    body: &[u8],
    key_header: Option<&[u8]>,
    exception_scope: bool,
) -> Result<AskRequest, FieldError> {
    let account_id = fields.required(ACCOUNT_ID)?;
    let phone = fields.text(PHONE)?;
    let email = fields.text(EMAIL)?;
    let channel_text = fields.required(CHANNEL)?;
    let channel = Channel::parse(&channel_text);
    let contact = contact_point(channel, phone.as_deref(), email.as_deref())?;
    let action = Action::parse(&fields.required(ACTION_TYPE)?);
    let source_system = fields.required(SOURCE_SYSTEM)?;
    let echo = Echo::new(&account_id, &channel_text, &source_system);
    let request_id = fields.boxed(REQUEST_ID)?;
    let to_place = fields.boxed(TO_PLACE)?;
    let (purpose, in_response_to) = purpose(fields)?;
    let intent = Intent {
        account_id: account_id.into(),
        person_id: fields.boxed(PERSON_ID)?,
        contact,
        channel,
        action,
        source_system: source_system.into(),
        role: asked(fields.text(PARTY_ROLE)?.as_deref(), PartyRole::parse),
        dial_mode: asked(fields.text(DIAL_MODE)?.as_deref(), DialMode::parse),
        purpose,
        in_response_to,
        to_place: asked(to_place.as_deref(), PlaceKind::parse),
        debt_ids: fields.texts(DEBT_IDS)?,
        dry_run: fields.flag(DRY_RUN)?,
        exception_scope,
    };
    Ok(AskRequest {
        intent,
        echo,
        key: key(key_header, request_id.as_deref(), body)?,
        request_id,
        campaign_id: fields.boxed(CAMPAIGN_ID)?,
        agent_id: fields.boxed(AGENT_ID)?,
        to_place,
    })
}

/// The contact point the channel uses. Which field it needs: GATES.md, "Request".
fn contact_point(
    channel: Option<Channel>,
    phone: Option<&str>,
    email: Option<&str>,
) -> Result<ContactPoint, FieldError> {
    match channel {
        Some(Channel::Phone | Channel::Sms | Channel::Fax) => phone
            .map(phone_point)
            .ok_or(FieldError::of("phone", FieldCode::Missing)),
        Some(Channel::Email | Channel::Social) => email
            .map(email_point)
            .ok_or(FieldError::of("email", FieldCode::Missing)),
        Some(Channel::Mail | Channel::InPerson) => Ok(ContactPoint::Absent),
        // CHANNEL blocks; whatever was named goes into the record.
        None => Ok(phone
            .map(phone_point)
            .or_else(|| email.map(email_point))
            .unwrap_or(ContactPoint::Absent)),
    }
}

fn phone_point(text: &str) -> ContactPoint {
    match PhoneNumber::parse(text) {
        Ok(number) => ContactPoint::Phone(number),
        Err(_not_a_number) => ContactPoint::BadPhone,
    }
}

fn email_point(text: &str) -> ContactPoint {
    match email_address(text) {
        Some(address) => ContactPoint::Email(address),
        None => ContactPoint::BadEmail,
    }
}

/// An address in the one form that intents and files are compared in.
pub fn email_address(text: &str) -> Option<Box<str>> {
    email::normalise(text).map(Into::into)
}

fn asked<T>(text: Option<&str>, parse: impl Fn(&str) -> Option<T>) -> Asked<T> {
    match text {
        None => Asked::Absent,
        Some(text) => parse(text).map_or(Asked::Unknown, Asked::Known),
    }
}

/// Purpose and what is replied to. An unknown purpose is collection, which lifts nothing; naming
/// something to reply to makes it a reply, an unknown word names nothing.
fn purpose<'f>(fields: &mut impl Source<'f>) -> Result<(Purpose, Option<Inbound>), FieldError> {
    let purpose = fields.text(PURPOSE)?;
    let answered = fields
        .text(IN_RESPONSE_TO)?
        .and_then(|text| Inbound::parse(&text));
    let purpose = match answered {
        Some(_) => Purpose::Reply,
        None => purpose
            .and_then(|text| Purpose::parse(&text))
            .unwrap_or(Purpose::Collection),
    };
    Ok((purpose, answered))
}

/// The key: header first, then `request_id`. The body is hashed only where there is a key.
fn key(
    header: Option<&[u8]>,
    request_id: Option<&str>,
    body: &[u8],
) -> Result<Option<IdempotencyKey>, FieldError> {
    let (field, text) = match (header, request_id) {
        (Some(bytes), _) => (KEY_HEADER, visible_ascii(bytes)?),
        (None, Some(text)) => ("request_id", Cow::Borrowed(text)),
        (None, None) => return Ok(None),
    };
    if text.is_empty() {
        return Err(FieldError::of(field, FieldCode::Empty));
    }
    if text.len() > CALLER_TEXT_BYTES_MAX {
        return Err(FieldError::of(field, FieldCode::TooLong));
    }
    Ok(Some(IdempotencyKey {
        text: text.into(),
        body: body_digest(body),
    }))
}

fn visible_ascii(bytes: &[u8]) -> Result<Cow<'_, str>, FieldError> {
    let refused = FieldError::of(KEY_HEADER, FieldCode::NotVisibleAscii);
    if !bytes.iter().all(u8::is_ascii_graphic) {
        return Err(refused);
    }
    std::str::from_utf8(bytes)
        .map(Cow::Borrowed)
        .map_err(|_not_ascii| refused)
}

fn body_digest(body: &[u8]) -> u128 {
    let digest = Sha256::digest(body);
    digest
        .iter()
        .take(16)
        .fold(0, |sum, byte| sum << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests;
