//! Answers that go on: server-sent events, until the listener goes or the house closes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Response};
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};

use super::forward::Passed;
use super::native::missing_scope;
use super::refusal::Refusal;
use super::serve::{Answer, House, id_text, into_answer};
use super::stream::Lines;
use super::watch::Watch;
use crate::gateway::door::{BodyFault, Door, EventStream};
use crate::wire::native::Op;

/// Where a listener that broke off says what it heard last.
const LAST_EVENT_ID: &str = "last-event-id";

/// Tells answers that go on that the house is closing. One a connection.
#[derive(Debug, Default)]
pub(super) struct Ending {
    ended: Cell<bool>,
    /// Whom to wake, by the answer: one each, however often and by whomever it is polled.
    wakers: RefCell<BTreeMap<u64, Waker>>,
    /// Answers so far.
    entered: Cell<u64>,
    /// Listeners to events among them that are there now.
    listeners: Cell<usize>,
}

impl Ending {
    /// Ends every answer that goes on.
    pub(super) fn end(&self) {
        self.ended.set(true);
        for waker in self.wakers.take().into_values() {
            waker.wake();
        }
    }

    /// A number for an answer that goes on.
    pub(super) fn enter(&self) -> u64 {
        let number = self.entered.get();
        self.entered.set(number + 1);
        number
    }

    pub(super) fn is_over(&self, answer: u64, cx: &Context<'_>) -> bool {
        if !self.ended.get() {
            let mut wakers = self.wakers.borrow_mut();
            let waker = wakers.entry(answer);
            waker
                .and_modify(|known| known.clone_from(cx.waker()))
                .or_insert_with(|| cx.waker().clone());
        }
        self.ended.get()
    }

    /// Whether somebody listens to events, and so has nothing more to say.
    pub(super) fn is_heard(&self) -> bool {
        self.listeners.get() > 0
    }

    pub(super) fn leave(&self, answer: u64) {
        // Taken out first: dropping a waker may run anything.
        let left = self.wakers.borrow_mut().remove(&answer);
        drop(left);
    }
}

/// The body of an answer.
pub(super) enum AnswerBody {
    /// All of it at once.
    Whole(Full<Bytes>),
    /// Events as they come.
    Events(Events),
    /// A system's answer as it comes.
    Passed(Passed),
    /// An answer a line, each as it is there.
    Lines(Lines),
}

/// Time between two looks at the credential of a listener who hears something.
const LOOK: Duration = Duration::from_secs(1);

/// Whether a credential still permits listening.
type Holds = Box<dyn Fn() -> bool>;

/// Events of one listener.
pub(super) struct Events {
    stream: EventStream,
    watch: Rc<Watch>,
    /// Its number on the connection.
    answer: u64,
    holds: Holds,
    looked: Instant,
}

impl Events {
    fn new(stream: EventStream, watch: Rc<Watch>, holds: Holds) -> Self {
        let listeners = &watch.ending().listeners;
        listeners.set(listeners.get() + 1);
        Self {
            answer: watch.ending().enter(),
            looked: watch.now(),
            stream,
            watch,
            holds,
        }
    }

    /// The next events or heartbeat; the end, too, where the credential does not hold any more.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.watch.ending().is_over(self.answer, cx) {
            return Poll::Ready(None);
        }
        let piece = self.stream.poll_next(cx);
        if piece.is_ready() {
            let now = self.watch.now();
            if now.saturating_duration_since(self.looked) >= LOOK {
                self.looked = now;
                if !(self.holds)() {
                    return Poll::Ready(None);
                }
            }
        }
        piece
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        let ending = self.watch.ending();
        ending.leave(self.answer);
        ending.listeners.set(ending.listeners.get() - 1);
        // The connection waits for its next request again.
        self.watch.end_request(self.watch.now());
    }
}

