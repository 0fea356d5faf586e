//! The table of native routes.

use super::*;

#[test]
fn every_template_finds_itself_and_no_other() {
    for spec in ROUTES {
        let path = spec.template.replace(['{', '}'], "");
        let (found, segment) = find(&path).unwrap();
        assert_eq!(found.template, spec.template, "{path}");
        let name = spec.template.split_once('{').map(|(_, rest)| rest);
        let name = name.and_then(|rest| rest.split_once('}')).map(|(n, _)| n);
        assert_eq!(segment, name.unwrap_or_default());
        assert!(find(&format!("{path}/")).is_none(), "{path}/");
    }
}

#[test]
fn no_path_has_a_method_or_an_operation_twice() {
    let mut operations = std::collections::HashSet::new();
    let mut templates = std::collections::HashSet::new();
    for spec in ROUTES {
        assert!(templates.insert(spec.template), "{}", spec.template);
        let mut methods = std::collections::HashSet::new();
        for op in spec.ops {
            assert!(methods.insert(op.method), "{} {}", op.method, spec.template);
            assert!(operations.insert(op.does), "{:?}", op.does);
        }
    }
}

#[test]
fn a_parameter_is_one_segment_that_is_not_empty() {
    for path in [
        "/api/queue/account//disposition",
        "/api/queue/account/a/b/disposition",
        "/api/queue/account/disposition",
        "/API/queue/account/a/disposition",
    ] {
        assert!(find(path).is_none(), "{path}");
    }
    let (spec, segment) = find("/api/queue/account/ACC%2F1/disposition").unwrap();
    assert_eq!(segment, "ACC%2F1");
    assert_eq!(
        spec.op("POST").map(|op| op.does),
        Some(Native::AccountOutcome)
    );
    assert!(spec.op("GET").is_none());
    assert_eq!(spec.allow(), "POST");
}

#[test]
fn a_token_needs_one_of_the_scopes() {
    let any = Access::AnyOf(&[Scope::GateAsk, Scope::AuditRead]);
    assert!(any.admits(Scopes::NONE.with(Scope::AuditRead)));
    assert!(!any.admits(Scopes::NONE.with(Scope::Admin)));
    assert!(!Access::Open.admits(Scopes::all()));
    assert!(!Access::Dialer.admits(Scopes::all()));
}
