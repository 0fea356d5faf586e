//! `GET` and `PUT /api/dialer/config`: the caller's tenant's dialers and their mappings.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::fault;
use crate::gateway::dialers::PutError;
use crate::gateway::door::{Caller, Errand, SystemError};
use crate::gateway::running::Gateway;
use crate::wire::dialer::{DialerMapping, Findings, MappingAnswer, MappingFinding, MappingProblem};
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::problem::Problem;
use crate::wire::reply::{PROBLEM_JSON, Reply};

/// The one key of a request that its file says by its name.
const DIALER_ID: &str = "dialer_id";
const TENANT: &str = "tenant";

const NO_FOLDER: Problem = Problem::new(
    409,
    "NO_DIALER_FOLDER",
    "This server keeps no mappings of dialers.",
);
const FILES_CHANGED: Problem = Problem::new(
    409,
    "MAPPINGS_CHANGED",
    "The files of mappings have changed and are not in force yet.",
);
const NOT_WRITTEN: Problem = Problem::new(
    503,
    "MAPPING_NOT_WRITTEN",
    "The mapping could not be written; the one before stays in force.",
);

impl Gateway {
    /// Shows the dialers.
    pub(super) fn dialer_config(&self, caller: &Caller) -> Result<Reply, Problem> {
        json(&self.dialers.shown(&caller.tenant_name))
    }

    /// Changes or adds one.
    ///
    /// Cancellation: dropped midway, the mapping is in force whole or not at all.
    pub(super) async fn put_dialer_config(
        &self,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        let (id, form) = form(caller, &errand.body).map_err(Problem::of_field)?;
        let mapping = match DialerMapping::from_value(form) {
            Ok(mapping) => mapping,
            Err(findings) => return refused(findings, errand.request_id),
        };
        let (dialers, now) = (Arc::clone(&self.dialers), self.clock.wall());
        // Files are written on a thread that answers nobody.
        let put = tokio::task::spawn_blocking(move || dialers.put(&id, mapping, now)).await;
        let put = put.map_err(|_ended| fault(SystemError::Internal))?;
        match put {
            Ok((dialer, unchanged)) => {
                if !unchanged {
                    tracing::info!(
                        tenant = dialer.tenant(),
                        dialer = &*dialer.id,
                        "a dialer's mapping was put in force"
                    );
                }
                let dialer = self.dialers.one_shown(&dialer);
                json(&MappingAnswer { dialer, unchanged })
            }
            Err(PutError::Refused(findings)) => refused(findings, errand.request_id),
            Err(PutError::FilesChanged) => Err(FILES_CHANGED),
            Err(PutError::NoFolder) => Err(NO_FOLDER),
            Err(PutError::NotWritten(error)) => {
                tracing::error!(%error, "a dialer's mapping could not be written");
                Err(NOT_WRITTEN)
            }
        }
    }
}

/// The dialer's id and the mapping, which is the caller's tenant's and nobody else's.
fn form(caller: &Caller, body: &[u8]) -> Result<(String, Value), FieldError> {
    let mut form: Value = serde_json::from_slice(body)
        .map_err(|_not_json| FieldError::body(FieldCode::InvalidJson))?;
    let not_an_object = FieldError::body(FieldCode::NotAnObject);
    let fields = form.as_object_mut().ok_or(not_an_object)?;
    let id = match fields.remove(DIALER_ID) {
        Some(Value::String(id)) => id,
        Some(_) => return Err(FieldError::of(DIALER_ID, FieldCode::WrongType)),
        None => return Err(FieldError::of(DIALER_ID, FieldCode::Missing)),
    };
    let own = Value::from(&*caller.tenant_name);
    if fields
        .insert(TENANT.to_owned(), own.clone())
        .is_some_and(|said| said != own)
    {
        return Err(FieldError::of(TENANT, FieldCode::Conflict));
    }
    Ok((id, form))
}

fn json(answer: &impl Serialize) -> Result<Reply, Problem> {
    let body = serde_json::to_vec(answer).map_err(|_never| fault(SystemError::Internal))?;
    Ok(Reply::json(200, body).with("cache-control", "no-store"))
}

fn refused(findings: Findings, request_id: &str) -> Result<Reply, Problem> {
    let findings = findings.0.into_iter().map(|one| MappingFinding {
        key: one.key,
        what: one.what,
    });
    let problem = MappingProblem {
        kind: "urn:dialgate:problem:mapping_refused",
        title: "The mapping is refused; the one before stays in force.",
        status: 422,
        code: "MAPPING_REFUSED",
        findings: findings.collect(),
        request_id,
    };
    let body = serde_json::to_vec(&problem).map_err(|_never| fault(SystemError::Internal))?;
    Ok(Reply {
        content_type: PROBLEM_JSON,
        ..Reply::json(422, body)
    })
}
