//! What an index notes of a row, read from its body alone, so that it can be made anew from the
//! segments at any time: what the row is posted under besides its own keys, which earlier rows it
//! speaks of, and what it adds to the figures.
//!
//! Bodies are written by this program in canonical form, so a few of their fields are looked for as
//! bytes: decisions come by the ten thousand a second.

mod counts;

pub use counts::Counts;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::domain::hash::stable_hash;
use crate::domain::record::FactKind;
use crate::domain::rules::Gate;

/// Gates whose blocks rest on law, not on the agency's or creditor's own rules.
pub const LEGAL: [Gate; 4] = [Gate::Compliance, Gate::Timing, Gate::Consent, Gate::Channel];

/// Facts that restrict or lift a restriction: what a compliance officer wants to hear of.
pub const RESTRICTIVE: [FactKind; 25] = [
    FactKind::InconvenientTime,
    FactKind::InconvenientPlace,
    FactKind::EmployerProhibits,
    FactKind::UnreachableAtHome,
    FactKind::Attorney,
    FactKind::Cease,
    FactKind::Bankruptcy,
    FactKind::Deceased,
    FactKind::Minor,
    FactKind::IdentityTheft,
    FactKind::Military,
    FactKind::Vulnerability,
    FactKind::MediumOptOut,
    FactKind::ContactOptOut,
    FactKind::DoNotCall,
    FactKind::Revocation,
    FactKind::ConsentRevoked,
    FactKind::WrongNumber,
    FactKind::NoticeReturned,
    FactKind::Dispute,
    FactKind::Judgment,
    FactKind::Escalation,
    FactKind::Hold,
    FactKind::Approval,
    FactKind::Override,
];

crate::domain::words::words!(
    /// Kinds of rows, as callers name them.
    RowKind {
        Decision = "decision",
        Outcome = "outcome",
        Facts = "facts",
        Unchanged = "unchanged",
        Admin = "admin",
        Activation = "activation",
        Announcement = "announcement"
    }
);

crate::domain::words::words!(
    /// Kinds of compliance events.
    EventKind {
        /// A decision that a gate of law blocks.
        Block = "block",
        /// A decision with a rule that was noted and would have blocked if it were enforced.
        Flag = "flag",
        /// A restriction was stated or lifted, in facts or in an outcome.
        Restriction = "restriction",
        /// A kill switch, the clock, or a tenant that was withdrawn.
        Operation = "operation",
        /// Law or policy that took force, or a pack announced or taken back.
        Law = "law"
    }
);

impl RowKind {
    /// The kind of a body's letter `k`.
    pub const fn of_letter(letter: u8) -> Option<Self> {
        match letter {
            b'd' => Some(Self::Decision),
            b'o' => Some(Self::Outcome),
            b'f' => Some(Self::Facts),
            b'u' => Some(Self::Unchanged),
            b'a' => Some(Self::Admin),
            b'v' => Some(Self::Activation),
            b'p' => Some(Self::Announcement),
            _ => None,
        }
    }
}

/// What rows are posted under by what they are, within a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Rows of a kind. Decisions are posted under none: they are most rows.
    Kind(RowKind),
    /// Decisions that block.
    Blocked,
    /// What a compliance officer wants to hear of.
    Event(EventKind),
    /// Outcomes of accounts nobody knows.
    Unmatched,
    /// Fact rows by the account's number: one row holds facts of many accounts.
    Account(u32),
}

impl Class {
    /// The posting key. Keys are hashes: whoever finds a row by one looks what it says.
    pub fn key(self) -> u64 {
        let (name, number) = match self {
            Self::Kind(kind) => (kind.as_str(), 0),
            Self::Blocked => ("blocked", 0),
            Self::Event(kind) => ("event", u32::from(kind.number())),
            Self::Unmatched => ("unmatched", 0),
            Self::Account(number) => ("account number", number),
        };
        stable_hash(&[b"class", name.as_bytes(), &number.to_be_bytes()]).max(1)
    }
}

/// What a row says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks<'b> {
    /// Its kind.
    pub kind: RowKind,
    /// Engine time, seconds since 1970.
    pub at: i64,
    /// Of a decision, the gates that block, as bits; 0 is ALLOW.
    pub blocked: u16,
    /// Of an outcome, the word it was reported in.
    pub outcome: Option<&'b str>,
    /// Of an outcome: no account is known.
    pub unmatched: bool,
    /// Which compliance event it is, if it is one.
    pub event: Option<EventKind>,
}

#[derive(Deserialize)]
struct OutcomeBody<'b> {
    a: Option<IgnoredAny>,
    /// What became of the call, as the counts know it.
    #[serde(borrow)]
    o: Option<&'b str>,
    /// The word it was reported in.
    #[serde(borrow)]
    w: Option<&'b str>,
}

