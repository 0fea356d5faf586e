//! What a caller asks, and the bytes that say it.
//!
//! There is no `dry_run` here: the ALLOW of a dry run reserves nothing and permits nothing, so it
//! must not become a permit.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use super::key::{self, NoChance};
use super::verdict::{Block, Reason};
use crate::domain::words::{Action, Channel, DialMode, Inbound, PartyRole, PlaceKind, Purpose};
use crate::wire::frame::{self, HEADER_BYTES, Kind};
use crate::wire::limits::{CALLER_TEXT_BYTES_MAX, DEBT_IDS_MAX};

/// A contact that somebody wants to make. The fields and their meaning are those of
/// `docs/integrating.md`; texts are 1 to 64 bytes, `debt_ids` at most 32.
#[derive(Clone, PartialEq, Eq)]
pub struct Intent {
    /// The account, as the portfolio names it.
    pub account_id: String,
    /// Through what.
    pub channel: Channel,
    /// What is done there.
    pub action: Action,
    /// The asking system, as the tenant's policy spells it.
    pub source_system: String,
    /// For calls, texts and faxes.
    pub phone: Option<String>,
    /// For e-mail and social media.
    pub email: Option<String>,
    /// Names this contact: whoever asks again under the same name hears the same answer and
    /// reserves nothing more. Absent: the client makes one and keeps it over all repeats of a call.
    pub request_id: Option<String>,
    /// Who is meant.
    pub person_id: Option<String>,
    /// What they are to the debt.
    pub party_role: Option<PartyRole>,
    /// How it is dialled.
    pub dial_mode: Option<DialMode>,
    /// Why; absent: collection.
    pub purpose: Option<Purpose>,
    /// What it answers.
    pub in_response_to: Option<Inbound>,
    /// Where the person is.
    pub to_place: Option<PlaceKind>,
    /// Kept beside the row.
    pub campaign_id: Option<String>,
    /// Kept beside the row.
    pub agent_id: Option<String>,
    /// Which debts it is about; empty: every open one.
    pub debt_ids: Vec<String>,
}

impl Intent {
    /// An intent of these four, to be filled in.
    pub fn new(account_id: &str, channel: Channel, action: Action, source_system: &str) -> Self {
        Self {
            account_id: account_id.to_owned(),
            channel,
            action,
            source_system: source_system.to_owned(),
            phone: None,
            email: None,
            request_id: None,
            person_id: None,
            party_role: None,
            dial_mode: None,
            purpose: None,
            in_response_to: None,
            to_place: None,
            campaign_id: None,
            agent_id: None,
            debt_ids: Vec::new(),
        }
    }

    /// A telephone call.
    pub fn call(account_id: &str, phone: &str, source_system: &str) -> Self {
        let bare = Self::new(account_id, Channel::Phone, Action::Call, source_system);
        Self {
            phone: Some(phone.to_owned()),
            ..bare
        }
    }

    /// A text message.
    pub fn text(account_id: &str, phone: &str, source_system: &str) -> Self {
        let bare = Self::new(account_id, Channel::Sms, Action::Text, source_system);
        Self {
            phone: Some(phone.to_owned()),
            ..bare
        }
    }

    /// An e-mail.
    pub fn email(account_id: &str, email: &str, source_system: &str) -> Self {
        let bare = Self::new(account_id, Channel::Email, Action::Email, source_system);
        Self {
            email: Some(email.to_owned()),
            ..bare
        }
    }

    /// A letter.
    pub fn letter(account_id: &str, source_system: &str) -> Self {
        Self::new(account_id, Channel::Mail, Action::Letter, source_system)
    }

    /// The first field that no gateway would take.
    fn fault(&self) -> Option<&'static str> {
        let fits = |text: &str| (1..=CALLER_TEXT_BYTES_MAX).contains(&text.len());
        let absent_or_fits = |text: &Option<String>| text.as_deref().is_none_or(fits);
        let fields = [
            ("account_id", fits(&self.account_id)),
            ("source_system", fits(&self.source_system)),
            ("phone", absent_or_fits(&self.phone)),
            ("email", absent_or_fits(&self.email)),
            ("request_id", absent_or_fits(&self.request_id)),
            ("person_id", absent_or_fits(&self.person_id)),
            ("campaign_id", absent_or_fits(&self.campaign_id)),
            ("agent_id", absent_or_fits(&self.agent_id)),
            (
                "debt_ids",
                self.debt_ids.len() <= DEBT_IDS_MAX && self.debt_ids.iter().all(|id| fits(id)),
            ),
        ];
        let mut wrong = fields.into_iter().filter(|(_, fits)| !fits);
        wrong.next().map(|(field, _)| field)
    }
}

