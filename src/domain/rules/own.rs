//! What a tenant took on beyond the pack's defaults, and what may be taken on at all.
//!
//! A tenant only ever adds: nothing here takes an enforced rule away (RULES-3).

use super::gate::Gate;
use super::hours::{HolidayBan, HolidayList};
use super::kinds::{KindName, RuleKind, WorkplaceLimit};
use super::pack::RulePack;
use super::scope::{AppliesTo, DefaultAction, Medium};
use super::state::StateRule;
use crate::domain::place::Jurisdiction;
use crate::domain::time::CivilDate;
use crate::domain::words::Duty;

/// A declared emergency under a rule of kind `emergency_moratorium`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Emergency {
    /// Whose.
    pub jurisdiction: Jurisdiction,
    /// First local date.
    pub from: CivilDate,
    /// Last local date; the rule adds its days to it. `None`: it lasts.
    pub until: Option<CivilDate>,
}

/// A tenant's own choice among the rules of states.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OwnRules {
    /// Rules that block for this tenant though the pack does not enforce them, by id.
    pub enforce: Vec<Box<str>>,
    /// Rules that are noted for this tenant, by id.
    pub flag: Vec<Box<str>>,
    /// Duties the house meets; bit = [`Duty`] number.
    pub duties_met: u8,
    /// Emergencies declared.
    pub emergencies: Vec<Emergency>,
}

impl OwnRules {
    /// Whether the house meets a duty.
    pub fn meets(&self, duty: Duty) -> bool {
        self.duties_met & (1 << duty.number()) != 0
    }
}

/// Why a rule cannot block, or cannot be noted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unenforceable {
    /// The figures were never verified.
    #[error("has no verified figures (known = false)")]
    Unverified,
    /// A kind that says nothing a contact could break.
    #[error("is of kind {0}, which forbids nothing")]
    ForbidsNothing(&'static str),
    /// "Too often" without a number.
    #[error("is of kind {0} and carries no figures to measure a contact by")]
    WithoutFigures(&'static str),
    /// No gate is its home.
    #[error("has no gate: the ledger meets it")]
    WithoutGate,
    /// Its home gate does not evaluate such a rule.
    #[error("is of kind {kind}, which {gate} does not evaluate")]
    OtherGate {
        /// Its kind.
        kind: &'static str,
        /// Its gate.
        gate: &'static str,
    },
    /// It depends on dates the pack does not hold.
    #[error("depends on the state's own holidays, whose dates the pack does not hold")]
    StateHolidays,
    /// It demands a notice first and does not name which.
    #[error("demands a notice first and does not name it")]
    NoticeUnnamed,
    /// It is about messages and binds a medium that carries none.
    #[error("is about messages and binds a medium that carries none")]
    NotMessages,
    /// It is enforced, and a tenant may not weaken it.
    #[error("is enforced: a tenant cannot switch it off or down")]
    Enforced,
}

impl StateRule {
    /// Whether the gates can block by this rule.
    ///
    /// # Errors
    /// Why not.
    pub fn enforceable(&self) -> Result<(), Unenforceable> {
        self.notable()?;
        let kind = self.kind.name();
        match &self.kind {
            RuleKind::FrequencyQualitative | RuleKind::RecordRetention { .. } => {
                return Err(Unenforceable::WithoutFigures(kind.name()));
            }
            RuleKind::EmailConsent(needs) => {
                if needs.mailed_notice_first && needs.notice.is_none() {
                    return Err(Unenforceable::NoticeUnnamed);
                }
                let carries = [Medium::Sms, Medium::Email, Medium::Social];
                let strays = |medium: &Medium| self.media.contains(*medium);
                if Medium::ALL
                    .iter()
                    .filter(|m| !carries.contains(m))
                    .any(strays)
                {
                    return Err(Unenforceable::NotMessages);
                }
            }
            RuleKind::PreContactMoratorium { notice: None, .. } => {
                return Err(Unenforceable::NoticeUnnamed);
            }
            _ => {}
        }
        match self.gate {
            Some(gate) if self.kind.homes().contains(&gate) => Ok(()),
            Some(gate) => Err(Unenforceable::OtherGate {
                kind: kind.name(),
                gate: gate.name(),
            }),
            None => Err(Unenforceable::WithoutGate),
        }
    }

    /// Whether there is anything to note.
    ///
    /// # Errors
    /// Why not.
    pub fn notable(&self) -> Result<(), Unenforceable> {
        match &self.kind {
            RuleKind::Unverified(_) => Err(Unenforceable::Unverified),
            RuleKind::NoneFound | RuleKind::Scope | RuleKind::IncorporatesFederal => {
                Err(Unenforceable::ForbidsNothing(self.kind.name().name()))
            }
            RuleKind::HolidayBan(HolidayBan {
                holidays: HolidayList::StateLegal,
                ..
            }) => Err(Unenforceable::StateHolidays),
            _ if self.gate.is_none() => Err(Unenforceable::WithoutGate),
            _ => Ok(()),
        }
    }
}

impl RuleKind {
    /// The gates that evaluate such a rule.
    fn homes(&self) -> &'static [Gate] {
        match self {
            Self::WorkplaceLimit(WorkplaceLimit::Count { .. }) => &[Gate::Timing, Gate::Channel],
            Self::Licence { display: true, .. } => &[Gate::Compliance],
            _ => match self.name() {
                KindName::CallHours | KindName::HolidayBan | KindName::Frequency => &[Gate::Timing],
                KindName::Licence => &[Gate::Strategy],
                KindName::EmailConsent | KindName::PrerecordedConsent | KindName::Consent => {
                    &[Gate::Consent]
                }
                KindName::WorkplaceLimit
                | KindName::VisitBan
                | KindName::ThirdParty
                | KindName::WirelessBan => &[Gate::Channel],
                KindName::FrequencyQualitative
                | KindName::ValidationHold
                | KindName::AccountHold
                | KindName::EmergencyMoratorium
                | KindName::Attorney
                | KindName::CeaseRequest
                | KindName::PreContactMoratorium
                | KindName::RecordingConsent
                | KindName::Language
                | KindName::CallerId => &[Gate::Compliance],
                KindName::RecordRetention
                | KindName::NoneFound
                | KindName::Scope
                | KindName::IncorporatesFederal => &[],
            },
        }
    }
}

