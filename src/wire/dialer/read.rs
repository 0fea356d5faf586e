//! A mapping as a file or a request spells it -> [`DialerMapping`], with every finding.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use toml::Table as Toml;

use super::field_path::FieldPath;
use super::keys::{CredentialKind, DialerField, DialerKind, DurationUnit, InstantFormat};
use super::mapping::{Carrier, CredentialPlace, DialerMapping, Meaning, SecretPlace};
use super::measure::Measures;
use super::names::Names;
use super::table::{Findings, Table};
use crate::domain::time::Zones;
use crate::domain::words::Channel;
use crate::wire::disposition::Direction;

/// Names of one meaning at most.
const NAMES_MAX: usize = 500;
/// Places of one field at most.
const PLACES_MAX: usize = 8;
/// Secrets that are good at once.
const SECRETS_MAX: usize = 4;
/// A header's, parameter's or user's name, a secret's place: bytes at most.
const PLACE_BYTES_MAX: usize = 256;
/// Longest talk that may be asked for, seconds.
const CONVERSATION_AFTER_S_MAX: u32 = 3_600;

impl DialerMapping {
    /// Reads a file's text.
    ///
    /// # Errors
    /// Every finding. What is no TOML at all is told by its line, without the line's text.
    pub fn from_toml(text: &str) -> Result<Self, Findings> {
        let table = text.parse::<Toml>().map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            Findings::one("", format_args!("line {line}: is not TOML"))
        })?;
        let value = serde_json::to_value(table);
        Self::from_value(value.map_err(|_never| Findings::one("", "is not a table"))?)
    }

    /// Reads what a file or a request holds.
    ///
    /// # Errors
    /// Every finding.
    pub fn from_value(value: Value) -> Result<Self, Findings> {
        let Value::Object(map) = value else {
            return Err(Findings::one("", "is not an object"));
        };
        let mut findings = Findings::default();
        let mapping = mapping(map, &mut findings);
        if findings.0.is_empty() {
            Ok(mapping)
        } else {
            Err(findings)
        }
    }
}

fn mapping(map: Map<String, Value>, findings: &mut Findings) -> DialerMapping {
    let mut from = Table::new(map, findings);
    let tenant = required(&mut from, "tenant");
    let kind = from.required_word("kind", DialerKind::parse);
    let measures = Measures {
        instants: from
            .word("occurred_at_format", InstantFormat::parse)
            .unwrap_or(InstantFormat::Auto),
        zone: zone(&mut from),
        durations: from
            .word("duration_unit", DurationUnit::parse)
            .unwrap_or(DurationUnit::Seconds),
    };
    let mapping = DialerMapping {
        tenant: tenant.unwrap_or_default(),
        kind: kind.unwrap_or(DialerKind::Generic),
        channel: from
            .word("channel", Channel::parse)
            .unwrap_or(Channel::Phone),
        direction: from
            .word("direction", Direction::parse)
            .unwrap_or(Direction::Outbound),
        measures,
        conversation_after_s: from.number("conversation_after_s", 1, CONVERSATION_AFTER_S_MAX),
        fields: from.section("fields", fields).unwrap_or_default(),
        outcomes: names(&mut from, "outcomes", Meaning::parse),
        channels: names(&mut from, "channels", Channel::parse),
        directions: names(&mut from, "directions", Direction::parse),
        causes: names(&mut from, "causes", Carrier::parse),
        credential: from.section("credential", credential).flatten(),
    };
    check(&mapping, &mut from);
    from.finish();
    mapping
}

/// What no key can say alone.
fn check(mapping: &DialerMapping, from: &mut Table<'_>) {
    let has = |field| !mapping.places(field).is_empty();
    if !has(DialerField::Disposition) {
        from.refuse("fields.disposition", "is required");
    }
    if ![
        DialerField::AccountId,
        DialerField::Phone,
        DialerField::Email,
    ]
    .into_iter()
    .any(has)
    {
        from.refuse(
            "fields.account_id",
            "give this, fields.phone or fields.email",
        );
    }
    if mapping.outcomes.is_empty() {
        from.refuse("outcomes", "names nothing");
    }
    // Either without the other would have no effect, or let no call be unconnected.
    if has(DialerField::Cause) && mapping.causes.is_empty() {
        from.refuse("causes", "is required where fields.cause is given");
    }
    if !has(DialerField::Cause) && !mapping.causes.is_empty() {
        from.refuse("causes", "has no effect without fields.cause");
    }
    if !has(DialerField::Duration) && mapping.conversation_after_s.is_some() {
        let what = "has no effect without fields.duration";
        from.refuse("conversation_after_s", what);
    }
    if !has(DialerField::Channel) && !mapping.channels.is_empty() {
        from.refuse("channels", "has no effect without fields.channel");
    }
    if !has(DialerField::Direction) && !mapping.directions.is_empty() {
        from.refuse("directions", "has no effect without fields.direction");
    }
}

