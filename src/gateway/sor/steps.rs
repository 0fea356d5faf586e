//! What is done with a call besides passing it through: before it is sent, and once it is answered.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full, Limited};
use tokio::sync::oneshot;

use super::binding::Binding;
use super::desk::Desk;
use super::forward::{manner, passed_on, refused, unanswered};
use super::passage::{Passing, Returned, Way};
use crate::gateway::door::Caller;
use crate::gateway::running::Gateway;
use crate::sor::call::Heard;
use crate::sor::catalogue::Route;
use crate::sor::route::{Class, System};
use crate::sor::upstream::{BodyFault, Inbound, Outbound};
use crate::wire::limits::{HEARD_BYTES_MAX, SOR_BODY_BYTES_MAX};
use crate::wire::problem::Problem;

const TOO_LARGE: Problem = Problem::new(
    413,
    "BODY_TOO_LARGE",
    "The body is larger than the route permits.",
);
const BROKEN_OFF: Problem = Problem::new(400, "BODY_BROKEN_OFF", "The body broke off.");
const NO_GUARD: Problem = Problem::new(
    503,
    "GUARD_NOT_READY",
    "The gate cannot be asked about this call.",
);
const ANSWER_LOST: Problem = Problem::new(
    502,
    "UPSTREAM_LOST",
    "The answer of the system of record broke off.",
);

#[expect(
    dead_code,
    reason = "the gateway and the names are for the steps that follow"
)]
/// A call that is guarded or tapped, with all that its steps look at.
pub(super) struct Steps {
    pub(super) gateway: Arc<Gateway>,
    pub(super) desk: Desk,
    /// Nobody on a public route.
    pub(super) caller: Option<Caller>,
    pub(super) binding: Arc<Binding>,
    pub(super) system: System,
    pub(super) route: Route,
    /// The path's parameters by name, still percent-encoded.
    pub(super) params: Vec<(Box<str>, Box<str>)>,
}

/// What the step before sending came to.
pub(super) enum Before {
    /// The call may go; this is what the step after it wants to know.
    Go(Ticket),
    /// It may not.
    Stop(Returned),
}

/// What the step before a call leaves for the step after it.
#[derive(Debug, Default)]
pub(super) struct Ticket {}

/// What became of a call that was let go.
#[derive(Debug)]
pub(super) enum Outcome<'a> {
    /// It was answered, whole.
    #[expect(dead_code, reason = "for the step that follows")]
    Heard(&'a Heard),
    /// Nothing was sent.
    Unsent,
    /// It was sent, or may have been, and nobody can tell what came of it.
    Unsure,
}

impl Steps {
    pub(super) fn new(
        gateway: Arc<Gateway>,
        desk: Desk,
        caller: Option<Caller>,
        binding: Arc<Binding>,
        way: &Way<'_>,
    ) -> Self {
        let params = way.found.params.as_slice().iter();
        Self {
            gateway,
            desk,
            caller,
            binding,
            system: way.system,
            route: way.found.route.clone(),
            params: params.map(|(k, v)| ((*k).into(), (*v).into())).collect(),
        }
    }

    /// Runs the call to its end on this thread, whether or not anybody still waits for the answer.
    pub(super) async fn run(self, mut passing: Passing) -> Returned {
        // Read by the client's own request, so that a client that goes away before its body is whole
        // has asked nothing.
        let body = std::mem::take(&mut passing.body);
        let body = match Limited::new(body, SOR_BODY_BYTES_MAX).collect().await {
            Ok(body) => body.to_bytes(),
            Err(why) if why.is::<BodyFault>() => return refused(BROKEN_OFF, &passing),
            Err(_too_long) => return refused(TOO_LARGE, &passing),
        };
        let id = passing.request_id.clone();
        let (done, result) = oneshot::channel();
        drop(tokio::task::spawn_local(async move {
            drop(done.send(Box::pin(self.whole(passing, body)).await));
        }));
        match result.await {
            Ok(returned) => returned,
            Err(_gone) => Returned::Own(ANSWER_LOST.reply(id.to_str().unwrap_or_default())),
        }
    }

    async fn whole(self, passing: Passing, body: Bytes) -> Returned {
        let ticket = match self.before(&passing, &body).await {
            Before::Go(ticket) => ticket,
            Before::Stop(returned) => return returned,
        };
        let id = passing.request_id.clone();
        let id = id.to_str().unwrap_or_default();
        let upstream = self.binding.upstream();
        let manner = manner(&self.route, upstream.options(), self.caller.as_ref());
        let outbound = if body.is_empty() {
            Outbound::Empty
        } else {
            Outbound::whole(body.clone())
        };
        let request = Request::from_parts(passing.head, outbound);
        let answer = match upstream.call(&self.desk.lines, request, manner).await {
            Ok(answer) => answer,
            Err(error) => {
                let outcome = if error.is_unsent() {
                    Outcome::Unsent
                } else {
                    Outcome::Unsure
                };
                self.after(ticket, &body, outcome).await;
                return Returned::Own(unanswered(error, id));
            }
        };
        let (head, answered) = answer.into_parts();
        let answered = Limited::new(answered, HEARD_BYTES_MAX).collect().await;
        let Ok(answered) = answered.map(http_body_util::Collected::to_bytes) else {
            self.after(ticket, &body, Outcome::Unsure).await;
            return Returned::Own(ANSWER_LOST.reply(id));
        };
        let whole = Heard {
            status: head.status.as_u16(),
            body: answered.clone(),
        };
        self.after(ticket, &body, Outcome::Heard(&whole)).await;
        let answer = http::Response::from_parts(head, Inbound::Whole(Full::new(answered)));
        passed_on(answer)
    }

    /// What has to be done before the call is sent: asking the gate, applying restrictions.
    async fn before(&self, passing: &Passing, _body: &Bytes) -> Before {
        if self.route.class == Class::Guarded {
            return Before::Stop(refused(NO_GUARD, passing));
        }
        std::future::ready(Before::Go(Ticket::default())).await
    }

    /// What follows from what became of it.
    async fn after(&self, _ticket: Ticket, _body: &Bytes, _outcome: Outcome<'_>) {
        std::future::ready(()).await;
    }
}
