//! Requests as an integrator writes them.

use serde_json::{Value, json};

use crate::http::Request;

/// An intent to telephone.
pub(crate) fn intent(account: &str, phone: &str) -> Value {
    json!({
        "account_id": account, "phone": phone, "channel": "phone", "action_type": "call",
        "source_system": "five9",
    })
}

/// Asks the gate with an explanation.
pub(crate) fn gate(token: &str, intent: &Value) -> Request {
    let request = Request::new("POST", "/api/gate/contact-intent?explain=true");
    request.token(token).json(intent.to_string())
}

/// Brings records.
pub(crate) fn facts(token: &str, records: &Value) -> Request {
    let request = Request::new("POST", "/api/queue/ingest/json");
    request.token(token).json(records.to_string())
}

/// Reports an outcome.
pub(crate) fn disposition(token: &str, account: &str, body: &Value) -> Request {
    let path = format!("/api/queue/account/{account}/disposition");
    Request::new("POST", path)
        .token(token)
        .json(body.to_string())
}

/// An account in California with one number.
pub(crate) fn account(id: &str, phone: &str) -> Value {
    json!({ "account_id": id, "state": "CA", "zip": "91502", "phones": [{ "number": phone }] })
}

/// Every code a gate gave, of an answer with its explanation.
pub(crate) fn codes(answer: &Value) -> Vec<String> {
    let gates = answer["gates"].as_array().into_iter().flatten();
    let codes = gates.flat_map(|gate| gate["codes"].as_array().into_iter().flatten());
    codes
        .filter_map(|code| code["code"].as_str().map(str::to_owned))
        .collect()
}
