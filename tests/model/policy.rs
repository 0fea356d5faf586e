//! The tenants' policies of the stories, and how the product is told them.

use std::collections::BTreeSet;

use dialgate::domain::place::{Jurisdiction, JurisdictionSet};
use dialgate::domain::policy::{Fairness, PortfolioRule, SourceRule, TenantPolicy};
use dialgate::domain::words::{Action, Channel, DialMode, Vulnerability};
use dialgate::engine::Engine;

/// What a tenant decided.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub channels: BTreeSet<Channel>,
    /// States, where there is a list.
    pub licences: Option<Vec<&'static str>>,
    pub portfolios: Vec<Client>,
    pub creditors: Vec<Client>,
    pub military_blocks: bool,
    pub sources: Vec<Source>,
    pub sources_closed: bool,
    pub dial_mode: DialMode,
    pub dial_modes: BTreeSet<DialMode>,
    pub approvals: BTreeSet<Action>,
    pub gap: i64,
    pub phone_day: usize,
    pub person_day: usize,
    pub voicemails: usize,
    pub vulnerable: BTreeSet<Vulnerability>,
    pub residence_only: bool,
    pub predictive: bool,
    pub social: bool,
    pub one_at_a_time: bool,
    pub facts_age: i64,
    pub reply_age: i64,
}

/// A rule of a portfolio or a creditor.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub name: &'static str,
    pub hold: bool,
    pub channels: BTreeSet<Channel>,
    pub actions: BTreeSet<Action>,
}

/// A rule of a source system.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub name: &'static str,
    pub actions: BTreeSet<Action>,
    pub dial_modes: BTreeSet<DialMode>,
    pub dial_mode: Option<DialMode>,
}

fn all<T: Copy + Ord>(list: &[T]) -> BTreeSet<T> {
    list.iter().copied().collect()
}

/// The published defaults.
fn defaults() -> Policy {
    Policy {
        channels: all(Channel::ALL),
        licences: None,
        portfolios: Vec::new(),
        creditors: Vec::new(),
        military_blocks: true,
        sources: Vec::new(),
        sources_closed: false,
        dial_mode: DialMode::Predictive,
        dial_modes: all(DialMode::ALL),
        approvals: BTreeSet::new(),
        gap: 300,
        phone_day: 3,
        person_day: 5,
        voicemails: 3,
        vulnerable: all(Vulnerability::ALL),
        residence_only: false,
        predictive: true,
        social: false,
        one_at_a_time: true,
        facts_age: 0,
        reply_age: 86_400,
    }
}

/// Licensed everywhere and as lenient as policy can be: law alone decides.
fn lenient() -> Policy {
    Policy {
        licences: Some(EVERYWHERE.to_vec()),
        military_blocks: false,
        dial_mode: DialMode::Manual,
        gap: 0,
        phone_day: 0,
        person_day: 0,
        voicemails: 0,
        vulnerable: BTreeSet::new(),
        predictive: false,
        social: true,
        one_at_a_time: false,
        ..defaults()
    }
}

/// Every state of the stories.
const EVERYWHERE: [&str; 24] = [
    "GA",
    "AL",
    "AZ",
    "HI",
    "AK",
    "IN",
    "TN",
    "FL",
    "MA",
    "NY",
    "US-NY-NYC",
    "WA",
    "DC",
    "WV",
    "TX",
    "PR",
    "MN",
    "NV",
    "OR",
    "NC",
    "MD",
    "WI",
    "MI",
    "CA",
];

