//! The story of an intent: seal its personal fields, submit, await the durable answer.

use std::time::Instant;

use super::door::{Answered, Caller, SystemError};
use super::mailbox::Mailbox;
use super::running::Gateway;
use super::subject;
use super::work::{Delivered, Work};
use crate::domain::hash::stable_hash_128;
use crate::engine::commands::{self, Answer, Ask, Key};
use crate::telemetry::{Shed, VerdictLabel};
use crate::wire::answer::Decision;
use crate::wire::intent::AskRequest;

impl Gateway {
    /// Decides an intent. Every path that is not a durable decision is a fault, never an ALLOW.
    ///
    /// Cancellation: dropped after submission, row and reservation stand.
    pub async fn decide(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        asked: AskRequest,
        arrived: Instant,
    ) -> Answered {
        let tenant = caller.tenant;
        let origin = self.volumes.with(tenant, |v| v.origin_of(&asked.intent));
        let mut arrived = arrived;
        let answered = match seal(caller, asked) {
            Ok(ask) => {
                let ask = Box::new(ask);
                let work = if self.reads_first(tenant) {
                    Work::AskRead(ask)
                } else {
                    Work::Ask(ask)
                };
                let mut delivered = self.submit(desk, work, arrived).await;
                if let Delivered::Unread(ask) = delivered {
                    // Outside the deadline: whoever names an account nobody knows waits for its
                    // system of record, and the deciding begins anew after it.
                    Box::pin(self.read_first(caller, &ask)).await;
                    arrived = self.clock.instant();
                    delivered = self.submit(desk, Work::Ask(ask), arrived).await;
                }
                match delivered {
                    Delivered::Answer(answer) => self.told(answer),
                    Delivered::Refused(refused) => self.fault(refused),
                    _ => self.fault(SystemError::Internal),
                }
            }
            Err(error) => self.fault(error),
        };
        let waited = self.clock.instant().saturating_duration_since(arrived);
        self.metrics.latency.observe_micros(waited);
        self.volumes
            .with(tenant, |volume| volume.answered(origin, &answered, waited));
        answered
    }

    /// An engine's answer as the door tells it.
    pub(super) fn told(&self, answer: Answer) -> Answered {
        match answer {
            Answer::Decided(d) | Answer::Repeated(d) => {
                self.count(&d);
                Answered::Decision(published(&d))
            }
            Answer::KeyReused => Answered::KeyReused,
            Answer::UnknownTenant | Answer::Unread => self.fault(SystemError::Internal),
        }
    }

    fn count(&self, decision: &commands::Decision) {
        let label = if decision.allow() {
            VerdictLabel::Allow
        } else {
            VerdictLabel::Block
        };
        self.metrics.decision(label, &decision.findings);
    }

    /// Counts an answer that is no decision.
    pub(super) fn fault(&self, why: SystemError) -> Answered {
        self.metrics.verdict(VerdictLabel::Fault);
        match why {
            SystemError::DeadlinePassed => self.metrics.shed(Shed::Deadline),
            SystemError::Sealed => self.metrics.shed(Shed::Sealed),
            SystemError::Recovering => self.metrics.shed(Shed::NotReady),
            SystemError::Overloaded | SystemError::CommitTimeout | SystemError::Internal => {}
        }
        Answered::SystemError(why)
    }
}

/// Seals the personal fields of a request and makes it a command.
///
/// # Errors
/// No randomness for a salt: nothing personal may be written then.
pub(super) fn seal(caller: &Caller, asked: AskRequest) -> Result<Ask, SystemError> {
    let sealed = subject::seal(subject::of_ask(&asked));
    let subject = sealed.map_err(|_no_randomness| SystemError::Internal)?;
    let key = asked.key.map(|k| Key {
        key: stable_hash_128(&[k.text.as_bytes()]),
        body: k.body,
    });
    Ok(Ask {
        tenant: caller.tenant,
        intent: asked.intent,
        key,
        subject,
    })
}

/// A decision as answers publish it.
pub fn published(decision: &commands::Decision) -> Decision {
    Decision {
        findings: decision.findings,
        audit_id: Some(decision.audit_id),
        evaluation_id: Some(decision.evaluation_id),
        next_allowed_at: decision.next_allowed_at,
        expires_at: decision.expires_at(),
        use_by: decision.use_by,
        law: decision.law,
    }
}
