//! Attempts, as the system lists them and as a caller inserts them.
//!
//! The system stamps a date and a minute of a clock that nobody documents, and gives no id. An attempt
//! is known by account, minute, number and disposition: what a caller inserts through the gateway and
//! what is read later is one attempt where the clocks agree, and two where they do not.

use super::fields::Fields;
use super::numbers::spelt;
use crate::domain::hash::stable_hash_128;
use crate::domain::phone::PhoneNumber;
use crate::domain::record::{AttemptRecord, Personal};
use crate::domain::time::{SECONDS_PER_DAY, UnixSeconds, ZoneId};
use crate::domain::words::Outcome;
use crate::sor::dialect::formats::{
    Said, Spoken, Stamp, dashed, earliest, latest, phone, stamp, time_of_day,
};

/// The type the gateway inserts its own attempts with: those it knows already, and better.
pub(super) const OWN_TYPE: &str = "DIALGATE";

/// Attempts older than this decide nothing, seconds.
pub(super) const AGE_MAX_S: i64 = 45 * SECONDS_PER_DAY;

/// What a disposition came to. A word nobody knows is a conversation, the strictest there is.
pub(super) fn outcome(dispo: &str) -> Outcome {
    const WORDS: [(Outcome, &[&str]); 4] = [
        (
            Outcome::Conversation,
            &[
                "SPOKE*",
                "TALK*",
                "CONVERS*",
                "RPC",
                "RIGHT PARTY",
                "PROMISE*",
                "PTP",
                "PAYMENT*",
            ],
        ),
        (
            Outcome::Voicemail,
            &[
                "LEFT MESSAGE*",
                "LEFT MSG",
                "LM",
                "VOICEMAIL*",
                "VOICE MAIL",
                "VM",
            ],
        ),
        (
            Outcome::NoAnswer,
            &[
                "NO ANSWER",
                "NOANSWER",
                "NA",
                "BUSY*",
                "DISCONNECT*",
                "NOT IN SERVICE",
                "OUT OF SERVICE",
                "NO MESSAGE*",
                "RING*",
                "FAX*",
            ],
        ),
        (
            Outcome::Dropped,
            &[
                "HUNG UP",
                "HANG UP",
                "HANGUP",
                "WRONG*",
                "ANSWERING MACHINE",
                "MACHINE",
            ],
        ),
    ];
    let spoken = Spoken::of(dispo);
    let said = WORDS.iter().find(|(_, words)| spoken.says_any(words));
    said.map_or(Outcome::Conversation, |(outcome, _)| *outcome)
}

/// An attempt as a row of a list says it.
pub(super) struct Listed {
    pub(super) record: AttemptRecord,
    /// How it was disposed of, which may speak of more.
    pub(super) dispo: String,
}

/// Reads one row; `None`: the gateway's own, or too old to matter. `same_before` counts the rows with
/// the same name before it.
pub(super) fn listed(
    account: &str,
    row: &Fields<'_>,
    (zone, now): (Option<ZoneId>, UnixSeconds),
    mut same_before: impl FnMut(&str) -> usize,
) -> Option<Listed> {
    let text = |name: &str| row.text(name).unwrap_or_default();
    if text("type") == OWN_TYPE {
        return None;
    }
    let dispo = text("dispo");
    let when = when(&text("date"), &text("time"));
    let is_inbound = text("direction").eq_ignore_ascii_case("inbound");
    let (at, minute) = match when {
        Some(stamp) => (
            placed(stamp, zone, now, is_inbound),
            earliest(stamp, zone).0.div_euclid(60),
        ),
        // It happened some time before now. Known by what stands there, it keeps the instant at which
        // it was seen first.
        None => (now, 0),
    };
    if now.since(at) > AGE_MAX_S {
        return None;
    }
    let raw_when = if when.is_some() {
        String::new()
    } else {
        format!("{}|{}", text("date"), text("time"))
    };
    let number = phone(&text("phonenumber")).known();
    let key = key(minute, &raw_when, (number, &text("phonenumber")), &dispo);
    let name = name(account, &key, same_before(&key));
    Some(Listed {
        record: AttemptRecord {
            at: Some(at),
            call_id: Some(name),
            inbound: is_inbound.then_some(true),
            outcome: Some(outcome(&dispo)),
            phone: number.map(spelt),
            ..AttemptRecord::default()
        },
        dispo: dispo.into_owned(),
    })
}

/// The attempt a caller inserts: the system stamps its own clock, so ours stands for it.
pub(super) fn inserted(account: &str, body: &Fields<'_>, now: UnixSeconds) -> AttemptRecord {
    let text = |name: &str| body.text(name).unwrap_or_default();
    let (raw, dispo) = (text("phonenumber"), text("dispo"));
    let number = phone(&raw).known();
    let key = key(now.0.div_euclid(60), "", (number, &raw), &dispo);
    AttemptRecord {
        at: Some(now),
        call_id: Some(name(account, &key, 0)),
        outcome: Some(outcome(&dispo)),
        phone: number.map(spelt),
        ..AttemptRecord::default()
    }
}

/// What an attempt is known by.
fn key(
    minute: i64,
    raw_when: &str,
    (number, raw): (Option<PhoneNumber>, &str),
    dispo: &str,
) -> String {
    let number = number.map_or_else(|| raw.to_owned(), dashed);
    format!("{minute}|{raw_when}|{number}|{}", dispo.to_uppercase())
}

/// Date and time put together; the time of day that stands in the date is no time.
fn when(date: &str, time: &str) -> Option<Stamp> {
    let stamp = stamp(date).known()?;
    let second_of_day = match time_of_day(time) {
        Said::This(second) => Some(second),
        Said::Nothing | Said::Unreadable => None,
    };
    Some(Stamp {
        second_of_day,
        ..stamp
    })
}

/// When an attempt counts from: a day later than its clock says, so that no window ends before it does
/// whatever clock it was, and never later than now. What the consumer started opens something, so it
/// counts from the earliest.
pub(super) fn placed(
    stamp: Stamp,
    zone: Option<ZoneId>,
    now: UnixSeconds,
    is_inbound: bool,
) -> UnixSeconds {
    let at = if is_inbound {
        earliest(stamp, zone)
    } else {
        latest(stamp, zone).plus(SECONDS_PER_DAY)
    };
    at.min(now)
}

/// A name for what has none: the same row, the same name.
pub(super) fn name(account: &str, key: &str, same_before: usize) -> Personal {
    let hash = stable_hash_128(&[
        account.as_bytes(),
        key.as_bytes(),
        same_before.to_string().as_bytes(),
    ]);
    Personal(format!("scollect:{hash:032x}").into())
}