fn required(from: &mut Table<'_>, key: &str) -> Option<Box<str>> {
    let text = from.text(key).filter(|text| !text.is_empty());
    if text.is_none() {
        from.refuse(key, "is required");
    }
    text.map(String::into_boxed_str)
}

fn zone(from: &mut Table<'_>) -> crate::domain::time::ZoneId {
    let zones = Zones::bundled();
    let text = from.text("time_zone").unwrap_or_else(|| "UTC".to_owned());
    zones.find(&text).unwrap_or_else(|| {
        from.refuse("time_zone", "is not an IANA zone name");
        crate::domain::time::ZoneId::from_raw(0)
    })
}

fn fields(from: &mut Table<'_>) -> BTreeMap<DialerField, Vec<FieldPath>> {
    let mut all = BTreeMap::new();
    for field in DialerField::ALL {
        let mut places = Vec::new();
        for text in from.texts(field.as_str(), PLACES_MAX) {
            match FieldPath::parse(&text) {
                Ok(place) => places.push(place),
                Err(what) => from.refuse(field.as_str(), what),
            }
        }
        if !places.is_empty() {
            all.insert(*field, places);
        }
    }
    all
}

/// A table of lists: the names of each meaning.
fn names<T: Copy>(from: &mut Table<'_>, key: &str, parse: fn(&str) -> Option<T>) -> Names<T> {
    let mut all = Names::default();
    from.section(key, |from| {
        for word in from.keys() {
            // A word nobody knows is left, and so refused as an unknown key.
            let Some(means) = parse(&word) else {
                continue;
            };
            for name in from.texts(&word, NAMES_MAX) {
                if let Err(what) = all.add(&name, means) {
                    from.refuse(&word, what);
                }
            }
        }
    });
    all
}

fn credential(from: &mut Table<'_>) -> Option<CredentialPlace> {
    let kind = from.required_word("kind", CredentialKind::parse);
    let mut text = |key: &str| {
        let text = from.text(key)?;
        if text.is_empty() || text.len() > PLACE_BYTES_MAX {
            from.refuse(key, "needs 1 to 256 bytes");
        }
        Some(text.into_boxed_str())
    };
    let (header, query, user) = (text("header"), text("query"), text("user"));
    let variable = text("secret_env");
    let mut secrets: Vec<SecretPlace> = Vec::new();
    for file in from.texts("secret_files", SECRETS_MAX) {
        if file.is_empty() || file.len() > PLACE_BYTES_MAX {
            from.refuse("secret_files", "needs 1 to 256 bytes each");
        }
        secrets.push(SecretPlace::File(file.into()));
    }
    secrets.extend(variable.map(SecretPlace::Variable));
    let credential = CredentialPlace {
        kind: kind?,
        header: header.map(|name| name.to_ascii_lowercase().into()),
        query,
        user,
        secrets,
    };
    agree(&credential, from);
    Some(credential)
}

/// Each key where its kind reads it, and nowhere else.
fn agree(credential: &CredentialPlace, from: &mut Table<'_>) {
    let kind = credential.kind;
    let token = kind == CredentialKind::Token;
    if credential.secrets.is_empty() {
        from.refuse("secret_files", "give this or secret_env");
    }
    if token && credential.header.is_some() == credential.query.is_some() {
        from.refuse("header", "a token needs header or query, one of them");
    }
    for (key, given) in [("header", &credential.header), ("query", &credential.query)] {
        if !token && given.is_some() {
            from.refuse(key, "has an effect for kind token alone");
        }
    }
    let header = credential.header.as_deref().unwrap_or("x");
    let name = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    if !header.bytes().all(name) {
        from.refuse("header", "is not the name of a header");
    }
    let basic = kind == CredentialKind::Basic;
    if basic != credential.user.is_some() {
        from.refuse("user", "is for kind basic, and required there");
    }
    if credential
        .user
        .as_deref()
        .is_some_and(|user| user.contains(':'))
    {
        from.refuse("user", "has a colon, which HTTP Basic cannot carry");
    }
}
