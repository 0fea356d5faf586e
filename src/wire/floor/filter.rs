//! Which events a listener wants.

use super::{Event, EventKind};
use crate::domain::verdict::{Code, Gate};
use crate::domain::words::Channel;
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::query::Params;

/// The names of the query.
pub const NAMES: [&str; 9] = [
    "types",
    "account",
    "channel",
    "source_system",
    "agent",
    "campaign",
    "gate",
    "code",
    "outcome",
];

/// What an event must be to be wanted. Everything absent: whatever there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// One bit a kind; none: every kind.
    kinds: u8,
    account: Option<Box<str>>,
    channel: Option<&'static str>,
    source: Option<Box<str>>,
    agent: Option<Box<str>>,
    campaign: Option<Box<str>>,
    gate: Option<u16>,
    code: Option<Code>,
    outcome: Option<Box<str>>,
}

const fn bit(kind: EventKind) -> u8 {
    1 << kind as u8
}

impl Filter {
    /// Reads a query: `types` is a list with commas, everything else one value.
    ///
    /// # Errors
    /// What [`Params`] refuses; `UNKNOWN_WORD` for a word that is none.
    pub fn read(query: &str) -> Result<Self, FieldError> {
        let asked = Params::read(query, &NAMES)?;
        let owned = |name| asked.text(name).map(Box::from);
        let kinds = |text: &str| {
            let mut bits = 0;
            for word in text.split(',') {
                bits |= bit(EventKind::parse(word)?);
            }
            Some(bits)
        };
        let gate = |text: &str| {
            let at = Gate::ALL.iter().position(|gate| gate.as_str() == text)?;
            Some(1 << at)
        };
        let code = |text: &str| Code::ALL.iter().copied().find(|code| code.as_str() == text);
        Ok(Self {
            kinds: asked.word("types", kinds)?.unwrap_or(0),
            account: owned("account"),
            channel: asked.word("channel", Channel::parse)?.map(Channel::as_str),
            source: owned("source_system"),
            agent: owned("agent"),
            campaign: owned("campaign"),
            gate: asked.word("gate", gate)?,
            code: asked.word("code", code)?,
            outcome: owned("outcome"),
        })
    }

    /// Whether an event is wanted.
    pub fn wants(&self, event: &Event) -> bool {
        let same = |wanted: &Option<Box<str>>, is: &str| wanted.as_deref().is_none_or(|w| w == is);
        self.wants_kind(event.kind)
            && same(&self.agent, &event.agent)
            && same(&self.account, &event.account)
            && same(&self.campaign, &event.campaign)
            && same(&self.source, &event.source)
            && same(&self.outcome, &event.outcome)
            && self.channel.is_none_or(|channel| channel == event.channel)
            && self.gate.is_none_or(|gate| event.blocked & gate != 0)
            && self.code.is_none_or(|code| event.codes.contains(&code))
    }

    /// Whether events of a kind are wanted at all.
    pub fn wants_kind(&self, kind: EventKind) -> bool {
        self.kinds == 0 || self.kinds & bit(kind) != 0
    }
}

/// A `Last-Event-ID`: the seq of the last event that was heard.
///
/// # Errors
/// `OUT_OF_RANGE` of the header for what is no number.
pub fn last_event_id(text: &[u8]) -> Result<u64, FieldError> {
    let refused = FieldError::of("Last-Event-ID", FieldCode::OutOfRange);
    let text = std::str::from_utf8(text).map_err(|_bytes| refused)?;
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or(refused)
}