/// Every policy a story may be told under.
pub(crate) fn list() -> Vec<Policy> {
    let caps = Policy {
        licences: Some(EVERYWHERE.to_vec()),
        dial_mode: DialMode::Preview,
        gap: 60,
        phone_day: 2,
        person_day: 4,
        voicemails: 2,
        ..defaults()
    };
    let client = |name, hold| Client {
        name,
        hold,
        channels: all(&[Channel::Phone, Channel::Sms, Channel::Mail]),
        actions: all(&[Action::Call, Action::Text, Action::Letter]),
    };
    let source = |name, dial_mode| Source {
        name,
        actions: all(&[Action::Call, Action::Text]),
        dial_modes: all(&[DialMode::Manual, DialMode::Prerecorded]),
        dial_mode,
    };
    let strict = Policy {
        channels: all(&[Channel::Phone, Channel::Sms, Channel::Email]),
        licences: Some(vec!["GA", "MA", "WA", "NY", "AZ"]),
        portfolios: vec![client("prime", false), client("old", true)],
        creditors: vec![client("acme", false)],
        sources: vec![
            source("ivr", Some(DialMode::Prerecorded)),
            source("desk", None),
        ],
        sources_closed: true,
        dial_modes: all(&[DialMode::Manual, DialMode::Preview, DialMode::Prerecorded]),
        approvals: all(&[Action::Text, Action::Letter]),
        vulnerable: all(&[Vulnerability::Health, Vulnerability::Age]),
        residence_only: true,
        facts_age: 3 * 86_400,
        reply_age: 3_600,
        ..defaults()
    };
    let residence = Policy {
        residence_only: true,
        gap: 900,
        ..lenient()
    };
    vec![lenient(), lenient(), residence, caps, defaults(), strict]
}

fn bits<T: Copy>(set: &BTreeSet<T>, number: impl Fn(T) -> u8) -> u8 {
    set.iter().fold(0, |bits, one| bits | (1 << number(*one)))
}

/// Whether a number is small enough for the product's field.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The same as the product takes it.
pub(crate) fn told(policy: &Policy, engine: &mut Engine, name: &str) -> TenantPolicy {
    let mut told = TenantPolicy::defaults(name);
    let client = |engine: &mut Engine, one: &Client| PortfolioRule {
        name: engine.name(one.name),
        hold: one.hold,
        channels: bits(&one.channels, Channel::number),
        actions: bits(&one.actions, Action::number),
    };
    told.portfolios = policy
        .portfolios
        .iter()
        .map(|c| client(engine, c))
        .collect();
    told.creditors = policy.creditors.iter().map(|c| client(engine, c)).collect();
    told.portfolios.sort_by_key(|rule| rule.name);
    told.creditors.sort_by_key(|rule| rule.name);
    told.sources = policy
        .sources
        .iter()
        .map(|one| SourceRule {
            name: engine.name(one.name),
            actions: bits(&one.actions, Action::number),
            dial_modes: bits(&one.dial_modes, DialMode::number),
            dial_mode: one.dial_mode,
        })
        .collect();
    told.sources.sort_by_key(|rule| rule.name);
    told.channels = bits(&policy.channels, Channel::number);
    told.licences = policy.licences.as_ref().map(|list| {
        let named = list.iter().filter_map(|one| Jurisdiction::parse(one));
        named.collect::<JurisdictionSet>()
    });
    told.military_blocks = policy.military_blocks;
    told.sources_closed = policy.sources_closed;
    told.dial_mode = policy.dial_mode;
    told.dial_modes = bits(&policy.dial_modes, DialMode::number);
    told.approval_actions = bits(&policy.approvals, Action::number);
    told.fairness = Fairness {
        gap_s: u32::try_from(policy.gap).unwrap_or(0),
        phone_per_day: small(policy.phone_day),
        person_per_day: small(policy.person_day),
        voicemails_per_week: small(policy.voicemails),
        vulnerable_blocks: bits(&policy.vulnerable, Vulnerability::number),
    };
    told.state_counts_residence = policy.residence_only;
    told.predictive_is_autodialled = policy.predictive;
    told.social_permitted = policy.social;
    told.one_at_a_time = policy.one_at_a_time;
    told.facts_age_max_s = u32::try_from(policy.facts_age).unwrap_or(0);
    told.reply_age_max_s = u32::try_from(policy.reply_age).unwrap_or(0);
    told
}