/// Names nobody: what is asked about is personal.
impl fmt::Debug for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intent")
            .field("channel", &self.channel)
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}

/// The published form.
#[derive(Serialize)]
struct Spelt<'i> {
    account_id: &'i str,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'i str>,
    channel: &'static str,
    action_type: &'static str,
    source_system: &'i str,
    request_id: &'i str,
    #[serde(skip_serializing_if = "Option::is_none")]
    person_id: Option<&'i str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    party_role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dial_mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_response_to: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_place: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign_id: Option<&'i str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'i str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'i str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    debt_ids: &'i [String],
}

/// How a line spells intents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One JSON object.
    Json,
    /// The payload of a frame.
    Frame,
}

/// An intent under its name, and its bytes: made once, the same in every repeat.
pub(super) struct Question {
    /// Whose.
    pub(super) account_id: Box<str>,
    /// As spelt.
    pub(super) channel: &'static str,
    /// As spelt.
    pub(super) source_system: Box<str>,
    /// In the line's form.
    pub(super) bytes: Bytes,
}

impl Question {
    /// Names and spells an intent.
    ///
    /// # Errors
    /// A [`Block`] for what no gateway would take, and where no name can be made.
    pub(super) fn of(intent: &Intent, form: Form) -> Result<Self, Block> {
        if let Some(field) = intent.fault() {
            return Err(Block::because(Reason::Unusable(field)));
        }
        let made;
        let name = if let Some(name) = intent.request_id.as_deref() {
            name
        } else {
            made = key::fresh().map_err(|NoChance| Block::because(Reason::NoName))?;
            &*made
        };
        let spelt = spelt(intent, name);
        let bytes = match form {
            Form::Json => serde_json::to_vec(&spelt).ok(),
            Form::Frame => payload(&spelt),
        };
        let bytes = bytes.ok_or_else(|| Block::because(Reason::Unusable("body")))?;
        Ok(Self {
            account_id: intent.account_id.as_str().into(),
            channel: intent.channel.as_str(),
            source_system: intent.source_system.as_str().into(),
            bytes: bytes.into(),
        })
    }
}

/// The payload of a frame that asks the same.
fn payload(spelt: &Spelt<'_>) -> Option<Vec<u8>> {
    let text = |text: Option<&'_ str>| text.map(|text| Cow::Owned(text.to_owned()));
    let asked = frame::Intent {
        account_id: text(Some(spelt.account_id)),
        phone: text(spelt.phone),
        channel: text(Some(spelt.channel)),
        action_type: text(Some(spelt.action_type)),
        source_system: text(Some(spelt.source_system)),
        request_id: text(Some(spelt.request_id)),
        person_id: text(spelt.person_id),
        party_role: text(spelt.party_role),
        dial_mode: text(spelt.dial_mode),
        purpose: text(spelt.purpose),
        in_response_to: text(spelt.in_response_to),
        to_place: text(spelt.to_place),
        campaign_id: text(spelt.campaign_id),
        agent_id: text(spelt.agent_id),
        email: text(spelt.email),
        debt_ids: spelt.debt_ids.iter().map(Into::into).collect(),
        dry_run: false,
        explain: false,
    };
    let mut out = Vec::new();
    let written = frame::push(&mut out, Kind::Intent, 0, &asked);
    written.then(|| out.split_off(HEADER_BYTES))
}

