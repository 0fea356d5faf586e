//! One question against the world: who is asked for, about what, where they may be.

use std::collections::BTreeSet;

use dialgate::domain::verdict::Code;
use dialgate::domain::words::{
    AccountStatus, Action, Channel, CollectorRole, DialMode, LineType, Outcome, OverrideKind,
    PartyRole, PlaceKind,
};

use super::law::{self, Rule};
use super::local::{self, Zone};
use super::places::{self, Suggested};
use super::story::Question;
use super::world::{Account, Attempt, Debt, Email, Person, Phone, World};

/// What a gate found.
pub(crate) type Codes = BTreeSet<Code>;

/// Adds a code when something is so.
pub(crate) fn note(codes: &mut Codes, so: bool, code: Code) {
    if so {
        codes.insert(code);
    }
}

/// A question about an account there is.
pub(crate) struct Case<'a> {
    pub world: &'a World,
    pub q: &'a Question,
    pub account: &'a Account,
    /// Who would be reached.
    pub person: String,
    pub who: Person,
    pub phone: Option<&'a Phone>,
    pub email: Option<&'a Email>,
    /// Particular debts asked about.
    pub debts: BTreeSet<String>,
    pub suggested: Suggested,
    pub zones: Vec<&'static Zone>,
    /// Enforced rules of the places suggested that bind this collector on this channel.
    pub rules: Vec<&'static Rule>,
}

impl<'a> Case<'a> {
    /// Puts it together; none: the tenant has no such account.
    pub(crate) fn of(world: &'a World, q: &'a Question) -> Option<Self> {
        let account = world.accounts.get(&q.account)?;
        let (person, phone, email) = whom(account, q);
        let who = world.people.get(&person).cloned().unwrap_or_default();
        let numbers: Vec<&str> = account
            .phones
            .iter()
            .filter(|phone| !phone.wrong)
            .map(|phone| &*phone.number)
            .collect();
        let suggested = places::suggest(account.zip.as_deref(), account.state.as_deref(), &numbers);
        let zones = match &who.zone {
            Some(stated) => vec![local::zone(stated)],
            None => suggested.zones.iter().map(|z| local::zone(z)).collect(),
        };
        let mut case = Self {
            world,
            q,
            account,
            person,
            who,
            phone,
            email,
            debts: debts(account, q),
            suggested,
            zones,
            rules: Vec::new(),
        };
        case.rules = law::rules().iter().filter(|r| case.bound_by(r)).collect();
        Some(case)
    }

    fn bound_by(&self, rule: &Rule) -> bool {
        let channel = self.q.channel.map_or("", Channel::as_str);
        let voicemail = self.channel_is(Channel::Phone) && self.q.action == Some(Action::Voicemail);
        let lives = !self.suggested.residence.is_empty();
        let places = if self.world.policy.residence_only && lives && rule.kind == "frequency" {
            &self.suggested.residence
        } else {
            &self.suggested.law
        };
        let named = |list: &Vec<String>| {
            let here = |c: &String| c == channel || (c == "voicemail" && voicemail);
            list.iter().any(here)
        };
        let collector = match self.collector() {
            CollectorRole::FirstParty => "creditor",
            other => other.as_str(),
        };
        places.contains(&rule.jurisdiction)
            && rule.channels.as_ref().is_none_or(named)
            && rule.covered.iter().any(|who| who == collector)
    }

    pub(crate) fn collector(&self) -> CollectorRole {
        self.account.collector.unwrap_or(CollectorRole::ThirdParty)
    }

