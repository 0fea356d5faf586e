//! The law as data, in closed enums.
//!
//! A rule is evaluated by exactly one gate, carries its citation, and blocks only where a gate can
//! work it out; one that none can stops the start. Nothing here reads files: see `rulepack`.
//!
//! RULES-1: a rule's number is its position in the pack's texts.
//! RULES-2: no rule the pack enforces has confidence "low", is about telemarketing, or lacks figures.
//! RULES-3: a tenant's own choice adds rules and takes none away.

mod federal;
mod frequency;
mod gate;
mod hours;
mod kinds;
mod own;
mod pack;
mod scope;
mod set;
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
pub use own::{Emergency, OwnRules, Unenforceable};
pub use pack::{
    PackEdition, PackParts, REVIEW_WARNING_DAYS, Review, RuleNo, RulePack, RuleText, SEMANTICS,
    WINDOW_DAYS_MAX,
};
pub use scope::{
    AppliesTo, Confidence, CoveredPerson, CoveredPersons, DefaultAction, InForce, Medium, MediumSet,
};
pub use set::RuleSet;
pub use state::StateRule;
