//! Each kind at both sides of its bounds, asked as its home gate would be.

use super::{ask, flag};
use crate::domain::facts::{At, Attempt, Hold, Notice, Phone, WorkRequest};
use crate::domain::gates::fixture::{Fixture, at, date, law, state_rule};
use crate::domain::gates::timing::call_for_tests as call;
use crate::domain::ids::{DebtNo, DebtSet};
use crate::domain::intent::Asked;
use crate::domain::rules::{
    CoveredPerson, DebtType, DefaultAction, Emergency, Gate, InForce, Medium, MediumSet,
    MessageConsent, RecordingParties, RuleKind, StateRule, Window, WorkplaceLimit,
};
use crate::domain::verdict::{Code, Findings};
use crate::domain::words::{
    Action, Channel, CollectorRole, DebtKind, DialMode, Duty, Form, HoldKind, Inbound, LineType,
    NoticeKind, Outcome, PartyRole, PlaceKind, Purpose,
};

mod messages;
mod reach;
mod standing;
mod work;

/// A case over `channel` in California under one rule.
fn under(channel: Channel, gate: Gate, kind: RuleKind) -> Fixture {
    let mut fixture = Fixture::over(channel);
    fixture.state_rules = vec![state_rule("CA", gate, kind)];
    fixture
}

fn codes(fixture: &Fixture) -> Vec<Code> {
    fixture.ask(ask)
}

/// Whether the one rule blocks at an instant.
fn blocks_at(fixture: &Fixture, when: &str) -> bool {
    let mut fixture = fixture.clone();
    fixture.now = at(when);
    !codes(&fixture).is_empty()
}

fn notice(kind: NoticeKind, sent: &str) -> Notice {
    Notice {
        kind,
        sent: At::of(at(sent)),
        returned: At::NEVER,
    }
}
