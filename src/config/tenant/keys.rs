//! The sections of a tenant file: keys, defaults and bounds, gate by gate.

use serde::{Deserialize, Serialize};

use super::{NAME_BYTES_MAX, RULES_MAX};
use crate::config::read::{Reader, section};
use crate::domain::place::Jurisdiction;
use crate::domain::policy::TenantPolicy;
use crate::domain::time::Zones;
use crate::domain::words::{Action, Channel, DialMode, Vulnerability};

const DAY_S: u32 = 86_400;

/// Whose state counts bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StateCounts {
    /// Those of every state the facts suggest.
    All,
    /// Those of the residence only.
    Residence,
}

/// A rule of G2 for one portfolio or creditor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NameRule {
    /// As accounts spell it.
    pub name: String,
    /// Nothing may be worked.
    pub hold: bool,
    /// Permitted channels.
    pub channels: Vec<Channel>,
    /// Permitted actions.
    pub actions: Vec<Action>,
}

/// A rule of G5 for one source system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceSystem {
    /// As intents spell it.
    pub name: String,
    /// Actions it may take.
    pub actions: Vec<Action>,
    /// Dial modes it may use.
    pub dial_modes: Vec<DialMode>,
    /// Its dial mode when the intent names none; absent: the tenant's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dial_mode: Option<DialMode>,
}

/// `[strategy]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Strategy {
    /// Permitted channels.
    pub channels: Vec<Channel>,
    /// States and cities the agency is licensed in; absent = no list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licences: Option<Vec<String>>,
    /// Portfolio rules.
    pub portfolio: Vec<NameRule>,
    /// Creditor rules.
    pub creditor: Vec<NameRule>,
}

/// `[authority]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Authority {
    /// Dial mode where neither intent nor source names one.
    pub dial_mode: DialMode,
    /// Dial modes that may be used.
    pub dial_modes: Vec<DialMode>,
    /// Actions that need an approval.
    pub approval_actions: Vec<Action>,
    /// Source systems that are not listed are refused.
    pub sources_closed: bool,
    /// Source systems.
    pub source: Vec<SourceSystem>,
}

/// `[agency]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Agency {
    /// IANA name of the agency's own zone; absent = none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

impl Agency {
    pub(super) fn read(from: &mut Reader<'_>) -> Self {
        let unknown = |name: &Option<String>| {
            let name = name.as_ref()?;
            let found = Zones::bundled().find(name);
            (found.is_none()).then(|| format!("{name:?} is no zone of the bundled database"))
        };
        Self {
            zone: from.take_if("zone", None, unknown),
        }
    }
}

section! {
    /// `[compliance]`.
    #[derive(Serialize)]
    Compliance {
        /// Military service blocks.
        military_blocks: bool = true;
    }
}

section! {
    /// `[fairness]`: 0 = off.
    #[derive(Serialize)]
    FairnessCaps {
        /// Between two attempts to a consumer, seconds.
        gap_s: u32 = 300, in 0..=7 * DAY_S;
        /// Attempts a local day to one number.
        phone_per_day: u32 = 3, in 0..=1_000;
        /// Attempts a local day to one consumer.
        person_per_day: u32 = 5, in 0..=1_000;
        /// Voicemails in seven local days to one consumer.
        voicemails_per_week: u32 = 3, in 0..=1_000;
        /// Vulnerability flags that block.
        vulnerable_blocks: Vec<Vulnerability> = Vulnerability::ALL.to_vec();
    }
}

section! {
    /// `[timing]`.
    #[derive(Serialize)]
    Timing {
        /// Whose state counts bind.
        state_counts: StateCounts = StateCounts::All;
    }
}

section! {
    /// `[consent]`.
    #[derive(Serialize)]
    Consent {
        /// A predictive dialer counts as an autodialer.
        predictive_is_autodialled: bool = true;
    }
}

section! {
    /// `[channel]`.
    #[derive(Serialize)]
    Channels {
        /// Social media may be used.
        social_permitted: bool = false;
    }
}

section! {
    /// `[concurrency]`.
    #[derive(Serialize)]
    Concurrency {
        /// A live reservation of the same consumer blocks.
        one_at_a_time: bool = true;
    }
}

section! {
    /// `[infrastructure]`.
    #[derive(Serialize)]
    Infrastructure {
        /// Facts older than this block, seconds; 0 = off. Not stated: off, and of a tenant with a system
        /// of record [`FACTS_AGE_BOUND_S`].
        facts_age_max_s: u32 = 0, in 0..=366 * DAY_S;
    }
}

/// How old facts of a tenant with a system of record may be where its file does not say: that system
/// knows what came since, and nobody may be contacted for long by what it said once.
pub const FACTS_AGE_BOUND_S: u32 = DAY_S;

