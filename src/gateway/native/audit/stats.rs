//! `GET /api/audit/stats`: figures that are counted as rows come, never by reading them.

use std::sync::atomic::Ordering;

use crate::domain::hex::hex;
use crate::gateway::door::{Caller, Errand, SystemError};
use crate::gateway::native::fault;
use crate::gateway::running::Gateway;
use crate::wire::audit::StatsAnswer;
use crate::wire::problem::Problem;
use crate::wire::query::Params;
use crate::wire::reply::Reply;

const NAMES: [&str; 0] = [];

impl Gateway {
    /// Figures of the caller's chain, with every row in them that was acknowledged before. Cancellation
    /// safe.
    pub(in crate::gateway::native) async fn audit_stats(
        &self,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        Params::read(errand.query, &NAMES).map_err(Problem::of_field)?;
        let (running, trail, newest) = self.trail(caller)?;
        let tenant = caller.tenant;
        let read = trail.read((tenant, newest), move |reading| {
            let counts = reading.finder().fresh().counts(tenant.0);
            let hash = match counts.rows {
                0 => None,
                last => Some(reading.row(tenant.0, last, |row, pos| (row.head.hash, pos.segment))?),
            };
            Ok((counts, hash))
        });
        let (counts, last) = read.await.map_err(|error| error.problem())?;
        let scrubbed = &running.status.commit.scrubbed;
        let (verified_seq, erased_subjects) = scrubbed.of(tenant.0);
        let answer = StatsAnswer {
            head_seq: counts.rows,
            head_hash: last.map_or_else(|| "0".repeat(64), |(hash, _)| hex(&hash)),
            verified_seq,
            scrub_rounds: scrubbed.rounds.load(Ordering::Relaxed),
            segments: last.map_or(0, |(_, segment)| segment.into()),
            erased_subjects,
            ..StatsAnswer::of(&counts)
        };
        let body = serde_json::to_vec(&answer).map_err(|_cause| fault(SystemError::Internal))?;
        Ok(Reply::json(200, body))
    }
}
