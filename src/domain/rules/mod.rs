//! The law as data, in closed enums.
//!
//! A rule is evaluated by exactly one gate, carries its citation, and blocks only where a gate can
//! work it out or where it might apply and none can. Nothing here reads files: see `rulepack`.
//!
//! RULES-1: a rule's number is its position in the pack's texts.
//! RULES-2: no enforced rule has confidence "low", is about telemarketing, or lacks figures.

mod federal;
mod frequency;
mod gate;
mod hours;
mod kinds;
mod pack;
mod scope;
mod state;

pub use federal::{FederalFigures, FederalId};
pub use frequency::{Counts, Frequency, Limit, Target, Unit, Window};
pub use gate::Gate;
pub use hours::{
    CallHours, DayWindow, HolidayBan, HolidayHours, HolidayList, HoursZone, WeeklyHours,
};
pub use kinds::{
    AttorneyNotice, CeaseForm, DebtType, KindName, MessageConsent, RecordingParties, RuleKind,
    WorkplaceLimit,
};
pub use pack::{
    PackEdition, PackParts, REVIEW_WARNING_DAYS, Review, RuleNo, RulePack, RuleText, SEMANTICS,
};
pub use scope::{
    AppliesTo, Confidence, CoveredPerson, CoveredPersons, DefaultAction, InForce, Medium, MediumSet,
};
pub use state::StateRule;
