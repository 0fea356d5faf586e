//! The story of a batch: cut into slices, each one place in the inbox and one answer; every intent
//! decided, recorded and answered on its own, in the order of the batch.
//!
//! A few slices of one batch are under way at a time, so that sealing, deciding and committing
//! overlap, and the next is offered only when one has come back: however long a batch is, it never
//! holds more of the inbox than that, and whoever asks for one intent comes in between. While somebody
//! does ([`super::presence`]), slices are shorter and one of a batch is under way at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::contact;
use super::door::{Answered, Caller, SystemError, TENANT_RECOVERING};
use super::inbox::Shed;
use super::mailbox::{Mailbox, Pending};
use super::running::{Gateway, Running, label};
use super::volumes::fault_kind;
use super::work::{Delivered, Job, ReplyTo, Slice, Work};
use crate::domain::ids::TenantNo;
use crate::engine::commands::{Answer, Ask};
use crate::telemetry::volume::Volume;
use crate::wire::intent::AskRequest;
use crate::wire::limits::{SLICE_INTENTS_BESIDE_MAX, SLICE_INTENTS_MAX, SLICES_AHEAD_MAX};

/// A slice on its way: how many intents it has, and who waits for it.
type UnderWay = (usize, Pending<Delivered>);

/// Why a slice did not get into the inbox.
enum NotTaken {
    /// No room for it.
    Full(Slice, Shed),
    /// Nothing is taken.
    Closed(SystemError),
}

/// A batch being decided.
struct Asking<'a> {
    gateway: &'a Gateway,
    volume: Arc<Volume>,
    arrived: Instant,
    desk: &'a Mailbox<Delivered>,
    give_up: Instant,
    /// How long accounts may still be read for this batch.
    read_left: Duration,
    under_way: VecDeque<UnderWay>,
    answered: Vec<Answered>,
}

/// Whether a batch that has `left` of the time it may take has used less than a quarter: on a slow disk
/// many small commits would make it late, and what is late is refused.
fn has_time(left: Duration, whole: Duration) -> bool {
    left > whole * 3 / 4
}

/// Intents of a slice, and slices under way at once.
fn pace(beside: bool) -> (usize, usize) {
    if beside {
        (SLICE_INTENTS_BESIDE_MAX, 1)
    } else {
        (SLICE_INTENTS_MAX, SLICES_AHEAD_MAX)
    }
}

impl Gateway {
    /// Decides the intents of a batch; one answer each, in their order. What is not a durable
    /// decision is a fault of the intents concerned, never an ALLOW.
    ///
    /// Cancellation: dropped midway, the slices already submitted stand.
    pub async fn decide_all(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        asked: Vec<AskRequest>,
        arrived: Instant,
    ) -> Vec<Answered> {
        let count = asked.len();
        let mut asking = Asking {
            gateway: self,
            volume: self.volumes.of(caller.tenant),
            arrived,
            desk,
            give_up: arrived + self.limits.commit_wait_max,
            read_left: self.read_timeout(caller.tenant),
            under_way: VecDeque::with_capacity(SLICES_AHEAD_MAX),
            answered: Vec::with_capacity(count),
        };
        let slice_max = self
            .running()
            .map_or(SLICE_INTENTS_MAX, |running| running.inbox.slice_max());
        let mut asked = asked.into_iter();
        while asked.len() > 0 {
            let many = asked.len().min(slice_max).min(pace(asking.steps_back()).0);
            let sealed = asked
                .by_ref()
                .take(many)
                .map(|ask| contact::seal(caller, ask));
            match sealed.collect::<Result<Vec<Ask>, SystemError>>() {
                Ok(asks) => asking.slice(caller, asks).await,
                Err(error) => {
                    asking.all_back(caller).await;
                    asking.refuse(many, error);
                }
            }
            // Sealing is work: let the requests of this thread in between.
            tokio::task::yield_now().await;
        }
        asking.all_back(caller).await;
        debug_assert_eq!(asking.answered.len(), count, "one answer an intent");
        let waited = self.clock.instant().saturating_duration_since(arrived);
        self.metrics.latency.observe_micros_of(waited, count);
        asking.answered
    }
}