    /// The calendars days are counted by: of each place suggested; UTC where there is none.
    pub(crate) fn calendars(&self) -> Vec<&'static Zone> {
        if self.zones.is_empty() {
            return vec![local::utc()];
        }
        self.zones.clone()
    }

    /// Whether an instant lies in the window of so many calendar days that ends at `at`, in any
    /// place suggested. Where there is none, days are as long as they are anywhere.
    pub(crate) fn within(&self, past: i64, days: i64, at: i64) -> bool {
        if self.zones.is_empty() {
            return past > at - (days * local::DAY + 3_600);
        }
        let mut zones = self.zones.iter();
        zones.any(|zone| zone.day(past) > zone.day(at) - days)
    }

    /// The calendar day in each place suggested.
    pub(crate) fn days(&self, at: i64) -> Vec<i64> {
        let calendars = self.calendars().into_iter();
        calendars.map(|zone| zone.day(at)).collect()
    }

    /// Whether a rule is in force in any of the places.
    pub(crate) fn in_force(&self, rule: &Rule, at: i64) -> bool {
        let since = |day: i64| rule.from.is_none_or(|from| from <= day);
        let still = |day: i64| rule.to.is_none_or(|to| day <= to);
        self.days(at)
            .into_iter()
            .any(|day| since(day) && still(day))
    }

    /// Everything known of contacts with somebody.
    pub(crate) fn attempts(&self) -> impl Iterator<Item = &'a Attempt> + '_ {
        let all = self.world.attempts.iter();
        all.filter(|attempt| attempt.person == self.person)
    }

    /// Contacts with anybody of the account.
    pub(crate) fn family_attempts(&self) -> impl Iterator<Item = &'a Attempt> + '_ {
        let of_account = |id: &String| {
            let mut parties = self.account.parties.iter();
            *id == self.account.consumer || parties.any(|p| p.person == *id)
        };
        let all = self.world.attempts.iter();
        all.filter(move |attempt| attempt.person == self.person || of_account(&attempt.person))
    }

    /// What ever went out to the number asked for, whoever it was meant for and on whatever account:
    /// it rang there. That it was somebody else's number makes no difference to the telephone.
    pub(crate) fn rung(&self) -> impl Iterator<Item = &'a Attempt> + '_ {
        let all = self.world.attempts.iter();
        all.filter(|a| self.to_filed_number(a) && !a.inbound && a.outcome != Outcome::NotDialed)
    }

    /// None: an unknown word.
    pub(crate) fn role(&self) -> Option<PartyRole> {
        match &*self.q.role {
            "" => Some(PartyRole::Consumer),
            word => PartyRole::parse(word),
        }
    }

    /// None: an unknown word.
    pub(crate) fn dial_mode(&self) -> Option<DialMode> {
        if !self.q.dial_mode.is_empty() {
            return DialMode::parse(&self.q.dial_mode);
        }
        let policy = &self.world.policy;
        let source = policy.sources.iter().find(|s| s.name == self.q.source);
        Some(source.and_then(|s| s.dial_mode).unwrap_or(policy.dial_mode))
    }

    pub(crate) fn channel_is(&self, channel: Channel) -> bool {
        self.q.channel == Some(channel)
    }

    /// A voice nobody speaks at the time.
    pub(crate) fn prerecorded(&self) -> bool {
        let recorded = [DialMode::Prerecorded, DialMode::Ringless];
        self.channel_is(Channel::Phone) && self.dial_mode().is_some_and(|m| recorded.contains(&m))
    }

    pub(crate) fn line(&self) -> LineType {
        self.phone.and_then(|p| p.line).unwrap_or(LineType::Unknown)
    }

    /// Whether an attempt went to the number asked for.
    pub(crate) fn to_filed_number(&self, attempt: &Attempt) -> bool {
        self.phone
            .is_some_and(|p| attempt.contact.as_ref() == Some(&p.number))
    }

    pub(crate) fn number_at_work(&self) -> bool {
        self.phone
            .is_some_and(|p| p.place == Some(PlaceKind::Employment))
    }

    /// Whether an override of this kind reaches a gate.
    pub(crate) fn overridden(&self, kind: OverrideKind, gate: u8, at: i64) -> bool {
        let overrides = self.account.overrides.iter();
        overrides
            .filter(|o| o.kind == kind && o.gates.contains(&gate))
            .any(|o| o.since <= at && at < o.until)
    }
}

fn whom<'a>(account: &'a Account, q: &Question) -> (String, Option<&'a Phone>, Option<&'a Email>) {
    let belongs =
        |id: &&String| account.consumer == **id || account.parties.iter().any(|p| p.person == **id);
    let named = q.person.as_ref().filter(belongs).cloned();
    let role = PartyRole::parse(&q.role).filter(|role| *role != PartyRole::Consumer);
    let mut in_role = account.parties.iter().filter(|p| Some(p.role) == role);
    let only = in_role.next().filter(|_| in_role.next().is_none());
    let wanted = named.clone().or(only.map(|party| party.person.clone()));
    // Who names nobody, and no role, asks for the consumer.
    let nobody = matches!(&*q.role, "" | "consumer");
    let meant = wanted
        .clone()
        .or_else(|| nobody.then(|| account.consumer.clone()));
    let phones = || {
        account
            .phones
            .iter()
            .filter(|p| Some(&p.number) == q.phone.as_ref())
    };
    let emails = || {
        account
            .emails
            .iter()
            .filter(|e| Some(&e.address) == q.email.as_ref())
    };
    let theirs = phones().find(|p| Some(&p.owner) == meant.as_ref());
    let phone = theirs.or_else(|| phones().next());
    let theirs = emails().find(|e| Some(&e.owner) == meant.as_ref());
    let email = theirs.or_else(|| emails().next());
    let owner = phone.map(|p| &p.owner).or(email.map(|e| &e.owner)).cloned();
    let person = named.or(owner).or(wanted);
    (
        person.unwrap_or_else(|| account.consumer.clone()),
        phone,
        email,
    )
}

fn debts(account: &Account, q: &Question) -> BTreeSet<String> {
    let asked = |debt: &&Debt| {
        if q.debts.is_empty() {
            debt.status == AccountStatus::Open
        } else {
            q.debts.contains(&debt.name)
        }
    };
    let found = account.debts.iter().filter(asked);
    found.map(|debt| debt.key.clone()).collect()
}
