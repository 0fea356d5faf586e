//! Accounts made by hand: one a gate, and the two of the seventh call.
//!
//! They live in Georgia, which has no hours or counts of its own, and most are asked by letter,
//! which knows no hours: so each shows its gate, and no other, at any time of day.

use super::{ZONES, text};
use crate::domain::place::StateCode;
use crate::domain::record::{
    AccountRecord, AttemptRecord, FactKind, FactRecord, KillRecord, Line, PeriodRecord, Personal,
    PhoneRecord,
};
use crate::domain::time::{CivilDate, UnixSeconds, ZoneId, Zones};
use crate::domain::words::{
    AddressStatus, Channel, EscalationKind, Form, KillScope, LineType, Medium, Outcome,
    OverrideKind, Vulnerability,
};

/// The portfolio that the demo's kill switch stops.
const FROZEN: &str = "frozen";
/// 2099-12-31T00:00:00Z: no demo outlives it.
const FAR: UnixSeconds = UnixSeconds(4_102_358_400);

/// How many accounts [`shown`] makes.
pub(super) fn count() -> usize {
    shown()
        .iter()
        .filter(|line| matches!(line, Line::Account(_)))
        .count()
}

/// One account a gate, and the kill switch of G12.
#[expect(clippy::too_many_lines, reason = "one table")]
pub(super) fn shown() -> Vec<Line> {
    let stated = |kind| FactRecord {
        fact: Some(kind),
        ..FactRecord::default()
    };
    let mut lines = vec![
        of("plain", Vec::new()),
        portfolio("g2-on-hold", "on-hold"),
        of(
            "g3-cease",
            vec![FactRecord {
                form: Some(Form::Written),
                ..stated(FactKind::Cease)
            }],
        ),
        of(
            "g4-complaint",
            vec![FactRecord {
                escalation: Some(EscalationKind::Complaint),
                ..stated(FactKind::Escalation)
            }],
        ),
        of(
            "g6-vulnerable",
            vec![FactRecord {
                vulnerability: Some(Vulnerability::Bereavement),
                ..stated(FactKind::Vulnerability)
            }],
        ),
        of(
            "g7-never",
            vec![FactRecord {
                periods: vec![PeriodRecord {
                    days: (1..=7).collect(),
                    ..PeriodRecord::default()
                }],
                ..stated(FactKind::InconvenientTime)
            }],
        ),
        of(
            "g9-no-mail",
            vec![FactRecord {
                medium: Some(Medium::Mail),
                ..stated(FactKind::MediumOptOut)
            }],
        ),
        of(
            "g10-promise",
            vec![FactRecord {
                until_date: Some(FAR.utc_date()),
                ..stated(FactKind::Promise)
            }],
        ),
        of(
            "g11-busy",
            vec![FactRecord {
                override_kind: Some(OverrideKind::Supervisor),
                gates: vec![6],
                until: Some(FAR),
                actor: text("supervisor-1"),
                document_id: text("demo-override"),
                ..stated(FactKind::Override)
            }],
        ),
        portfolio("g12-frozen", FROZEN),
        Line::Kill(KillRecord {
            on: true,
            reason: None,
            scope: KillScope::Portfolio,
            value: Personal::from(FROZEN),
        }),
    ];
    for (side, zone, number) in ZONES {
        let id = format!("g8-{side}");
        lines.push(Line::Account(Box::new(in_zone(&id, zone, number))));
    }
    lines
}

/// Two accounts with one counted call on each of the last six local days. The calls lie at noon
/// of their day, so bringing them again adds none.
pub(super) fn six_calls(now: UnixSeconds) -> Vec<Line> {
    let account = |(side, zone, number): (&str, &str, &str)| {
        let mut record = in_zone(&format!("six-calls-{side}"), zone, number);
        if let Some(zone) = Zones::bundled().find(zone) {
            record.attempts = (1..=6)
                .rev()
                .map(|days| call(zone, now, days, number))
                .collect();
        }
        Line::Account(Box::new(record))
    };
    ZONES.map(account).into()
}

fn call(zone: ZoneId, now: UnixSeconds, days_ago: i32, number: &str) -> AttemptRecord {
    let zones = Zones::bundled();
    let date: CivilDate = zones.local_date(zone, now).plus_days(-days_ago);
    AttemptRecord {
        at: Some(zones.instant_of(zone, date, 12 * 3_600)),
        channel: Some(Channel::Phone),
        outcome: Some(Outcome::NoAnswer),
        phone: text(number),
        ..AttemptRecord::default()
    }
}

fn in_zone(id: &str, zone: &str, number: &str) -> AccountRecord {
    let mut record = plain(id);
    record.facts.push(FactRecord {
        fact: Some(FactKind::StatedZone),
        zone: Zones::bundled().find(zone),
        ..FactRecord::default()
    });
    record.phones = vec![PhoneRecord {
        number: text(number),
        line_type: Some(LineType::Wireless),
        ..PhoneRecord::default()
    }];
    record
}

fn of(id: &str, facts: Vec<FactRecord>) -> Line {
    Line::Account(Box::new(AccountRecord { facts, ..plain(id) }))
}

fn portfolio(id: &str, name: &str) -> Line {
    Line::Account(Box::new(AccountRecord {
        portfolio: text(name),
        ..plain(id)
    }))
}

fn plain(id: &str) -> AccountRecord {
    AccountRecord {
        account_id: text(id),
        address: Some(AddressStatus::OnFile),
        person_id: text(&format!("{id}-consumer")),
        phones: vec![PhoneRecord {
            number: text("+14045550100"),
            line_type: Some(LineType::Wireless),
            ..PhoneRecord::default()
        }],
        state: StateCode::parse("GA"),
        zip: text("30303"),
        ..AccountRecord::default()
    }
}
