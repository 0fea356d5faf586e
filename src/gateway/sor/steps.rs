//! What is done with a call besides passing it through: before it is sent, and once it is answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request};
use http_body_util::{BodyExt as _, Limited};
use tokio::sync::oneshot;

use super::binding::Binding;
use super::desk::Desk;
use super::forward::{manner, passed_on, refused, unanswered};
use super::guard::{Held, SOURCE};
use super::held;
use super::passage::{Passing, Returned, Way};
use super::tap::{Tap, everybody};
use crate::domain::outcome::Reported;
use crate::domain::time::UnixSeconds;
use crate::gateway::door::{Caller, SystemError};
use crate::gateway::native::fault;
use crate::gateway::running::Gateway;
use crate::sor::call::{Call, Heard};
use crate::sor::catalogue::Route;
use crate::sor::dialect::{Dialect, Verdict};
use crate::sor::route::{Class, Duty, System};
use crate::sor::upstream::{Inbound, Outbound};
use crate::wire::limits::HEARD_BYTES_MAX;
use crate::wire::problem::Problem;

pub(super) const TOO_LARGE: Problem = Problem::new(
    413,
    "BODY_TOO_LARGE",
    "The body is larger than the route permits.",
);
const NO_GUARD: Problem = Problem::new(
    503,
    "GUARD_NOT_READY",
    "The gate cannot be asked about this call.",
);
pub(super) const ANSWER_LOST: Problem = Problem::new(
    502,
    "UPSTREAM_LOST",
    "The answer of the system of record broke off.",
);

pub(super) const ENCODED: Problem = Problem::new(
    415,
    "BODY_ENCODED",
    "The body is encoded in a way the gate does not read.",
);

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
    /// The caller's credential, where it is one of the system's.
    pub(super) authorization: Option<HeaderValue>,
}

/// What a call says, apart from its path.
#[derive(Debug)]
struct Said {
    query: Box<str>,
    content_type: Box<str>,
    body: Bytes,
    now: UnixSeconds,
}

/// What the step before a call leaves for the step after it.
struct Ticket {
    dialect: Arc<dyn Dialect>,
    said: Said,
    /// Whom facts bind: the caller, or on a public route everybody served under its name.
    callers: Vec<Caller>,
    held: Vec<Held>,
    /// Until when it may be sent, where the gate was asked.
    send_by: Option<Instant>,
    tap: Tap,
}

/// What became of a call that was let go.
#[derive(Debug)]
enum Outcome<'a> {
    /// It was answered, whole.
    Heard(&'a Heard),
    /// Nothing was sent.
    Unsent,
    /// It was sent, or may have been, and nobody can tell what came of it.
    Unsure,
}

