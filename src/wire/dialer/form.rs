//! `application/x-www-form-urlencoded` with nested keys: `call[id]=1` stands for `{"call":{"id":"1"}}`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::wire::query::percent_decoded;

/// Pairs of one form at most.
const PAIRS_MAX: usize = 512;
/// Keys one within the other at most.
const DEPTH_MAX: usize = 8;

/// Reads a form; `None` when it is none: bytes that are not UTF-8, broken percent-encoding, or more
/// than 512 pairs or eight keys deep. Of a key given twice the last holds, as in JSON.
pub(super) fn read(body: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(body).ok()?;
    let mut root = Map::new();
    for (n, pair) in text.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        if n >= PAIRS_MAX {
            return None;
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = (decoded(key)?, decoded(value)?);
        let keys = keys(&key);
        if keys.len() > DEPTH_MAX {
            return None;
        }
        insert(&mut root, &keys, value);
    }
    Some(Value::Object(root))
}

/// One text of a form or query: `+` is a blank, `%41` an `A`.
pub(crate) fn decoded(text: &str) -> Option<String> {
    percent_decoded(&text.replace('+', " ")).map(Cow::into_owned)
}

/// `a[b][c]` -> a, b, c; whatever is not of that shape is one key.
fn keys(key: &str) -> Vec<&str> {
    let nested = || {
        let (first, rest) = key.split_once('[')?;
        let inner = rest.strip_suffix(']')?;
        let mut all = vec![first];
        all.extend(inner.split("]["));
        let plain = |key: &&str| !key.is_empty() && !key.contains(['[', ']']);
        all.iter().all(plain).then_some(all)
    };
    nested().unwrap_or_else(|| vec![key])
}

/// Puts a value in its place. Where a text already stands in the way, it gives way to the object.
fn insert(map: &mut Map<String, Value>, keys: &[&str], value: String) {
    let Some((first, rest)) = keys.split_first() else {
        return;
    };
    if rest.is_empty() {
        map.insert((*first).to_owned(), Value::String(value));
        return;
    }
    let slot = map.entry((*first).to_owned()).or_insert(Value::Null);
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    if let Value::Object(inner) = slot {
        insert(inner, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn forms_read_as_the_objects_they_stand_for() {
        for (form, expected) in [
            ("", json!({})),
            ("a=1&b=", json!({ "a": "1", "b": "" })),
            ("a", json!({ "a": "" })),
            ("a=x+y%26z%3D", json!({ "a": "x y&z=" })),
            (
                "call%5Bid%5D=7&call[end][at]=8",
                json!({ "call": { "id": "7", "end": { "at": "8" } } }),
            ),
            (
                "a[]=1&a[b=2&[c]=3",
                json!({ "a[]": "1", "a[b": "2", "[c]": "3" }),
            ),
            ("a=1&a=2", json!({ "a": "2" })),
            ("a=1&a[b]=2", json!({ "a": { "b": "2" } })),
            ("call.id=7", json!({ "call.id": "7" })),
        ] {
            assert_eq!(read(form.as_bytes()), Some(expected), "{form}");
        }
    }

    #[test]
    fn what_is_no_form_is_refused() {
        for bad in ["a=%", "a=%2", "a=%zz", "a=%+1", "%ff=1"] {
            assert_eq!(read(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(read(&[0xff]), None);
        let deep = |keys: usize| format!("a{}=1", "[a]".repeat(keys - 1));
        assert!(read(deep(DEPTH_MAX).as_bytes()).is_some());
        assert_eq!(read(deep(DEPTH_MAX + 1).as_bytes()), None);
        assert!(read("a=1&".repeat(PAIRS_MAX).as_bytes()).is_some());
        assert_eq!(read("a=1&".repeat(PAIRS_MAX + 1).as_bytes()), None);
    }
}