impl Infrastructure {
    /// The section of a file that does or does not bind the tenant to a system of record.
    pub(super) fn read_of(from: &mut Reader<'_>, is_bound: bool) -> Self {
        let states = from.left.contains_key("facts_age_max_s");
        let mut all = Self::read(from);
        if is_bound && !states {
            all.facts_age_max_s = FACTS_AGE_BOUND_S;
        }
        all
    }
}

section! {
    /// `[exceptions]`.
    #[derive(Serialize)]
    Exceptions {
        /// A reply may answer what the consumer started within this time, seconds.
        reply_age_max_s: u32 = DAY_S, in 0..=DAY_S;
    }
}

impl Default for Strategy {
    fn default() -> Self {
        let channels = words_of(Channel::ALL, TenantPolicy::ALL, Channel::number);
        Self {
            channels,
            licences: None,
            portfolio: Vec::new(),
            creditor: Vec::new(),
        }
    }
}

impl Strategy {
    pub(super) fn read(from: &mut Reader<'_>) -> Self {
        let default = Self::default();
        let known = |all: &Option<Vec<String>>| {
            let unknown = all
                .iter()
                .flatten()
                .find(|text| Jurisdiction::parse(text).is_none())?;
            Some(format!("{unknown:?} is neither a USPS code nor US-NY-NYC"))
        };
        let mut licences = from.take_if("licences", None, known);
        if let Some(list) = &mut licences {
            for text in list.iter_mut() {
                String::as_mut_str(text).make_ascii_uppercase();
            }
            list.sort();
            list.dedup();
        }
        let all = Self {
            channels: sorted(from.take("channels", default.channels)),
            licences,
            portfolio: from.each("portfolio", NameRule::read),
            creditor: from.each("creditor", NameRule::read),
        };
        names_once(
            from,
            "portfolio",
            all.portfolio.iter().map(|rule| &rule.name),
        );
        names_once(from, "creditor", all.creditor.iter().map(|rule| &rule.name));
        all
    }
}

impl NameRule {
    fn read(from: &mut Reader<'_>) -> Self {
        Self {
            name: name(from),
            hold: from.take("hold", false),
            channels: sorted(from.take("channels", Channel::ALL.to_vec())),
            actions: sorted(from.take("actions", Action::ALL.to_vec())),
        }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self {
            dial_mode: DialMode::Predictive,
            dial_modes: DialMode::ALL.to_vec(),
            approval_actions: Vec::new(),
            sources_closed: false,
            source: Vec::new(),
        }
    }
}

impl Authority {
    pub(super) fn read(from: &mut Reader<'_>) -> Self {
        let default = Self::default();
        let all = Self {
            dial_mode: from.take("dial_mode", default.dial_mode),
            dial_modes: sorted(from.take("dial_modes", default.dial_modes)),
            approval_actions: sorted(from.take("approval_actions", default.approval_actions)),
            sources_closed: from.take("sources_closed", default.sources_closed),
            source: from.each("source", SourceSystem::read),
        };
        names_once(from, "source", all.source.iter().map(|rule| &rule.name));
        all
    }
}

impl SourceSystem {
    fn read(from: &mut Reader<'_>) -> Self {
        Self {
            name: name(from),
            actions: sorted(from.take("actions", Action::ALL.to_vec())),
            dial_modes: sorted(from.take("dial_modes", DialMode::ALL.to_vec())),
            dial_mode: from.take("dial_mode", None),
        }
    }
}

/// A rule's name.
fn name(from: &mut Reader<'_>) -> String {
    let text: String = from.take("name", String::new());
    if text.is_empty() || text.len() > NAME_BYTES_MAX {
        from.refuse("name", format_args!("needs 1 to {NAME_BYTES_MAX} bytes"));
    }
    text
}

/// Refuses a name that stands twice, and more rules than are read.
fn names_once<'a>(from: &mut Reader<'_>, key: &str, names: impl Iterator<Item = &'a String>) {
    let mut all: Vec<&String> = names.collect();
    if all.len() > RULES_MAX {
        from.refuse(key, format_args!("has more than {RULES_MAX} rules"));
    }
    all.sort();
    let twice = all.windows(2).find_map(|pair| match pair {
        [a, b] if a == b && !a.is_empty() => Some((*a).clone()),
        _ => None,
    });
    if let Some(name) = twice {
        from.refuse(key, format_args!("{name:?} stands twice"));
    }
}

/// A list of words as a set, in published order.
fn sorted<T: Ord>(mut words: Vec<T>) -> Vec<T> {
    words.sort();
    words.dedup();
    words
}

/// The words whose bits are set.
fn words_of<T: Copy>(all: &[T], set: u8, number: impl Fn(T) -> u8) -> Vec<T> {
    all.iter()
        .copied()
        .filter(|word| set & (1 << number(*word)) != 0)
        .collect()
}
