//! What the gateway says.

use std::borrow::Cow;
use std::fmt;

use rkyv::with::{AsOwned, Map};
use rkyv::{Archive, Deserialize, Serialize};

use super::codec;
use super::header::Kind;
use super::reader::RawFrame;
use super::reason::Reason;
use crate::domain::rules::RuleText;
use crate::domain::verdict::Finding as Found;
use crate::wire::answer;

/// The hello was taken.
#[derive(Debug, Clone, PartialEq, Eq, Default, Archive, Serialize, Deserialize)]
pub struct Welcome<'a> {
    /// The tenant's name.
    #[rkyv(with = AsOwned)]
    pub tenant: Cow<'a, str>,
    /// Intents that may be under way on this stream; what is beyond waits unread.
    pub window: u32,
    /// Bytes of a payload at most, batches aside.
    pub frame_bytes_max: u32,
    /// Intents of a batch at most.
    pub batch_intents_max: u32,
    /// The gateway's wall time, seconds of Unix time.
    pub now: i64,
}

/// A finding, or a rule that would block if it were enforced.
#[derive(Debug, Clone, PartialEq, Eq, Default, Archive, Serialize, Deserialize)]
pub struct Finding<'a> {
    /// The gate's number, 1 to 12.
    pub gate: u8,
    /// The machine code.
    #[rkyv(with = AsOwned)]
    pub code: Cow<'a, str>,
    /// One sentence for a person; empty where texts were not asked for.
    #[rkyv(with = AsOwned)]
    pub sentence: Cow<'a, str>,
    /// Law or agency policy; empty where texts were not asked for.
    #[rkyv(with = AsOwned)]
    pub citation: Cow<'a, str>,
    /// The pack's rule; empty where none stands behind it or texts were not asked for.
    #[rkyv(with = AsOwned)]
    pub rule: Cow<'a, str>,
}

/// Why there is no decision, or no answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Archive, Serialize, Deserialize)]
pub struct Failure<'a> {
    /// The machine code.
    #[rkyv(with = AsOwned)]
    pub code: Cow<'a, str>,
    /// The field at fault, if one is.
    #[rkyv(with = Map<AsOwned>)]
    pub field: Option<Cow<'a, str>>,
    /// One sentence, the same for every occurrence of the code.
    #[rkyv(with = AsOwned)]
    pub message: Cow<'a, str>,
}

impl Failure<'_> {
    /// Owns its texts.
    pub fn of(fault: &answer::Fault) -> Self {
        Self {
            code: Cow::Borrowed(fault.code),
            field: fault.field.map(Cow::Borrowed),
            message: Cow::Borrowed(fault.message),
        }
    }
}

impl From<Reason> for Failure<'_> {
    fn from(reason: Reason) -> Self {
        Self {
            code: Cow::Borrowed(reason.as_str()),
            field: None,
            message: Cow::Borrowed(reason.message()),
        }
    }
}

/// The answer to an intent. With the intent's own texts and the welcome's tenant it holds the twelve
/// published fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Archive, Serialize, Deserialize)]
pub struct Decision<'a> {
    /// Whether the contact may be made. `true` only without a blocking gate and without an error.
    pub allow: bool,
    /// The gates that block: bit `n - 1` is gate `n`.
    pub blocked: u16,
    /// The gates that were asked, alike.
    pub evaluated: u16,
    /// The row's position in the tenant's chain.
    pub audit_id: Option<u64>,
    /// Count of the tenant's evaluations.
    pub evaluation_id: Option<u64>,
    /// When to ask again, seconds of Unix time.
    pub next_allowed_at: Option<i64>,
    /// Until when the record counts as fresh.
    pub expires_at: Option<i64>,
    /// Until when an ALLOW may be used; none with a BLOCK.
    pub use_by: Option<i64>,
    /// Why gates block.
    pub findings: Vec<Finding<'a>>,
    /// BLOCK `SYSTEM_ERROR`: why there is no decision.
    pub error: Option<Failure<'a>>,
}

/// The answers to a batch, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Archive, Serialize, Deserialize)]
pub struct Decisions<'a> {
    /// One an intent.
    pub decisions: Vec<Decision<'a>>,
}

