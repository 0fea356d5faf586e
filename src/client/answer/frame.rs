//! Answers as frames bring them.

use rkyv::option::ArchivedOption;

use super::{Allow, Blocked, Said, Unread};
use crate::client::limits::FRESH_S;
use crate::client::verdict::{ErrorCode, Garbled, Gates, Reason};
use crate::domain::time::UnixSeconds;
use crate::domain::verdict::Gate;
use crate::wire::frame::ArchivedDecision;

/// Reads a decision. That it is about the question is said by its correlation number.
pub(in crate::client) fn decision(
    told: &ArchivedDecision<'static>,
    answered_at: Option<UnixSeconds>,
) -> Result<Said, Unread> {
    let audit_id = told.audit_id.as_ref().map(|id| id.to_native());
    let instant = |at: &ArchivedOption<rkyv::Archived<i64>>| {
        let at = at.as_ref().map(|at| UnixSeconds(at.to_native()));
        at.filter(|at| (UnixSeconds::MIN..=UnixSeconds::MAX).contains(at))
    };
    let blocked = told.blocked.to_native();
    if !told.allow {
        let mut gates = Gates::default();
        let blocking = Gate::ALL
            .into_iter()
            .filter(|gate| blocked & gate.bit() != 0);
        blocking.for_each(|gate| gates.add(gate));
        let reason = match told.error.as_ref() {
            Some(fault) => Reason::NotDecided(ErrorCode::read(&fault.code)),
            None => Reason::Gates(gates),
        };
        return Ok(Said::Block(Blocked {
            reason,
            audit_id,
            next_allowed_at: instant(&told.next_allowed_at),
        }));
    }
    if blocked != 0 || !told.findings.is_empty() || told.error.is_some() {
        return Err(Garbled::Contradiction.into());
    }
    let fresh_until = instant(&told.expires_at).ok_or(Garbled::Incomplete)?;
    Ok(Said::Allow(Allow {
        audit_id: audit_id.ok_or(Garbled::Incomplete)?,
        use_by: instant(&told.use_by).ok_or(Garbled::Incomplete)?,
        decided_at: fresh_until.minus(FRESH_S),
        answered_at,
    }))
}
