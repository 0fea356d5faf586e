//! An intent's payload -> [`AskRequest`], by the rules of one in JSON (FRAME-3).

use std::borrow::Cow;

use rkyv::string::ArchivedString;

use super::codec;
use super::reason::Reason;
use super::said::ArchivedIntent;
use crate::wire::field::{self, FieldError};
use crate::wire::intent::{self, AskRequest, Source};

/// An intent that was looked into.
#[derive(Debug)]
pub struct Opened {
    /// What is asked, or what is wrong with it.
    pub asked: Result<AskRequest, FieldError>,
    /// Whether texts are wanted with the codes.
    pub explain: bool,
}

/// Looks into the payload of an intent. Its `request_id` is its key, which binds the payload's bytes.
///
/// # Errors
/// [`Reason::BadPayload`] when it is no archive of an intent.
pub fn open_intent(payload: &[u8], exception_scope: bool) -> Result<Opened, Reason> {
    let archived: &ArchivedIntent<'static> = codec::open(payload)?;
    Ok(Opened {
        asked: intent::asked_by(&mut Archived(archived), payload, None, exception_scope),
        explain: archived.explain,
    })
}

/// The fields of an archive.
struct Archived<'f>(&'f ArchivedIntent<'static>);

impl<'f> Source<'f> for Archived<'f> {
    fn text(&mut self, at: usize) -> Result<Option<Cow<'f, str>>, FieldError> {
        let said = match at {
            intent::ACCOUNT_ID => &self.0.account_id,
            intent::PHONE => &self.0.phone,
            intent::CHANNEL => &self.0.channel,
            intent::ACTION_TYPE => &self.0.action_type,
            intent::SOURCE_SYSTEM => &self.0.source_system,
            intent::REQUEST_ID => &self.0.request_id,
            intent::PERSON_ID => &self.0.person_id,
            intent::PARTY_ROLE => &self.0.party_role,
            intent::DIAL_MODE => &self.0.dial_mode,
            intent::PURPOSE => &self.0.purpose,
            intent::IN_RESPONSE_TO => &self.0.in_response_to,
            intent::TO_PLACE => &self.0.to_place,
            intent::CAMPAIGN_ID => &self.0.campaign_id,
            intent::AGENT_ID => &self.0.agent_id,
            intent::EMAIL => &self.0.email,
            _ => return Ok(None),
        };
        let text = said.as_ref().map(|text| Cow::Borrowed(text.as_str()));
        text.map(|text| field::bounded(intent::name(at), text))
            .transpose()
    }

    fn flag(&mut self, at: usize) -> Result<bool, FieldError> {
        Ok(at == intent::DRY_RUN && self.0.dry_run)
    }

    fn texts(&mut self, at: usize) -> Result<Vec<Box<str>>, FieldError> {
        let list = self.0.debt_ids.iter().map(ArchivedString::as_str);
        field::bounded_list(intent::name(at), list)
    }
}
