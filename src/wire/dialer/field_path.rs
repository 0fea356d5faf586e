//! Where in a body a field stands: a JSON pointer, or keys with dots between them.

use serde::Serialize;
use serde_json::Value;

/// A path is at most this long, bytes.
const PATH_BYTES_MAX: usize = 128;
/// Keys of a dotted path at most: how often a look-up may try another way.
const KEYS_MAX: usize = 8;

/// A place in a body. `/a/0/b` is an RFC 6901 pointer; `a.b` is the key `a.b`, or `b` within `a`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FieldPath(Box<str>);

impl FieldPath {
    /// Takes a path.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() || text.len() > PATH_BYTES_MAX {
            return Err("a place needs 1 to 128 bytes");
        }
        let keys = text.trim_start_matches('/').split(['.', '/']);
        if keys.clone().any(str::is_empty) {
            return Err("a place has an empty key");
        }
        if keys.count() > KEYS_MAX {
            return Err("a place has more than 8 keys");
        }
        Ok(Self(text.into()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands there.
    pub(super) fn find<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        if self.0.starts_with('/') {
            return root.pointer(&self.0);
        }
        dotted(root, &self.0)
    }
}

/// The longest key first: dialers write both `{"call.id": 1}` and `{"call": {"id": 1}}`.
fn dotted<'v>(value: &'v Value, rest: &str) -> Option<&'v Value> {
    let object = value.as_object()?;
    if let Some(found) = object.get(rest) {
        return Some(found);
    }
    rest.rmatch_indices('.').find_map(|(at, _)| {
        let (key, inner) = rest.split_at_checked(at)?;
        dotted(object.get(key)?, inner.strip_prefix('.')?)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_found_nested_flat_and_mixed() {
        let body = json!({
            "call.id": 1, "call": { "end.at": 2, "agent": { "id": 3 } }, "list": [{ "a": 4 }],
        });
        for (path, expected) in [
            ("call.id", Some(1)),
            ("call.end.at", Some(2)),
            ("call.agent.id", Some(3)),
            ("/call/agent/id", Some(3)),
            ("/list/0/a", Some(4)),
            ("list.a", None),
            ("call.none", None),
            ("/call.id", Some(1)),
        ] {
            let path = FieldPath::parse(path).unwrap();
            let found = path.find(&body).and_then(Value::as_i64);
            assert_eq!(found, expected, "{}", path.as_str());
        }
    }

    #[test]
    fn paths_are_bounded() {
        for bad in ["", "a..b", ".", "a.", "a.b.c.d.e.f.g.h.i"] {
            assert!(FieldPath::parse(bad).is_err(), "{bad}");
        }
        assert!(FieldPath::parse(&"a".repeat(129)).is_err());
        assert!(FieldPath::parse("a.b.c.d.e.f.g.h").is_ok());
    }
}
