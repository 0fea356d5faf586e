//! `GET /api/events/floor`: from a request to a listener of the floor.

use std::sync::atomic::Ordering;

use crate::gateway::door::{Caller, EventStream, SystemError, TENANT_RECOVERING};
use crate::gateway::running::Gateway;
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::floor::{Filter, last_event_id};
use crate::wire::problem::Problem;

impl Gateway {
    /// Lets a caller listen to its tenant's events, from now on or behind the last one it heard.
    pub(in crate::gateway) fn listen_to_floor(
        &self,
        caller: &Caller,
        query: &str,
        last: Option<&[u8]>,
    ) -> Result<EventStream, Problem> {
        let filter = Filter::read(query).map_err(Problem::of_field)?;
        let last = last.map(last_event_id).transpose();
        let last = last.map_err(Problem::of_field)?;
        let running = self
            .running()
            .filter(|_| caller.tenant != TENANT_RECOVERING);
        let running = running.ok_or_else(|| super::fault(SystemError::Recovering))?;
        // Looked at before the heads: whatever comes behind them lies behind this frame.
        let durable = running.status.commit.durable_frame.load(Ordering::Acquire);
        let heads = running.status.heads();
        let head = heads.get(usize::from(caller.tenant.0));
        let head = head.map_or(0, |(_, head)| head.seq);
        if last.is_some_and(|last| last > head) {
            let refused = FieldError::of("Last-Event-ID", FieldCode::OutOfRange);
            return Err(Problem::of_field(refused));
        }
        let next = last.unwrap_or(head) + 1;
        let after = (next > head).then_some(durable);
        let listening = running.floor.listen(caller.tenant, filter, (next, after));
        listening.map_err(|_too_many| super::fault(SystemError::Overloaded))
    }
}
