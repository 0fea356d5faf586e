//! `GET /api/compliance` and `POST /api/compliance/acknowledge`.

use std::sync::Arc;

use super::list::{Listed, Times, page_of};
use super::of_account;
use crate::domain::ids::TenantNo;
use crate::engine::Administered;
use crate::engine::account_key;
use crate::engine::commands::Admin;
use crate::gateway::door::{Caller, Errand, SystemError};
use crate::gateway::mailbox::Mailbox;
use crate::gateway::native::{NOT_FOUND, fault};
use crate::gateway::running::Gateway;
use crate::gateway::subject;
use crate::gateway::trail::{Source, Walked};
use crate::gateway::work::{Delivered, Work};
use crate::ledger::{FindError, Reading};
use crate::wire::audit::{AckAnswer, AckRequest, AckSubject, Event, RowSeen, TrailItem};
use crate::wire::marks::{Class, EventKind, Marks};
use crate::wire::problem::Problem;
use crate::wire::query::Params;
use crate::wire::reply::Reply;

const NAMES: [&str; 7] = [
    "kind",
    "account",
    "acknowledged",
    "from",
    "to",
    "cursor",
    "limit",
];

/// Which events are wanted.
#[derive(Debug, Clone)]
struct Wanted {
    tenant: TenantNo,
    kind: Option<EventKind>,
    /// The account's id, and the number its rows go by.
    account: Option<(String, Option<u32>)>,
    acknowledged: Option<bool>,
    times: Times,
}

impl Gateway {
    /// Compliance events of the caller's tenant, newest first. Cancellation safe.
    pub(in crate::gateway::native) async fn compliance_events(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        let params = Params::read(errand.query, &NAMES).map_err(Problem::of_field)?;
        let listed = Listed::read(caller, "/api/compliance", &params, &NAMES);
        let listed = listed.map_err(Problem::of_field)?;
        let kind = params.word("kind", EventKind::parse);
        let mut wanted = Wanted {
            tenant: caller.tenant,
            kind: kind.map_err(Problem::of_field)?,
            account: params.text("account").map(|id| (id.to_owned(), None)),
            acknowledged: params.flag("acknowledged").map_err(Problem::of_field)?,
            times: listed.times(),
        };
        if let Some((id, number)) = &mut wanted.account {
            *number = self.number_of(desk, (caller, errand), id).await?;
        }
        let (_, trail, newest) = self.trail(caller)?;
        let read = trail.read((caller.tenant, newest), move |reading| {
            let span = listed.span(reading, wanted.tenant, newest)?;
            wanted.page(reading, span, listed.limit())
        });
        listed.page(read.await.map_err(|error| error.problem())?)
    }

    /// Acknowledges events of the caller's tenant: a row of its own, once an event.
    ///
    /// Cancellation: dropped after submission, the acknowledgement stands.
    pub(in crate::gateway::native) async fn acknowledge(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        let said = AckRequest::read(&errand.body).map_err(Problem::of_field)?;
        // One at a time, so that of two that come together the second sees the first one's row.
        let turn = Arc::clone(&self.acknowledging).lock_owned().await;
        let (_, trail, newest) = self.trail(caller)?;
        let (tenant, ids) = (caller.tenant, said.ids.clone());
        let read = trail.read((tenant, newest), move |reading| {
            standing(reading, (tenant, newest), ids)
        });
        let standing = read.await.map_err(|error| error.problem())?;
        let (new, already) = standing.ok_or(UNKNOWN_EVENT)?;
        let mut answer = AckAnswer {
            unchanged: new.is_empty(),
            acknowledged: new.clone(),
            already,
            row_id: None,
        };
        if !new.is_empty() {
            let row = self
                .acknowledged(desk, (caller, errand), &said, new)
                .await?;
            answer.row_id = Some(row);
        }
        drop(turn);
        let body = serde_json::to_vec(&answer).map_err(|_cause| fault(SystemError::Internal))?;
        Ok(Reply::json(200, body))
    }

