//! What every road that an outcome may come by asks of the engine: sealed, applied, durable.

use std::time::Instant;

use crate::domain::ids::TenantNo;
use crate::engine::commands::{NotTaken, Refusal, Report, StatedFacts, Taken};
use crate::gateway::door::SystemError;
use crate::gateway::mailbox::Mailbox;
use crate::gateway::running::Gateway;
use crate::gateway::subject;
use crate::gateway::work::{Delivered, Work};
use crate::telemetry::volume::Volume;
use crate::wire::disposition::Disposition;
use crate::wire::problem::Problem;
use crate::wire::{record, stated};

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gateway) struct ReportAnswer {
    /// What it did.
    pub what: Heard,
    /// Its row in the tenant's chain; `None`: it said nothing new, or was refused.
    pub row: Option<u64>,
    /// The decision it settled, if there was one.
    pub audit_id: Option<u64>,
    /// It lay more than five minutes ahead of engine time and counts as of now.
    pub clock_ahead: bool,
}

/// What a report did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gateway) enum Heard {
    /// It changed something, and that is durable.
    Applied,
    /// All of it was known.
    Unchanged,
    /// It would have counted less than what is known of the call, and nobody answers for it: the
    /// stricter stands. Facts it stated have been applied.
    Kept,
    /// The tenant has no such account. What binds a number or address has been applied, and the
    /// report is on record; both are durable.
    Unmatched,
    /// Nothing of it was applied; a caller who can be told is told this.
    Refused(Problem),
}

impl Gateway {
    /// Reports an outcome. `said.account_id` is whose; none stands for an account nobody knows.
    /// Answered once durable.
    ///
    /// Cancellation: dropped after submission, the outcome stands.
    ///
    /// # Errors
    /// [`SystemError`]: nothing was recorded, or nobody knows.
    pub(in crate::gateway) async fn report(
        &self,
        desk: &Mailbox<Delivered>,
        tenant: TenantNo,
        said: Disposition,
        arrived: Instant,
    ) -> Result<ReportAnswer, SystemError> {
        let sealed = subject::seal(subject::of_disposition(&said));
        let subject = sealed.map_err(|_none| SystemError::Internal)?;
        let facts = stated_facts(&said)?;
        let account = said.account_id.clone().unwrap_or_default();
        let audit_id = said.audit_id;
        let report = Report {
            tenant,
            said,
            subject,
            facts,
        };
        let work = Work::Report(Box::new(report));
        let answer = match self.submit(desk, work, arrived).await {
            Delivered::Reported(answer) => answer,
            Delivered::Refused(refused) => return Err(refused),
            _ => return Err(SystemError::Internal),
        };
        let taken = match answer {
            Ok(taken) => taken,
            Err(refused) => {
                let why = match (refused, audit_id) {
                    (NotTaken::UnknownDecision, Some(audit_id)) => {
                        self.why_unknown(tenant, &account, audit_id).await
                    }
                    _ => problem(refused),
                };
                return Ok(ReportAnswer {
                    what: Heard::Refused(why),
                    row: None,
                    audit_id,
                    clock_ahead: false,
                });
            }
        };
        let what = match taken {
            Taken { matched: false, .. } => Heard::Unmatched,
            Taken { kept: true, .. } => Heard::Kept,
            Taken { row: None, .. } => Heard::Unchanged,
            _ => Heard::Applied,
        };
        if taken.row.is_some() {
            self.volumes.with(tenant, Volume::outcome);
        }
        Ok(ReportAnswer {
            what,
            row: taken.row,
            audit_id: (taken.audit_id != 0).then_some(taken.audit_id),
            clock_ahead: taken.clock_ahead,
        })
    }
}

fn stated_facts(said: &Disposition) -> Result<Option<StatedFacts>, SystemError> {
    let facts = stated::facts(said);
    if facts.is_empty() {
        return Ok(None);
    }
    let (mut body, mut texts) = (Vec::new(), Vec::new());
    record::write(&facts, &mut body, &mut texts).map_err(|_form| SystemError::Internal)?;
    let subject = subject::seal(texts).map_err(|_none| SystemError::Internal)?;
    Ok(Some(StatedFacts {
        facts,
        body,
        subject,
    }))
}

/// Why a report was refused, as a caller is told.
pub(super) fn problem(refused: NotTaken) -> Problem {
    let of_field = |code, title, field| Problem {
        field: Some(field),
        ..Problem::new(422, code, title)
    };
    match refused {
        NotTaken::UnknownDecision => {
            Problem::new(404, "UNKNOWN_DECISION", "The account has no such decision.")
        }
        NotTaken::NotAllowed => {
            Problem::new(409, "NOT_ALLOWED", "The decision was a BLOCK or a dry run.")
        }
        NotTaken::TooLate => Problem::new(409, "TOO_LATE", "The decision is too old for that."),
        NotTaken::ActorMissing => of_field(
            "ACTOR_MISSING",
            "A late release names who says so.",
            "actor",
        ),
        NotTaken::Field(field, Refusal::UnknownDebt) => {
            of_field("UNKNOWN_DEBT", "The account has no such debt.", field)
        }
        NotTaken::Field(field, Refusal::UnknownPerson) => {
            of_field("UNKNOWN_PERSON", "The account has no such person.", field)
        }
        NotTaken::Field(field, Refusal::TooMany) => {
            of_field("TOO_MANY", "The account holds no more of that.", field)
        }
        NotTaken::Field(field, Refusal::LiftNeedsReason) => of_field(
            "LIFT_NEEDS_REASON",
            "It lifts something and gives no reason.",
            field,
        ),
        NotTaken::Field(field, Refusal::Conflict) => {
            of_field("CONFLICT", "The decision was about another number.", field)
        }
        NotTaken::Field(
            field,
            Refusal::Missing | Refusal::UnknownPhone | Refusal::UnknownEmail,
        ) => of_field("MISSING", "A required field is missing.", field),
    }
}
