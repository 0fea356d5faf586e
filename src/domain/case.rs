//! The case: everything one decision looks at, borrowed, at one instant.

use super::facts::{
    Account, AccountExtras, DebtScope, Email, NumberFacts, Party, Person, PersonExtras, Phone,
};
use super::ids::{AccountNo, DebtNo, DebtSet, NameNo, PersonNo};
use super::intent::Intent;
use super::place::Places;
use super::policy::{KillSwitches, TenantPolicy};
use super::rules::{RulePack, RuleSet};
use super::time::{CivilDate, UnixSeconds, Zones};
use super::words::{Action, Channel, CollectorRole, DialMode, PartyRole};

/// What every decision shares: law, zones, the state of the house.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// The rule pack in force.
    pub pack: &'a RulePack,
    /// The bundled time-zone database.
    pub zones: &'a Zones,
    /// The members of interned debt sets.
    pub debt_sets: &'a DebtSets,
    /// Whether the clock may be trusted (G12).
    pub clock_trusted: bool,
    /// Attempts a person's ring keeps at most; a longer history counts as at every cap.
    pub attempts_per_person_max: usize,
}

/// Interned sets of particular debts, each sorted, in chunks so that growing copies nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DebtSets {
    chunks: Vec<Vec<Box<[DebtNo]>>>,
}

impl DebtSets {
    /// Sets in a chunk.
    pub const CHUNK: usize = 256;

    /// Appends a set and gives its position.
    pub fn push(&mut self, debts: Box<[DebtNo]>) -> u32 {
        if self
            .chunks
            .last()
            .is_none_or(|chunk| chunk.len() == Self::CHUNK)
        {
            self.chunks.push(Vec::with_capacity(Self::CHUNK));
        }
        let at = (self.chunks.len() - 1) * Self::CHUNK;
        let Some(chunk) = self.chunks.last_mut() else {
            return u32::MAX;
        };
        chunk.push(debts);
        u32::try_from(at + chunk.len() - 1).unwrap_or(u32::MAX)
    }

    /// Sets held.
    pub fn len(&self) -> usize {
        let full = self.chunks.len().saturating_sub(1) * Self::CHUNK;
        full + self.chunks.last().map_or(0, Vec::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Takes the newest set away again.
    pub fn pop(&mut self) -> Option<Box<[DebtNo]>> {
        let set = self.chunks.last_mut()?.pop();
        if self.chunks.last().is_some_and(Vec::is_empty) {
            self.chunks.pop();
        }
        set
    }

    /// The members of a set with several.
    pub fn get(&self, index: u32) -> &[DebtNo] {
        let (chunk, at) = (index as usize / Self::CHUNK, index as usize % Self::CHUNK);
        self.chunks
            .get(chunk)
            .and_then(|c| c.get(at))
            .map_or(&[], |set| set)
    }

    /// The chunks, for snapshots.
    pub fn chunks(&self) -> &[Vec<Box<[DebtNo]>>] {
        &self.chunks
    }

    /// Puts a chunk back from a snapshot; chunks arrive in order.
    pub fn restore_chunk(&mut self, index: usize, sets: Vec<Box<[DebtNo]>>) {
        if self.chunks.len() <= index {
            self.chunks.resize_with(index + 1, Vec::new);
        }
        if let Some(chunk) = self.chunks.get_mut(index) {
            *chunk = sets;
        }
    }

    /// Whether `set` contains `debt`.
    pub fn contains(&self, set: DebtSet, debt: DebtNo) -> bool {
        match (set.single(), set.table_index()) {
            (Some(only), _) => only == debt,
            (None, Some(index)) => self.get(index).contains(&debt),
            (None, None) => false,
        }
    }

    /// Whether `set` shares a member with `debts`.
    pub fn meets(&self, set: DebtSet, debts: &[DebtNo]) -> bool {
        debts.iter().any(|debt| self.contains(set, *debt))
    }
}

/// One known account, one asked contact, one instant.
///
/// Invariant CASE-1: `person` is the one the intent names by id, else the one the contact point
/// belongs to, else the only party in the role asked, else the account's consumer; `debts` are the
/// particular debts asked about (absent in the intent: every open debt of the account), and are never
/// empty unless G1 blocks.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// Law, zones, house.
    pub world: World<'a>,
    /// The rules of states and cities that decide for the tenant.
    pub rules: &'a RuleSet,
    /// The tenant's policy.
    pub policy: &'a TenantPolicy,
    /// The tenant's kill switches.
    pub kills: &'a KillSwitches,
    /// What is asked.
    pub intent: &'a Intent,
    /// Name number of the intent's source system.
    pub source: NameNo,
    /// Engine time.
    pub now: UnixSeconds,
    /// The account's number.
    pub account_no: AccountNo,
    /// The account.
    pub account: &'a Account,
    /// The person's number.
    pub person_no: PersonNo,
    /// The person asked for.
    pub person: &'a Person,
    /// The account's consumer, when that is somebody else than `person`.
    pub consumer: &'a Person,
    /// Spouse and co-debtors of the account besides `person` (WA counts the household; the
    /// co-debtor's stay).
    pub others: &'a [(PartyRole, &'a Person)],
    /// People of other accounts with whom the number asked is shared: what is counted by number
    /// counts their attempts too. Nobody of this account, and not everybody when the number is
    /// [crowded](NumberFacts::crowded).
    pub sharers: &'a [&'a Person],
    /// The number asked, when on file for this account.
    pub phone: Option<&'a Phone>,
    /// The address asked, when on file for this account.
    pub email: Option<&'a Email>,
    /// What is known of the number for the whole tenant.
    pub number: Option<&'a NumberFacts>,
    /// Where the facts suggest the person is.
    pub places: &'a Places,
    /// The particular debts asked about.
    pub debts: &'a [DebtNo],
    /// Every particular debt of the account.
    pub account_debts: &'a [DebtNo],
    /// Other accounts that have some of the debts asked about, serviced as one with this one's: as far
    /// as a request of the person or the consumer was told for the whole of one.
    pub kin: &'a [AccountNo],
    /// A debt was named that the account does not have.
    pub unknown_debt: bool,
    /// A debt was named that is not open.
    pub closed_debt: bool,
    /// A person was named that the account does not have.
    pub unknown_person: bool,
    /// The person named, when the account has them: the contact point must be theirs.
    pub named_person: Option<PersonNo>,
}

