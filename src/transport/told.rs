//! One answer of the gate among several: of a batch, or of a line of a stream.

use crate::gateway::door::{Answered, Door, SystemError};
use crate::wire::answer::{self, Beyond, Fault};
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::intent::Echo;

/// What every answer of a request repeats.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    /// The credential's tenant, where it was proved.
    pub(super) tenant: Option<&'a str>,
    /// The request's id.
    pub(super) request_id: &'a str,
    /// The line that is answered; errors name it.
    pub(super) line: Option<u64>,
}

impl Told<'_> {
    /// Appends the answer to an intent; with a door to `explain`, with the texts of the pack that
    /// decided it.
    pub(super) fn answered(
        &self,
        out: &mut Vec<u8>,
        echo: &Echo,
        answered: Option<&Answered>,
        explain: Option<&impl Door>,
    ) {
        match answered {
            Some(Answered::Decision(decision)) => {
                let tenant = self.tenant.unwrap_or_default();
                let mut write = |beyond: Beyond<'_>| {
                    answer::push_decision(out, tenant, echo, decision, beyond);
                };
                match explain {
                    None => write(Beyond::UseBy),
                    Some(door) => {
                        door.with_rule_texts(decision.law, |texts| write(Beyond::Gates(texts)));
                    }
                }
            }
            Some(Answered::KeyReused) => {
                let error = FieldError::of("request_id", FieldCode::KeyReused);
                self.fault(out, Some(echo), &of_field(error));
            }
            Some(Answered::SystemError(error)) => self.fault(out, Some(echo), &error.fault()),
            // The door owes an answer for every intent; without one nothing is allowed.
            None => self.fault(out, Some(echo), &SystemError::Internal.fault()),
        }
    }

    /// Appends the answer to what is no intent.
    pub(super) fn refused(&self, out: &mut Vec<u8>, error: FieldError) {
        self.fault(out, None, &of_field(error));
    }

    /// Appends an answer that is no decision.
    pub(super) fn fault(&self, out: &mut Vec<u8>, echo: Option<&Echo>, fault: &Fault) {
        let tenant = self.tenant;
        match self.line {
            None => answer::push_system_error(out, tenant, echo, fault, self.request_id),
            Some(line) => {
                answer::push_line_error(out, tenant, echo, fault, (self.request_id, line));
            }
        }
    }
}

fn of_field(error: FieldError) -> Fault {
    Fault {
        code: error.code.as_str(),
        field: error.field,
        message: error.code.message(),
    }
}
