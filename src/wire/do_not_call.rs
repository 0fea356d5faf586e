//! Answers about the do-not-call list and about single facts.

use serde::Serialize;

use crate::domain::record::FactKind;
use crate::domain::time::UnixSeconds;

/// What became of one number of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NumberTaken {
    /// The number in E.164.
    pub phone: String,
    /// 1 when it changed the list.
    pub applied: u32,
    /// 1 when the list said so already.
    pub unchanged: u32,
    /// The row that says so; `null` when nothing changed.
    pub row_id: Option<u64>,
}

/// How a number stands on the list, and how it came there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ListingAnswer {
    /// The number in E.164.
    pub phone: String,
    /// Whether calls to it are blocked now.
    pub listed: bool,
    /// Since when, while it is listed.
    pub since: Option<UnixSeconds>,
    /// When the entry ends or ended; `null`: it does not end.
    pub until: Option<UnixSeconds>,
    /// Why, while it is listed and its row still has its personal fields.
    pub reason: Option<String>,
    /// Where it was learnt.
    pub source: Option<String>,
    /// Who stated it.
    pub actor: Option<String>,
    /// The row that says so; `null`: the number was never on the list.
    pub row_id: Option<u64>,
    /// The personal fields of that row have been destroyed; the listing stands.
    pub erased: bool,
    /// Every change, newest first.
    pub history: Vec<ListingChange>,
    /// Whether `history` goes back to the first change.
    pub history_complete: bool,
}

/// One change of a number's place on the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ListingChange {
    /// The row.
    pub row_id: u64,
    /// When it took effect: as stated, else when it was recorded.
    pub at: UnixSeconds,
    /// `add` or `remove`; `null` when the row does not tell any more.
    pub action: Option<&'static str>,
    /// When the entry ends.
    pub until: Option<UnixSeconds>,
    /// Why.
    pub reason: Option<String>,
    /// Where it was learnt.
    pub source: Option<String>,
    /// Who stated it.
    pub actor: Option<String>,
    /// The document it rests on.
    pub document_id: Option<String>,
    /// The account it was stated with; `null`: the number alone.
    pub account_id: Option<String>,
    /// The row's personal fields have been destroyed.
    pub erased: bool,
}

/// What became of one fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FactTaken {
    /// The account; `null`: the whole tenant.
    pub account_id: Option<String>,
    /// What was stated.
    pub fact: Option<FactKind>,
    /// The row that says so; `null` when nothing changed.
    pub row_id: Option<u64>,
    /// The gate knew.
    pub unchanged: bool,
}
