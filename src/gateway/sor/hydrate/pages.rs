//! What was read, taken in: lines to items, items to pages, pages to the engine's bulk lane.

use std::time::Duration;

use crate::clock::Clock;
use crate::domain::ids::TenantNo;
use crate::domain::record::{AccountRecord, FactRecord, Line, Personal, SYSTEM_SOURCE_MARK};
use crate::engine::commands::{FactAnswer, FactsPage, Item, PageResult, Stated};
use crate::engine::query::{Query, Told, What};
use crate::gateway::inbox::{Inbox, Shed};
use crate::gateway::intake::sealed_item;
use crate::gateway::mailbox::Mailbox;
use crate::gateway::work::{Delivered, Job, PageJob, ReplyTo, Work};
use crate::sor::route::System;

/// Records of a page, as an upload's.
const PAGE_ITEMS: usize = 64;
/// How long a page waits for room or for its commit.
const PAGE_WAIT_MAX: Duration = Duration::from_secs(30);
/// Between two looks whether there is room.
const ROOM_POLL: Duration = Duration::from_millis(5);

/// The house took nothing in: it is sealed, stopping, or too busy for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what was read was not taken in")]
pub(super) struct NotTaken;

/// The way into the engine, of one thread.
#[derive(Debug, Clone)]
pub(super) struct Pages {
    pub(super) inbox: Inbox,
    pub(super) mail: Mailbox<Delivered>,
    pub(super) clock: Clock,
}

impl Pages {
    /// Takes lines in; answered once they are durable. Lines that state no fact are none here.
    ///
    /// Cancellation: dropped midway, what was submitted stands.
    ///
    /// # Errors
    /// [`NotTaken`]; some may have been.
    pub(super) async fn take(
        &self,
        tenant: TenantNo,
        system: System,
        lines: Vec<Line>,
    ) -> Result<PageResult, NotTaken> {
        let mut sum = PageResult::default();
        let mut items = Vec::new();
        let mut number = 0;
        for line in lines {
            number += 1;
            let what = match line {
                Line::Account(mut record) => {
                    record.facts.iter_mut().for_each(|fact| name(fact, system));
                    Stated::Account(record)
                }
                Line::Contact(mut fact) => {
                    name(&mut fact, system);
                    Stated::Contact(fact)
                }
                Line::Kill(_) | Line::ClockAccept => continue,
            };
            match sealed_item(number, what).map_err(|_cause| NotTaken)? {
                Some(item) => items.push(item),
                None => sum.rejected.push((number, "", TOO_LARGE)),
            }
            if items.len() >= PAGE_ITEMS {
                add(
                    &mut sum,
                    self.page(tenant, std::mem::take(&mut items)).await?,
                );
            }
        }
        if !items.is_empty() {
            add(&mut sum, self.page(tenant, items).await?);
        }
        Ok(sum)
    }

    /// Asks the engine a question that changes nothing.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub(super) async fn told(&self, tenant: TenantNo, what: What) -> Result<Told, NotTaken> {
        let query = Work::Query(Box::new(Query { tenant, what }));
        match self.work(query).await? {
            Delivered::Told(told) => Ok(*told),
            _ => Err(NotTaken),
        }
    }

    /// States something of one account, if it is held.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub(super) async fn state(
        &self,
        tenant: TenantNo,
        system: System,
        mut record: Box<AccountRecord>,
    ) -> Result<FactAnswer, NotTaken> {
        record.facts.iter_mut().for_each(|fact| name(fact, system));
        let item = sealed_item(1, Stated::Account(record)).map_err(|_cause| NotTaken)?;
        let item = item.ok_or(NotTaken)?;
        match self.work(Work::Fact(tenant, Box::new(item))).await? {
            Delivered::Fact(answer) => Ok(answer),
            _ => Err(NotTaken),
        }
    }

    async fn work(&self, work: Work) -> Result<Delivered, NotTaken> {
        let give_up = self.clock.instant() + PAGE_WAIT_MAX;
        let waiting = self.mail.register(give_up).map_err(|_full| NotTaken)?;
        let mut job = Job {
            work,
            deadline: Some(give_up),
            reply: ReplyTo::Desk(self.mail.outlet(), waiting.ticket()),
        };
        loop {
            match self.inbox.live(job) {
                Ok(()) => break,
                Err((back, Shed::Stopped)) => {
                    drop(back);
                    waiting.withdraw();
                    return Err(NotTaken);
                }
                Err((back, _)) if self.clock.instant() < give_up => job = *back,
                Err(_) => {
                    waiting.withdraw();
                    return Err(NotTaken);
                }
            }
            tokio::time::sleep(ROOM_POLL).await;
        }
        waiting.await.map_err(|_none| NotTaken)
    }

    async fn page(&self, tenant: TenantNo, items: Vec<Item>) -> Result<PageResult, NotTaken> {
        let give_up = self.clock.instant() + PAGE_WAIT_MAX;
        let waiting = self.mail.register(give_up).map_err(|_full| NotTaken)?;
        let mut job = PageJob {
            page: FactsPage { tenant, items },
            reply: ReplyTo::Desk(self.mail.outlet(), waiting.ticket()),
        };
        loop {
            match self.inbox.try_bulk(job) {
                Ok(()) => break,
                Err((back, Shed::Full)) if self.clock.instant() < give_up => job = *back,
                Err(_) => {
                    waiting.withdraw();
                    return Err(NotTaken);
                }
            }
            tokio::time::sleep(ROOM_POLL).await;
        }
        match waiting.await {
            Ok(Delivered::Page(result)) => Ok(result),
            _ => Err(NotTaken),
        }
    }
}

const TOO_LARGE: crate::engine::commands::Refusal = crate::engine::commands::Refusal::TooMany;

fn add(sum: &mut PageResult, page: PageResult) {
    sum.applied += page.applied;
    sum.unchanged += page.unchanged;
    sum.rejected.extend(page.rejected);
}

/// A fact that was read says where: so it is not sent back (OUTBOX-5).
fn name(fact: &mut FactRecord, system: System) {
    let own = |source: &Personal| source.as_str().starts_with(SYSTEM_SOURCE_MARK);
    if !fact.source.as_ref().is_some_and(own) {
        let text = format!("{SYSTEM_SOURCE_MARK}{}", system.as_str());
        fact.source = Some(Personal(text.into()));
    }
}
