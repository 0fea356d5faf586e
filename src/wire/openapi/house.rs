//! The routes outside the table: the gate's own, uploads, health, metrics.

use serde_json::{Map, Value, json};

use super::{Schemas, bodies, problem, reference, text};
use crate::domain::verdict::Gate;

/// Their paths.
pub(super) fn paths(schemas: &mut Schemas) -> Map<String, Value> {
    let mut paths = Map::new();
    answer(schemas);
    let intent = bodies::intent(schemas);
    let intents = bodies::intents(schemas);
    let explain = json!({
        "name": "explain", "in": "query", "required": false,
        "description": "`true` asks for the twelve gates; anything else does not.",
        "schema": { "type": "string" },
    });
    let key = json!({
        "name": "Idempotency-Key", "in": "header", "required": false,
        "schema": { "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$" },
    });
    let one = reference("Answer");
    let many = json!({ "oneOf": [
        { "type": "array", "items": one },
        { "type": "object", "properties": { "answers": { "type": "array", "items": one } },
          "required": ["answers"] },
    ] });
    for (path, id, summary, body, answer, parameters) in [
        (
            "/api/gate/contact-intent",
            "contactIntent",
            "May this contact be made now?",
            intent,
            one.clone(),
            json!([explain, key]),
        ),
        (
            "/api/gate/contact-intents",
            "contactIntents",
            "May these contacts be made now? Each is decided on its own.",
            intents,
            many,
            json!([explain]),
        ),
    ] {
        let mut responses = Map::new();
        let ok = json!({ "application/json": { "schema": answer } });
        responses.insert(
            "200".into(),
            json!({ "description": "Decided.", "content": ok }),
        );
        // A refusal has the twelve fields too: whoever looks at `allow` alone still blocks.
        let refused = json!({ "application/json": { "schema": one } });
        for status in ["400", "401", "403", "405", "413", "415", "422"] {
            let refused = json!({ "description": "Refused: BLOCK.", "content": refused });
            responses.insert(status.into(), refused);
        }
        let post = json!({
            "operationId": id, "summary": summary, "tags": ["gate"],
            "description": "Needs the scope gate:ask.",
            "security": [{ "token": [] }], "parameters": parameters,
            "requestBody": { "required": true, "content": { "application/json": { "schema": body } } },
            "responses": responses,
        });
        paths.insert(path.into(), json!({ "post": post }));
    }
    streams(schemas, &mut paths);
    uploads(schemas, &mut paths);
    readings(&mut paths, schemas);
    paths
}

/// Bodies of lines are told as text: a schema would speak of all of them together.
fn streams(schemas: &mut Schemas, paths: &mut Map<String, Value>) {
    let twelve = json!({ "application/json": { "schema": reference("Answer") } });
    let problem = json!({ "application/problem+json": { "schema": problem(schemas) } });
    for (path, id, summary, tag, scope, refused) in [
        (
            "/api/gate/stream",
            "intentStream",
            "May these contacts be made now? An intent a line, an answer a line, both ways at once.",
            "gate",
            "gate:ask",
            twelve,
        ),
        (
            "/api/dispositions/stream",
            "outcomeStream",
            "Outcomes by the line, each answered with its status, both ways at once.",
            "outcomes",
            "outcome:write",
            problem,
        ),
    ] {
        let lines = json!({ "application/x-ndjson": text() });
        let mut responses = Map::new();
        let ok =
            json!({ "description": "A line for each line, in their order.", "content": lines });
        responses.insert("200".into(), ok);
        for status in ["401", "403", "405", "415", "422", "503"] {
            let refused = json!({ "description": "Refused.", "content": refused });
            responses.insert(status.into(), refused);
        }
        let post = json!({
            "operationId": id, "summary": summary, "tags": [tag],
            "description": format!("Needs the scope {scope}."), "security": [{ "token": [] }],
            "requestBody": { "required": true, "content": {
                "application/x-ndjson": text(), "application/ndjson": text(),
                "application/jsonl": text(),
            } },
            "responses": responses,
        });
        paths.insert(path.into(), json!({ "post": post }));
    }
}

