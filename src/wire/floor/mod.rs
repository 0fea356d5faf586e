//! Rows as events of the floor: what a dashboard hears of, in the form of a server-sent event
//! (WHATWG HTML, section 9.2).
//!
//! An event's `id` is its row's place in the tenant's chain, so that whoever breaks off knows where
//! to go on. Health is no row and has no `id`: it must not move that place.

mod filter;
mod row;

pub use filter::{Filter, NAMES, last_event_id};

use super::json_text::{push_number, push_string};
use crate::domain::time::UnixSeconds;
use crate::domain::verdict::{Code, Gate};
use crate::domain::words::words;
use row::{Kind, Row};

words!(
    /// What an event is about; its `event` field.
    EventKind {
        /// An intent that was allowed.
        Decision = "decision",
        /// An intent that was blocked.
        Block = "block",
        Outcome = "outcome",
        /// Facts were stated.
        Fact = "fact",
        /// Kill switches, law and policy, the clock.
        Admin = "admin",
        /// How the gateway stands.
        Health = "health"
    }
);

/// A row read for the floor: what filters look at, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What it is about.
    pub kind: EventKind,
    /// Its place in the tenant's chain.
    pub seq: u64,
    account: Box<str>,
    source: Box<str>,
    agent: Box<str>,
    campaign: Box<str>,
    channel: &'static str,
    outcome: Box<str>,
    blocked: u16,
    codes: Vec<Code>,
    /// The event as it goes over the wire, blank line included.
    pub text: Vec<u8>,
}

impl Event {
    /// Reads a row: its place, its body and its first subject, `None` when that is erased. `None`
    /// for a row that is no news: "unchanged" facts, and what is not understood.
    pub fn read(seq: u64, body: &[u8], subject: Option<&[u8]>) -> Option<Self> {
        let row = Row::read(body)?;
        let kind = match row.kind() {
            Kind::Decision if row.blocked() == 0 => EventKind::Decision,
            Kind::Decision => EventKind::Block,
            Kind::Outcome => EventKind::Outcome,
            Kind::Facts => EventKind::Fact,
            Kind::Admin => EventKind::Admin,
            Kind::Unchanged => return None,
        };
        let who = row::Who::read(subject);
        let mut event = Self {
            kind,
            seq,
            channel: row.channel(),
            outcome: row.outcome().into(),
            blocked: row.blocked(),
            codes: row.codes(),
            account: who.account.into(),
            source: who.source.into(),
            agent: who.agent.into(),
            campaign: who.campaign.into(),
            text: Vec::with_capacity(320),
        };
        event.write(&row, subject.is_none() && row.has_subject());
        Some(event)
    }

    fn write(&mut self, row: &Row<'_>, erased: bool) {
        let mut out = std::mem::take(&mut self.text);
        out.extend_from_slice(b"id: ");
        push_number(&mut out, self.seq);
        out.extend_from_slice(b"\nevent: ");
        out.extend_from_slice(self.kind.as_str().as_bytes());
        out.extend_from_slice(b"\ndata: {\"audit_id\":");
        push_number(&mut out, self.seq);
        text(&mut out, "at", UnixSeconds(row.at()).rfc3339().as_str());
        let decided = matches!(self.kind, EventKind::Decision | EventKind::Block);
        if decided {
            let allow = self.kind == EventKind::Decision;
            text(&mut out, "decision", if allow { "ALLOW" } else { "BLOCK" });
            list(&mut out, "blocked_by", self.gates());
            list(
                &mut out,
                "codes",
                self.codes.iter().map(|code| code.as_str()),
            );
            let dry: &[u8] = if row.dry_run() { b"true" } else { b"false" };
            out.extend_from_slice(b",\"dry_run\":");
            out.extend_from_slice(dry);
            instant(&mut out, "use_by", row.use_by());
            instant(&mut out, "next_allowed_at", row.next_allowed_at());
        }
        if self.kind == EventKind::Outcome {
            text(&mut out, "outcome", &self.outcome);
            if let Some(decision) = row.settles() {
                out.extend_from_slice(b",\"settles\":");
                push_number(&mut out, decision);
            }
            let matched: &[u8] = if row.matched() { b"true" } else { b"false" };
            out.extend_from_slice(b",\"matched\":");
            out.extend_from_slice(matched);
        }
        if self.kind == EventKind::Fact {
            out.extend_from_slice(b",\"records\":");
            push_number(&mut out, row.records());
        }
        if self.kind == EventKind::Admin {
            text(&mut out, "act", row.act());
        }
        for (name, value) in [
            ("account_id", &*self.account),
            ("channel", self.channel),
            ("source_system", &self.source),
            ("agent_id", &self.agent),
            ("campaign_id", &self.campaign),
        ] {
            if !value.is_empty() {
                text(&mut out, name, value);
            }
        }
        if erased {
            out.extend_from_slice(b",\"erased\":true");
        }
        out.extend_from_slice(b"}\n\n");
        self.text = out;
    }

    fn gates(&self) -> impl Iterator<Item = &'static str> {
        let blocked = self.blocked;
        let bits = Gate::ALL.iter().zip(0..);
        bits.filter(move |(_, bit)| blocked & (1 << bit) != 0)
            .map(|(gate, _)| gate.as_str())
    }
}

/// How the gateway stands, as an event without an id.
pub fn health(status: &str, at: UnixSeconds) -> Vec<u8> {
    let mut out = b"event: health\ndata: {\"status\":".to_vec();
    push_string(&mut out, status);
    text(&mut out, "at", at.rfc3339().as_str());
    out.extend_from_slice(b"}\n\n");
    out
}

/// A comment that keeps a connection from looking dead.
pub const HEARTBEAT: &[u8] = b": heartbeat\n\n";

fn text(out: &mut Vec<u8>, name: &str, value: &str) {
    out.push(b',');
    push_string(out, name);
    out.push(b':');
    push_string(out, value);
}

fn instant(out: &mut Vec<u8>, name: &str, at: Option<i64>) {
    if let Some(at) = at {
        text(out, name, UnixSeconds(at).rfc3339().as_str());
    }
}

fn list(out: &mut Vec<u8>, name: &str, values: impl Iterator<Item = &'static str>) {
    out.push(b',');
    push_string(out, name);
    out.extend_from_slice(b":[");
    for (n, value) in values.enumerate() {
        if n > 0 {
            out.push(b',');
        }
        push_string(out, value);
    }
    out.push(b']');
}

#[cfg(test)]
mod tests;