impl<'a> Case<'a> {
    /// The role asked for; absent means the consumer.
    pub fn role(&self) -> Option<PartyRole> {
        match self.intent.role {
            super::intent::Asked::Absent => Some(PartyRole::Consumer),
            super::intent::Asked::Known(role) => Some(role),
            super::intent::Asked::Unknown => None,
        }
    }

    /// Channel and action, when both are published words.
    pub fn contact(&self) -> Option<(Channel, Action)> {
        self.intent.channel.zip(self.intent.action)
    }

    /// Who collects; absent = third party.
    pub fn collector(&self) -> CollectorRole {
        self.account.role.unwrap_or(CollectorRole::ThirdParty)
    }

    /// The dial mode in force: the intent's, else the source's, else the tenant's.
    /// `None` when the intent spells an unknown one.
    pub fn dial_mode(&self) -> Option<DialMode> {
        match self.intent.dial_mode {
            super::intent::Asked::Known(mode) => Some(mode),
            super::intent::Asked::Unknown => None,
            super::intent::Asked::Absent => Some(
                self.policy
                    .source(self.source)
                    .and_then(|rule| rule.dial_mode)
                    .unwrap_or(self.policy.dial_mode),
            ),
        }
    }

    /// Rare facts of the account.
    pub fn extras(&self) -> Option<&'a AccountExtras> {
        self.account.extras.as_deref()
    }

    /// Rare facts of the person.
    pub fn person_extras(&self) -> Option<&'a PersonExtras> {
        self.person.extras.as_deref()
    }

    /// The person's entry among the account's parties; the consumer has none.
    pub fn party(&self) -> Option<&'a Party> {
        let extras = self.extras()?;
        extras
            .parties
            .iter()
            .find(|party| party.person == self.person_no)
    }

    /// Whether the asked person is the account's consumer.
    pub fn is_consumer(&self) -> bool {
        self.person_no == self.account.consumer
    }

    /// Whether a request of the person's or the consumer's concerns the debts asked about.
    pub fn is_concerned(&self, scope: &DebtScope) -> bool {
        scope.reaches(self.account_no, self.kin, self.debts)
    }

    /// The first and the last date any suggested place shows now; the UTC date when none is
    /// suggested. What the law dates by the consumer's day takes whichever blocks.
    pub fn local_dates(&self) -> (CivilDate, CivilDate) {
        self.dates_at(self.now)
    }

    /// The same at another instant.
    pub fn dates_at(&self, t: UnixSeconds) -> (CivilDate, CivilDate) {
        let mut dates = self
            .places
            .zones()
            .iter()
            .map(|zone| self.world.zones.local_date(*zone, t));
        let Some(first) = dates.next() else {
            return (t.utc_date(), t.utc_date());
        };
        dates.fold((first, first), |(low, high), date| {
            (low.min(date), high.max(date))
        })
    }
}