/// The answer to a disposition.
#[derive(Debug, Clone, PartialEq, Eq, Default, Archive, Serialize, Deserialize)]
pub struct Reported<'a> {
    /// The status an HTTP answer would have.
    pub status: u16,
    /// The JSON body it would have.
    #[rkyv(with = AsOwned)]
    pub body: Cow<'a, [u8]>,
}

/// The gateway reads nothing more of this stream; what it has read is still answered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Archive, Serialize, Deserialize)]
pub struct Drain<'a> {
    /// A [`Reason`]'s code.
    #[rkyv(with = AsOwned)]
    pub why: Cow<'a, str>,
}

/// A decision as its frame tells it, as an ALLOW only where nothing blocks (WIRE-1). `texts` are the
/// pack's rules in order of number, where they are asked for.
pub fn decision<'t>(decided: &answer::Decision, texts: Option<&'t [RuleText]>) -> Decision<'t> {
    let findings = &decided.findings;
    Decision {
        allow: decided.allow(),
        blocked: findings.blocked_bits(),
        evaluated: findings.evaluated_bits(),
        audit_id: decided.audit_id,
        evaluation_id: decided.evaluation_id,
        next_allowed_at: decided.next_allowed_at.map(|at| at.0),
        expires_at: Some(decided.expires_at.0),
        use_by: decided.allow().then_some(decided.use_by.0),
        findings: findings
            .list()
            .iter()
            .map(|found| finding(*found, texts))
            .collect(),
        error: None,
    }
}

fn finding(found: Found, texts: Option<&[RuleText]>) -> Finding<'_> {
    let mut told = Finding {
        gate: found.code.gate().ordinal(),
        code: Cow::Borrowed(found.code.as_str()),
        ..Finding::default()
    };
    if let Some(texts) = texts {
        let (rule, own) = (texts.get(usize::from(found.rule.0)), found.code.text());
        told.sentence = Cow::Borrowed(rule.map_or(own.sentence, |rule| &rule.sentence));
        told.citation = Cow::Borrowed(rule.map_or(own.source, |rule| &rule.citation));
        told.rule = Cow::Borrowed(rule.map_or("", |rule| &rule.id));
    }
    told
}

/// The answer when there is no decision: never an ALLOW.
pub fn system_error(fault: &answer::Fault) -> Decision<'static> {
    Decision {
        error: Some(Failure::of(fault)),
        ..Decision::default()
    }
}

/// A frame of the gateway, its payload checked.
pub enum Told<'f> {
    /// [`Kind::Welcome`].
    Welcome(&'f ArchivedWelcome<'static>),
    /// [`Kind::Decision`].
    Decision(&'f ArchivedDecision<'static>),
    /// [`Kind::Decisions`].
    Decisions(&'f ArchivedDecisions<'static>),
    /// [`Kind::Reported`].
    Reported(&'f ArchivedReported<'static>),
    /// [`Kind::Pong`].
    Pong,
    /// [`Kind::Error`].
    Error(&'f ArchivedFailure<'static>),
    /// [`Kind::Drain`].
    Drain(&'f ArchivedDrain<'static>),
}

impl<'f> Told<'f> {
    /// Looks into a frame.
    ///
    /// # Errors
    /// [`Reason`]: the payload is no archive of the kind, or the kind one of a client's.
    pub fn open(frame: &'f RawFrame) -> Result<Self, Reason> {
        let payload = &*frame.payload;
        match frame.header.kind {
            Kind::Welcome => codec::open(payload).map(Self::Welcome),
            Kind::Decision => codec::open(payload).map(Self::Decision),
            Kind::Decisions => codec::open(payload).map(Self::Decisions),
            Kind::Reported => codec::open(payload).map(Self::Reported),
            Kind::Pong => codec::nothing(payload).map(|()| Self::Pong),
            Kind::Error => codec::open(payload).map(Self::Error),
            Kind::Drain => codec::open(payload).map(Self::Drain),
            _ => Err(Reason::UnknownKind),
        }
    }
}

/// By name alone: a report's body may name persons.
impl fmt::Debug for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Told").finish_non_exhaustive()
    }
}