fn answer(schemas: &mut Schemas) {
    let text = |nullable: bool| {
        if nullable {
            json!({ "type": ["string", "null"] })
        } else {
            json!({ "type": "string" })
        }
    };
    let number = json!({ "type": ["integer", "null"] });
    let instant = json!({ "type": ["string", "null"], "format": "date-time" });
    let mut gates: Vec<&str> = Gate::ALL.iter().map(|gate| gate.as_str()).collect();
    gates.push("SYSTEM_ERROR");
    let required = [
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
    schemas.put(
        "Answer",
        json!({
            "type": "object", "required": required,
            "properties": {
                "allow": { "type": "boolean" },
                "decision": { "type": "string", "enum": ["ALLOW", "BLOCK"] },
                "reason": text(false),
                "blocked_by": { "type": "array", "items": { "type": "string", "enum": gates } },
                "audit_id": number, "evaluation_id": number,
                "account_id": text(true), "tenant_id": text(true), "channel": text(true),
                "source_system": text(true),
                "next_allowed_at": instant, "expires_at": instant, "use_by": instant,
                "gates": { "type": "array", "items": { "type": "object" } },
                "flags": { "type": "array", "items": { "type": "object" } },
                "error": { "type": "object", "required": ["code", "message"], "properties": {
                    "code": { "type": "string" }, "message": { "type": "string" },
                    "field": text(true), "request_id": text(false),
                } },
            },
        }),
    );
}

fn uploads(schemas: &mut Schemas, paths: &mut Map<String, Value>) {
    let taken = schemas.put(
        "Ingested",
        json!({
            "type": "object", "required": ["applied", "unchanged", "rejected"],
            "properties": {
                "applied": { "type": "integer" }, "unchanged": { "type": "integer" },
                "rejected": { "type": "array", "items": { "type": "object" } },
            },
        }),
    );
    let refused = refusals(schemas, &[400, 401, 403, 405, 409, 412, 413, 415, 422, 503]);
    for (path, id, content) in [
        (
            "/api/queue/ingest",
            "ingestCsv",
            json!({ "text/csv": text() }),
        ),
        (
            "/api/queue/ingest/json",
            "ingestJson",
            json!({
                "application/json": { "schema": {} },
                "application/x-ndjson": text(),
            }),
        ),
    ] {
        let mut responses = refused.clone();
        let ok = json!({ "application/json": { "schema": taken } });
        let ok = json!({ "description": "Taken in; rejected lines are named.", "content": ok });
        responses.insert("200".into(), ok);
        let post = json!({
            "operationId": id, "summary": "Facts in bulk.", "tags": ["facts"],
            "description": "Needs the scope facts:write.", "security": [{ "token": [] }],
            "requestBody": { "required": true, "content": content }, "responses": responses,
        });
        paths.insert(path.into(), json!({ "post": post }));
    }
}

fn readings(paths: &mut Map<String, Value>, schemas: &mut Schemas) {
    let object = json!({ "application/json": { "schema": { "type": "object" } } });
    let metrics = json!({ "text/plain": text() });
    for (path, id, summary, content, can_be_unready) in [
        (
            "/api/health",
            "health",
            "How the gateway stands.",
            &object,
            true,
        ),
        (
            "/api/health/liveness",
            "liveness",
            "Whether the process answers.",
            &object,
            false,
        ),
        (
            "/api/health/readiness",
            "readiness",
            "Whether it decides.",
            &object,
            true,
        ),
        (
            "/api/health/deep",
            "healthDeep",
            "Every part of it.",
            &object,
            true,
        ),
        (
            "/api/health/detailed",
            "healthDetailed",
            "The same.",
            &object,
            true,
        ),
        (
            "/api/version",
            "version",
            "Versions of program and pack.",
            &object,
            false,
        ),
        (
            "/metrics",
            "metrics",
            "Figures for Prometheus.",
            &metrics,
            false,
        ),
    ] {
        let mut responses = refusals(schemas, &[401, 403, 405]);
        let ok = json!({ "description": "Told.", "content": content });
        responses.insert("200".into(), ok);
        if can_be_unready {
            let unready = json!({ "description": "It decides nothing.", "content": content });
            responses.insert("503".into(), unready);
        }
        let get = json!({
            "operationId": id, "summary": summary, "tags": ["health"], "responses": responses,
        });
        paths.insert(path.into(), json!({ "get": get }));
    }
}

fn refusals(schemas: &mut Schemas, statuses: &[u16]) -> Map<String, Value> {
    let content = json!({ "application/problem+json": { "schema": problem(schemas) } });
    let refused = json!({ "description": "Refused; the problem says why.", "content": content });
    let named = statuses.iter().map(|s| (s.to_string(), refused.clone()));
    named.collect()
}
