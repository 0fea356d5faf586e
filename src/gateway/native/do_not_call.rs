//! The tenant's do-not-call list: numbers go on it, come off it, are looked up.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::fact::{refused, refused_by_engine};
use super::fault;
use crate::domain::phone::PhoneNumber;
use crate::domain::record::Line;
use crate::engine::commands::{FactAnswer, Stated};
use crate::engine::query::{Told, What};
use crate::gateway::door::{Caller, Errand, SystemError};
use crate::gateway::listing;
use crate::gateway::mailbox::Mailbox;
use crate::gateway::running::Gateway;
use crate::gateway::work::Delivered;
use crate::wire::do_not_call::{ListingAnswer, NumberTaken};
use crate::wire::ingest::numbers::{self, Named};
use crate::wire::ingest::{Fault, ListEdit, RejectCode, Rejected};
use crate::wire::problem::Problem;
use crate::wire::reply::Reply;

/// Look-ups that read the ledger at once; one more waits for its turn.
const READERS_MAX: usize = 8;

static READERS: Semaphore = Semaphore::const_new(READERS_MAX);

impl Gateway {
    /// Puts numbers on the list or takes them off. One number goes through the live lane; a list
    /// through the bulk lane, in pages.
    ///
    /// Cancellation: dropped after submission, what was submitted stands.
    pub(super) async fn edit_list(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
        edit: ListEdit,
    ) -> Result<Reply, Problem> {
        let now = self.clock.read().now;
        let lines = match numbers::request(&errand.body, edit, now) {
            Err(fault) => return Ok(refused(&fault, errand.request_id)),
            Ok(Named::One(line)) => return self.edit_one(desk, caller, errand, line).await,
            Ok(Named::List(lines)) => lines,
        };
        // Nothing of it can be done: said as plainly as for a single number.
        if let Some(Err(Rejected { line, fault })) = lines.first()
            && lines.iter().all(Result::is_err)
        {
            let fault = Fault {
                field: format!("phones.{}", line.saturating_sub(1)).into(),
                code: fault.code,
            };
            return Ok(refused(&fault, errand.request_id));
        }
        Ok(self.take_lines(caller, lines, errand.request_id).await)
    }

    async fn edit_one(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
        line: Line,
    ) -> Result<Reply, Problem> {
        let Line::Contact(fact) = line else {
            return Err(fault(SystemError::Internal));
        };
        let phone = fact.phone.as_ref().map(|phone| phone.as_str().to_owned());
        let taken = self.state_one(desk, caller, errand, Stated::Contact(fact));
        let row_id = match taken.await? {
            FactAnswer::Applied(row) => Some(row),
            FactAnswer::Unchanged => None,
            FactAnswer::Refused(field, why) => {
                return Ok(refused_by_engine(field, why, errand.request_id));
            }
            FactAnswer::UnknownAccount => return Err(fault(SystemError::Internal)),
        };
        let told = NumberTaken {
            phone: phone.unwrap_or_default(),
            applied: u32::from(row_id.is_some()),
            unchanged: u32::from(row_id.is_none()),
            row_id,
        };
        super::json(&told)
    }

    /// How a number stands on the list: whether it is there, from the state the gates decide by;
    /// why, and since when, from the rows that say so.
    pub(super) async fn look_up_number(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        let Ok(number) = PhoneNumber::parse(&errand.segment) else {
            let fault = Fault::at("phone", RejectCode::InvalidPhone);
            return Ok(refused(&fault, errand.request_id));
        };
        let told = self
            .query(desk, caller, What::Listing(number), errand)
            .await?;
        let Told::Listing(stands) = told else {
            return Err(fault(SystemError::Internal));
        };
        let mut answer = ListingAnswer {
            phone: number.e164().as_str().to_owned(),
            listed: stands.listed,
            since: None,
            until: stands.until,
            reason: None,
            source: None,
            actor: None,
            row_id: (stands.row > 0).then_some(stands.row),
            erased: false,
            history: Vec::new(),
            history_complete: true,
        };
        if stands.row > 0 {
            let (history, complete) = self.list_history(caller, number, stands.row).await?;
            (answer.history, answer.history_complete) = (history, complete);
        }
        if let Some(newest) = answer.history.first() {
            answer.erased = newest.erased;
            if stands.listed {
                answer.since = Some(newest.at);
                answer.reason.clone_from(&newest.reason);
                answer.source.clone_from(&newest.source);
                answer.actor.clone_from(&newest.actor);
            }
        }
        super::json(&answer)
    }

    async fn list_history(
        &self,
        caller: &Caller,
        number: PhoneNumber,
        row: u64,
    ) -> Result<listing::History, Problem> {
        let running = self
            .running()
            .ok_or_else(|| fault(SystemError::Recovering))?;
        let turn = tokio::time::timeout(self.limits.commit_wait_max, READERS.acquire()).await;
        let Ok(Ok(_turn)) = turn else {
            return Err(fault(SystemError::Overloaded));
        };
        let (index, dir) = (Arc::clone(&running.index), running.data_dir.clone());
        let tenant = caller.tenant;
        let read = move || listing::history(&index, &dir, tenant, number, row);
        match tokio::task::spawn_blocking(read).await {
            Ok(Ok(history)) => Ok(history),
            Ok(Err(_)) | Err(_) => Err(fault(SystemError::Internal)),
        }
    }
}
