//! Answers byte for byte.

use super::*;
use crate::domain::rules::{Confidence, InForce, RuleNo, RuleText};
use crate::domain::verdict::Code;

const EXPIRES: UnixSeconds = UnixSeconds(1_778_090_400);

fn decided(findings: Findings) -> Decision {
    Decision {
        findings,
        audit_id: Some(482),
        evaluation_id: Some(1_537),
        next_allowed_at: None,
        expires_at: EXPIRES,
        use_by: UnixSeconds(1_778_004_300),
        law: 0,
    }
}

fn all_asked() -> Findings {
    let mut findings = Findings::default();
    for gate in Gate::ALL {
        findings.asked(gate);
    }
    findings
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn echo() -> Echo {
    Echo::new("ACC-001", "phone", "five9")
}

#[test]
fn the_published_block() {
    let mut findings = all_asked();
    findings.block(Code::Cease);
    assert_eq!(
        text(decision("agency-prod", &echo(), &decided(findings), None)),
        concat!(
            r#"{"allow":false,"decision":"BLOCK","reason":"Blocked by: COMPLIANCE","#,
            r#""blocked_by":["COMPLIANCE"],"audit_id":482,"evaluation_id":1537,"#,
            r#""account_id":"ACC-001","tenant_id":"agency-prod","channel":"phone","#,
            r#""source_system":"five9","next_allowed_at":null,"#,
            r#""expires_at":"2026-05-06T18:00:00Z"}"#
        )
    );
}

#[test]
fn several_gates_stand_in_gate_order() {
    let mut findings = all_asked();
    findings.block(Code::KillSwitch);
    findings.block(Code::Call7In7);
    findings.block(Code::AttemptGap);
    let mut decided = decided(findings);
    decided.next_allowed_at = Some(UnixSeconds(1_778_010_000));
    let body = text(decision("t", &echo(), &decided, None));
    assert!(body.contains(concat!(
        r#""reason":"Blocked by: FAIRNESS, TIMING, INFRASTRUCTURE","#,
        r#""blocked_by":["FAIRNESS","TIMING","INFRASTRUCTURE"]"#
    )));
    assert!(body.contains(r#""next_allowed_at":"2026-05-05T19:40:00Z""#));
}

#[test]
fn an_allow_says_so() {
    let caller = Echo::new("A\"1\u{7}", "\u{1f4de}", "\\");
    assert_eq!(
        text(decision("t", &caller, &decided(all_asked()), None)),
        concat!(
            r#"{"allow":true,"decision":"ALLOW","reason":"Allowed","blocked_by":[],"#,
            r#""audit_id":482,"evaluation_id":1537,"account_id":"A\"1\u0007","tenant_id":"t","#,
            "\"channel\":\"\u{1f4de}\",",
            r#""source_system":"\\","next_allowed_at":null,"expires_at":"2026-05-06T18:00:00Z"}"#
        )
    );
}

#[test]
fn no_decision_is_a_block_whatever_is_known() {
    let fault = Fault {
        code: "MISSING",
        field: Some("phone"),
        message: "A required field is missing.",
    };
    assert_eq!(
        text(system_error(None, None, &fault, "r-1")),
        concat!(
            r#"{"allow":false,"decision":"BLOCK","reason":"Blocked by: SYSTEM_ERROR","#,
            r#""blocked_by":["SYSTEM_ERROR"],"audit_id":null,"evaluation_id":null,"#,
            r#""account_id":null,"tenant_id":null,"channel":null,"source_system":null,"#,
            r#""next_allowed_at":null,"expires_at":null,"error":{"code":"MISSING","#,
            r#""field":"phone","message":"A required field is missing.","request_id":"r-1"}}"#
        )
    );
    let known = text(system_error(Some("t"), Some(&echo()), &fault, "r"));
    assert!(known.contains(
        r#""account_id":"ACC-001","tenant_id":"t","channel":"phone","source_system":"five9""#
    ));
}

#[test]
fn every_answer_is_json_with_the_twelve_fields_first() {
    let twelve = [
        "allow",
        "decision",
        "reason",
        "blocked_by",
        "audit_id",
        "evaluation_id",
        "account_id",
        "tenant_id",
        "channel",
        "source_system",
        "next_allowed_at",
        "expires_at",
    ];
    let fault = Fault {
        code: "X",
        field: None,
        message: "x",
    };
    let mut blocked = Findings::default();
    blocked.asked(Gate::Account);
    blocked.block(Code::UnknownAccount);
    for body in [
        decision("t", &echo(), &decided(all_asked()), None),
        decision("t", &echo(), &decided(blocked), None),
        system_error(None, Some(&echo()), &fault, "r"),
    ] {
        let body = text(body);
        let value: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert!(value.is_object());
        let places: Vec<_> = twelve
            .iter()
            .map(|name| body.find(&format!("\"{name}\":")).unwrap())
            .collect();
        assert!(places.is_sorted());
    }
}

/// A pack of two rules.
fn texts() -> [RuleText; 2] {
    ["ONE", "TWO"].map(|id| RuleText {
        id: id.into(),
        citation: format!("{id} CFR").into(),
        sentence: format!("Says {id}.").into(),
        gate: None,
        confidence: Confidence::High,
        in_force: InForce {
            from: None,
            to: None,
        },
    })
}

#[test]
fn explain_tells_each_gates_outcome() {
    let mut findings = all_asked();
    findings.block_by(Code::Call7In7, RuleNo(1));
    findings.block_by(Code::StateFrequency, RuleNo(2));
    findings.block(Code::AttemptGap);
    let body = text(decision("t", &echo(), &decided(findings), Some(&texts())));
    assert!(body.contains(concat!(
        r#""use_by":null,"gates":[{"gate":"ACCOUNT","ordinal":1,"outcome":"pass","#,
        r#""code":null,"codes":[]},{"gate":"STRATEGY","ordinal":2"#
    )));
    assert!(body.contains(concat!(
        r#"{"gate":"FAIRNESS","ordinal":6,"outcome":"block","code":"ATTEMPT_GAP","codes":["#,
        r#"{"code":"ATTEMPT_GAP","sentence":"Too soon after the attempt before.","#,
        r#""citation":"agency policy (12 CFR 1006.14(a))","rule":null}]},"#,
        r#"{"gate":"TIMING","ordinal":7,"outcome":"block","code":"CALL_7_IN_7","codes":["#,
        r#"{"code":"CALL_7_IN_7","sentence":"Says TWO.","citation":"TWO CFR","rule":"TWO"},"#,
        r#"{"code":"STATE_FREQUENCY","sentence":"A state or city count is used up.","#,
        r#""citation":"state rule","rule":null}]},"#
    )));
    let value: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(value["gates"].as_array().unwrap().len(), 12);
}

#[test]
fn explain_tells_what_was_not_asked_and_until_when_an_allow_holds() {
    let mut unknown = Findings::default();
    unknown.asked(Gate::Account);
    unknown.block(Code::UnknownAccount);
    let value = |findings| {
        let body = decision("t", &echo(), &decided(findings), Some(&[]));
        serde_json::from_slice::<serde_json::Value>(&body).unwrap()
    };
    let blocked = value(unknown);
    assert_eq!(blocked["gates"][0]["outcome"], "block");
    for gate in 1..12 {
        assert_eq!(blocked["gates"][gate]["outcome"], "not_evaluated");
    }
    assert_eq!(value(all_asked())["use_by"], "2026-05-05T18:05:00Z");
}
