//! The description of the interface as it is published beside the docs.

use serde_json::Value;

/// Compares `docs/openapi.json` with what the program serves; `curl -s $GATE/openapi.json | jq -S .` makes it anew.
#[test]
fn the_published_description_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
    let published: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let served = dialgate::wire::openapi::document();
    for name in ["info", "components", "paths"] {
        let (published, served) = (&published[name], &served[name]);
        for (key, value) in served.as_object().unwrap() {
            assert_eq!(&published[key], value, "{name} {key}");
        }
    }
    assert_eq!(published, served);
}