fn spelt<'i>(intent: &'i Intent, name: &'i str) -> Spelt<'i> {
    Spelt {
        account_id: &intent.account_id,
        phone: intent.phone.as_deref(),
        channel: intent.channel.as_str(),
        action_type: intent.action.as_str(),
        source_system: &intent.source_system,
        request_id: name,
        person_id: intent.person_id.as_deref(),
        party_role: intent.party_role.map(PartyRole::as_str),
        dial_mode: intent.dial_mode.map(DialMode::as_str),
        purpose: intent.purpose.map(Purpose::as_str),
        in_response_to: intent.in_response_to.map(Inbound::as_str),
        to_place: intent.to_place.map(PlaceKind::as_str),
        campaign_id: intent.campaign_id.as_deref(),
        agent_id: intent.agent_id.as_deref(),
        email: intent.email.as_deref(),
        debt_ids: &intent.debt_ids,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::intent;

    #[test]
    fn the_bytes_say_every_field_and_the_gateway_reads_them() {
        let asked = Intent {
            request_id: Some("r-1".to_owned()),
            person_id: Some("p-1".to_owned()),
            party_role: Some(PartyRole::Spouse),
            dial_mode: Some(DialMode::Preview),
            purpose: Some(Purpose::Reminder),
            in_response_to: Some(Inbound::Call),
            to_place: Some(PlaceKind::Home),
            campaign_id: Some("c".to_owned()),
            agent_id: Some("a".to_owned()),
            email: Some("x@example.test".to_owned()),
            debt_ids: vec!["d \"1\"".to_owned()],
            ..Intent::call("A-1", "8185551234", "five9")
        };
        let question = Question::of(&asked, Form::Json).unwrap();
        let read = intent::decode(&question.bytes, None, true).unwrap();
        let key = read.key.unwrap();
        assert_eq!(&*key.text, "r-1");
        assert_eq!(&*read.intent.account_id, "A-1");
        assert_eq!(read.echo.channel(), question.channel);
        assert_eq!(&*read.intent.debt_ids[0], "d \"1\"");
        assert_eq!(read.campaign_id.as_deref(), Some("c"));
        assert!(!read.intent.dry_run);
        let json: serde_json::Value = serde_json::from_slice(&question.bytes).unwrap();
        assert_eq!(json.as_object().unwrap().len(), 16, "{json}");
        let framed = Question::of(&asked, Form::Frame).unwrap();
        let framed = frame::open_intent(&framed.bytes, true).unwrap();
        let framed = framed.asked.unwrap();
        assert_eq!(&*framed.key.unwrap().text, "r-1");
        assert_eq!(format!("{:?}", framed.intent), format!("{:?}", read.intent));
    }

    /// CLIENT-5: the name and the bytes.
    #[test]
    fn a_nameless_intent_gets_a_name_and_a_named_one_keeps_it() {
        let name = |intent: &Intent| {
            let question = Question::of(intent, Form::Json).unwrap();
            let json: serde_json::Value = serde_json::from_slice(&question.bytes).unwrap();
            json["request_id"].as_str().unwrap().to_owned()
        };
        let bare = Intent::letter("A-1", "mailer");
        assert_eq!(name(&bare).len(), 32);
        assert_ne!(name(&bare), name(&bare));
        let named = Intent {
            request_id: Some("mine".to_owned()),
            ..bare
        };
        assert_eq!(name(&named), "mine");
        for form in [Form::Json, Form::Frame] {
            let bytes = || Question::of(&named, form).unwrap().bytes;
            assert_eq!(bytes(), bytes());
        }
    }

    #[test]
    fn what_no_gateway_takes_is_not_sent() {
        let long = "x".repeat(CALLER_TEXT_BYTES_MAX + 1);
        let of = |intent: Intent| Question::of(&intent, Form::Json);
        let refused = |intent| of(intent).err().unwrap().reason().clone();
        assert_eq!(
            refused(Intent::letter("", "m")),
            Reason::Unusable("account_id")
        );
        assert_eq!(
            refused(Intent::call("A", &long, "m")),
            Reason::Unusable("phone")
        );
        let many = Intent {
            debt_ids: vec!["d".to_owned(); DEBT_IDS_MAX + 1],
            ..Intent::letter("A", "m")
        };
        assert_eq!(refused(many), Reason::Unusable("debt_ids"));
        assert!(!format!("{:?}", Intent::call("A-77", "8185551234", "m")).contains("77"));
    }
}
