//! What clients say.

use std::borrow::Cow;
use std::fmt;

use rkyv::with::{AsOwned, Map};
use rkyv::{Archive, Deserialize, Serialize};

use super::codec;
use super::header::Kind;
use super::reader::RawFrame;
use super::reason::Reason;

/// Who asks.
#[derive(Clone, PartialEq, Eq, Default, Archive, Serialize, Deserialize)]
pub struct Hello<'a> {
    /// The bearer token, without its scheme.
    #[rkyv(with = AsOwned)]
    pub token: Cow<'a, str>,
    /// The asking program's name and version. Kept nowhere.
    #[rkyv(with = AsOwned)]
    pub agent: Cow<'a, str>,
}

/// An intent: the fields of the body of `POST /api/gate/contact-intent`, under their names, and
/// whether texts are wanted with the codes.
#[derive(Clone, PartialEq, Eq, Default, Archive, Serialize, Deserialize)]
pub struct Intent<'a> {
    /// Required.
    #[rkyv(with = Map<AsOwned>)]
    pub account_id: Option<Cow<'a, str>>,
    /// Required on channels of telephony.
    #[rkyv(with = Map<AsOwned>)]
    pub phone: Option<Cow<'a, str>>,
    /// Required.
    #[rkyv(with = Map<AsOwned>)]
    pub channel: Option<Cow<'a, str>>,
    /// Required.
    #[rkyv(with = Map<AsOwned>)]
    pub action_type: Option<Cow<'a, str>>,
    /// Required.
    #[rkyv(with = Map<AsOwned>)]
    pub source_system: Option<Cow<'a, str>>,
    /// The idempotency key: under it, the same payload has the same answer.
    #[rkyv(with = Map<AsOwned>)]
    pub request_id: Option<Cow<'a, str>>,
    /// Who is to be reached.
    #[rkyv(with = Map<AsOwned>)]
    pub person_id: Option<Cow<'a, str>>,
    /// In which part.
    #[rkyv(with = Map<AsOwned>)]
    pub party_role: Option<Cow<'a, str>>,
    /// How it is dialed.
    #[rkyv(with = Map<AsOwned>)]
    pub dial_mode: Option<Cow<'a, str>>,
    /// What for.
    #[rkyv(with = Map<AsOwned>)]
    pub purpose: Option<Cow<'a, str>>,
    /// What is replied to.
    #[rkyv(with = Map<AsOwned>)]
    pub in_response_to: Option<Cow<'a, str>>,
    /// At which kind of place.
    #[rkyv(with = Map<AsOwned>)]
    pub to_place: Option<Cow<'a, str>>,
    /// For the record.
    #[rkyv(with = Map<AsOwned>)]
    pub campaign_id: Option<Cow<'a, str>>,
    /// For the record.
    #[rkyv(with = Map<AsOwned>)]
    pub agent_id: Option<Cow<'a, str>>,
    /// Required on channels of e-mail.
    #[rkyv(with = Map<AsOwned>)]
    pub email: Option<Cow<'a, str>>,
    /// Which debts it is about; empty: all.
    #[rkyv(with = Map<AsOwned>)]
    pub debt_ids: Vec<Cow<'a, str>>,
    /// Decide and reserve nothing.
    pub dry_run: bool,
    /// Tell sentence, citation and rule of every finding, too. Not in a batch.
    pub explain: bool,
}

/// A batch: the payload each intent would have in a frame of its own, so that a key binds the same
/// bytes in either. Between 1 and [`FRAME_BATCH_INTENTS_MAX`](crate::wire::limits::FRAME_BATCH_INTENTS_MAX).
#[derive(Clone, PartialEq, Eq, Default, Archive, Serialize, Deserialize)]
pub struct Intents {
    /// Payloads of frames of [`Kind::Intent`].
    pub intents: Vec<Vec<u8>>,
}

/// What became of a contact.
#[derive(Clone, PartialEq, Eq, Default, Archive, Serialize, Deserialize)]
pub struct Disposition<'a> {
    /// The JSON body of `POST /api/compliance/record-attempt`.
    #[rkyv(with = AsOwned)]
    pub body: Cow<'a, [u8]>,
}

/// Tokens and what persons are reached by are in no message.
macro_rules! told_by_name {
    ($($name:literal $said:ty),+) => {
        $(impl fmt::Debug for $said {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct($name).finish_non_exhaustive()
            }
        })+
    };
}

told_by_name!("Hello" Hello<'_>, "Intent" Intent<'_>, "Intents" Intents, "Disposition" Disposition<'_>, "Said" Said<'_>);

/// A frame of a client, its payload checked; an intent and those of a batch are checked by
/// [`open_intent`](super::open_intent).
pub enum Said<'f> {
    /// [`Kind::Hello`].
    Hello(&'f ArchivedHello<'static>),
    /// [`Kind::Intent`]: its payload.
    Intent(&'f [u8]),
    /// [`Kind::Intents`].
    Intents(&'f ArchivedIntents),
    /// [`Kind::Disposition`].
    Disposition(&'f ArchivedDisposition<'static>),
    /// [`Kind::Ping`].
    Ping,
}

impl<'f> Said<'f> {
    /// Looks into a frame.
    ///
    /// # Errors
    /// [`Reason`]: the payload is no archive of the kind, or the kind none of a client's.
    pub fn open(frame: &'f RawFrame) -> Result<Self, Reason> {
        let payload = &*frame.payload;
        match frame.header.kind {
            Kind::Hello => codec::open(payload).map(Self::Hello),
            Kind::Intent => Ok(Self::Intent(payload)),
            Kind::Intents => codec::open(payload).map(Self::Intents),
            Kind::Disposition => codec::open(payload).map(Self::Disposition),
            Kind::Ping => codec::nothing(payload).map(|()| Self::Ping),
            _ => Err(Reason::NotFromClient),
        }
    }
}
