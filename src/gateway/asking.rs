//! Slices on their way: what is put to the engine many intents at a time, whether of a batch or of a
//! stream; one place in the inbox and one wake-up each, one answer an intent.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::contact;
use super::door::{Answered, Caller, SystemError, TENANT_RECOVERING};
use super::inbox::Shed;
use super::mailbox::{Mailbox, Pending};
use super::running::{Gateway, Running, label};
use super::volumes::fault_kind;
use super::work::{Delivered, Job, ReplyTo, Slice, SliceOf, Work};
use crate::domain::ids::TenantNo;
use crate::engine::commands::{Answer, Ask};
use crate::telemetry::volume::Volume;
use crate::wire::intent::AskRequest;
use crate::wire::limits::SLICE_INTENTS_MAX;

/// Why a slice did not get into the inbox.
pub(super) enum NotTaken {
    /// No room for it.
    Full(Slice, Shed),
    /// Nothing is taken.
    Closed(SystemError),
}

/// Somebody who asks by slices. The tenant's number is the caller's all the way.
pub(super) struct Asking<'a> {
    pub(super) gateway: &'a Gateway,
    desk: Mailbox<Delivered>,
    caller: Caller,
    volume: Arc<Volume>,
    of: SliceOf,
    arrived: Instant,
    pub(super) give_up: Instant,
    /// How long accounts may still be read for whoever asks.
    read_left: Duration,
}

impl<'a> Asking<'a> {
    pub(super) fn new(
        gateway: &'a Gateway,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        (of, arrived): (SliceOf, Instant),
    ) -> Self {
        Self {
            gateway,
            desk: desk.clone(),
            caller: caller.clone(),
            volume: gateway.volumes.of(caller.tenant),
            of,
            arrived,
            give_up: arrived + gateway.limits.commit_wait_max,
            read_left: gateway.read_timeout(caller.tenant),
        }
    }

    /// Intents a slice may have at most.
    pub(super) fn slice_max(&self) -> usize {
        let running = self.gateway.running();
        running.map_or(SLICE_INTENTS_MAX, |running| running.inbox.slice_max())
    }

    /// Seals the personal fields of requests and makes them a slice.
    ///
    /// # Errors
    /// As [`contact::seal`]: none of them is asked then.
    pub(super) fn seal(
        &self,
        asked: impl Iterator<Item = AskRequest>,
    ) -> Result<Slice, SystemError> {
        let sealed = asked.map(|ask| contact::seal(&self.caller, ask));
        Ok(self.slice_of(sealed.collect::<Result<_, SystemError>>()?))
    }

    fn slice_of(&self, asks: Vec<Ask>) -> Slice {
        Slice {
            tenant: self.caller.tenant,
            asks,
            unread_first: !self.read_left.is_zero(),
            of: self.of,
        }
    }

    /// Puts a slice into the inbox, or gives it back when there is no room for it.
    pub(super) fn offer(&self, slice: Slice) -> Result<Pending<Delivered>, NotTaken> {
        let (running, now) = self.open(slice.tenant).map_err(NotTaken::Closed)?;
        let Ok(waiting) = self.desk.register(self.give_up) else {
            return Err(NotTaken::Full(slice, Shed::Full));
        };
        let begun = match self.of {
            // It waits for its turn at the gateway's own bidding; its time begins here.
            SliceOf::Batch => now,
            SliceOf::Stream => self.arrived,
        };
        let job = Job {
            work: Work::Slice(slice),
            deadline: Some(begun + self.gateway.limits.deadline),
            reply: ReplyTo::Desk(self.desk.outlet(), waiting.ticket()),
        };
        let Err((job, shed)) = running.inbox.live(job) else {
            return Ok(waiting);
        };
        waiting.withdraw();
        Err(match job.work {
            Work::Slice(slice) => NotTaken::Full(slice, shed),
            _ => NotTaken::Closed(SystemError::Internal),
        })
    }

    /// The gateway, if it takes anything at all, and the time.
    fn open(&self, tenant: TenantNo) -> Result<(&Running, Instant), SystemError> {
        let running = self.gateway.running().ok_or(SystemError::Recovering)?;
        if tenant == TENANT_RECOVERING {
            return Err(SystemError::Recovering);
        }
        if running.status.sealed() {
            return Err(SystemError::Sealed);
        }
        let now = self.gateway.clock.instant();
        if now >= self.give_up {
            return Err(SystemError::DeadlinePassed);
        }
        Ok((running, now))
    }

