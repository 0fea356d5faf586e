//! What travels to the engine thread and back.

use std::time::Instant;

use crossbeam::channel::Sender;

use super::door::SystemError;
use super::enact::{EnactError, Enactment};
use super::mailbox::{Outlet, Ticket};
use crate::domain::ids::TenantNo;
use crate::engine::Administered;
use crate::engine::commands::{
    Admin, Answer, Ask, FactAnswer, FactsPage, Item, NotTaken, PageResult, Report, Taken,
};
use crate::engine::enact::Enacted;
use crate::engine::query::{Query, Told};

/// A command for the engine.
#[derive(Debug)]
pub enum Work {
    /// Decide.
    Ask(Box<Ask>),
    /// Decide, unless the account has to be read first.
    AskRead(Box<Ask>),
    /// Decide some intents of a batch or a stream, in this order.
    Slice(Slice),
    /// Take a report of an outcome.
    Report(Box<Report>),
    /// Take in one fact.
    Fact(TenantNo, Box<Item>),
    /// Tell something, change nothing.
    Query(Box<Query>),
    /// Throw a switch, accept the clock.
    Admin(TenantNo, Admin),
    /// Make law and policies decide.
    Enact(Box<Enactment>),
}

impl Work {
    /// Whose share of the inbox it takes.
    pub fn tenant(&self) -> TenantNo {
        match self {
            Self::Ask(ask) | Self::AskRead(ask) => ask.tenant,
            Self::Slice(slice) => slice.tenant,
            Self::Report(report) => report.tenant,
            Self::Query(query) => query.tenant,
            Self::Admin(tenant, _) | Self::Fact(tenant, _) => *tenant,
            // The house's own waits in the first tenant's share: there is always one.
            Self::Enact(_) => TenantNo(0),
        }
    }

    /// How many intents it stands for in a tenant's share; every other command counts as one.
    pub fn intents(&self) -> usize {
        match self {
            Self::Slice(slice) => slice.asks.len(),
            _ => 1,
        }
    }

    /// The intents it asks about.
    pub fn asks(&self) -> &[Ask] {
        match self {
            Self::Ask(ask) | Self::AskRead(ask) => std::slice::from_ref(ask),
            Self::Slice(slice) => &slice.asks,
            _ => &[],
        }
    }
}

/// Up to [`SLICE_INTENTS_MAX`](crate::wire::limits::SLICE_INTENTS_MAX) intents that came together: one
/// place in the inbox, one answer, one wake-up.
#[derive(Debug)]
pub struct Slice {
    /// Whose.
    pub tenant: TenantNo,
    /// The intents, all of this tenant.
    pub asks: Vec<Ask>,
    /// Those of unknown accounts are not decided: their accounts have to be read first.
    pub unread_first: bool,
    /// What it is a part of.
    pub of: SliceOf,
}

/// What a slice is a part of: somebody who waits at a dialer goes before somebody who sent a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SliceOf {
    /// A batch: decided between what is asked live.
    Batch,
    /// A stream: live work, in line with the tenant's single commands.
    Stream,
}

/// A command with its deadline and who waits.
#[derive(Debug)]
pub struct Job {
    /// What.
    pub work: Work,
    /// Not taken up after this instant.
    pub deadline: Option<Instant>,
    /// Who waits.
    pub reply: ReplyTo,
}

/// A page of facts and who waits.
#[derive(Debug)]
pub struct PageJob {
    /// What.
    pub page: FactsPage,
    /// Who waits.
    pub reply: ReplyTo,
}

/// What comes back once it is durable.
#[derive(Debug)]
pub enum Delivered {
    /// Of an ask.
    Answer(Answer),
    /// Of an ask whose account has to be read first: here it is again, nothing was decided.
    Unread(Box<Ask>),
    /// Of a slice, in its order. The intents come back to the thread that made them: giving their
    /// memory back costs less there, and the engine's thread has no time for it.
    Slice(Vec<Answer>, Vec<Ask>),
    /// Of a report.
    Reported(Result<Taken, NotTaken>),
    /// Of a fact.
    Fact(FactAnswer),
    /// Of a question.
    Told(Box<Told>),
    /// Of a page.
    Page(PageResult),
    /// Of an administrator's act.
    Administered(Administered),
    /// Of law and policies.
    Enacted(Result<Enacted, EnactError>),
    /// Nothing was done, or it is not known to be durable.
    Refused(SystemError),
}

/// Who waits for an answer.
#[derive(Debug, Clone)]
pub enum ReplyTo {
    /// A request of a listening thread.
    Desk(Outlet<Delivered>, Ticket),
    /// A command that blocks its own thread.
    Channel(Sender<Delivered>),
    /// Nobody.
    Nobody,
}

/// Hands answers out and wakes each listening thread once.
#[derive(Debug, Default)]
pub struct Release {
    woken: Vec<Outlet<Delivered>>,
}

impl Release {
    /// Puts one answer where it is waited for.
    pub fn put(&mut self, to: ReplyTo, answer: Delivered) {
        match to {
            ReplyTo::Desk(outlet, ticket) => {
                // A mailbox that is full has given the request up already (MAILBOX-1).
                drop(outlet.push(ticket, answer));
                if !self.woken.iter().any(|known| known.same_as(&outlet)) {
                    self.woken.push(outlet);
                }
            }
            // A caller that went away does not hear of it.
            ReplyTo::Channel(sender) => drop(sender.try_send(answer)),
            ReplyTo::Nobody => {}
        }
    }

    /// Wakes everybody who got something.
    pub fn wake(&mut self) {
        for outlet in self.woken.drain(..) {
            outlet.wake();
        }
    }
}

/// Jobs for tests.
#[cfg(test)]
pub(super) mod samples {
    use super::*;
    use crate::engine::commands::SealedSubject;
    use crate::wire::intent;

    /// A batch's slice of `many` intents.
    pub(in crate::gateway) fn slice(tenant: u16, many: usize) -> Job {
        slice_of(SliceOf::Batch, tenant, many)
    }

    /// A slice of `many` intents.
    pub(in crate::gateway) fn slice_of(of: SliceOf, tenant: u16, many: usize) -> Job {
        let body =
            br#"{"account_id":"A","channel":"mail","action_type":"letter","source_system":"s"}"#;
        let intent = intent::decode(body, None, false).unwrap().intent;
        let ask = Ask {
            tenant: TenantNo(tenant),
            intent,
            key: None,
            subject: SealedSubject::default(),
        };
        let asks = vec![ask; many];
        let tenant = TenantNo(tenant);
        Job {
            work: Work::Slice(Slice {
                tenant,
                asks,
                unread_first: false,
                of,
            }),
            deadline: None,
            reply: ReplyTo::Nobody,
        }
    }
}