impl<'b> Marks<'b> {
    /// Reads a body; `None` when it is no row of a known kind.
    pub fn read(body: &'b [u8]) -> Option<Self> {
        let at_kind = find(body, b"\"k\":\"")?;
        let kind = RowKind::of_letter(*body.get(at_kind)?)?;
        let mut marks = Self {
            kind,
            at: number(body.get(find_last(body, b"\"t\":")?..)?)?,
            blocked: 0,
            outcome: None,
            unmatched: false,
            event: None,
        };
        match kind {
            RowKind::Decision => {
                // What is asked for stands before `k`, in order.
                let head = body.get(..at_kind)?;
                let gates = number(head.get(find(head, b"\"b\":")?..)?)?;
                marks.blocked = u16::try_from(gates).ok()?;
                let legal = LEGAL.iter().any(|gate| marks.blocked & gate.bit() != 0);
                marks.event = if legal {
                    Some(EventKind::Block)
                } else {
                    find(head, b"\"f\":[").map(|_| EventKind::Flag)
                };
            }
            RowKind::Outcome => {
                let row: OutcomeBody<'_> = serde_json::from_slice(body).ok()?;
                marks.outcome = row.w.or(row.o);
                marks.unmatched = row.a.is_none();
                marks.event = restricts(body);
            }
            RowKind::Facts => marks.event = restricts(body),
            RowKind::Unchanged => {}
            RowKind::Admin => {
                let ack = find(body, b"\"op\":\"ack\"").is_some();
                marks.event = (!ack).then_some(EventKind::Operation);
            }
            RowKind::Activation | RowKind::Announcement => marks.event = Some(EventKind::Law),
        }
        Some(marks)
    }

    /// Tells every class the row is posted under.
    pub fn classes(&self, body: &[u8], mut post: impl FnMut(Class)) {
        match self.kind {
            RowKind::Decision if self.blocked != 0 => post(Class::Blocked),
            RowKind::Decision => {}
            kind => post(Class::Kind(kind)),
        }
        if let Some(kind) = self.event {
            post(Class::Event(kind));
        }
        if self.unmatched {
            post(Class::Unmatched);
        }
        if self.kind == RowKind::Facts {
            let row = serde_json::from_slice::<FactsBody>(body);
            let records = row.map(|row| row.r).unwrap_or_default();
            let mut accounts: Vec<u32> = records.iter().filter_map(|record| record.a).collect();
            accounts.sort_unstable();
            accounts.dedup();
            for account in accounts {
                post(Class::Account(account));
            }
        }
    }
}

#[derive(Deserialize)]
struct FactsBody {
    r: Vec<FactsRecord>,
}

#[derive(Deserialize)]
struct FactsRecord {
    a: Option<u32>,
}

#[derive(Deserialize)]
struct AckBody<'b> {
    op: &'b str,
    #[serde(default)]
    r: Vec<u64>,
}

/// The rows an acknowledgement is of; none for every other row.
pub fn acknowledged(marks: &Marks<'_>, body: &[u8]) -> Vec<u64> {
    if marks.kind != RowKind::Admin || find(body, b"\"op\":\"ack\"").is_none() {
        return Vec::new();
    }
    match serde_json::from_slice::<AckBody<'_>>(body) {
        Ok(row) if row.op == "ack" => row.r,
        _ => Vec::new(),
    }
}

/// Kinds of restrictive facts in a body, in order, each time it is said.
pub fn restrictive_facts(body: &[u8]) -> impl Iterator<Item = FactKind> {
    const NAME: &[u8] = b"\"fact\":\"";
    let mut rest = body;
    std::iter::from_fn(move || {
        loop {
            rest = rest.get(find(rest, NAME)?..)?;
            let end = rest.iter().position(|byte| *byte == b'"')?;
            let word = std::str::from_utf8(rest.get(..end)?).ok()?;
            if let Some(kind) = FactKind::parse(word).filter(|kind| RESTRICTIVE.contains(kind)) {
                return Some(kind);
            }
        }
    })
}

fn restricts(body: &[u8]) -> Option<EventKind> {
    let first = restrictive_facts(body).next();
    first.map(|_| EventKind::Restriction)
}

/// Where `what` first ends in `body`.
fn find(body: &[u8], what: &[u8]) -> Option<usize> {
    let first = *what.first()?;
    let mut at = 0;
    loop {
        at += body.get(at..)?.iter().position(|byte| *byte == first)?;
        if body.get(at..)?.starts_with(what) {
            return Some(at + what.len());
        }
        at += 1;
    }
}

/// Where `what` last ends in `body`.
fn find_last(body: &[u8], what: &[u8]) -> Option<usize> {
    let at = body.windows(what.len()).rposition(|part| part == what)?;
    Some(at + what.len())
}

/// The whole number `text` begins with.
fn number(text: &[u8]) -> Option<i64> {
    let digit = |byte: &u8| byte.is_ascii_digit() || *byte == b'-';
    let end = text.iter().position(|byte| !digit(byte))?;
    std::str::from_utf8(text.get(..end)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
