//! The document says what the code does.

use super::*;
use crate::wire::native::Native;

fn names(fields: &[bodies::Field]) -> Vec<&'static str> {
    fields.iter().map(|(name, _)| *name).collect()
}

/// OPENAPI-1.
#[test]
fn openapi_1_every_route_and_method_is_described_once() {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let mut operations = 0;
    for spec in ROUTES {
        let path = paths[spec.template].as_object().unwrap();
        assert_eq!(path.len(), spec.ops.len(), "{}", spec.template);
        for op in spec.ops {
            let described = &path[&op.method.to_ascii_lowercase()];
            assert_eq!(described["operationId"], op.does.as_str());
            operations += 1;
        }
    }
    assert_eq!(operations, Native::ALL.len());
    let outside = paths
        .keys()
        .filter(|path| ROUTES.iter().all(|spec| spec.template != **path));
    assert_eq!(outside.count(), 13);
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &Value, schemas: &Map<String, Value>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(to)) = map.get("$ref") {
                    let name = to.strip_prefix("#/components/schemas/").unwrap();
                    assert!(schemas.contains_key(name), "{name}");
                }
                map.values().for_each(|inner| walk(inner, schemas));
            }
            Value::Array(list) => list.iter().for_each(|inner| walk(inner, schemas)),
            _ => {}
        }
    }
    let document = document();
    walk(
        &document,
        document["components"]["schemas"].as_object().unwrap(),
    );
}

#[test]
fn bodies_read_by_hand_have_the_fields_that_are_read() {
    assert_eq!(names(&bodies::INTENT), crate::wire::intent::NAMES);
    assert_eq!(names(&bodies::OUTCOME), crate::wire::disposition::NAMES);
}
