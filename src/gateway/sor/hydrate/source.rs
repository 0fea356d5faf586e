//! One tenant's system as its accounts are read from it, and what becomes of what was read.

use std::sync::Arc;
use std::time::Duration;

use super::owing::with_owed;
use super::pages::{NotTaken, Pages};
use super::read::{self, Came};
use super::{Hydration, Progress};
use crate::clock::Clock;
use crate::domain::facts::Hold;
use crate::domain::ids::TenantNo;
use crate::domain::record::{AccountRecord, FactRecord, Line, Personal};
use crate::domain::time::ZoneId;
use crate::domain::words::HoldKind;
use crate::engine::commands::FactAnswer;
use crate::engine::query::{Told, What};
use crate::gateway::directory::Directory;
use crate::gateway::sor::SystemsOfRecord;
use crate::gateway::sor::ask::{Ask, Live};
use crate::sor::dialect::{Dialect, held_for_system, is_held};
use crate::sor::outbox::Book;
use crate::sor::route::System;

/// Why a hold of the gateway's own ends.
const READ_AGAIN: &str = "read again";

/// One tenant's system, to be read from.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) name: Arc<str>,
    pub(super) tenant: TenantNo,
    pub(super) system: System,
    pub(super) dialect: Arc<dyn Dialect>,
    pub(super) live: Live,
    pub(super) timeout: Duration,
    pub(super) clock: Clock,
    pub(super) book: Arc<Book>,
    pub(super) sor: Arc<SystemsOfRecord>,
    pub(super) pages: Pages,
    pub(super) directory: Arc<Directory>,
    pub(super) hydration: Arc<Hydration>,
}

/// An account was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotRead {
    /// No answer, or the house took nothing in.
    Unheard,
    /// Its answers cannot be read.
    Unreadable,
}

impl Source {
    /// The agency's zone, for times without one.
    pub(super) fn zone(&self) -> Option<ZoneId> {
        self.directory.zone(&self.name)
    }

    /// Takes lines in, each with what its account is owed, and counts them; whether none was refused.
    /// Only then are holds lifted, and after it: what was read in their place is on file.
    pub(super) async fn take_in(&self, lines: Vec<Line>) -> Result<bool, NotTaken> {
        if lines.is_empty() {
            return Ok(true);
        }
        let lifts = self.lifts(&lines).await?;
        let owed = &self.sor.owed;
        let with = with_owed(lines, |account| owed.of(&self.name, account));
        let mut taken = self
            .pages
            .take(self.tenant, self.system, with.lines)
            .await?;
        if !with.owed.is_empty() && !taken.rejected.is_empty() {
            // What is owed must not keep out what was read: once more, each by itself.
            let rest = self.pages.take(self.tenant, self.system, with.apart);
            taken = rest.await?;
        }
        for (account, lines) in &with.owed {
            if owed.done(&self.name, account, lines) {
                self.sor.save_owed(&self.name, account).await;
            }
        }
        self.hydration.progress(&self.name, |at| {
            at.records += u64::from(taken.applied) + u64::from(taken.unchanged);
            at.changed += u64::from(taken.applied);
            at.refused += taken.rejected.len() as u64;
        });
        let whole = taken.rejected.is_empty();
        if whole && !lifts.is_empty() {
            self.pages.take(self.tenant, self.system, lifts).await?;
        }
        Ok(whole)
    }

    /// What ends holds that were there because the system did not have an account, or said where it is in
    /// a way that could not be read: it has it now, and says so plainly.
    async fn lifts(&self, lines: &[Line]) -> Result<Vec<Line>, NotTaken> {
        let mut lifts = Vec::new();
        for line in lines {
            let Line::Account(record) = line else {
                continue;
            };
            let Some(account) = record.account_id.as_ref().filter(|_| !is_held(record)) else {
                continue;
            };
            if self.is_on_hold(account.as_str()).await? {
                let fact = FactRecord {
                    lifted: Some(true),
                    reason: Some(Personal::from(READ_AGAIN)),
                    ..held_for_system()
                };
                lifts.push(Line::Account(Box::new(of_fact(account.as_str(), fact))));
            }
        }
        Ok(lifts)
    }

    async fn is_on_hold(&self, account: &str) -> Result<bool, NotTaken> {
        let told = self.pages.told(self.tenant, What::File(account.into()));
        let Told::File(file) = told.await? else {
            return Err(NotTaken);
        };
        let extras = file
            .as_deref()
            .and_then(|file| file.account.extras.as_deref());
        let own = |hold: &Hold| hold.kind == HoldKind::SystemOfRecord;
        Ok(extras.is_some_and(|extras| extras.holds.iter().any(own)))
    }

    /// The system does not have an account: one that the gate holds is not contacted until it does.
    async fn hold(&self, account: &str) -> Result<(), NotTaken> {
        let record = Box::new(of_fact(account, held_for_system()));
        let answer = self.pages.state(self.tenant, self.system, record).await?;
        if let FactAnswer::Refused(field, why) = answer {
            tracing::warn!(field, %why, "an account its system does not have is not held");
            return Err(NotTaken);
        }
        Ok(())
    }

    /// Reads an account and takes in what was read; whether the system has it.
    ///
    /// # Errors
    /// [`NotRead`].
    pub(super) async fn read(&self, account: &str) -> Result<bool, NotRead> {
        self.read_by(&self.live, account).await
    }

    /// The same by another way of asking. A mark that was made before it began ends with it.
    ///
    /// # Errors
    /// [`NotRead`].
    pub(super) async fn read_by(&self, from: &impl Ask, account: &str) -> Result<bool, NotRead> {
        let mark = self.sor.marks().begun(&self.name, account);
        let read = self.come(from, account).await;
        if read.is_ok() && self.sor.marks().ended(&self.name, account, mark) {
            self.sor.save_mark(&self.name, account).await;
        }
        read
    }

    async fn come(&self, from: &impl Ask, account: &str) -> Result<bool, NotRead> {
        let when = (self.zone(), self.clock.now());
        let came = read::account(from, &*self.dialect, account, when, self.timeout).await;
        let count = |act: fn(&mut Progress)| {
            self.hydration.progress(&self.name, |at| {
                at.asked += 1;
                act(at);
            });
        };
        match came {
            Came::Known(line) => {
                count(|_| {});
                // What the gate refuses of it is not read: its mark stands.
                match self.take_in(vec![line]).await {
                    Ok(true) => Ok(true),
                    Ok(false) => Err(NotRead::Unreadable),
                    Err(_not_taken) => Err(NotRead::Unheard),
                }
            }
            Came::Absent => {
                count(|at| at.absent += 1);
                if self.sor.owed.forget(&self.name, account) {
                    self.sor.save_owed(&self.name, account).await;
                }
                // Nothing was asked about an id that the system has no form for: it said nothing.
                if self.dialect.reads(account).is_empty() {
                    return Ok(false);
                }
                let held = self.hold(account).await;
                held.map(|()| false).map_err(|_not| NotRead::Unheard)
            }
            Came::Unreadable => {
                count(|at| at.unreadable += 1);
                Err(NotRead::Unreadable)
            }
            Came::Unheard => {
                count(|at| at.unheard += 1);
                Err(NotRead::Unheard)
            }
        }
    }
}

/// One fact as an account's record.
fn of_fact(account: &str, fact: FactRecord) -> AccountRecord {
    AccountRecord {
        account_id: Some(Personal::from(account)),
        facts: vec![fact],
        ..AccountRecord::default()
    }
}
