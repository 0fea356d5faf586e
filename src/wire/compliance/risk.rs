//! `GET /api/compliance/risk-score/{account_id}`.

use serde::Serialize;

use super::instant;
use crate::domain::risk::{Risk, SCORE_MAX};
use crate::domain::time::UnixSeconds;

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RiskScore {
    /// The account.
    pub account_id: String,
    /// Engine time.
    pub as_of: String,
    /// 0 to 100: the sum of the parts, no more than the most.
    pub score: u32,
    /// The highest score there is.
    pub score_max: u32,
    /// The parts, always all of them.
    pub parts: Vec<RiskScorePart>,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RiskScorePart {
    /// Its name.
    pub name: &'static str,
    /// What was counted.
    pub count: u32,
    /// Its points.
    pub points: u32,
    /// Its points at most.
    pub points_max: u32,
    /// What it stands for.
    pub why: &'static str,
}

impl RiskScore {
    /// Of a score.
    pub fn of(account_id: &str, at: UnixSeconds, risk: &Risk) -> Self {
        let part = |part: &crate::domain::risk::RiskPart| RiskScorePart {
            name: part.name,
            count: part.count,
            points: part.points,
            points_max: part.most,
            why: part.why,
        };
        Self {
            account_id: account_id.to_owned(),
            as_of: instant(at),
            score: risk.score,
            score_max: SCORE_MAX,
            parts: risk.parts.iter().map(part).collect(),
        }
    }
}