impl From<Bytes> for AnswerBody {
    fn from(body: Bytes) -> Self {
        Self::Whole(Full::new(body))
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        match &mut *self {
            Self::Whole(whole) => Pin::new(whole)
                .poll_frame(cx)
                .map_err(|never| match never {}),
            Self::Passed(passed) => Pin::new(passed).poll_frame(cx),
            Self::Lines(lines) => {
                let piece = lines.poll_piece(cx);
                piece.map(|piece| piece.map(|bytes| Ok(Frame::data(bytes))))
            }
            Self::Events(events) => {
                let piece = events.poll_piece(cx);
                piece.map(|piece| piece.map(|bytes| Ok(Frame::data(bytes))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.is_end_stream(),
            Self::Events(_) | Self::Lines(_) => false,
            Self::Passed(passed) => passed.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => whole.size_hint(),
            Self::Events(_) | Self::Lines(_) => SizeHint::default(),
            Self::Passed(passed) => passed.size_hint(),
        }
    }
}

impl<G: Door> House<G> {
    /// Answers a request for floor events.
    pub(super) async fn events(
        self: &Rc<Self>,
        op: &'static Op,
        head: &Parts,
        watch: &Rc<Watch>,
        id: &HeaderValue,
    ) -> Answer {
        let answered = self.listen(op, head, watch, id_text(id)).await;
        answered.unwrap_or_else(|refusal| {
            watch.end_request(watch.now());
            into_answer(refusal.problem_reply(id_text(id)))
        })
    }

    async fn listen(
        self: &Rc<Self>,
        op: &'static Op,
        head: &Parts,
        watch: &Rc<Watch>,
        id: &str,
    ) -> Result<Answer, Refusal> {
        let caller = self.credential(&head.headers).await?.caller;
        if !op.access.admits(caller.scopes) {
            return Err(missing_scope(op));
        }
        let query = head.uri.query().unwrap_or_default();
        let last = head.headers.get(LAST_EVENT_ID).map(HeaderValue::as_bytes);
        let stream = match self.gateway.floor_events(&caller, query, last) {
            Ok(stream) => stream,
            Err(problem) => {
                watch.end_request(watch.now());
                return Ok(into_answer(problem.reply(id)));
            }
        };
        // Nobody is waited for but a client that does not take what is ready.
        watch.work();
        let events = Events::new(stream, Rc::clone(watch), self.holds(op, head));
        let mut answer = Response::new(AnswerBody::Events(events));
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(answer)
    }

    /// Tells whether the credential of a request still permits it. A token that has expired, a key or
    /// a tenant that was withdrawn, ends an answer that goes on.
    fn holds(self: &Rc<Self>, op: &'static Op, head: &Parts) -> Holds {
        let house = Rc::clone(self);
        let sent = head.headers.get(AUTHORIZATION).cloned();
        Box::new(move || {
            let known = sent
                .as_ref()
                .map(|sent| house.credential_now(sent.as_bytes()));
            known.is_some_and(|known| known.is_ok_and(|it| op.access.admits(it.caller.scopes)))
        })
    }
}

#[cfg(test)]
mod tests {
    //! Who is woken when the house closes.

    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;
    use crate::domain::ids::TenantNo;
    use crate::gateway::floor::Floor;
    use crate::transport::forward::Origin;
    use crate::transport::options::Options;
    use crate::transport::watch::Limits;
    use crate::wire::floor::Filter;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn polled(body: &mut AnswerBody, by: &Arc<Woken>) -> bool {
        let waker = Waker::from(Arc::clone(by));
        let mut cx = Context::from_waker(&waker);
        Pin::new(body).poll_frame(&mut cx).is_ready()
    }

    #[test]
    fn each_answer_keeps_one_waker_and_takes_it_along() {
        let now = tokio::time::Instant::now().into_std();
        let limits = Rc::new(Limits::new(move || now, Options::default()));
        let origin = Origin::new(std::net::Ipv4Addr::LOCALHOST.into(), false);
        let connection = Watch::new(&limits, origin);
        let floor = Floor::default();
        let open = || {
            let from = (1, Some(0));
            let stream = floor.listen(TenantNo(0), Filter::default(), from).unwrap();
            let watch = Rc::new(connection.of_stream());
            AnswerBody::Events(Events::new(stream, watch, Box::new(|| true)))
        };
        let known = || connection.ending().wakers.borrow().len();
        let (mut first, mut second) = (open(), open());
        let tasks: [Arc<Woken>; 9] = Default::default();
        for task in &tasks {
            assert!(!polled(&mut first, task));
            assert!(!polled(&mut second, task));
        }
        assert_eq!(known(), 2);
        for _ in 0..100 {
            assert!(!polled(&mut open(), &tasks[0]));
        }
        assert_eq!(known(), 2, "those that ended are forgotten");
        drop(second);
        connection.ending().end();
        let woken = tasks.each_ref().map(|task| task.0.load(Ordering::Relaxed));
        assert_eq!(woken, [0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert!(polled(&mut first, &tasks[0]), "its end");
        assert_eq!(known(), 0);
    }
}
