//! The OpenAPI 3.1 description of everything native, made from the table of routes and from the
//! types that answers are written from.
//!
//! Invariants
//! - OPENAPI-1: every native route and method is described, and nothing else is.

mod about;
mod bodies;
mod house;
mod kinds;
mod scalars;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use utoipa::PartialSchema;

use super::native::{Access, Body, Op, ROUTES, Spec};
use about::{About, Answer};
use kinds::Kind;

/// The version of the specification.
const OPENAPI: &str = "3.1.0";

/// The document. The same bytes for the same program.
pub fn document() -> Value {
    let mut schemas = Schemas::default();
    let mut paths = house::paths(&mut schemas);
    for spec in ROUTES {
        paths.insert(spec.template.to_owned(), path(spec, &mut schemas));
    }
    json!({
        "openapi": OPENAPI,
        "info": {
            "title": "dialgate",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Asked before every contact of a collection floor: may it be made now?",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas.0,
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
            },
        },
    })
}

/// Schemas by name.
#[derive(Debug, Default)]
struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    /// Puts a schema under its name and refers to it.
    fn put(&mut self, name: &str, schema: Value) -> Value {
        self.0.insert(name.to_owned(), schema);
        reference(name)
    }

    /// The schema of a type that answers are written from, with those it is made of.
    fn of<T: utoipa::ToSchema>(&mut self) -> Value {
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        for (name, schema) in parts {
            self.0.insert(name, value(&schema));
        }
        let name = T::name();
        self.put(&name, value(&<T as PartialSchema>::schema()))
    }
}

fn value(schema: &impl serde::Serialize) -> Value {
    // A schema is plain data: nothing can fail.
    serde_json::to_value(schema).unwrap_or_default()
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn path(spec: &Spec, schemas: &mut Schemas) -> Value {
    let mut item = Map::new();
    for op in spec.ops {
        let about = about::of(op.does);
        item.insert(
            op.method.to_ascii_lowercase(),
            operation(spec, op, &about, schemas),
        );
    }
    Value::Object(item)
}

fn operation(spec: &Spec, op: &Op, about: &About, schemas: &mut Schemas) -> Value {
    let mut parameters: Vec<Value> = Vec::new();
    if let Some(name) = segment(spec.template) {
        parameters.push(parameter("path", name, &about.segment, true));
    }
    let query = about.query.iter();
    parameters.extend(query.map(|(name, kind)| parameter("query", name, kind, false)));
    let headers = about.headers.iter();
    parameters.extend(headers.map(|(name, kind)| parameter("header", name, kind, false)));
    let mut all = json!({
        "operationId": op.does.as_str(),
        "summary": about.summary,
        "tags": [about.tag],
        "responses": responses(op, about, schemas),
    });
    if !parameters.is_empty() {
        set(&mut all, "parameters", Value::Array(parameters));
    }
    if let Some(body) = about.body {
        set(
            &mut all,
            "requestBody",
            request_body(op.body, body(schemas)),
        );
    }
    if let Access::AnyOf(scopes) = op.access {
        let names: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        set(&mut all, "security", json!([{ "token": [] }]));
        let needs = format!("Needs one of the scopes: {}.", names.join(", "));
        set(&mut all, "description", Value::String(needs));
    }
    all
}

fn set(all: &mut Value, name: &str, value: Value) {
    if let Value::Object(map) = all {
        map.insert(name.to_owned(), value);
    }
}

fn segment(template: &str) -> Option<&str> {
    let (_, rest) = template.split_once('{')?;
    rest.split_once('}').map(|(name, _)| name)
}

fn parameter(place: &str, name: &str, kind: &Kind, required: bool) -> Value {
    json!({ "name": name, "in": place, "required": required, "schema": kind.schema() })
}

fn request_body(kind: Body, schema: Value) -> Value {
    let mut content = json!({ "application/json": { "schema": schema } });
    match kind {
        Body::JsonOrCsv { .. } => set(&mut content, "text/csv", text()),
        Body::JsonOrForm { .. } => {
            let form = json!({ "schema": { "type": "object" } });
            set(&mut content, "application/x-www-form-urlencoded", form);
        }
        Body::None | Body::Json { .. } => {}
    }
    json!({ "required": true, "content": content })
}

fn text() -> Value {
    json!({ "schema": { "type": "string" } })
}

fn responses(op: &Op, about: &About, schemas: &mut Schemas) -> Value {
    let mut all = Map::new();
    let ok = match about.answer {
        Answer::Json(schema) => json!({ "application/json": { "schema": schema(schemas) } }),
        Answer::Text(content) => {
            let mut map = Map::new();
            map.insert(content.to_owned(), text());
            Value::Object(map)
        }
    };
    all.insert(
        "200".to_owned(),
        json!({ "description": "Done.", "content": ok }),
    );
    let problem = problem(schemas);
    let refused = json!({
        "description": "Refused; the problem says why.",
        "content": { "application/problem+json": { "schema": problem } },
    });
    for status in statuses(op, about) {
        all.insert(status.to_string(), refused.clone());
    }
    Value::Object(all)
}

/// The statuses a route can refuse with: by what it takes, and its own.
fn statuses(op: &Op, about: &About) -> Vec<u16> {
    let mut all = vec![405, 422, 503];
    if op.access != Access::Open {
        all.extend([401, 403]);
    }
    if op.body != Body::None {
        all.extend([400, 413, 415]);
    }
    if !matches!(about.segment, Kind::None) {
        all.push(404);
    }
    all.extend_from_slice(about.statuses);
    all.sort_unstable();
    all.dedup();
    all
}

/// RFC 9457.
fn problem(schemas: &mut Schemas) -> Value {
    schemas.put(
        "Problem",
        json!({
            "type": "object",
            "description": "RFC 9457 problem.",
            "required": ["type", "title", "status", "code", "request_id"],
            "properties": {
                "type": { "type": "string" },
                "title": { "type": "string" },
                "status": { "type": "integer" },
                "code": { "type": "string" },
                "field": { "type": "string" },
                "request_id": { "type": "string" },
            },
        }),
    )
}

#[cfg(test)]
mod tests;
