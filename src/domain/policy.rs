//! What a tenant decided for itself: the agency policy of gates 2, 5, 6, 8, 11 and 12.
//!
//! Read from `config/tenants/*.toml`; every number is a bound stricter than the law's or a switch.
//! Policy never loosens a rule with a citation.

use super::ids::NameNo;
use super::place::{JurisdictionSet, StateCode};
use super::rules::OwnRules;
use super::time::ZoneId;
use super::words::{Action, Channel, DialMode};

/// One tenant's policy. Names are numbered by the engine; rules are kept sorted by name number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantPolicy {
    /// The tenant's published name, as credentials carry it.
    pub name: Box<str>,
    /// G2: portfolio rules.
    pub portfolios: Vec<PortfolioRule>,
    /// G2: creditor rules.
    pub creditors: Vec<PortfolioRule>,
    /// G2: permitted channels; bit = `Channel` number.
    pub channels: u8,
    /// G2: states the agency is licensed in; `None` = no list.
    pub licences: Option<JurisdictionSet>,
    /// Rules of states the tenant took on, and what its house meets of them.
    pub rules: OwnRules,
    /// G3: military service blocks.
    pub military_blocks: bool,
    /// G5: which source system may do what.
    pub sources: Vec<SourceRule>,
    /// G5: source systems that are not listed are refused.
    pub sources_closed: bool,
    /// G5: the dial mode where neither intent nor source rule names one.
    pub dial_mode: DialMode,
    /// G5: dial modes that may be used; bit = `DialMode` number.
    pub dial_modes: u8,
    /// G5: actions that need an approval; bit = `Action` number.
    pub approval_actions: u8,
    /// G6.
    pub fairness: Fairness,
    /// G7: count only the residence's state rules instead of every suggested state's.
    pub state_counts_residence: bool,
    /// G8: a predictive dialer counts as an autodialer.
    pub predictive_is_autodialled: bool,
    /// G9: social media may be used.
    pub social_permitted: bool,
    /// G11: a live reservation of the same consumer blocks.
    pub one_at_a_time: bool,
    /// The agency's zone: whose days FAIRNESS counts where nothing says where the consumer is.
    pub zone: Option<ZoneId>,
    /// G12: facts older than this many seconds block; 0 = off.
    pub facts_age_max_s: u32,
    /// Reply window of GATES.md semantics 8, seconds.
    pub reply_age_max_s: u32,
}

/// Anti-harassment caps; 0 switches one off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fairness {
    /// Seconds between two attempts to a consumer.
    pub gap_s: u32,
    /// Attempts a local day to one number.
    pub phone_per_day: u32,
    /// Attempts a local day to one consumer over all channels and accounts.
    pub person_per_day: u32,
    /// Voicemails in seven local days to one consumer.
    pub voicemails_per_week: u32,
    /// Vulnerability flags that block, one bit per `Vulnerability` number.
    pub vulnerable_blocks: u8,
}

/// A rule of G2 for one creditor or portfolio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortfolioRule {
    /// Its name.
    pub name: NameNo,
    /// Nothing may be worked.
    pub hold: bool,
    /// Permitted channels; bit = `Channel` number.
    pub channels: u8,
    /// Permitted actions; bit = `Action` number.
    pub actions: u8,
}

/// A rule of G5 for one source system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRule {
    /// Its name.
    pub name: NameNo,
    /// Actions it may take; bit = `Action` number.
    pub actions: u8,
    /// Dial modes it may use; bit = `DialMode` number.
    pub dial_modes: u8,
    /// The dial mode when the intent names none.
    pub dial_mode: Option<DialMode>,
}

impl TenantPolicy {
    /// Every channel but social, every action.
    pub const ALL: u8 = 0x7f;

    /// The published defaults (GATES.md).
    pub fn defaults(name: &str) -> Self {
        Self {
            name: name.into(),
            portfolios: Vec::new(),
            creditors: Vec::new(),
            channels: Self::ALL,
            licences: None,
            rules: OwnRules::default(),
            military_blocks: true,
            sources: Vec::new(),
            sources_closed: false,
            dial_mode: DialMode::Predictive,
            dial_modes: 0x1f,
            approval_actions: 0,
            fairness: Fairness {
                gap_s: 300,
                phone_per_day: 3,
                person_per_day: 5,
                voicemails_per_week: 3,
                vulnerable_blocks: 0x3f,
            },
            state_counts_residence: false,
            predictive_is_autodialled: true,
            social_permitted: false,
            one_at_a_time: true,
            zone: None,
            facts_age_max_s: 0,
            reply_age_max_s: 86_400,
        }
    }

    /// The portfolio's rule, if one is written.
    pub fn portfolio(&self, name: NameNo) -> Option<&PortfolioRule> {
        self.portfolios.iter().find(|rule| rule.name == name)
    }

    /// The creditor's rule, if one is written.
    pub fn creditor(&self, name: NameNo) -> Option<&PortfolioRule> {
        self.creditors.iter().find(|rule| rule.name == name)
    }

    /// The source system's rule, if one is written.
    pub fn source(&self, name: NameNo) -> Option<&SourceRule> {
        self.sources.iter().find(|rule| rule.name == name)
    }
}

/// Kill switches that are on for one tenant (G12).
#[derive(
    Debug, Clone, PartialEq, Eq, Default, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct KillSwitches {
    /// The whole tenant.
    pub tenant: bool,
    /// Portfolios.
    pub portfolios: Vec<NameNo>,
    /// States.
    pub states: Vec<StateCode>,
    /// Channels; bit = `Channel` number.
    pub channels: u8,
}

/// Whether a number's bit is in a set.
pub fn permits_channel(set: u8, channel: Channel) -> bool {
    set & (1 << channel.number()) != 0
}

/// Whether an action's bit is in a set.
pub fn permits_action(set: u8, action: Action) -> bool {
    set & (1 << action.number()) != 0
}
