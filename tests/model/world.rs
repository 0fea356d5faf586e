//! Everything that was told, in plain lists and maps.

use std::collections::{BTreeMap, BTreeSet};

use dialgate::domain::words::{
    AccountStatus, Action, AddressStatus, BankruptcyStatus, Channel, CollectorRole, DebtKind,
    EscalationKind, Form, HoldKind, Inbound, LineType, Medium, NoticeKind, Outcome, OverrideKind,
    PartyRole, PlaceKind, Purpose, Vulnerability,
};

use super::policy::Policy;

/// The tenant as the model knows it.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub policy: Policy,
    pub now: i64,
    pub clock_trusted: bool,
    pub accounts: BTreeMap<String, Account>,
    pub people: BTreeMap<String, Person>,
    /// By number or address, whichever account names it.
    pub contacts: BTreeMap<String, Contact>,
    pub attempts: Vec<Attempt>,
    /// Portfolio names, states, channels; "" = all of the tenant.
    pub kills: BTreeSet<(String, String)>,
}

/// An account.
#[derive(Debug, Clone, Default)]
pub(crate) struct Account {
    pub status: Option<AccountStatus>,
    pub collector: Option<CollectorRole>,
    pub creditor: Option<String>,
    pub portfolio: Option<String>,
    pub state: Option<String>,
    pub zip: Option<String>,
    pub address: Option<AddressStatus>,
    pub consumer: String,
    pub phones: Vec<Phone>,
    pub emails: Vec<Email>,
    pub debts: Vec<Debt>,
    pub parties: Vec<Party>,
    /// When its facts were last said.
    pub told: i64,
    pub identity_theft: Vec<Scope>,
    pub disputes: Vec<Dispute>,
    pub notices: Vec<Notice>,
    pub escalations: BTreeSet<EscalationKind>,
    /// Since when, until when.
    pub holds: BTreeMap<HoldKind, (i64, Option<i64>)>,
    pub approvals: Vec<Approval>,
    pub overrides: Vec<Override>,
    pub promise: Option<Promise>,
}

/// A debt; `key` is the particular debt, which debts serviced as one share.
#[derive(Debug, Clone)]
pub(crate) struct Debt {
    pub name: String,
    pub key: String,
    pub status: AccountStatus,
    pub kind: DebtKind,
}

/// Which debts a fact is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    Everything,
    Account(String),
    Debts(BTreeSet<String>),
}

impl Scope {
    /// Whether any of these debts of this account is meant.
    pub(crate) fn touches(&self, account: &str, debts: &BTreeSet<String>) -> bool {
        match self {
            Self::Everything => true,
            Self::Account(own) => own == account,
            Self::Debts(own) => !own.is_disjoint(debts),
        }
    }
}

impl World {
    /// Whether what a person asked for concerns these debts of this account: asked for a whole account
    /// it was asked for each of its debts, on whichever account else those are.
    pub(crate) fn concerns(&self, asked: &Scope, account: &str, debts: &BTreeSet<String>) -> bool {
        let meant = match asked {
            Scope::Account(own) => self.accounts.get(own),
            _ => None,
        };
        let mut meant = meant.into_iter().flat_map(|account| &account.debts);
        asked.touches(account, debts) || meant.any(|debt| debts.contains(&debt.key))
    }
}

/// A number on an account's file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phone {
    pub number: String,
    pub owner: String,
    pub line: Option<LineType>,
    pub place: Option<PlaceKind>,
    pub personal: bool,
    pub wrong: bool,
    /// To machines, to recorded voices, to texts.
    pub machines: Permission,
    pub voices: Permission,
    pub texts: Permission,
    /// At, and whether it was found reassigned; in the order told.
    pub checks: Vec<(i64, bool)>,
    pub inbound_texts: Vec<i64>,
}