    /// Counts a slice that was not taken, and says why.
    pub(super) fn not_taken(&self, why: &NotTaken) -> SystemError {
        match why {
            NotTaken::Full(_, shed) => self.gateway.shed(label(*shed)),
            NotTaken::Closed(error) => *error,
        }
    }

    /// Waits for a slice of `many` intents and appends one answer for each, in their order. Accounts
    /// that nobody knew are read first.
    pub(super) async fn hear(
        &mut self,
        (many, waiting): (usize, Pending<Delivered>),
        into: &mut Vec<Answered>,
    ) {
        match self.heard(many, waiting).await {
            Err(error) => self.refuse(many, error, into),
            Ok((answers, asks)) if answers.contains(&Answer::Unread) => {
                Box::pin(self.read_then_ask(answers, asks, into)).await;
            }
            Ok((answers, asks)) => self.tell(answers.into_iter().map(Ok), &asks, into),
        }
    }

    async fn heard(
        &self,
        many: usize,
        waiting: Pending<Delivered>,
    ) -> Result<(Vec<Answer>, Vec<Ask>), SystemError> {
        match waiting.await {
            Ok(Delivered::Slice(answers, asks)) if answers.len() == many => Ok((answers, asks)),
            Ok(Delivered::Refused(error)) => Err(error),
            Ok(_) => Err(SystemError::Internal),
            Err(_none) => Err(self.gateway.too_late()),
        }
    }

    fn tell(
        &self,
        answers: impl Iterator<Item = Result<Answer, SystemError>>,
        asks: &[Ask],
        into: &mut Vec<Answered>,
    ) {
        let now = self.gateway.clock.instant();
        let waited = now.saturating_duration_since(self.arrived);
        for (answer, ask) in answers.zip(asks) {
            let told = match answer {
                Ok(answer) => self.gateway.told(answer),
                Err(error) => self.gateway.fault(error),
            };
            let origin = self.volume.origin_of(&ask.intent);
            self.volume.answered(origin, &told, waited);
            into.push(told);
        }
    }

    /// Has the accounts of a slice read that nobody knew, then asks about those again. The time that
    /// takes is nobody's deadline, and there is only so much of it.
    async fn read_then_ask(
        &mut self,
        answers: Vec<Answer>,
        asks: Vec<Ask>,
        into: &mut Vec<Answered>,
    ) {
        let unread = |answer: &Answer| *answer == Answer::Unread;
        let again: Vec<Ask> = (answers.iter().zip(&asks))
            .filter(|(answer, _)| unread(answer))
            .map(|(_, ask)| ask.clone())
            .collect();
        let many = again.len();
        let begun = self.gateway.clock.instant();
        self.gateway
            .read_all_first(&self.caller, &again, self.read_left)
            .await;
        let read = self.gateway.clock.instant();
        let span = read.saturating_duration_since(begun);
        self.read_left = self.read_left.saturating_sub(span);
        (self.arrived, self.give_up) = (self.arrived + span, self.give_up + span);
        let mut slice = self.slice_of(again);
        slice.unread_first = false;
        let asked = match self.offer(slice) {
            Ok(waiting) => self.heard(many, waiting).await,
            Err(why) => Err(self.not_taken(&why)),
        };
        let mut second = match &asked {
            Ok((answers, _asks)) => answers.iter(),
            Err(_) => [].iter(),
        };
        let failed = asked.as_ref().err().copied();
        let whole = answers.into_iter().map(|answer| match failed {
            _ if answer != Answer::Unread => Ok(answer),
            Some(error) => Err(error),
            None => second.next().copied().ok_or(SystemError::Internal),
        });
        self.tell(whole, &asks, into);
    }

    /// Appends as many answers that are no decision.
    pub(super) fn refuse(&self, many: usize, error: SystemError, into: &mut Vec<Answered>) {
        let refused = (0..many).map(|_| {
            self.volume.fault(fault_kind(error));
            self.gateway.fault(error)
        });
        into.extend(refused);
    }
}
