//! `GET /api/sor/outbox`, `POST /api/sor/outbox/retry`: what the tenant's system of record has not
//! been told, and telling it again.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{NOT_FOUND, fault, json};
use crate::gateway::door::{Caller, Errand, SystemError};
use crate::gateway::running::Gateway;
use crate::wire::outbox::{RetryAnswer, RetryRequest};
use crate::wire::problem::Problem;
use crate::wire::query::Params;
use crate::wire::reply::Reply;

const NAMES: [&str; 1] = ["from"];

impl Gateway {
    /// How telling the tenant's system stands.
    pub(super) async fn sor_outbox(
        &self,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        let params = Params::read(errand.query, &NAMES).map_err(Problem::of_field)?;
        let from = params
            .number("from", 0..=u64::MAX)
            .map_err(Problem::of_field)?;
        let running = self
            .running()
            .ok_or_else(|| fault(SystemError::Recovering))?;
        let outbox = Arc::clone(self.outbox.get().ok_or(NOT_FOUND)?);
        if !outbox.knows(&caller.tenant_name) {
            return Err(NOT_FOUND);
        }
        let durable = running.status.commit.durable_frame.load(Ordering::Relaxed);
        let (name, when) = (Arc::clone(&caller.tenant_name), (self.clock.now(), durable));
        let look = move || outbox.listing(&name, from.unwrap_or(0), when);
        match tokio::task::spawn_blocking(look).await {
            Ok(Some(page)) => json(&page),
            _ => Err(fault(SystemError::Internal)),
        }
    }

    /// Tries letters again that were given up.
    ///
    /// Cancellation: dropped after it began, they are tried.
    pub(super) async fn retry_letters(
        &self,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        let wish = RetryRequest::read(&errand.body).map_err(Problem::of_field)?;
        let outbox = self.outbox.get().ok_or(NOT_FOUND)?;
        if !outbox.knows(&caller.tenant_name) {
            return Err(NOT_FOUND);
        }
        let name = Arc::clone(&caller.tenant_name);
        let retried = outbox.revive(caller.tenant, name, wish.row_id);
        let retried = tokio::time::timeout(self.limits.commit_wait_max, retried).await;
        let retried = retried.ok().flatten();
        let retried = retried.ok_or_else(|| fault(SystemError::Overloaded))?;
        json(&RetryAnswer {
            retried: retried as u64,
        })
    }
}
