//! An answer, whichever protocol brought it, with what may differ taken out: ids of requests, and
//! the minutes of instants.

use dialgate::domain::time::UnixSeconds;
use dialgate::domain::verdict::Gate;
use dialgate::wire::frame::{ArchivedDecision, ArchivedFailure};
use serde_json::{Value, json};

use crate::house::MAY;

/// The fields that name what was asked about: an answer without a decision need not have them.
const NAMES: [&str; 4] = ["account_id", "tenant_id", "channel", "source_system"];
/// The fields that are instants.
const INSTANTS: [&str; 3] = ["next_allowed_at", "expires_at", "use_by"];

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Told {
    /// The published fields of a gate's answer, `use_by` and the codes.
    Gate(Value),
    /// The answer to a report: what HTTP's status is, and the body.
    Report(u16, Value),
}

impl Told {
    /// A gate's answer in JSON.
    pub(crate) fn gate(said: &Value) -> Self {
        let mut told = said.clone();
        let codes = crate::words::codes(said);
        let object = told.as_object_mut().unwrap_or_else(|| panic!("{said}"));
        for extra in ["gates", "flags", "line"] {
            object.remove(extra);
        }
        if let Some(error) = object.remove("error") {
            object.insert("error".to_owned(), named(&error));
            for name in NAMES {
                object.remove(name);
            }
        } else {
            told["codes"] = json!(codes);
        }
        Self::cleared(told)
    }

    /// A decision's frame, and what was asked of which tenant.
    pub(crate) fn framed(said: &ArchivedDecision<'static>, tenant: &str, asked: &Value) -> Self {
        if let Some(failure) = said.error.as_ref() {
            return Self::failed(failure);
        }
        let blocked: Vec<&str> = Gate::ALL
            .iter()
            .filter(|gate| said.blocked.to_native() & gate.bit() != 0)
            .map(|gate| gate.as_str())
            .collect();
        let number = |n: &rkyv::option::ArchivedOption<rkyv::rend::unaligned::u64_ule>| {
            n.as_ref().map(|n| n.to_native())
        };
        let instant = |at: &rkyv::option::ArchivedOption<rkyv::rend::unaligned::i64_ule>| {
            let at = at.as_ref().map(|at| UnixSeconds(at.to_native()));
            at.map(|at| at.rfc3339().as_str().to_owned())
        };
        let codes: Vec<&str> = said.findings.iter().map(|found| &*found.code).collect();
        let mut told = json!({
            "allow": said.allow,
            "decision": if said.allow { "ALLOW" } else { "BLOCK" },
            "reason": if blocked.is_empty() { "Allowed".to_owned() }
                else { format!("Blocked by: {}", blocked.join(", ")) },
            "blocked_by": blocked,
            "audit_id": number(&said.audit_id), "evaluation_id": number(&said.evaluation_id),
            "account_id": asked["account_id"], "tenant_id": tenant, "channel": asked["channel"],
            "source_system": asked["source_system"],
            "next_allowed_at": instant(&said.next_allowed_at),
            "expires_at": instant(&said.expires_at),
            "use_by": instant(&said.use_by),
        });
        told["codes"] = json!(codes);
        Self::cleared(told)
    }

    /// A failure's frame: BLOCK, and why.
    pub(crate) fn failed(failure: &ArchivedFailure<'static>) -> Self {
        let field = failure.field.as_ref().map(|field| &**field);
        Self::cleared(json!({
            "allow": false, "decision": "BLOCK", "reason": "Blocked by: SYSTEM_ERROR",
            "blocked_by": ["SYSTEM_ERROR"], "audit_id": null, "evaluation_id": null,
            "next_allowed_at": null, "expires_at": null,
            "error": named(&json!({ "code": &*failure.code, "field": field, "message": &*failure.message })),
        }))
    }

    /// The answer to a report.
    pub(crate) fn report(status: u16, said: &Value) -> Self {
        let mut told = said.clone();
        if let Some(object) = told.as_object_mut() {
            for extra in ["request_id", "line"] {
                object.remove(extra);
            }
        }
        Self::Report(status, told)
    }

    fn cleared(mut told: Value) -> Self {
        told.as_object_mut()
            .unwrap()
            .entry("use_by")
            .or_insert(Value::Null);
        if told["tenant_id"].is_string() {
            told["tenant_id"] = json!("its own");
        }
        for name in INSTANTS {
            if let Some(at) = told[name].as_str() {
                told[name] = json!(hours(UnixSeconds::parse(at).unwrap().0));
            }
        }
        // Some routes list codes by gate, frames in the order they were found.
        let mut codes = told["codes"].take();
        if let Some(codes) = codes.as_array_mut() {
            codes.sort_by_key(ToString::to_string);
        }
        told["codes"] = codes;
        Self::Gate(told)
    }

    /// The decision's row.
    pub(crate) fn row(&self) -> Option<u64> {
        match self {
            Self::Gate(told) => told["audit_id"].as_u64(),
            Self::Report(..) => None,
        }
    }

    /// What a table expects of it: `ALLOW`, `BLOCK` and its codes, `ERROR` with code and field, or
    /// a report's status and code.
    pub(crate) fn summary(&self) -> String {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        match self {
            Self::Gate(told) if told["allow"] == true => {
                assert!(
                    told["use_by"].is_number() && told["error"].is_null(),
                    "{told}"
                );
                "ALLOW".to_owned()
            }
            Self::Gate(told) if told["error"].is_object() => {
                let error = &told["error"];
                format!("ERROR {} {}", text(&error["code"]), text(&error["field"]))
            }
            Self::Gate(told) => {
                let codes = told["codes"].as_array().into_iter().flatten();
                let codes: Vec<String> = codes.map(text).collect();
                format!("BLOCK {}", codes.join(" "))
            }
            Self::Report(200, said) => format!("200 {}", text(&said["outcome"])),
            Self::Report(status, said) => {
                format!("{status} {} {}", text(&said["code"]), text(&said["field"]))
            }
        }
    }
}

/// Bounds have figures of their own in a message, protocol by protocol.
fn named(error: &Value) -> Value {
    let message = error["message"].as_str().unwrap_or_default();
    let message: String = message.chars().filter(|c| !c.is_ascii_digit()).collect();
    json!({ "code": error["code"], "field": error["field"], "message": message })
}

/// Hours after the battery began.
pub(crate) fn hours(at: i64) -> i64 {
    (at - UnixSeconds::parse(MAY).unwrap().0).div_euclid(3600)
}
