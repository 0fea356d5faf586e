//! `GET /api/compliance/summary`: a tenant's figures.

use std::collections::BTreeMap;

use serde::Serialize;

/// Counts by a published word.
pub type ByWord = BTreeMap<&'static str, u64>;

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Summary {
    /// Engine time when counting ended. What is held was counted piece by piece up to then.
    pub as_of: String,
    /// Accounts by status.
    pub accounts: ByWord,
    /// What restricts contact.
    pub restrictions: Restrictions,
    /// Decided and reported since midnight UTC, or since the start if that was later.
    pub today: Activity,
    /// The same since the process started.
    pub since_start: Activity,
}

/// What restricts contact: accounts, persons and numbers, each counted once a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Restrictions {
    /// Accounts by restriction.
    pub accounts: ByWord,
    /// Accounts by hold in force.
    pub holds: ByWord,
    /// Accounts by open escalation.
    pub escalations: ByWord,
    /// Persons by restriction, and how many are known.
    pub persons: ByWord,
    /// Numbers and addresses by restriction.
    pub contact_points: ByWord,
}

/// What was decided and reported in some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Activity {
    /// Decisions.
    pub decisions: u64,
    /// Those that blocked.
    pub blocks: u64,
    /// Blocks by gate; a decision counts in each gate that blocked.
    pub by_gate: ByWord,
    /// Blocks by code.
    pub by_code: ByWord,
    /// Outcomes by word.
    pub outcomes: ByWord,
}
