//! A body read through a mapping: one call, and what became of it.

use std::borrow::Cow;

use super::document::{Document, Found};
use super::keys::DialerField as Field;
use super::mapping::{Carrier, DialerMapping, Meaning};
use super::table::cut;
use crate::domain::outcome::{Reached, Reported};
use crate::domain::time::UnixSeconds;
use crate::domain::words::{Channel, Outcome};
use crate::wire::disposition::{ChannelBasis, Direction};
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::limits::CALLER_TEXT_BYTES_MAX;

/// What a body came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// No call to a consumer: nothing is to be recorded.
    NotACall,
    /// A call.
    Call(Box<DialerCall>),
}

/// One call as a dialer tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialerCall {
    /// The dialer's id of the call.
    pub call_id: Option<Box<str>>,
    /// The account, as the tenant names it.
    pub account_id: Option<Box<str>>,
    /// The number as it was written.
    pub phone: Option<Box<str>>,
    /// The address as it was written.
    pub email: Option<Box<str>>,
    /// What became of it.
    pub meant: Meant,
    /// When; absent: now.
    pub occurred_at: Option<UnixSeconds>,
    /// Talk time, seconds.
    pub duration_s: Option<u32>,
    /// The agent, cut to 64 bytes.
    pub agent_id: Option<Box<str>>,
    /// The campaign, cut to 64 bytes.
    pub campaign_id: Option<Box<str>>,
    /// Who began.
    pub direction: Direction,
    /// The channel; the mapping's own where the body names none that is known.
    pub channel: Channel,
    /// What that rests on.
    pub channel_basis: ChannelBasis,
    /// The decision that allowed it.
    pub audit_id: Option<u64>,
    /// The telephony's cause as it was written, cut to 64 bytes.
    pub cause: Option<Box<str>>,
}

/// What a disposition name was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meant {
    /// The outcome.
    pub outcome: Reported,
    /// The name, cut to 64 bytes, when no mapping knows it.
    pub unmapped: Option<Box<str>>,
    /// The name of a channel nobody knows, cut likewise.
    pub unmapped_channel: Option<Box<str>>,
}

impl DialerMapping {
    /// Reads a body.
    ///
    /// # Errors
    /// [`FieldError`]: a field that is required is in none of its places, or a value cannot be what
    /// its field holds.
    pub fn read(&self, body: &Document) -> Result<Read, FieldError> {
        let at = |field| Place {
            mapping: self,
            body,
            field,
        };
        let duration_s = at(Field::Duration).measure(|text| self.measures.duration_s(text))?;
        let occurred_at =
            at(Field::OccurredAt).measure(|text| self.measures.occurred_at(text).ok());
        let occurred_at = occurred_at.map_err(|wrong| FieldError {
            code: FieldCode::InvalidInstant,
            ..wrong
        })?;
        let named = at(Field::Channel).text()?;
        let known = named.as_deref().and_then(|name| self.channel_named(name));
        let channel = known.unwrap_or(self.channel);
        let channel_basis = match (&named, known) {
            (_, Some(_)) => ChannelBasis::Said,
            (None, None) => ChannelBasis::Assumed,
            (Some(_), None) => ChannelBasis::Unknown,
        };
        let direction = at(Field::Direction).text()?;
        let direction = direction.and_then(|name| {
            let published = || Direction::parse(&name.to_ascii_lowercase());
            self.directions.find(&name).or_else(published)
        });
        let cause = at(Field::Cause).text()?;
        let Some(mut meant) = self.meant(body, cause.as_deref(), duration_s, channel)? else {
            return Ok(Read::NotACall);
        };
        let unmapped = named.filter(|_| known.is_none());
        meant.unmapped_channel = unmapped.map(|name| cut(&name, CALLER_TEXT_BYTES_MAX).into());
        let call = DialerCall {
            call_id: at(Field::CallId).id()?,
            account_id: at(Field::AccountId).id()?,
            phone: at(Field::Phone).id()?,
            email: at(Field::Email).id()?,
            meant,
            occurred_at: occurred_at.flatten(),
            duration_s,
            agent_id: at(Field::AgentId).label()?,
            campaign_id: at(Field::CampaignId).label()?,
            direction: direction.unwrap_or(self.direction),
            channel,
            channel_basis,
            audit_id: at(Field::AuditId).measure(|text| text.parse().ok())?,
            cause: cause.map(|cause| cut(&cause, CALLER_TEXT_BYTES_MAX).into()),
        };
        if call.account_id.is_none() && call.phone.is_none() && call.email.is_none() {
            let field = self.fields.keys().find(|field| names_whom(**field));
            let field = field.copied().unwrap_or(Field::AccountId);
            return Err(FieldError::of(field.as_str(), FieldCode::Missing));
        }
        Ok(Read::Call(Box::new(call)))
    }