    /// The row of an acknowledgement, durable.
    async fn acknowledged(
        &self,
        desk: &Mailbox<Delivered>,
        (caller, errand): (&Caller, &Errand<'_>),
        said: &AckRequest,
        ids: Vec<u64>,
    ) -> Result<u64, Problem> {
        let internal = fault(SystemError::Internal);
        let subject = AckSubject {
            actor: &said.actor,
            note: said.note.as_deref(),
        };
        let subject = serde_json::to_vec(&subject).map_err(|_cause| internal)?;
        let subject = subject::seal(subject).map_err(|_none| internal)?;
        let work = Work::Admin(caller.tenant, Admin::Acknowledge(ids, subject));
        match self.submit(desk, work, errand.arrived).await {
            Delivered::Administered(Administered::Applied(row)) => Ok(row),
            Delivered::Refused(refused) => Err(fault(refused)),
            _ => Err(internal),
        }
    }
}

/// An id that is no event of the tenant's; nothing was acknowledged.
const UNKNOWN_EVENT: Problem = Problem {
    code: "UNKNOWN_EVENT",
    title: "The tenant has no such event.",
    ..NOT_FOUND
};

/// Which of these events are not acknowledged yet and which are; `None` when one is no event.
#[expect(clippy::type_complexity, reason = "two lists, or none")]
fn standing(
    reading: &mut Reading<'_>,
    (tenant, newest): (TenantNo, u64),
    ids: Vec<u64>,
) -> Result<Option<(Vec<u64>, Vec<u64>)>, FindError> {
    let (mut new, mut already) = (Vec::new(), Vec::new());
    for id in ids {
        if !(1..=newest).contains(&id) {
            return Ok(None);
        }
        let event = reading.row(tenant.0, id, |row, _| {
            Marks::read(row.body).is_some_and(|marks| marks.event.is_some())
        })?;
        if !event {
            return Ok(None);
        }
        match reading.link(tenant.0, id)? {
            Some(_) => already.push(id),
            None => new.push(id),
        }
    }
    Ok(Some((new, already)))
}

impl Wanted {
    fn source(&self) -> Source {
        let Some((id, number)) = &self.account else {
            let every = EventKind::ALL.iter().copied();
            let kinds = every.filter(|kind| self.kind.is_none_or(|wanted| wanted == *kind));
            return Source::Posted(kinds.map(|kind| Class::Event(kind).key()).collect());
        };
        let mut keys = vec![account_key(self.tenant, id)];
        keys.extend(number.map(|number| Class::Account(number).key()));
        Source::Posted(keys)
    }

    /// A page of events, each with its acknowledgement. Those that stand otherwise than wanted are
    /// passed over, so it may take several walks to fill one.
    fn page(
        &self,
        reading: &mut Reading<'_>,
        (floor, mut below): (u64, u64),
        limit: usize,
    ) -> Result<Walked<Event>, FindError> {
        let source = self.source();
        let mut items = Vec::new();
        loop {
            let mut take = |row: &RowSeen<'_>, marks: &Marks<'_>| {
                let wanted = self.times.hold(marks.at);
                wanted.then(|| self.event(row, marks)).flatten()
            };
            let wanted = (self.tenant, &source);
            let left = limit - items.len();
            let walked = page_of(reading, wanted, (floor, below), left, &mut take)?;
            for mut event in walked.items {
                let by = reading.link(self.tenant.0, event.event_id)?;
                if self
                    .acknowledged
                    .is_none_or(|wanted| wanted == by.is_some())
                {
                    event.acknowledged = by.is_some();
                    event.acknowledged_by = by;
                    items.push(event);
                }
            }
            let more = walked.next.filter(|_| items.len() < limit);
            let Some(next) = more.filter(|_| !reading.effort().spent()) else {
                let next = walked.next;
                return Ok(Walked { items, next });
            };
            below = next;
        }
    }

    fn event(&self, row: &RowSeen<'_>, marks: &Marks<'_>) -> Option<Event> {
        let kind = marks.event?;
        if self.kind.is_some_and(|wanted| wanted != kind) {
            return None;
        }
        let number = self.account.as_ref().and_then(|(_, number)| *number);
        let item = TrailItem::of(row, marks, number)?;
        if let Some((id, _)) = &self.account {
            let said = item.account_id.as_deref();
            let about = match item.records {
                Some(records) => records > 0 && (number.is_some() || said == Some(id)),
                None => of_account(row, said, id),
            };
            if !about {
                return None;
            }
        }
        Some(Event::new(kind, item, row.body, None))
    }
}