/// What rows name as the source of what came by a route.
pub(super) fn source_of(system: System, route: &Route) -> String {
    format!("{SOURCE}:{}:{}", system.as_str(), route.no)
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
            authorization: None,
        }
    }

    /// Runs the call to its end on this thread, whether or not anybody still waits for the answer.
    pub(super) async fn run(mut self, mut passing: Passing) -> Returned {
        if is_encoded(&passing.head.headers) {
            return refused(ENCODED, &passing);
        }
        let passes = !self.binding.upstream().credential().is_the_tenants();
        self.authorization = Self::authorization_of(&passing.head, passes && self.caller.is_some());
        // The answer has to be read here.
        passing.head.headers.remove(ACCEPT_ENCODING);
        // Read by the client's own request, so that a client that goes away before its body is whole
        // has asked nothing.
        let body = std::mem::take(&mut passing.body);
        let mut share = self.gateway.sor.held.share(self.caller.is_none());
        let body = match held::whole(body, &mut share).await {
            Ok(body) => body,
            Err(why) => return refused(why, &passing),
        };
        let id = passing.request_id.clone();
        let (done, result) = oneshot::channel();
        let task = self.desk.tasks.enter();
        drop(tokio::task::spawn_local(async move {
            drop(done.send(Box::pin(self.whole(passing, body)).await));
            drop((task, share));
        }));
        match result.await {
            Ok(returned) => returned,
            Err(_gone) => Returned::Own(ANSWER_LOST.reply(id.to_str().unwrap_or_default())),
        }
    }

    async fn whole(self, passing: Passing, body: Bytes) -> Returned {
        let ticket = match self.before(&passing, &body).await {
            Ok(ticket) => ticket,
            Err(returned) => return returned,
        };
        let id = passing.request_id.clone();
        let id = id.to_str().unwrap_or_default();
        let upstream = self.binding.upstream();
        let mut manner = manner(&self.route, upstream.options(), self.caller.as_ref());
        manner.send_by = ticket.send_by;
        let request = Request::from_parts(passing.head, Outbound::whole(body));
        let answer = match upstream.call(&self.desk.lines, request, manner).await {
            Ok(answer) => answer,
            Err(error) => {
                let outcome = if error.is_unsent() {
                    Outcome::Unsent
                } else {
                    Outcome::Unsure
                };
                self.after(ticket, outcome).await;
                return Returned::Own(unanswered(error, id));
            }
        };
        let (head, answered) = answer.into_parts();
        let answered = Limited::new(answered, HEARD_BYTES_MAX).collect().await;
        let Ok(answered) = answered.map(http_body_util::Collected::to_bytes) else {
            self.after(ticket, Outcome::Unsure).await;
            return Returned::Own(ANSWER_LOST.reply(id));
        };
        let whole = Heard {
            status: head.status.as_u16(),
            body: answered.clone(),
        };
        self.after(ticket, Outcome::Heard(&whole)).await;
        let answer = http::Response::from_parts(head, Inbound::whole(answered));
        passed_on(answer)
    }

    /// What has to be done before the call is sent: asking the gate, applying restrictions.
    async fn before(&self, passing: &Passing, body: &Bytes) -> Result<Ticket, Returned> {
        let dialect = self.gateway.sor.dialect(self.system);
        let dialect = dialect.ok_or_else(|| refused(NO_GUARD, passing))?;
        let callers = self.callers(&passing.host);
        let recovering = || refused(fault(SystemError::Recovering), passing);
        let callers = callers.ok_or_else(recovering)?;
        let content_type = passing.head.headers.get(CONTENT_TYPE);
        let content_type = content_type.map(|value| String::from_utf8_lossy(value.as_bytes()));
        let mut ticket = Ticket {
            dialect: Arc::clone(dialect),
            said: Said {
                query: passing.head.uri.query().unwrap_or_default().into(),
                content_type: content_type.unwrap_or_default().into(),
                body: body.clone(),
                now: self.gateway.clock.now(),
            },
            callers,
            held: Vec::new(),
            send_by: None,
            tap: Tap::default(),
        };
        let id = passing.request_id.to_str().unwrap_or_default();
        let params = self.params();
        let call = self.call(&ticket.said, &params);
        if self.route.class == Class::Guarded {
            let asked = self.ask_gate(&**dialect, &call, &ticket.callers, id);
            let allowed = Box::pin(asked).await?;
            ticket.send_by = allowed.use_by.map(|use_by| self.instant_of(use_by));
            ticket.held = allowed.held;
        } else {
            let tapped = self.tap_before(&**dialect, &call, &ticket.callers);
            let tapped = Box::pin(tapped).await;
            ticket.tap = tapped.map_err(|problem| refused(problem, passing))?;
        }
        Ok(ticket)
    }

    /// What follows from what became of it.
    async fn after(&self, mut ticket: Ticket, outcome: Outcome<'_>) {
        let coming = std::mem::take(&mut ticket.tap.coming);
        Box::pin(self.learn(ticket, outcome)).await;
        for coming in coming {
            self.gateway.sor.let_go(Some(coming)).await;
        }
    }

    async fn learn(&self, ticket: Ticket, outcome: Outcome<'_>) {
        let params = self.params();
        let call = self.call(&ticket.said, &params);
        let dialect = &*ticket.dialect;
        let verdict = match outcome {
            Outcome::Heard(heard) => dialect.verdict(heard),
            Outcome::Unsent => Verdict::Refused,
            Outcome::Unsure => Verdict::Unsure,
        };
        match verdict {
            Verdict::Done => self.settle(ticket.held, Reported::Sent).await,
            Verdict::Refused => self.settle(ticket.held, Reported::NotDialed).await,
            // Nobody knows: reservations lapse by themselves and stay counted.
            Verdict::Unsure => self.settle_unsure(ticket.held).await,
        }
        match outcome {
            Outcome::Heard(heard) => {
                let heard = self.tap_heard(ticket.tap, (dialect, &call), &ticket.callers, heard);
                Box::pin(heard).await;
            }
            Outcome::Unsent => self.tap_refused(ticket.tap).await,
            Outcome::Unsure => {
                self.tap_unsure(dialect, ticket.tap, &ticket.callers).await;
            }
        }
    }

    /// The latest instant that is certainly not after an engine time: of that the second is known alone.
    fn instant_of(&self, use_by: UnixSeconds) -> Instant {
        let clock = &self.gateway.clock;
        let left = use_by.since(clock.now()).saturating_sub(1);
        clock.instant() + Duration::from_secs(u64::try_from(left).unwrap_or(0))
    }

    /// Whom facts bind; `None` while recovering.
    fn callers(&self, host: &str) -> Option<Vec<Caller>> {
        match &self.caller {
            Some(caller) => Some(vec![caller.clone()]),
            None => everybody(
                &self.gateway,
                &self.gateway.sor.bindings(),
                host,
                self.system,
            ),
        }
    }

    fn params(&self) -> Vec<(&str, &str)> {
        self.params.iter().map(|(k, v)| (&**k, &**v)).collect()
    }

    fn call<'a>(&'a self, said: &'a Said, params: &'a [(&'a str, &'a str)]) -> Call<'a> {
        Call {
            system: self.system,
            duty: self.route.duty.unwrap_or(Duty::Noted),
            template: &self.route.template,
            params,
            query: &said.query,
            content_type: &said.content_type,
            body: &said.body,
            public: self.caller.is_none(),
            now: said.now,
        }
    }
}

/// Whether a body would have to be decoded before it can be read.
pub(super) fn is_encoded(headers: &HeaderMap) -> bool {
    let mut named = headers.get_all(CONTENT_ENCODING).iter();
    named.any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}
