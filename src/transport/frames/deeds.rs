//! What is under way on a stream, and in which order it began.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::gateway::door::{Answered, Caller, Door, Errand};
use crate::transport::serve::{House, id_text};
use crate::transport::turns::Turn;
use crate::wire::field::FieldError;
use crate::wire::frame::Talk;
use crate::wire::intent::AskRequest;
use crate::wire::limits::FRAME_REPORTS_MAX;
use crate::wire::native::Native;
use crate::wire::reply::Reply;

/// An intent of a slice: where its answer goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) correlation: u64,
    /// Whether texts go with the codes.
    pub(super) explain: bool,
}

/// What is done.
pub(super) enum Done {
    Slice(Vec<Place>, Vec<Answered>),
    /// The places are those of the whole batch; answers are there for those that had no fault.
    Batch(u64, Vec<Result<(), FieldError>>, Vec<Answered>),
    Report(u64, Reply),
}

/// Lives on the stream's thread.
type Deed = Pin<Box<dyn Future<Output = Done>>>;

/// What is under way. Each deed begins when it is polled first, and that happens in the order in
/// which they were added (FRAMES-3).
#[derive(Default)]
pub(super) struct Deeds {
    all: FuturesUnordered<Deed>,
    reports: usize,
}

impl Deeds {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether another disposition may be taken.
    pub(super) fn has_room(&self) -> bool {
        self.reports < FRAME_REPORTS_MAX
    }

    /// What is done next; `Pending` also when nothing is under way.
    pub(super) fn poll_done(&mut self, cx: &mut Context<'_>, talk: &mut Talk) -> Poll<Done> {
        let Poll::Ready(Some(done)) = self.all.poll_next_unpin(cx) else {
            return Poll::Pending;
        };
        match &done {
            Done::Slice(places, _) => talk.answered(places.len()),
            Done::Batch(_, places, _) => talk.answered(places.len()),
            Done::Report(..) => self.reports -= 1,
        }
        Poll::Ready(done)
    }

    /// Begins a slice, which holds its turn until it is answered.
    pub(super) fn slice<G: Door>(
        &mut self,
        house: &Rc<House<G>>,
        caller: &Rc<Caller>,
        (asks, places): (Vec<AskRequest>, Vec<Place>),
        (arrived, turn): (Instant, Turn),
    ) {
        let (house, caller) = (Rc::clone(house), Rc::clone(caller));
        self.all.push(Box::pin(async move {
            let asked = (house.gateway).contact_slice(&house.desk, &caller, asks, arrived);
            let answered = asked.await;
            drop(turn);
            Done::Slice(places, answered)
        }));
    }

    /// Begins a batch.
    pub(super) fn batch<G: Door>(
        &mut self,
        house: &Rc<House<G>>,
        caller: &Rc<Caller>,
        (correlation, asks, places): (u64, Vec<AskRequest>, Vec<Result<(), FieldError>>),
        arrived: Instant,
    ) {
        let (house, caller) = (Rc::clone(house), Rc::clone(caller));
        self.all.push(Box::pin(async move {
            let asked = (house.gateway).contact_intents(&house.desk, &caller, asks, arrived);
            Done::Batch(correlation, places, asked.await)
        }));
    }

    /// Begins a report.
    pub(super) fn report<G: Door>(
        &mut self,
        house: &Rc<House<G>>,
        caller: &Rc<Caller>,
        (correlation, body): (u64, Bytes),
        arrived: Instant,
    ) {
        self.reports += 1;
        let (house, caller) = (Rc::clone(house), Rc::clone(caller));
        self.all.push(Box::pin(async move {
            let id = house.ids.next();
            let errand = Errand {
                does: Native::RecordAttempt,
                segment: Box::default(),
                query: "",
                body,
                request_id: id_text(&id),
                arrived,
            };
            let told = (house.gateway).errand(&house.desk, Some(&caller), errand);
            Done::Report(correlation, told.await)
        }));
    }
}
