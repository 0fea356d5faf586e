//! From a tenant's file to the policy gates read: words become bits, names become numbers.

use super::TenantFile;
use super::keys::{NameRule, SourceSystem, StateCounts};
use crate::domain::ids::NameNo;
use crate::domain::place::Jurisdiction;
use crate::domain::policy::{Fairness, PortfolioRule, SourceRule, TenantPolicy};
use crate::domain::time::Zones;
use crate::domain::words::{Action, Channel, DialMode, Vulnerability};

impl TenantFile {
    /// The policy, its names numbered by `number`. Rules are sorted by name number.
    pub fn into_policy(self, number: &mut impl FnMut(&str) -> NameNo) -> TenantPolicy {
        let mut rules = |all: &[NameRule]| {
            let mut rules: Vec<_> = all.iter().map(|rule| rule.numbered(number)).collect();
            rules.sort_by_key(|rule| rule.name);
            rules
        };
        let portfolios = rules(&self.strategy.portfolio);
        let creditors = rules(&self.strategy.creditor);
        let listed = self.authority.source.iter();
        let mut sources: Vec<_> = listed.map(|source| source.numbered(number)).collect();
        sources.sort_by_key(|rule| rule.name);
        let licences = self.strategy.licences.as_ref();
        TenantPolicy {
            name: self.name.into_boxed_str(),
            portfolios,
            creditors,
            channels: bits(&self.strategy.channels, Channel::number),
            licences: licences
                .map(|all| all.iter().filter_map(|s| Jurisdiction::parse(s)).collect()),
            rules: self.rules.own(),
            military_blocks: self.compliance.military_blocks,
            sources,
            sources_closed: self.authority.sources_closed,
            dial_mode: self.authority.dial_mode,
            dial_modes: bits(&self.authority.dial_modes, DialMode::number),
            approval_actions: bits(&self.authority.approval_actions, Action::number),
            fairness: Fairness {
                gap_s: self.fairness.gap_s,
                phone_per_day: self.fairness.phone_per_day,
                person_per_day: self.fairness.person_per_day,
                voicemails_per_week: self.fairness.voicemails_per_week,
                vulnerable_blocks: bits(&self.fairness.vulnerable_blocks, Vulnerability::number),
            },
            state_counts_residence: self.timing.state_counts == StateCounts::Residence,
            predictive_is_autodialled: self.consent.predictive_is_autodialled,
            social_permitted: self.channel.social_permitted,
            one_at_a_time: self.concurrency.one_at_a_time,
            zone: self
                .agency
                .zone
                .and_then(|name| Zones::bundled().find(&name)),
            facts_age_max_s: self.infrastructure.facts_age_max_s,
            reply_age_max_s: self.exceptions.reply_age_max_s,
        }
    }
}

impl NameRule {
    fn numbered(&self, number: &mut impl FnMut(&str) -> NameNo) -> PortfolioRule {
        PortfolioRule {
            name: number(&self.name),
            hold: self.hold,
            channels: bits(&self.channels, Channel::number),
            actions: bits(&self.actions, Action::number),
        }
    }
}

impl SourceSystem {
    fn numbered(&self, number: &mut impl FnMut(&str) -> NameNo) -> SourceRule {
        SourceRule {
            name: number(&self.name),
            actions: bits(&self.actions, Action::number),
            dial_modes: bits(&self.dial_modes, DialMode::number),
            dial_mode: self.dial_mode,
        }
    }
}

/// One bit a word.
fn bits<T: Copy>(words: &[T], number: impl Fn(T) -> u8) -> u8 {
    words.iter().fold(0, |set, word| set | 1 << number(*word))
}
