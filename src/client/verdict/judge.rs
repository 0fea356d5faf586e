//! From an answer to a verdict: the only place where a permit is made.

use std::time::{Duration, Instant};

use super::permit::Permit;
use super::reason::{Garbled, Reason};
use super::{Block, Verdict};
use crate::client::answer::{Allow, Said, Unread};
use crate::client::intent::Question;
use crate::client::limits::ROUNDING_S;
use crate::client::now::Now;
use crate::domain::time::UnixSeconds;

/// When a question was put.
#[derive(Debug, Clone, Copy)]
pub(in crate::client) struct Times {
    /// The first time. What was decided was decided later than this, or is a repeat of an answer
    /// that says its own time.
    pub(in crate::client) first_sent: Instant,
    /// The time that was answered.
    pub(in crate::client) sent: Instant,
    /// When the caller must have heard.
    pub(in crate::client) deadline: Instant,
}

/// What an answer means at `now`, when it has been read.
pub(in crate::client) fn judge(
    question: &Question,
    said: Result<Said, Unread>,
    times: &Times,
    now: Now,
) -> Verdict {
    match said {
        Ok(Said::Allow(allow)) => allowed(question, &allow, times, now),
        Ok(Said::Block(blocked)) => Verdict::Block(Block {
            reason: blocked.reason,
            audit_id: blocked.audit_id,
            next_allowed_at: blocked.next_allowed_at,
            reserved: None,
        }),
        Err(Unread::Garbled(what)) => Verdict::Block(Block::because(Reason::Garbled(what))),
        Err(Unread::Mismatch) => Verdict::Block(Block::because(Reason::Mismatch)),
    }
}

fn allowed(question: &Question, allow: &Allow, times: &Times, now: Now) -> Verdict {
    if allow.audit_id == 0 {
        return Verdict::Block(Block::because(Reason::Garbled(Garbled::Incomplete)));
    }
    let permit = Permit::granted(
        allow.audit_id,
        &question.account_id,
        allow.use_by,
        ends(allow, times),
    );
    if permit.is_alive(now) && now.run < times.deadline {
        return Verdict::Permit(permit);
    }
    Verdict::Block(Block {
        reason: Reason::Late,
        audit_id: Some(allow.audit_id),
        next_allowed_at: None,
        reserved: Some(question.account_id.clone()),
    })
}

/// CLIENT-2: when as much time has run as the answer left, by the gateway's clock. Two looks at that
/// clock may be in an answer: when it decided, after the question was first sent, and when it
/// answered, after it was last sent. Both are whole seconds, so a second is taken off.
fn ends(allow: &Allow, times: &Times) -> Instant {
    let decided = run_out(times.first_sent, allow.decided_at, allow.use_by);
    match allow.answered_at {
        Some(at) => decided.min(run_out(times.sent, at, allow.use_by)),
        None => decided,
    }
}

fn run_out(from: Instant, at: UnixSeconds, use_by: UnixSeconds) -> Instant {
    let left = u64::try_from(use_by.since(at) - ROUNDING_S).unwrap_or(0);
    from.checked_add(Duration::from_secs(left)).unwrap_or(from)
}
