//! Whatever method and path: no panic; what is found fits its template byte for byte, with parameters
//! that are not empty; and neither a dot segment nor another route is found by undoing its escapes.

#![no_main]

use std::sync::LazyLock;

use dialgate::sor::catalogue::{Catalogues, Lookup};
use dialgate::wire::query::percent_decoded;
use libfuzzer_sys::fuzz_target;

static SHIPPED: LazyLock<Catalogues> =
    LazyLock::new(|| Catalogues::read(None).expect("what ships is right"));

fuzz_target!(|asked: (u8, &str)| {
    let methods = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "get", ""];
    let (method, path) = (methods[usize::from(asked.0) % methods.len()], asked.1);
    let (system, Lookup::Match(found)) = SHIPPED.find(method, path) else {
        return;
    };
    let mut rest = path.strip_prefix(system.mount()).expect("it lies there");
    if let Some(prefix) = SHIPPED.of(system).optional_prefix() {
        rest = rest.strip_prefix(prefix).unwrap_or(rest);
    }
    let mut values = found.params.as_slice().iter();
    let template: Vec<&str> = found.route.template.split('/').collect();
    let segments: Vec<&str> = rest.split('/').collect();
    assert_eq!(template.len(), segments.len());
    for (wanted, given) in template.into_iter().zip(segments) {
        if wanted.starts_with('{') {
            let (name, value) = values.next().expect("each has a value");
            assert_eq!((wanted, given), (format!("{{{name}}}").as_str(), *value));
            assert!(!value.is_empty());
        } else {
            assert_eq!(wanted, given);
        }
    }
    assert!(values.next().is_none());
    let decoded = percent_decoded(path).expect("it is text");
    assert!(
        !decoded
            .split(['/', '\\'])
            .any(|segment| segment == "." || segment == "..")
    );
    if let (_, Lookup::Match(other)) = SHIPPED.find(method, &decoded) {
        assert_eq!(other.route, found.route);
    }
});
