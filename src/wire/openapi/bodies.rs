//! Bodies that are read by hand: their fields, in the order they are published.

use serde_json::{Map, Value, json};

use super::Schemas;
use super::kinds::Kind;
use crate::domain::outcome::Reported;
use crate::domain::words::{Action, Channel, Form, PartyRole};
use crate::wire::disposition::{Direction, SpokeWith};
use crate::wire::limits::{BATCH_INTENTS_MAX, DURATION_S_MAX, PAGE_ITEMS_MAX};

/// A field: its name and what it may hold.
pub(super) type Field = (&'static str, Kind);

/// An object with these fields, of which some are required. Fields that are not listed are skipped
/// by whoever reads it.
pub(super) fn object(fields: &[Field], required: &[&str]) -> Value {
    let mut properties = Map::new();
    for (name, kind) in fields {
        let schema = kind.schema();
        let schema = if required.contains(name) {
            schema
        } else {
            // What is null is absent.
            json!({ "anyOf": [schema, { "type": "null" }] })
        };
        properties.insert((*name).to_owned(), schema);
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

/// `POST /api/gate/contact-intent`. Words that nobody published are answered by a gate and not
/// refused, so they stand here as texts.
pub(super) const INTENT: [Field; 17] = [
    ("account_id", Kind::Text),
    ("phone", Kind::Text),
    ("channel", Kind::Text),
    ("action_type", Kind::Text),
    ("source_system", Kind::Text),
    ("request_id", Kind::Text),
    ("person_id", Kind::Text),
    ("party_role", Kind::Text),
    ("dial_mode", Kind::Text),
    ("purpose", Kind::Text),
    ("in_response_to", Kind::Text),
    ("to_place", Kind::Text),
    ("campaign_id", Kind::Text),
    ("agent_id", Kind::Text),
    ("email", Kind::Text),
    ("debt_ids", Kind::Texts),
    ("dry_run", Kind::Flag),
];

/// Every route an outcome is reported on.
pub(super) const OUTCOME: [Field; 27] = [
    ("account_id", Kind::Name),
    ("audit_id", Kind::Number(1, u64::MAX >> 11)),
    (
        "outcome",
        Kind::Words(|| all(Reported::ALL, Reported::as_str)),
    ),
    ("phone", Kind::Phone),
    ("email", Kind::Email),
    (
        "channel",
        Kind::Words(|| all(Channel::ALL, Channel::as_str)),
    ),
    (
        "action_type",
        Kind::Words(|| all(Action::ALL, Action::as_str)),
    ),
    (
        "direction",
        Kind::Words(|| all(Direction::ALL, Direction::as_str)),
    ),
    ("occurred_at", Kind::Instant),
    ("duration_s", Kind::Number(0, DURATION_S_MAX as u64)),
    ("agent_id", Kind::Name),
    ("actor", Kind::Name),
    ("call_id", Kind::Name),
    ("debt_ids", Kind::Names),
    ("conversation_about", Kind::Names),
    (
        "party_role",
        Kind::Words(|| all(PartyRole::ALL, PartyRole::as_str)),
    ),
    ("person_id", Kind::Name),
    (
        "spoke_with",
        Kind::Words(|| all(SpokeWith::ALL, SpokeWith::as_str)),
    ),
    ("prerecorded", Kind::Flag),
    ("form", Kind::Words(|| all(Form::ALL, Form::as_str))),
    ("reason", Kind::Name),
    ("campaign_id", Kind::Name),
    ("source_system", Kind::Name),
    ("promise_date", Kind::Date),
    ("inconvenient_from", Kind::Clock),
    ("inconvenient_to", Kind::Clock),
    ("inconvenient_days", Kind::Weekdays),
];

/// The published spellings of a vocabulary.
pub(super) fn all<T: Copy>(words: &[T], text: fn(T) -> &'static str) -> Vec<&'static str> {
    words.iter().map(|word| text(*word)).collect()
}

pub(super) fn intent(schemas: &mut Schemas) -> Value {
    let required = ["account_id", "channel", "action_type", "source_system"];
    schemas.put("ContactIntent", object(&INTENT, &required))
}

pub(super) fn intents(schemas: &mut Schemas) -> Value {
    let one = intent(schemas);
    // An element that is no intent spoils no other: it has an answer of its own.
    let any = json!({ "anyOf": [one, {}] });
    let list = json!({ "type": "array", "items": any, "maxItems": BATCH_INTENTS_MAX });
    let wrapped = json!({
        "type": "object", "properties": { "intents": list }, "required": ["intents"],
        "additionalProperties": false,
    });
    schemas.put("ContactIntents", json!({ "oneOf": [list, wrapped] }))
}

/// Where the body names the account.
pub(super) fn outcome(schemas: &mut Schemas) -> Value {
    schemas.put("Outcome", object(&OUTCOME, &["outcome"]))
}

/// Where the path does.
pub(super) fn outcome_of_path(schemas: &mut Schemas) -> Value {
    let fields: Vec<Field> = (OUTCOME.iter().copied())
        .filter(|(name, _)| *name != "account_id")
        .collect();
    schemas.put("OutcomeOfAccount", object(&fields, &["outcome"]))
}

/// The two parameters of every list.
pub(super) const CURSOR: Field = ("cursor", Kind::Cursor);
pub(super) const LIMIT: Field = ("limit", Kind::Number(1, PAGE_ITEMS_MAX as u64));
