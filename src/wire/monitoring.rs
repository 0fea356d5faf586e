//! Answers of `/api/monitoring/*`: what a tenant asked and how it was served.
//!
//! Counts are the caller's own tenant's. What concerns the whole gateway is in `gateway`, and only
//! for who holds `admin`: other tenants' volume is nobody else's affair.

use serde::Serialize;

use crate::domain::time::UnixSeconds;

/// How far back an answer reaches.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Range {
    /// As asked: `1m` to `60m`, `1h` to `24h`, or `start`.
    pub name: Box<str>,
    /// Counted from this instant on; `null` for since the start.
    pub from: Option<UnixSeconds>,
    /// When it was read.
    pub to: UnixSeconds,
}

/// Decisions by how they came out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Decisions {
    /// All of them, faults included.
    pub total: u64,
    /// ALLOW.
    pub allow: u64,
    /// BLOCK by a gate.
    pub block: u64,
    /// BLOCK `SYSTEM_ERROR`.
    pub system_error: u64,
}

/// Allowed and blocked under one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Sides {
    /// The channel or source system.
    pub name: Box<str>,
    /// ALLOW.
    pub allow: u64,
    /// BLOCK by a gate.
    pub block: u64,
}

/// How often a gate blocked; one decision may be blocked by several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct GateBlocks {
    /// The gate's published name.
    pub gate: &'static str,
    /// Decisions it blocked.
    pub blocks: u64,
}

/// Latency, microseconds; each figure is the upper bound of the bucket it lies in, `null` when there
/// were no decisions or it lies beyond the last bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Percentiles {
    /// Decisions counted.
    pub count: u64,
    /// Median.
    pub p50_us: Option<u64>,
    /// 90 in 100.
    pub p90_us: Option<u64>,
    /// 95 in 100.
    pub p95_us: Option<u64>,
    /// 99 in 100.
    pub p99_us: Option<u64>,
    /// 999 in 1000.
    pub p999_us: Option<u64>,
}

/// `/api/monitoring/overview`.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Overview {
    /// `ok`, `recovering` or `sealed`.
    pub status: &'static str,
    /// The caller's tenant.
    pub tenant_id: Box<str>,
    /// Seconds since the gateway's start.
    pub uptime_s: u64,
    /// What is counted.
    pub range: Range,
    /// By verdict.
    pub decisions: Decisions,
    /// Outcomes taken.
    pub outcomes: u64,
    /// Of a thousand decisions, how many were blocked by a gate.
    pub blocked_per_mille: u64,
    /// From arrival to durable answer.
    pub latency: Percentiles,
    /// The whole house, for `admin`.
    pub gateway: Option<House>,
}

/// What concerns the whole gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct House {
    /// Accounts of all tenants.
    pub accounts: u64,
    /// Live commands waiting.
    pub inbox_live: u64,
    /// Pages of facts waiting.
    pub inbox_bulk: u64,
    /// Time of the last commit, microseconds.
    pub last_commit_us: u64,
    /// Free bytes on the ledger's disk.
    pub disk_free_bytes: u64,
}

/// One minute or quarter of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Step {
    /// Its first instant.
    pub from: UnixSeconds,
    /// Its length.
    pub seconds: u64,
    /// Decisions in it.
    pub decisions: Decisions,
    /// Outcomes in it.
    pub outcomes: u64,
}

/// `/api/monitoring/volume`.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct VolumePage {
    /// What is counted.
    pub range: Range,
    /// By verdict.
    pub decisions: Decisions,
    /// Outcomes taken.
    pub outcomes: u64,
    /// By channel; those that occurred.
    pub by_channel: Vec<Sides>,
    /// By source system; those that occurred, beyond sixteen together as `(other)`.
    pub by_source_system: Vec<Sides>,
    /// By gate, all twelve.
    pub by_gate: Vec<GateBlocks>,
    /// Minute by minute up to an hour, else by quarters of an hour; empty ones are left out.
    pub series: Vec<Step>,
}

/// Latency of one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ChannelLatency {
    /// The channel.
    pub channel: Box<str>,
    /// Its figures.
    pub latency: Percentiles,
}

/// `/api/monitoring/latency`.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct LatencyPage {
    /// What is counted.
    pub range: Range,
    /// From arrival to durable answer, all channels.
    pub latency: Percentiles,
    /// Channels that occurred.
    pub by_channel: Vec<ChannelLatency>,
}

/// How often a fault was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FaultCount {
    /// Its code, as answers say it.
    pub code: &'static str,
    /// How often.
    pub count: u64,
}

/// `/api/monitoring/errors`.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ErrorsPage {
    /// What is counted.
    pub range: Range,
    /// BLOCK `SYSTEM_ERROR` in all.
    pub system_errors: u64,
    /// By code, all of them.
    pub by_code: Vec<FaultCount>,
    /// Of a thousand answers, how many were faults.
    pub per_mille: u64,
}
