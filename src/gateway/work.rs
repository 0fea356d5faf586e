//! What travels to the engine thread and back.

use std::time::Instant;

use crossbeam::channel::Sender;

use super::door::SystemError;
use super::mailbox::{Outlet, Ticket};
use crate::domain::ids::TenantNo;
use crate::engine::Administered;
use crate::engine::commands::{Admin, Answer, Ask, FactsPage, PageResult, Settle, Settled};

/// A command for the engine.
#[derive(Debug)]
pub enum Work {
    /// Decide.
    Ask(Box<Ask>),
    /// Settle.
    Settle(Box<Settle>),
    /// Throw a switch, accept the clock.
    Admin(TenantNo, Admin),
}

impl Work {
    /// Whose share of the inbox it takes.
    pub fn tenant(&self) -> TenantNo {
        match self {
            Self::Ask(ask) => ask.tenant,
            Self::Settle(settle) => settle.tenant,
            Self::Admin(tenant, _) => *tenant,
        }
    }
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
    /// Of a settle.
    Settled(Settled),
    /// Of a page.
    Page(PageResult),
    /// Of an administrator's act.
    Administered(Administered),
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
