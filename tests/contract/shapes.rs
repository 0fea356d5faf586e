//! The second column: whether an answer has the shape its system documents. `shapes.json` holds of each
//! documented answer the names of its fields and their kinds, taken from the systems' documents: `s` text,
//! `n` number, `b` true or false, `?` anything.

use std::collections::BTreeMap;

use dialgate::sor::route::{Class, System};
use serde_json::Value;

use crate::gate::Gate;
use crate::http::Request;
use crate::report::Shape;
use crate::rows::Row;

/// What one route documents.
#[derive(Debug, Clone, serde::Deserialize)]
struct Documented {
    system: System,
    no: u16,
    /// Statuses of success; none given: 200.
    #[serde(default)]
    status: Vec<u16>,
    /// A body to send.
    request: Option<Value>,
    answer: Value,
}

/// Every documented answer, by system and number.
fn documented() -> BTreeMap<(System, u16), Documented> {
    let all: Vec<Documented> = serde_json::from_str(include_str!("shapes.json")).unwrap();
    all.into_iter()
        .map(|one| ((one.system, one.no), one))
        .collect()
}

/// Calls every route that documents an answer and compares: first what contacts, before anything
/// documented has been written that would forbid it; then what writes, so that there is something to
/// read; and what removes last.
pub(crate) fn compared(gate: &Gate, rows: &[Row]) -> BTreeMap<(System, u16), Shape> {
    let mut order: Vec<&Row> = rows.iter().collect();
    order.sort_by_key(|row| match &*row.route.method {
        _ if row.route.class == Class::Guarded => 0,
        "GET" => 2,
        "DELETE" => 3,
        _ => 1,
    });
    let documented = documented();
    let compared = order.into_iter().filter_map(|row| {
        let key = (row.system, row.route.no);
        let documented = documented.get(&key)?;
        Some((key, compare(gate, row, documented)))
    });
    compared.collect()
}

/// Calls the route and compares.
fn compare(gate: &Gate, row: &Row, documented: &Documented) -> Shape {
    if row.route.class == Class::Denied {
        return Shape::Denied;
    }
    let request = Request::new(
        row.method(),
        format!("{}{}", row.system.mount(), filled(row)),
    );
    let request = request.token(gate.token(row.system));
    let request = match (&documented.request, &row.body) {
        (Some(body), _) => request.json(body.to_string()),
        // What a portal takes as a file is a form.
        (None, Some(_)) if row.route.class == Class::Upload => {
            request.typed("multipart/form-data; boundary=x", FILE)
        }
        (None, Some(body)) => request.typed(body.kind, body.text.clone()),
        (None, None) => request,
    };
    let heard = gate.ask(&request);
    match documented.difference(heard.status, &heard.json()) {
        None => Shape::Matched,
        Some(what) => Shape::Differs(what),
    }
}

const FILE: &str = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\
    content-type: application/pdf\r\n\r\n%PDF-1.4\r\n--x--\r\n";

/// The path with what the sandbox has. What is removed is not what others look at.
fn filled(row: &Row) -> String {
    let number = if &*row.route.method == "DELETE" {
        "1"
    } else {
        "2"
    };
    let values = row.route.names().map(|name| match name {
        "filenumber" => "R1000",
        "ssn" => "900-00-0000",
        "account_id" => "ACC-1",
        "bureau" => "EFX",
        "eventName" => "login",
        "modelName" => "clients",
        "provider" => "transunion",
        "type" => "claim",
        _ => number,
    });
    let values: Vec<&str> = values.collect();
    row.route.filled(&values).unwrap()
}

impl Documented {
    /// What is missing or of another kind, with its place; nothing when the answer is as documented.
    fn difference(&self, status: u16, body: &Value) -> Option<String> {
        let known = if self.status.is_empty() {
            &[200][..]
        } else {
            &self.status
        };
        if !known.contains(&status) {
            return Some(format!("answered {status}"));
        }
        if status == 204 {
            // It has no body, whatever is shown beside it.
            return None;
        }
        differs("", &self.answer, body)
    }
}

fn differs(place: &str, wanted: &Value, got: &Value) -> Option<String> {
    let is = match wanted {
        Value::Object(fields) => {
            let Value::Object(given) = got else {
                return Some(format!("`{place}` is no object"));
            };
            return fields.iter().find_map(|(name, wanted)| {
                let place = format!("{place}.{name}");
                match given.get(name) {
                    Some(got) => differs(&place, wanted, got),
                    None => Some(format!("`{place}` is missing")),
                }
            });
        }
        Value::Array(items) => {
            let Value::Array(given) = got else {
                return Some(format!("`{place}` is no list"));
            };
            let wanted = items.first()?;
            // An empty list would prove nothing of what is in it.
            return match given.first() {
                Some(got) => differs(&format!("{place}[]"), wanted, got),
                None => Some(format!("`{place}` is empty")),
            };
        }
        Value::String(kind) => match kind.as_str() {
            "s" => got.is_string(),
            "n" => got.is_number(),
            "b" => got.is_boolean(),
            _ => true,
        },
        _ => false,
    };
    (!is).then(|| format!("`{place}` is of another kind"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_shape_is_names_and_kinds() {
        let wanted = json!({ "a": "s", "b": [{ "c": "n" }], "d": "?", "e": [] });
        let fits = json!({ "a": "", "b": [{ "c": 1, "x": 2 }], "d": null, "e": [1], "f": 1 });
        assert_eq!(differs("", &wanted, &fits), None);
        for (got, expected) in [
            (json!([]), "`` is no object"),
            (
                json!({ "b": [{ "c": 1 }], "d": 1, "e": [] }),
                "`.a` is missing",
            ),
            (
                json!({ "a": 1, "b": [{ "c": 1 }], "d": 1, "e": [] }),
                "`.a` is of another kind",
            ),
            (
                json!({ "a": "", "b": [], "d": 1, "e": [] }),
                "`.b` is empty",
            ),
            (
                json!({ "a": "", "b": [{ "c": "1" }], "d": 1, "e": [] }),
                "`.b[].c` is of another kind",
            ),
            (
                json!({ "a": "", "b": {}, "d": 1, "e": [] }),
                "`.b` is no list",
            ),
        ] {
            assert_eq!(
                differs("", &wanted, &got).as_deref(),
                Some(expected),
                "{got}"
            );
        }
        assert_eq!(documented().len(), 167);
    }
}
