//! Shapes of answers, as far as the systems document them.
//!
//! `samples/portal.json`: for an operation by its number, an answer, its status and the fields its
//! request has to have. `samples/scollect.json`: one row of each kind. A document is laid over a shape:
//! every field of the shape is there, and what the document knows takes the place of what it shows.

use std::sync::LazyLock;

use serde_json::Value;

static PORTAL: LazyLock<Value> = LazyLock::new(|| read(include_str!("samples/portal.json")));
static SCOLLECT: LazyLock<Value> = LazyLock::new(|| read(include_str!("samples/scollect.json")));

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// What is known of an operation of the portal.
pub(super) fn portal(no: u16) -> &'static Value {
    let known = PORTAL.get(no.to_string());
    known.unwrap_or(&Value::Null)
}

/// A row of Scollect's of this kind.
pub(super) fn row(kind: &str) -> &'static Value {
    SCOLLECT.get(kind).unwrap_or(&Value::Null)
}

/// Objects whose fields are free.
const FREE: &str = "attributes";

/// The shape with what the document knows. Fields of another type stay as they are shown; `data` only
/// wraps, unless the document has it.
pub(super) fn laid_over(shape: &Value, document: &Value) -> Value {
    let Value::Object(fields) = shape else {
        return shape.clone();
    };
    let mut laid = fields.clone();
    for (name, shown) in &mut laid {
        match (document.get(name), &*shown) {
            (Some(Value::Object(more)), Value::Object(old)) if name == FREE => {
                let mut both = old.clone();
                both.extend(more.clone());
                *shown = Value::Object(both);
            }
            (Some(known @ Value::Object(_)), Value::Object(_)) => *shown = laid_over(shown, known),
            (Some(Value::Array(known)), Value::Array(rows))
                if rows.first().is_some_and(Value::is_object) =>
            {
                let row = rows.first().cloned().unwrap_or_default();
                *shown = known.iter().map(|one| laid_over(&row, one)).collect();
            }
            (Some(known), _) if fits(shown, known) => *shown = known.clone(),
            (None, Value::Object(_)) if name == "data" => *shown = laid_over(shown, document),
            _ => {}
        }
    }
    Value::Object(laid)
}

/// Whether a value may stand where another is shown. Where null is shown, nobody knows.
fn fits(shown: &Value, known: &Value) -> bool {
    shown.is_null()
        || known.is_null()
        || (shown.is_string() && known.is_string())
        || (shown.is_number() && known.is_number())
        || (shown.is_boolean() && known.is_boolean())
        || (shown.is_array() && known.is_array())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sor::catalogue::Catalogues;
    use crate::sor::route::System;
    use serde_json::json;

    #[test]
    fn every_operation_of_the_portal_is_known() {
        let catalogues = Catalogues::read(None).unwrap();
        for route in catalogues.of(System::Portal).routes() {
            let status = portal(route.no).get("status").and_then(Value::as_u64);
            assert!(status.is_some(), "{}", route.template);
        }
        assert_eq!(row("account").as_object().unwrap().len(), 290);
        assert_eq!(row("bulk").as_object().unwrap().len(), 122);
    }

    #[test]
    fn a_document_fills_a_shape_and_never_bends_it() {
        let shape = json!({"data": {"id": 0, "name": "string", "attributes": {"A": "string"},
            "by": {"id": 0}}});
        let document = json!({"id": 7, "name": 3, "more": 1, "attributes": {"B": "x"},
            "by": {"id": 2, "x": 1}});
        let laid = json!({"data": {"id": 7, "name": "string", "attributes": {"A": "string",
            "B": "x"}, "by": {"id": 2}}});
        assert_eq!(laid_over(&shape, &document), laid);
        assert_eq!(laid_over(&json!([1]), &document), json!([1]));
        let shape = json!({ "rows": [{ "id": 0, "at": "x" }], "ids": [0] });
        let document = json!({ "rows": [{ "id": 7 }, 8], "ids": [1, 2] });
        let laid =
            json!({ "rows": [{ "id": 7, "at": "x" }, { "id": 0, "at": "x" }], "ids": [1, 2] });
        assert_eq!(laid_over(&shape, &document), laid);
    }
}