impl RulePack {
    /// Whether a tenant may have this rule block.
    ///
    /// # Errors
    /// `None` for an unknown id, else why not.
    pub fn may_enforce(&self, id: &str) -> Result<(), Option<Unenforceable>> {
        self.by_id(id).ok_or(None)?.enforceable().map_err(Some)
    }

    /// Whether a tenant may have this rule noted.
    ///
    /// # Errors
    /// `None` for an unknown id, else why not.
    pub fn may_flag(&self, id: &str) -> Result<(), Option<Unenforceable>> {
        let rule = self.by_id(id).ok_or(None)?;
        if rule.action == DefaultAction::Enforce && rule.applies_to != AppliesTo::Telemarketing {
            return Err(Some(Unenforceable::Enforced));
        }
        rule.notable().map_err(Some)
    }

    /// Whether the pack or `own` has a rule of this kind and jurisdiction block or be noted.
    pub fn has_emergency_rule(&self, own: &OwnRules, jurisdiction: Jurisdiction) -> bool {
        let meant = |rule: &&StateRule| {
            rule.jurisdiction == jurisdiction
                && matches!(rule.kind, RuleKind::EmergencyMoratorium { .. })
        };
        let on = |rule: &StateRule| {
            let named = self.rule(rule.no).map(|text| &text.id);
            matches!(rule.action, DefaultAction::Enforce | DefaultAction::Flag)
                || own
                    .enforce
                    .iter()
                    .chain(&own.flag)
                    .any(|id| Some(id) == named)
        };
        self.all_state_rules().iter().filter(meant).any(on)
    }

    fn by_id(&self, id: &str) -> Option<&StateRule> {
        let no = self.find(id)?;
        self.all_state_rules().iter().find(|rule| rule.no == no)
    }
}
