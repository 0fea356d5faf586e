//! Answers about dialers: what `GET` and `PUT /api/dialer/config` and the webhooks say.

use std::collections::BTreeMap;

use serde::Serialize;

use super::keys::{CredentialKind, DialerKind, DurationUnit, InstantFormat};
use crate::domain::time::UnixSeconds;
use crate::domain::words::Channel;
use crate::wire::disposition::Direction;

/// `GET /api/dialer/config`: the caller's tenant's dialers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DialersShown {
    /// Sorted by id.
    pub dialers: Vec<DialerShown>,
    /// The files they come from.
    pub files: FilesShown,
}

/// How the files of all mappings stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FilesShown {
    /// `current`, or `refused`: something older is in force than the files say.
    pub state: &'static str,
    /// Since when the mappings in force are so.
    pub since: UnixSeconds,
}

/// A dialer and its mapping, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DialerShown {
    /// Its id within the tenant.
    pub dialer_id: String,
    /// Whose product.
    pub kind: DialerKind,
    /// `open`, or `closed`: no request is believed.
    pub state: &'static str,
    /// Where it may report.
    pub webhooks: Vec<String>,
    /// How it proves who it is; null: closed.
    pub credential: Option<CredentialShown>,
    /// The default.
    pub channel: Channel,
    /// The default.
    pub direction: Direction,
    /// How instants are written.
    pub occurred_at_format: InstantFormat,
    /// The zone of instants that name none.
    pub time_zone: &'static str,
    /// What a bare number of talk time counts.
    pub duration_unit: DurationUnit,
    /// Talk that makes an unknown name a conversation, seconds.
    pub conversation_after_s: Option<u32>,
    /// Where fields stand.
    pub fields: BTreeMap<&'static str, Vec<String>>,
    /// Which names mean what.
    pub outcomes: BTreeMap<&'static str, Vec<String>>,
    /// Names of channels.
    pub channels: BTreeMap<&'static str, Vec<String>>,
    /// Names of directions.
    pub directions: BTreeMap<&'static str, Vec<String>>,
    /// Telephony causes.
    pub causes: BTreeMap<&'static str, Vec<String>>,
    /// Names seen that nobody mapped, the most frequent first.
    pub unmapped: Vec<UnmappedName>,
    /// How often further unmapped names were seen that found no room in the list.
    pub unmapped_others: u64,
}

/// How a dialer proves who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CredentialShown {
    /// The kind.
    pub kind: CredentialKind,
    /// The header of a token.
    pub header: Option<String>,
    /// The query parameter of a token.
    pub query: Option<String>,
    /// The user of HTTP Basic.
    pub user: Option<String>,
    /// How many secrets are good at once.
    pub secrets: usize,
}

/// A name nobody mapped. The call counted as placed; of a channel, as the mapping's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct UnmappedName {
    /// What it names: `disposition` or `channel`.
    pub field: &'static str,
    /// As the dialer spelt it first, at most 64 bytes.
    pub name: String,
    /// How often, since the start.
    pub count: u64,
    /// Engine time.
    pub first_seen: UnixSeconds,
    /// Engine time.
    pub last_seen: UnixSeconds,
}

/// `PUT /api/dialer/config`: what is in force now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MappingAnswer {
    /// The dialer as it is now.
    pub dialer: DialerShown,
    /// It was so before.
    pub unchanged: bool,
}

/// A mapping that is refused: an RFC 9457 problem with every finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MappingProblem<'a> {
    /// `urn:dialgate:problem:mapping_refused`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// One sentence.
    pub title: &'static str,
    /// 422.
    pub status: u16,
    /// `MAPPING_REFUSED`.
    pub code: &'static str,
    /// Each key and what is wrong with it.
    pub findings: Vec<MappingFinding>,
    /// The request's id.
    pub request_id: &'a str,
}

/// One thing that is wrong with a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MappingFinding {
    /// The key in dotted form; empty when the whole is meant.
    pub key: String,
    /// What is wrong.
    pub what: String,
}

/// What a webhook is told once its report is durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WebhookAnswer {
    /// What the disposition name was taken for; null for what is no call.
    pub outcome: Option<&'static str>,
    /// The row; null when nothing was written.
    pub row_id: Option<u64>,
    /// Whether the account is known.
    pub matched: bool,
    /// The report was known already.
    pub unchanged: bool,
    /// False: the name of the disposition or of the channel is not mapped, and the call counted.
    pub mapped: bool,
}