/// What was told of a consent to one medium.
#[derive(Debug, Clone, Default)]
pub(crate) struct Permission {
    /// When it was given, as far as somebody said.
    pub given: Vec<i64>,
    /// When one that nobody dated was first told.
    pub told: Option<i64>,
    pub taken: Vec<i64>,
}

/// An address on an account's file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Email {
    pub address: String,
    pub owner: String,
    pub employer: bool,
    pub wrong: bool,
    pub used: Option<i64>,
    pub mail: Permission,
    /// The same in writing.
    pub written: Permission,
    /// To a social network.
    pub social: Permission,
    pub opted_out: Option<i64>,
    pub confirmed: bool,
    pub creditor_notice: Option<i64>,
    pub obtained_properly: bool,
    pub prior_used: bool,
    pub prior_opted_out: bool,
}

/// Somebody besides the consumer.
#[derive(Debug, Clone)]
pub(crate) struct Party {
    pub person: String,
    pub role: PartyRole,
    pub authorised: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Dispute {
    pub scope: Scope,
    pub received: i64,
    pub form: Form,
    pub answered: Option<i64>,
    pub said_in_period: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub kind: NoticeKind,
    pub sent: i64,
    pub returned: Option<i64>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Approval {
    pub action: Option<Action>,
    pub purpose: Option<Purpose>,
    pub state: dialgate::domain::words::ApprovalState,
    pub until: Option<i64>,
    pub document: Option<String>,
    pub used: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Override {
    pub kind: OverrideKind,
    pub document: String,
    pub gates: Vec<u8>,
    pub since: i64,
    pub until: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct Promise {
    pub until_day: i64,
    pub reminder: bool,
    pub used: bool,
}

/// Somebody.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    pub zone: Option<String>,
    pub inconvenient: Vec<Inconvenient>,
    pub places: BTreeSet<PlaceKind>,
    pub employer_prohibits: bool,
    pub attorneys: Vec<Attorney>,
    pub ceases: Vec<Cease>,
    pub bankruptcies: Vec<Bankruptcy>,
    pub deceased: bool,
    pub minor: bool,
    /// Through which day, if said.
    pub military: Option<Option<i64>>,
    pub vulnerable: BTreeSet<Vulnerability>,
    /// Since when, and whether the refusal was confirmed.
    pub refused: BTreeMap<Medium, (i64, bool)>,
    pub prior_consents: Vec<PriorConsent>,
    pub call_consents: Vec<CallConsent>,
    /// Of both.
    pub taken_back: Vec<(Scope, i64)>,
    /// When machines or texts were last told to stop, at whichever number.
    pub stopped: Option<i64>,
    pub location_answered: bool,
    /// The newest of each kind, and whether it was answered.
    pub inbound: BTreeMap<Inbound, (i64, bool)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Inconvenient {
    pub since: i64,
    pub from_day: Option<i64>,
    pub until_day: Option<i64>,
    /// ISO weekdays, from and to in seconds of the day.
    pub periods: Vec<(Vec<u8>, i64, i64)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Attorney {
    pub scope: Scope,
    pub since: i64,
    pub form: Form,
    pub contact_known: bool,
    pub lifted: bool,
    /// When the consumer was last answered all the same.
    pub answered: Option<i64>,
}

#[derive(Debug, Clone)]
pub(crate) struct Cease {
    pub scope: Scope,
    pub received: i64,
    pub form: Form,
    pub remedy_used: bool,
    pub terminate_used: bool,
    /// When the consumer was last answered all the same.
    pub answered: Option<i64>,
}

#[derive(Debug, Clone)]
pub(crate) struct Bankruptcy {
    pub scope: Scope,
    pub chapter: Option<u8>,
    pub status: BankruptcyStatus,
    pub since: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PriorConsent {
    pub at: i64,
    pub until: Option<i64>,
    pub direct: bool,
    pub times: bool,
    pub places: bool,
    /// Nobody said when.
    pub undated: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CallConsent {
    pub scope: Scope,
    pub at: i64,
    pub last_day: Option<i64>,
    pub number: Option<String>,
    pub revoked: Option<i64>,
    /// Nobody said when.
    pub undated: bool,
}

/// What binds a number or address whichever account names it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Contact {
    pub refused: BTreeSet<Medium>,
    /// The newest refusal of texts or of the address, and whether it was confirmed.
    pub refused_texts: Option<(i64, bool)>,
    /// On the list, through when.
    pub do_not_call: Option<Option<i64>>,
    /// People it is known not to reach.
    pub wrong_for: BTreeSet<String>,
    /// When somebody last found it another's.
    pub reassigned: Option<i64>,
}

/// One contact with somebody, or one that was allowed.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub person: String,
    pub account: String,
    pub at: i64,
    pub channel: Channel,
    pub action: Action,
    /// Number or address.
    pub contact: Option<String>,
    pub outcome: Outcome,
    /// What it counts toward.
    pub debts: BTreeSet<String>,
    /// Somebody said so, after it was allowed.
    pub debts_said: bool,
    /// What a conversation was about.
    pub about: BTreeSet<String>,
    /// What of that it was said to be about besides what the call counts toward.
    pub apart: BTreeSet<String>,
    /// Whoever reported it said what a conversation was about.
    pub said_about: bool,
    pub inbound: bool,
    pub reply: bool,
    pub prerecorded: bool,
    pub at_work: bool,
    /// Asks a third party where the consumer is.
    pub locates: bool,
    /// The number was later found not to be the person's.
    pub misdirected: bool,
    pub call_id: Option<String>,
    /// The decision behind it; 0: reported from elsewhere.
    pub audit: u64,
    /// Blocks others until then, while nothing was reported.
    pub use_by: Option<i64>,
}

impl Attempt {
    /// Whether it still blocks others.
    pub(crate) fn live(&self, at: i64) -> bool {
        self.use_by.is_some_and(|use_by| at < use_by)
    }

    /// Placed by the collector, as far as anybody knows, and not with somebody else.
    pub(crate) fn placed(&self) -> bool {
        !self.inbound
            && !self.misdirected
            && !matches!(self.outcome, Outcome::NotDialed | Outcome::WrongNumber)
    }

    /// A telephone call.
    pub(crate) fn call(&self) -> bool {
        self.channel == Channel::Phone
    }

    /// Somebody spoke with the person.
    pub(crate) fn conversed(&self) -> bool {
        let withdrawn = matches!(self.outcome, Outcome::NotDialed | Outcome::WrongNumber);
        let spoke = self.outcome == Outcome::Conversation || self.said_about;
        spoke && !withdrawn && !self.misdirected
    }

    /// Somebody spoke with the person about a debt.
    pub(crate) fn talk(&self, debt: &str) -> bool {
        self.conversed() && self.about.contains(debt)
    }
}

impl World {
    /// A number was found to be somebody else's, or that finding was taken back: past calls to it
    /// leave the person's counts, or return.
    pub(crate) fn misdirect(&mut self, person: &str, number: &str, wrong: bool) {
        let known = &mut self.contact(number).wrong_for;
        if wrong {
            known.insert(person.to_owned());
        } else {
            known.remove(person);
        }
        let past = self.attempts.iter_mut().filter(|a| a.person == person);
        let to_it = past.filter(|a| !a.inbound && a.contact.as_deref() == Some(number));
        to_it.for_each(|a| a.misdirected = wrong);
    }

    /// Somebody, of whom perhaps nothing was said.
    pub(crate) fn person(&mut self, key: &str) -> &mut Person {
        self.people.entry(key.to_owned()).or_default()
    }

    /// A number or address, of which perhaps nothing was said.
    pub(crate) fn contact(&mut self, key: &str) -> &mut Contact {
        self.contacts.entry(key.to_owned()).or_default()
    }
}
