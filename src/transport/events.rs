//! Answers that go on: server-sent events, until the listener goes or the house closes.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Response};
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};

use super::native::missing_scope;
use super::refusal::Refusal;
use super::serve::{Answer, House, id_text, into_answer};
use super::watch::Watch;
use crate::gateway::door::{Door, EventStream};
use crate::wire::native::Op;

/// Where a listener that broke off says what it heard last.
const LAST_EVENT_ID: &str = "last-event-id";

/// Tells answers that go on that the house is closing. One a connection.
#[derive(Debug, Default)]
pub(super) struct Ending {
    ended: Cell<bool>,
    wakers: RefCell<Vec<Waker>>,
}

impl Ending {
    /// Ends every answer that goes on.
    pub(super) fn end(&self) {
        self.ended.set(true);
        for waker in self.wakers.take() {
            waker.wake();
        }
    }

    fn is_over(&self, cx: &Context<'_>) -> bool {
        if !self.ended.get() {
            let mut wakers = self.wakers.borrow_mut();
            if !wakers.iter().any(|known| known.will_wake(cx.waker())) {
                wakers.push(cx.waker().clone());
            }
        }
        self.ended.get()
    }
}

/// The body of an answer.
pub(super) enum AnswerBody {
    /// All of it at once.
    Whole(Full<Bytes>),
    /// Events as they come.
    Events(Events),
}

/// Events of one listener.
pub(super) struct Events {
    stream: EventStream,
    watch: Rc<Watch>,
}

impl Drop for Events {
    fn drop(&mut self) {
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
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Self::Whole(whole) => Pin::new(whole).poll_frame(cx),
            Self::Events(events) => {
                if events.watch.ending().is_over(cx) {
                    return Poll::Ready(None);
                }
                let piece = events.stream.poll_next(cx);
                piece.map(|piece| piece.map(|bytes| Ok(Frame::data(bytes))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.is_end_stream(),
            Self::Events(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => whole.size_hint(),
            Self::Events(_) => SizeHint::default(),
        }
    }
}

impl<G: Door> House<G> {
    /// Answers a request for floor events.
    pub(super) async fn events(
        &self,
        op: &Op,
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
        &self,
        op: &Op,
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
        let events = Events {
            stream,
            watch: Rc::clone(watch),
        };
        let mut answer = Response::new(AnswerBody::Events(events));
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(answer)
    }
}