    /// What the names of a body mean: of all its places the first whose name is known; DIALER-1 and
    /// DIALER-2. `None`: no call.
    fn meant(
        &self,
        body: &Document,
        cause: Option<&str>,
        duration_s: Option<u32>,
        channel: Channel,
    ) -> Result<Option<Meant>, FieldError> {
        let places = self.places(Field::Disposition).iter();
        let names = places.filter_map(|place| match body.at(place) {
            Found::Text(name) | Found::Fraction(name) => Some(name),
            Found::Nothing | Found::Other => None,
        });
        let known = names.clone().find_map(|name| self.outcomes.find(&name));
        let outcome = match known {
            Some(Meaning::NotACall) => return Ok(None),
            Some(Meaning::Outcome(outcome))
                if outcome.does().reached == Reached::As(Outcome::NotConnected)
                    && !self.unconnected(cause) =>
            {
                Reported::NoAnswer
            }
            Some(Meaning::Outcome(outcome)) => outcome,
            None => self.unknown(duration_s, channel),
        };
        let missing = FieldError::of(Field::Disposition.as_str(), FieldCode::Missing);
        let name = { names }.next().ok_or(missing)?;
        let unmapped = known
            .is_none()
            .then(|| cut(&name, CALLER_TEXT_BYTES_MAX).into());
        Ok(Some(Meant {
            outcome,
            unmapped,
            unmapped_channel: None,
        }))
    }

    /// The channel of a name, the mapping's or a published word.
    pub fn channel_named(&self, name: &str) -> Option<Channel> {
        let published = || Channel::parse(&name.to_ascii_lowercase());
        self.channels.find(name).or_else(published)
    }

    /// Whether the telephony bears out that the number was not reached, where it is asked at all.
    fn unconnected(&self, cause: Option<&str>) -> bool {
        self.places(Field::Cause).is_empty()
            || cause.and_then(|cause| self.causes.find(cause)) == Some(Carrier::NotConnected)
    }

    /// A name nobody knows: something was placed or sent, and whoever talked for long conversed.
    fn unknown(&self, duration_s: Option<u32>, channel: Channel) -> Reported {
        let long = self
            .conversation_after_s
            .is_some_and(|least| duration_s.is_some_and(|talked| talked >= least));
        match channel {
            Channel::Phone if long => Reported::Conversation,
            Channel::Phone => Reported::Dropped,
            _ => Reported::Sent,
        }
    }
}

fn names_whom(field: Field) -> bool {
    matches!(field, Field::AccountId | Field::Phone | Field::Email)
}

/// A field of a body.
struct Place<'m> {
    mapping: &'m DialerMapping,
    body: &'m Document,
    field: Field,
}

impl<'m> Place<'m> {
    fn fault(&self, code: FieldCode) -> FieldError {
        FieldError::of(self.field.as_str(), code)
    }

    /// The first place that holds something.
    fn found(&self) -> Found<'m> {
        let all = self.mapping.places(self.field).iter();
        let mut found = all.map(|place| self.body.at(place));
        found
            .find(|found| *found != Found::Nothing)
            .unwrap_or(Found::Nothing)
    }

    fn text(&self) -> Result<Option<Cow<'m, str>>, FieldError> {
        match self.found() {
            Found::Nothing => Ok(None),
            Found::Text(text) => Ok(Some(text)),
            Found::Fraction(_) | Found::Other => Err(self.fault(FieldCode::WrongType)),
        }
    }

    /// What names something: refused when it is too long, because a part names something else.
    fn id(&self) -> Result<Option<Box<str>>, FieldError> {
        match self.text()? {
            Some(text) if text.len() > CALLER_TEXT_BYTES_MAX => Err(self.fault(FieldCode::TooLong)),
            text => Ok(text.map(Into::into)),
        }
    }

    /// What is only told: cut when it is too long.
    fn label(&self) -> Result<Option<Box<str>>, FieldError> {
        let text = self.text()?;
        Ok(text.map(|text| cut(&text, CALLER_TEXT_BYTES_MAX).into()))
    }

    fn measure<T>(&self, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, FieldError> {
        let text = match self.found() {
            Found::Nothing => return Ok(None),
            Found::Text(text) | Found::Fraction(text) => text,
            Found::Other => return Err(self.fault(FieldCode::WrongType)),
        };
        let wrong = self.fault(FieldCode::WrongType);
        read(&text).map(Some).ok_or(wrong)
    }
}
