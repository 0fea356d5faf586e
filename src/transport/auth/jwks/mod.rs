//! A file of keys (RFC 7517): read whole, every finding at once, each naming its key.
//!
//! Stricter than the RFC asks, because a key that is silently passed over, or stands under two
//! names, is one an operator is mistaken about: everything in the file must be a key that verifies,
//! stated once. A private part is refused, whatever else is right: it does not belong on a machine
//! that only verifies.

mod fault;
mod members;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

pub use fault::{KeyFault, KeyFinding, KeyPlace};
use members::Members;

use super::key::Key;
use crate::wire::limits::{JWKS_BYTES_MAX, KEYS_MAX};

/// The document. Members besides `keys` are passed over, as the RFC asks.
#[derive(Deserialize)]
struct Set<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

/// Reads a file's bytes. No keys is a set of keys, too: it believes nobody.
///
/// # Errors
/// Every finding, in the order of the keys; none repeats a part of a key.
pub fn read(bytes: &[u8]) -> Result<Vec<Key>, Vec<KeyFinding>> {
    let whole = |what| {
        vec![KeyFinding {
            place: KeyPlace::File,
            what,
        }]
    };
    if bytes.len() > JWKS_BYTES_MAX {
        return Err(whole(KeyFault::FileTooLarge));
    }
    let set: Set<'_> = serde_json::from_slice(bytes).map_err(|error| {
        whole(KeyFault::NoSet {
            line: error.line(),
            column: error.column(),
        })
    })?;
    if set.keys.len() > KEYS_MAX {
        return Err(whole(KeyFault::TooMany(set.keys.len())));
    }
    let mut found = Vec::new();
    let mut read: Vec<(KeyPlace, Key)> = Vec::new();
    for (at, raw) in set.keys.iter().enumerate() {
        let (kid, key) = one(raw);
        let place = KeyPlace::Key(at + 1, kid);
        let note = |what| KeyFinding {
            place: place.clone(),
            what,
        };
        match key {
            Ok(key) => {
                found.extend(twice(&key, &read).map(note));
                read.push((place, key));
            }
            Err(faults) => found.extend(faults.into_iter().map(note)),
        }
    }
    if found.is_empty() {
        Ok(read.into_iter().map(|(_place, key)| key).collect())
    } else {
        Err(found)
    }
}

/// One key, and its name if it has a good one.
fn one(raw: &RawValue) -> (Option<Arc<str>>, Result<Key, Vec<KeyFault>>) {
    let members: Members = match serde_json::from_str(raw.get()) {
        Ok(members) => members,
        Err(_error) => return (None, Err(vec![KeyFault::NoKey])),
    };
    members.key()
}

/// Why a key must not stand beside those before it.
fn twice(key: &Key, before: &[(KeyPlace, Key)]) -> Option<KeyFault> {
    before.iter().find_map(|(place, other)| {
        let KeyPlace::Key(at, _) = place else {
            return None;
        };
        if key.kid().is_some() && key.kid() == other.kid() {
            Some(KeyFault::SameKid(*at))
        } else if key.material() == other.material() {
            Some(KeyFault::SameKey(*at))
        } else if key.kid().is_none() && other.kid().is_none() && key.alg() == other.alg() {
            Some(KeyFault::Nameless(*at))
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests;
