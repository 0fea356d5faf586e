//! An account: its debts, its parties, its contact points, and what holds it.

use super::{At, Consent, DebtScope, Debts, Email, Phones};
use crate::domain::ids::{DebtNo, NameNo, PersonNo, Sym, TenantNo};
use crate::domain::phone::PhoneNumber;
use crate::domain::place::{PlacesId, StateCode};
use crate::domain::time::CivilDate;
use crate::domain::words::{
    AccountStatus, AddressStatus, ApprovalState, CollectorRole, DebtKind, EscalationKind, Form,
    HoldKind, NoticeKind, OverrideKind, PartyRole,
};

/// An account of one tenant.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Account {
    /// The caller's id.
    pub id: Sym,
    /// Whose.
    pub tenant: TenantNo,
    /// The consumer.
    pub consumer: PersonNo,
    /// Where the facts suggest the consumer is; recomputed when a place fact changes.
    pub places: PlacesId,
    /// Sequence number (low 32 bits) of the newest row that touched this account.
    pub touched: u32,
    /// The same of the newest row that brought a restriction.
    pub restricted: u32,
    /// When the facts were last confirmed ("unchanged as of" included).
    pub facts_at: At,
    /// Five-digit ZIP, 0 = none.
    pub zip: u32,
    /// The creditor's name.
    pub creditor: NameNo,
    /// The portfolio's name.
    pub portfolio: NameNo,
    /// State of residence.
    pub state: Option<StateCode>,
    /// Who collects; absent = third party (GATES.md, gate 3).
    pub role: Option<CollectorRole>,
    /// Whether it may be worked.
    pub status: AccountStatus,
    /// Whether mail can reach the consumer.
    pub address: AddressStatus,
    /// Numbers on file.
    pub phones: Phones,
    /// Debts; never empty.
    pub debts: Debts,
    /// Rare facts.
    pub extras: Option<Box<AccountExtras>>,
}

/// One debt of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Debt {
    /// The caller's id; none for the one debt of an account that named none.
    pub id: Sym,
    /// The particular debt: shared by debts serviced as one.
    pub no: DebtNo,
    /// Whether it may still be collected.
    pub status: AccountStatus,
    /// Kind, where a state rule asks.
    pub kind: DebtKind,
}

/// Somebody besides the consumer who has to do with the account.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Party {
    /// Who.
    pub person: PersonNo,
    /// In what relation.
    pub role: PartyRole,
    /// The collector may speak to them about the debt (direct prior consent, court, executor...).
    pub authorised: bool,
    /// Whether they are the consumer's employer; not said: they may be.
    pub employer: Option<bool>,
}

/// Rare facts of an account.
#[derive(
    Debug, Clone, PartialEq, Eq, Default, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct AccountExtras {
    /// Everybody but the consumer.
    pub parties: Vec<Party>,
    /// E-mail addresses on file.
    pub emails: Vec<Email>,
    /// Disputes (1006.38).
    pub disputes: Vec<Dispute>,
    /// Notices sent.
    pub notices: Vec<Notice>,
    /// Identity theft claimed for these debts.
    pub identity_theft: Vec<DebtScope>,
    /// Final judgment given on these debts.
    pub judgments: Vec<DebtScope>,
    /// Consents in writing to be called or texted automatically, by number.
    pub written_consents: Vec<WrittenConsent>,
    /// Holds.
    pub holds: Vec<Hold>,
    /// What owns the account instead of the floor.
    pub escalations: Vec<Escalation>,
    /// Approvals asked for.
    pub approvals: Vec<Approval>,
    /// Overrides.
    pub overrides: Vec<Override>,
    /// Promise to pay or payment plan.
    pub promise: Option<Promise>,
}

/// The consumer's consent in writing to be called or texted automatically at a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct WrittenConsent {
    /// The number.
    pub number: PhoneNumber,
    /// The consent.
    pub consent: Consent,
}

/// A dispute or a request for the original creditor.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Dispute {
    /// Which debts.
    pub debts: DebtScope,
    /// Received at.
    pub received: At,
    /// Only a written one stops collection federally.
    pub form: Form,
    /// Verification, judgment copy or duplicative-dispute notice sent; never = still open.
    pub answered: At,
    /// The source itself said it came within the validation period.
    pub said_in_period: bool,
}

/// A notice that was sent.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Notice {
    /// Which notice.
    pub kind: NoticeKind,
    /// Sent at.
    pub sent: At,
    /// Came back undeliverable; never = it did not.
    pub returned: At,
}

/// A hold on the account.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Hold {
    /// Why.
    pub kind: HoldKind,
    /// Since.
    pub since: At,
    /// Until; never = until lifted.
    pub until: At,
}

/// An open escalation.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Escalation {
    /// Which.
    pub kind: EscalationKind,
    /// Since.
    pub since: At,
}

/// An approval for an action or a purpose.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Approval {
    /// The action it is for, by `Action` number; 255 = any.
    pub action: u8,
    /// The purpose it is for, by `Purpose` number; 255 = any.
    pub purpose: u8,
    /// Where it stands.
    pub state: ApprovalState,
    /// Ends; never = it does not.
    pub until: At,
    /// The document it rests on.
    pub document: Sym,
    /// A purpose's approval that was used: each is usable once.
    pub used: bool,
}

/// An override (GATES.md, semantics 8).
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Override {
    /// What it rests on.
    pub kind: OverrideKind,
    /// Gates it reaches, one bit per gate number; a supervisor's is masked to agency policy.
    pub gates: u16,
    /// From.
    pub since: At,
    /// Ends. An override without an end is refused at intake.
    pub until: At,
    /// Who decided it.
    pub actor: Sym,
    /// The document it rests on.
    pub document: Sym,
}

/// A promise to pay or a payment plan.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Promise {
    /// Current through this local date.
    pub until: CivilDate,
    /// The plan asked for reminders.
    pub reminder: bool,
    /// The reminder was sent.
    pub reminder_used: bool,
}