impl Asking<'_> {
    /// Whether somebody asks for single decisions beside this batch, and it has time for small steps.
    fn steps_back(&self) -> bool {
        let now = self.gateway.clock.instant();
        let left = self.give_up.saturating_duration_since(now);
        if !has_time(left, self.gateway.limits.commit_wait_max) {
            return false;
        }
        let running = self.gateway.running();
        running.is_some_and(|running| running.inbox.presence.anybody(now))
    }

    /// Offers a slice as soon as earlier ones leave room for it, or answers it as refused.
    async fn slice(&mut self, caller: &Caller, asks: Vec<Ask>) {
        let (_intents, ahead) = pace(self.steps_back());
        while self.under_way.len() >= ahead {
            self.first_back(caller).await;
        }
        let (many, tenant) = (asks.len(), caller.tenant);
        let mut slice = Slice {
            tenant,
            asks,
            unread_first: !self.read_left.is_zero(),
        };
        let error = loop {
            match self.offer(slice) {
                Ok(pending) => return self.under_way.push_back((many, pending)),
                // Our own slices fill the share: the oldest makes room.
                Err(NotTaken::Full(back, _)) if !self.under_way.is_empty() => {
                    slice = back;
                    self.first_back(caller).await;
                }
                Err(NotTaken::Full(_, shed)) => break self.gateway.shed(label(shed)),
                Err(NotTaken::Closed(error)) => break error,
            }
        };
        self.all_back(caller).await;
        self.refuse(many, error);
    }

    /// Puts a slice into the inbox, or gives it back when there is no room for it.
    fn offer(&self, slice: Slice) -> Result<Pending<Delivered>, NotTaken> {
        let (running, now) = self.open(slice.tenant).map_err(NotTaken::Closed)?;
        let Ok(waiting) = self.desk.register(self.give_up) else {
            return Err(NotTaken::Full(slice, Shed::Full));
        };
        let job = Job {
            work: Work::Slice(slice),
            // A slice waits for its turn at the gateway's own bidding; its time begins here.
            deadline: Some(now + self.gateway.limits.deadline),
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

    /// Waits for the oldest slice under way.
    async fn first_back(&mut self, caller: &Caller) {
        let Some((many, waiting)) = self.under_way.pop_front() else {
            return;
        };
        match waiting.await {
            Ok(Delivered::Slice(answers, asks)) if answers.len() == many => {
                if answers.contains(&Answer::Unread) {
                    Box::pin(self.read_then_ask(caller, answers, asks)).await;
                } else {
                    self.tell(answers.into_iter().map(Ok), &asks);
                }
            }
            Ok(Delivered::Refused(error)) => self.refuse(many, error),
            Ok(_) => self.refuse(many, SystemError::Internal),
            Err(_none) => {
                let error = self.gateway.too_late();
                self.refuse(many, error);
            }
        }
    }

    fn tell(&mut self, answers: impl Iterator<Item = Result<Answer, SystemError>>, asks: &[Ask]) {
        let now = self.gateway.clock.instant();
        let waited = now.saturating_duration_since(self.arrived);
        for (answer, ask) in answers.zip(asks) {
            let told = match answer {
                Ok(answer) => self.gateway.told(answer),
                Err(error) => self.gateway.fault(error),
            };
            let origin = self.volume.origin_of(&ask.intent);
            self.volume.answered(origin, &told, waited);
            self.answered.push(told);
        }
    }

    /// Has the accounts of a slice read that nobody knew, then asks about those again. The time that
    /// takes is nobody's deadline, and there is only so much of it a batch.
    async fn read_then_ask(&mut self, caller: &Caller, answers: Vec<Answer>, asks: Vec<Ask>) {
        let unread = |answer: &Answer| *answer == Answer::Unread;
        let again: Vec<Ask> = (answers.iter().zip(&asks))
            .filter(|(answer, _)| unread(answer))
            .map(|(_, ask)| ask.clone())
            .collect();
        let many = again.len();
        let begun = self.gateway.clock.instant();
        self.gateway
            .read_all_first(caller, &again, self.read_left)
            .await;
        let read = self.gateway.clock.instant();
        let span = read.saturating_duration_since(begun);
        self.read_left = self.read_left.saturating_sub(span);
        (self.arrived, self.give_up) = (self.arrived + span, self.give_up + span);
        let slice = Slice {
            tenant: caller.tenant,
            asks: again,
            unread_first: false,
        };
        let asked = match self.offer(slice) {
            Ok(waiting) => match waiting.await {
                Ok(Delivered::Slice(answers, _)) if answers.len() == many => Ok(answers),
                Ok(Delivered::Refused(error)) => Err(error),
                Ok(_) => Err(SystemError::Internal),
                Err(_none) => Err(self.gateway.too_late()),
            },
            Err(NotTaken::Full(_, shed)) => Err(self.gateway.shed(label(shed))),
            Err(NotTaken::Closed(error)) => Err(error),
        };
        let mut second = match &asked {
            Ok(answers) => answers.iter(),
            Err(_) => [].iter(),
        };
        let failed = asked.as_ref().err().copied();
        let whole = answers.into_iter().map(|answer| match failed {
            _ if answer != Answer::Unread => Ok(answer),
            Some(error) => Err(error),
            None => second.next().copied().ok_or(SystemError::Internal),
        });
        self.tell(whole, &asks);
    }

    async fn all_back(&mut self, caller: &Caller) {
        while !self.under_way.is_empty() {
            self.first_back(caller).await;
        }
    }

    fn refuse(&mut self, many: usize, error: SystemError) {
        let refused = (0..many).map(|_| {
            self.volume.fault(fault_kind(error));
            self.gateway.fault(error)
        });
        self.answered.extend(refused);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_steps_beside_single_intents_and_only_with_time_for_them() {
        assert_eq!(pace(false), (SLICE_INTENTS_MAX, SLICES_AHEAD_MAX));
        assert_eq!(pace(true), (SLICE_INTENTS_BESIDE_MAX, 1));
        let whole = Duration::from_secs(2);
        assert!(has_time(Duration::from_millis(1_501), whole));
        assert!(!has_time(Duration::from_millis(1_500), whole));
        assert!(!has_time(Duration::ZERO, whole));
    }
}
