//! What the sandbox answers, before it is HTTP.

use bytes::Bytes;
use serde_json::{Value, json};

use super::store::StoreError;
use crate::sor::route::System;

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    /// Further headers.
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Content,
}

/// An answer's body.
#[derive(Debug)]
pub(super) enum Content {
    Whole(Bytes),
    /// Server-sent events, so many.
    Events(u32),
}

/// JSON.
pub(super) const JSON: &str = "application/json";

impl Reply {
    /// JSON with a status.
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::bytes(status, JSON, body.to_string().into())
    }

    /// JSON with 200.
    pub(super) fn ok(body: &Value) -> Self {
        Self::json(200, body)
    }

    /// Anything.
    pub(super) fn bytes(status: u16, content_type: &'static str, body: Bytes) -> Self {
        Self {
            status,
            content_type,
            headers: Vec::new(),
            body: Content::Whole(body),
        }
    }

    /// With one header more.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Why a call is not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("no such thing")]
    NotFound,
    #[error("the method is another")]
    OtherMethod(String),
    #[error("no valid credential")]
    NotAllowed,
    /// A field that is missing or cannot be read.
    #[error("a field is missing")]
    Field(&'static str),
    /// Fields that are missing, by the system's own list.
    #[error("fields are missing")]
    Fields(Vec<String>),
    #[error("the body is no JSON")]
    NoJson,
    /// It cannot be done to what it is asked of.
    #[error("the state does not permit it")]
    Conflict(&'static str),
    #[error("too large")]
    TooLarge,
    #[error("the collection is full")]
    Full,
    #[error("too many calls wait")]
    Busy,
    #[error("the database")]
    Store(#[from] StoreError),
}

impl Refusal {
    const fn status(&self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::OtherMethod(_) => 405,
            Self::NotAllowed => 401,
            Self::NoJson | Self::Field(_) | Self::Fields(_) => 422,
            Self::Conflict(_) => 409,
            Self::TooLarge => 413,
            Self::Full => 507,
            Self::Busy => 503,
            Self::Store(_) => 500,
        }
    }

    /// As its system says it.
    pub(super) fn reply(&self, system: System) -> Reply {
        let reply = match system {
            System::Whl | System::Scollect => {
                let mut body = json!({ "detail": self.told() });
                if let Some(fields) = self.fields() {
                    body["fields"] = fields.into();
                }
                Reply::json(self.status(), &body)
            }
            System::Portal => self.as_portal(),
        };
        match self {
            Self::NotAllowed if system == System::Whl => reply.with("www-authenticate", "Bearer"),
            Self::OtherMethod(allow) => reply.with("allow", allow),
            _ => reply,
        }
    }

    /// `message`, and `errors` by field where fields are at fault.
    fn as_portal(&self) -> Reply {
        let message = match self {
            Self::NotAllowed => "Unauthenticated.".to_owned(),
            Self::NotFound => {
                "Not Found. The resource you requested could not be located.".to_owned()
            }
            other => other.told(),
        };
        let mut body = json!({ "message": message });
        if let Some(fields) = self.fields() {
            body["message"] = "The given data was invalid.".into();
            let errors = fields.into_iter().map(|name| {
                (
                    name.clone(),
                    json!([format!("The {name} field is required.")]),
                )
            });
            body["errors"] = Value::Object(errors.collect());
        }
        Reply::json(self.status(), &body)
    }

    fn fields(&self) -> Option<Vec<String>> {
        match self {
            Self::Field(name) => Some(vec![(*name).to_owned()]),
            Self::Fields(names) => Some(names.clone()),
            _ => None,
        }
    }

    fn told(&self) -> String {
        match self {
            Self::NotAllowed => "Not authenticated".to_owned(),
            Self::NotFound => "Not found".to_owned(),
            Self::OtherMethod(_) => "Method not allowed".to_owned(),
            Self::Field(name) => format!("{name} is required"),
            Self::Conflict(why) => (*why).to_owned(),
            other => other.to_string(),
        }
    }
}
