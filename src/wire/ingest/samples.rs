//! Records for tests: one with every field, and arbitrary ones.

use proptest::prelude::*;

use crate::domain::record::{
    AccountRecord, AttemptRecord, DebtRecord, EmailRecord, FactRecord, Line, PartyRecord, Personal,
    PhoneRecord,
};
use crate::domain::time::{CivilDate, UnixSeconds};
use crate::domain::words::{Channel, Outcome};

const ATTEMPT: &str = r#"{
    "action_type": "call", "address": "a@b.co", "at": "2026-05-05T18:00:00Z", "call_id": "c-1",
    "channel": "phone", "conversation_about": ["D1"], "debts": ["D1", "D2"],
    "in_response_to": "inbound_text", "inbound": false, "outcome": "no_answer", "person_id": "P1",
    "phone": "+14045550100", "prerecorded": true, "purpose": "reply"}"#;

const FACT: &str = r#"{
    "action": "call", "actor": "kim", "address": "a@b.co", "all_debts": true,
    "approval": "approved", "at": "2026-05-05T18:00:00Z", "chapter": 13,
    "consent": ["autodialed", "text"], "contact_known": true,
    "creditor_notice": "2026-05-05T18:00:00Z", "debts": ["D1"], "document_id": "doc-1",
    "escalation": "complaint", "fact": "attorney", "form": "written", "from_date": "2026-05-05",
    "gates": [2, 12], "given_to": "creditor", "hold": "court", "immediately_prior_used": true,
    "in_period": true, "inbound": "inbound_call", "lifted": true, "medium": "sms",
    "notice": "validation", "obtained_properly": true, "opted_out": false,
    "override": "supervisor",
    "periods": [{"days": [1, 7], "from": "09:00", "to": "12:30:15"}], "person_id": "P1",
    "phone": "+14045550100", "place": "home", "places": true, "purpose": "reply", "reason": "r",
    "reassigned": false, "reminder": true, "source": "s", "status": "filed", "times": true,
    "until": "2026-05-06T18:00:00Z", "until_date": "2026-05-06", "vulnerability": "health",
    "written": true, "zone": "America/New_York"}"#;

/// An account record with every field of every record (not a valid one: fields do not agree).
pub(crate) fn everything() -> Line {
    let text = format!(
        r#"{{"account_id": "A1", "address": "on_file", "attempts": [{ATTEMPT}],
        "collector_role": "third_party", "creditor": "$0", "debts": [{{"debt_id": "D1",
        "group": "G", "kind": "medical", "status": "open"}}], "emails": [{{"address": "a@b.co",
        "employer_provided": true, "from_consumer": true, "person_id": "P1", "wrong": false}}], "facts": [{FACT}],
        "parties": [{{"authorised": true, "employer": false, "person_id": "P2", "role": "spouse"}}],
        "person_id": "P1", "phones": [{{"line_type": "wireless", "number": "+14045550100",
        "person_id": "P1", "personal": true, "place": "home", "wrong": false}}],
        "portfolio": "prime", "reason": "r", "state": "GA", "status": "open", "zip": "30301"}}"#
    );
    Line::Account(Box::new(serde_json::from_str(&text).unwrap()))
}

/// A restriction of a number.
pub(crate) fn contact() -> Line {
    Line::Contact(Box::new(serde_json::from_str(FACT).unwrap()))
}

/// A kill switch.
pub(crate) fn kill() -> Line {
    let text = r#"{"on": false, "reason": "over", "scope": "state", "value": "GA"}"#;
    Line::Kill(serde_json::from_str(text).unwrap())
}

fn personal() -> impl Strategy<Value = Personal> {
    "[ -~é😀\u{1}]{0,12}"
        .prop_filter("the test looks for one", |text| !text.contains('@'))
        .prop_map(|text| Personal(text.into()))
}

fn maybe() -> impl Strategy<Value = Option<Personal>> {
    prop::option::of(personal())
}

fn instant() -> impl Strategy<Value = Option<UnixSeconds>> {
    prop::option::of((-60_000_000_000_i64..200_000_000_000).prop_map(UnixSeconds))
}

fn attempts() -> impl Strategy<Value = AttemptRecord> {
    let debts = prop::collection::vec(personal(), 0..3);
    (instant(), maybe(), debts, 0_u8..7, 0_u8..10).prop_map(
        |(at, phone, debts, channel, outcome)| AttemptRecord {
            at,
            phone,
            debts,
            channel: Channel::from_number(channel),
            outcome: Outcome::from_number(outcome),
            ..AttemptRecord::default()
        },
    )
}

fn facts() -> impl Strategy<Value = FactRecord> {
    use crate::domain::record::FactKind;
    let kind = 0..FactKind::ALL.len();
    let date = prop::option::of((-700_000_i64..2_900_000).prop_map(CivilDate::from_days_clamped));
    (
        kind,
        instant(),
        maybe(),
        maybe(),
        date,
        prop::collection::vec(1_u8..13, 0..4),
    )
        .prop_map(|(kind, until, actor, reason, date, gates)| FactRecord {
            fact: Some(FactKind::ALL[kind]),
            until,
            actor,
            lifted: reason.is_some().then_some(true),
            reason,
            until_date: date,
            gates,
            ..FactRecord::default()
        })
}

/// Records of any content, sound or not.
pub(crate) fn records() -> impl Strategy<Value = AccountRecord> {
    let lists = (
        prop::collection::vec(attempts(), 0..4),
        prop::collection::vec(facts(), 0..4),
        prop::collection::vec((personal(), maybe()), 0..3),
    );
    (maybe(), maybe(), maybe(), lists).prop_map(|(account_id, zip, person_id, lists)| {
        let (attempts, facts, named) = lists;
        let name = |at: usize| named.get(at).map(|(text, _)| text.clone());
        AccountRecord {
            account_id,
            zip,
            person_id,
            attempts,
            facts,
            debts: named
                .iter()
                .map(|(id, group)| DebtRecord {
                    debt_id: Some(id.clone()),
                    group: group.clone(),
                    ..DebtRecord::default()
                })
                .collect(),
            emails: vec![EmailRecord {
                address: name(0),
                wrong: Some(true),
                ..EmailRecord::default()
            }],
            parties: vec![PartyRecord {
                person_id: name(1),
                ..PartyRecord::default()
            }],
            phones: vec![PhoneRecord {
                number: name(2),
                ..PhoneRecord::default()
            }],
            ..AccountRecord::default()
        }
    })
}
