//! What the engine is asked to do, and what it answers.

use crate::domain::ids::TenantNo;
use crate::domain::intent::Intent;
use crate::domain::record::{AccountRecord, FactRecord, KillRecord};
use crate::domain::time::UnixSeconds;
use crate::domain::verdict::Findings;
use crate::wire::disposition::Disposition;

/// Personal fields of one row with the salt and digest that were made outside the engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SealedSubject {
    /// Random.
    pub salt: [u8; 16],
    /// SHA-256(salt || bytes): the only part that enters the chain.
    pub digest: [u8; 32],
    /// The personal fields as canonical JSON.
    pub bytes: Vec<u8>,
}

/// An idempotency key with the body it came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Stable hash of the key's text.
    pub key: u128,
    /// First 16 bytes of the SHA-256 of the request body.
    pub body: u128,
}

/// `POST /api/gate/contact-intent`.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Whose.
    pub tenant: TenantNo,
    /// What.
    pub intent: Intent,
    /// Under which key, if any.
    pub key: Option<Key>,
    /// Personal fields for the row.
    pub subject: SealedSubject,
}

/// A decision with its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// What the gates found.
    pub findings: Findings,
    /// The row's seq in the tenant's chain.
    pub audit_id: u64,
    /// The tenant's count of evaluations.
    pub evaluation_id: u64,
    /// Engine time of the decision.
    pub decided_at: UnixSeconds,
    /// When TIMING would pass.
    pub next_allowed_at: Option<UnixSeconds>,
    /// How long an ALLOW may be used.
    pub use_by: UnixSeconds,
    /// Nothing was reserved.
    pub dry_run: bool,
    /// [`RulePack::mark`] of the pack that decided: what the findings' rule numbers mean. Not
    /// recorded; 0 in a decision that was read back.
    ///
    /// [`RulePack::mark`]: crate::domain::rules::RulePack::mark
    pub law: u64,
}

impl Decision {
    /// Seconds a decision's record stays fresh (`expires_at`).
    pub const FRESH_S: i64 = 86_400;

    /// ALLOW?
    pub fn allow(&self) -> bool {
        self.findings.allow()
    }

    /// `expires_at`.
    pub fn expires_at(&self) -> UnixSeconds {
        self.decided_at.plus(Self::FRESH_S)
    }
}

/// The answer to an [`Ask`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Decided now, with a row.
    Decided(Decision),
    /// The stored decision of the same key, without a row.
    Repeated(Decision),
    /// The key was used with another body: 422.
    KeyReused,
    /// The tenant is not declared.
    UnknownTenant,
    /// The account is not known, and the asker wants it read first: nothing was decided or recorded.
    Unread,
}

/// An outcome, by whatever road it came.
#[derive(Debug, Clone)]
pub struct Report {
    /// Whose.
    pub tenant: TenantNo,
    /// What was said. `account_id` names the account; none is one that nobody knows.
    pub said: Disposition,
    /// Personal fields for the row.
    pub subject: SealedSubject,
    /// The facts it states, if any.
    pub facts: Option<StatedFacts>,
}

/// Facts that an outcome states, as its row keeps them.
#[derive(Debug, Clone)]
pub struct StatedFacts {
    /// In the order in which they are applied. What they leave out (number, medium, form, instant)
    /// is that of the attempt.
    pub facts: Vec<FactRecord>,
    /// Canonical JSON of the list, with placeholders for personal strings.
    pub body: Vec<u8>,
    /// The strings.
    pub subject: SealedSubject,
}

/// A report that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Its row; `None`: it said nothing new.
    pub row: Option<u64>,
    /// The decision it is about; 0: none.
    pub audit_id: u64,
    /// The tenant has the account.
    pub matched: bool,
    /// It would have counted less than what is known, and nobody answers for it.
    pub kept: bool,
    /// It lay too far ahead of engine time, and counts as of now.
    pub clock_ahead: bool,
}

/// Why a report was refused; nothing of it was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// No live or recent ALLOW of this account has that `audit_id`; the ledger may know a BLOCK.
    #[error("UNKNOWN_DECISION")]
    UnknownDecision,
    /// It was a BLOCK or a dry run.
    #[error("NOT_ALLOWED")]
    NotAllowed,
    /// `NOT_DIALED` after `expires_at`.
    #[error("TOO_LATE")]
    TooLate,
    /// `NOT_DIALED` after `use_by` names nobody.
    #[error("ACTOR_MISSING")]
    ActorMissing,
    /// The field, and what is wrong with it.
    #[error("{0}: {1}")]
    Field(&'static str, Refusal),
}

/// One unit of an ingest page.
#[derive(Debug, Clone)]
pub struct Item {
    /// Line of the file, for rejections.
    pub line: u32,
    /// What it says.
    pub what: Stated,
    /// Canonical JSON with placeholders for personal strings.
    pub body: Vec<u8>,
    /// The strings.
    pub subject: SealedSubject,
}

/// What a line states.
#[derive(Debug, Clone)]
pub enum Stated {
    /// Facts of an account.
    Account(Box<AccountRecord>),
    /// A restriction of a number or address for the whole tenant.
    Contact(Box<FactRecord>),
}

/// A page of facts: applied in order, one row for all that changed, one for all that did not.
#[derive(Debug, Clone)]
pub struct FactsPage {
    /// Whose.
    pub tenant: TenantNo,
    /// At most [`FactsPage::ITEMS_MAX`].
    pub items: Vec<Item>,
}

impl FactsPage {
    /// Items of a page at most: what one fact row may carry (DESIGN.md, ledger).
    pub const ITEMS_MAX: usize = 256;
}

/// Why the engine refused a record; nothing of it was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It lifts a restriction and gives no reason.
    #[error("LIFT_NEEDS_REASON")]
    LiftNeedsReason,
    /// It names a debt the account does not have.
    #[error("UNKNOWN_DEBT")]
    UnknownDebt,
    /// It names a number the account does not have.
    #[error("UNKNOWN_PHONE")]
    UnknownPhone,
    /// It names an address the account does not have.
    #[error("UNKNOWN_EMAIL")]
    UnknownEmail,
    /// It names a person the account does not have.
    #[error("UNKNOWN_PERSON")]
    UnknownPerson,
    /// The account would exceed a bound.
    #[error("TOO_MANY")]
    TooMany,
    /// A required field is missing.
    #[error("MISSING")]
    Missing,
    /// The account belongs to another consumer.
    #[error("CONFLICT")]
    Conflict,
}

/// What became of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageResult {
    /// Records that changed something.
    pub applied: u32,
    /// Records that said what was known.
    pub unchanged: u32,
    /// Line, field and cause of each refused record.
    pub rejected: Vec<(u32, &'static str, Refusal)>,
}

/// What became of one fact that came on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactAnswer {
    /// Applied, with this row.
    Applied(u64),
    /// It said what was known.
    Unchanged,
    /// The tenant has no such account; a fact on its own makes none.
    UnknownAccount,
    /// Refused: the field and why.
    Refused(&'static str, Refusal),
}

/// An administrator's act (scope `admin`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admin {
    /// A kill switch, and the reason given, sealed.
    Kill(KillRecord, Option<SealedSubject>),
    /// `clock accept`.
    ClockAccept,
    /// Rows of the tenant's chain acknowledged by somebody who answers for compliance, and who. Binds
    /// nothing: it is on record, and that is all.
    Acknowledge(Vec<u64>, SealedSubject),
}

/// What an activation row names: the law and policy that decide from here on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Activation {
    /// SHA-256 of the rule pack.
    pub pack: [u8; 32],
    /// SHA-256 of the tenant's policy file in canonical form.
    pub policy: [u8; 32],
    /// SHA-256 of the time-zone data.
    pub zones: [u8; 32],
    /// `semantics` of the code.
    pub semantics: u32,
}

/// Receives rows in the order in which the engine makes them.
pub trait RowSink {
    /// One row: `seq` is its position in the tenant's chain, `body` its canonical bytes, `keys` the
    /// posting keys (account, contact point; 0 = none).
    fn row(
        &mut self,
        tenant: TenantNo,
        seq: u64,
        body: &[u8],
        subjects: &[&SealedSubject],
        keys: [u64; 2],
    );
}
