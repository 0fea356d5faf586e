//! One call on its way to the tenant's system of record and back.

use std::sync::Arc;

use http::uri::{self, PathAndQuery};
use http::{Method, Request, Response, Uri};

use super::binding::Binding;
use super::desk::Desk;
use super::passage::{Passing, Returned, Way};
use super::steps::Steps;
use crate::gateway::door::Caller;
use crate::gateway::running::Gateway;
use crate::sor::catalogue::Route;
use crate::sor::route::{Class, Duty, System};
use crate::sor::upstream::{As, CallError, Inbound, Manner, Options};
use crate::wire::problem::Problem;
use crate::wire::reply::Reply;
use crate::wire::scopes::Scope;

/// The tenant has no system of record, or not this one.
const NOT_BOUND: Problem = Problem::new(
    404,
    "NO_SYSTEM_OF_RECORD",
    "The tenant has no such system of record.",
);
/// A public route under a name no tenant is served by.
const MISDIRECTED: Problem = Problem::new(
    421,
    "MISDIRECTED",
    "No tenant is served under this host name.",
);

impl Gateway {
    /// Forwards a call. `caller` is `None` on a public route.
    ///
    /// Cancellation: dropped, a call that only passes through is broken off; one that is guarded or
    /// tapped goes on to its end, nobody hears of it.
    pub(in crate::gateway) async fn forward_call(
        self: &Arc<Self>,
        desk: &Desk,
        caller: Option<&Caller>,
        way: Way<'_>,
        mut passing: Passing,
    ) -> Returned {
        let bound = {
            let bindings = self.sor.bindings.load();
            if let Some(caller) = caller {
                let bound = bindings.of_tenant(&caller.tenant_name);
                bound.filter(|bound| bound.system() == way.system).cloned()
            } else {
                bindings.of_host(&passing.host, way.system).next().cloned()
            }
        };
        let Some(bound) = bound else {
            let problem = if caller.is_some() {
                NOT_BOUND
            } else {
                MISDIRECTED
            };
            return refused(problem, &passing);
        };
        if let Some(caller) = caller
            && let Some(scope) = needed(&bound, way.found.route, &passing.head.method)
            && !caller.scopes.has(scope)
        {
            return Returned::Missing(scope);
        }
        let Some(there) = behind_the_mount(&passing.head.uri, way.system) else {
            return refused(NOT_BOUND, &passing);
        };
        passing.head.uri = there;
        if let Some(format) = super::ingest::format_of(way.found.route, &passing.head.headers) {
            let route = way.found.route.clone();
            let (desk, caller) = (desk.clone(), caller.cloned());
            let Some(caller) = caller else {
                return Returned::Missing(Scope::FactsWrite);
            };
            let upload = super::ingest::Upload {
                gateway: Arc::clone(self),
                desk,
                caller,
                binding: bound,
                route,
                format,
            };
            return upload.run(passing).await;
        }
        if wants_steps(way.found.route) {
            let steps = Steps::new(Arc::clone(self), desk.clone(), caller.cloned(), bound, &way);
            return steps.run(passing).await;
        }
        let manner = manner(way.found.route, bound.upstream().options(), caller);
        let request_id = passing.request_id;
        let request = Request::from_parts(passing.head, passing.body);
        match bound.upstream().call(&desk.lines, request, manner).await {
            Ok(answer) => passed_on(answer.map(Inbound::Streamed)),
            Err(error) => Returned::Own(unanswered(error, request_id.to_str().unwrap_or_default())),
        }
    }
}

/// Path and query as the system has them: without the mount, and otherwise byte for byte.
fn behind_the_mount(uri: &Uri, system: System) -> Option<Uri> {
    let path = uri.path_and_query()?;
    let mut parts = uri::Parts::default();
    parts.path_and_query = Some(match system.mount() {
        "" => path.clone(),
        mount => PathAndQuery::try_from(path.as_str().strip_prefix(mount)?).ok()?,
    });
    Uri::from_parts(parts).ok()
}

/// Whether more than passing through is to be done with a call: the gate is to be asked, or there is
/// something to be learnt of it.
fn wants_steps(route: &Route) -> bool {
    match route.class {
        Class::Guarded | Class::Tapped => true,
        Class::Upload => route.duty.is_some_and(|duty| duty != Duty::Noted),
        Class::Hot | Class::Stream | Class::Public | Class::Proxy | Class::Denied => false,
    }
}

/// The scope a caller needs besides being the tenant's.
fn needed(bound: &Binding, route: &Route, method: &Method) -> Option<Scope> {
    if route.class == Class::Guarded {
        return Some(Scope::GateAsk);
    }
    if super::ingest::is_upload(route) {
        return Some(Scope::FactsWrite);
    }
    let reads = *method == Method::GET || *method == Method::HEAD;
    let tenants = bound.upstream().credential().is_the_tenants();
    (tenants && !reads).then_some(Scope::FactsWrite)
}

/// How a call of a route is made.
pub(super) fn manner(route: &Route, options: &Options, caller: Option<&Caller>) -> Manner {
    Manner {
        name: if caller.is_some() {
            As::Caller
        } else {
            As::Anyone
        },
        head_timeout: match route.class {
            Class::Upload => options.upload_timeout,
            _ => options.timeout,
        },
        piece_timeout: (route.class != Class::Stream).then_some(options.timeout),
        repeatable: route.may_repeat(),
    }
}

/// The system's answer.
pub(super) fn passed_on(answer: Response<Inbound>) -> Returned {
    Returned::System(Box::new(answer))
}

/// A refusal of the gateway's own.
pub(super) fn refused(problem: Problem, passing: &Passing) -> Returned {
    let id = passing.request_id.to_str().unwrap_or_default();
    Returned::Own(problem.reply(id))
}

/// What a caller hears when there is no answer.
pub(super) fn unanswered(error: CallError, request_id: &str) -> Reply {
    let problem = match error {
        CallError::Busy { .. } => Problem::new(
            503,
            "UPSTREAM_BUSY",
            "The system of record is not asked at present.",
        ),
        CallError::Unreachable => Problem::new(
            502,
            "UPSTREAM_UNREACHABLE",
            "The system of record cannot be reached.",
        ),
        CallError::Lost => Problem::new(
            502,
            "UPSTREAM_LOST",
            "The system of record broke off before it answered.",
        ),
        CallError::Timeout => Problem::new(
            504,
            "UPSTREAM_TIMEOUT",
            "The system of record did not answer in time.",
        ),
        CallError::Login => Problem::new(
            502,
            "UPSTREAM_LOGIN",
            "The system of record did not accept the tenant's credential.",
        ),
        CallError::BrokenOff => Problem::new(400, "BODY_BROKEN_OFF", "The body broke off."),
    };
    let reply = problem.reply(request_id);
    match error {
        CallError::Busy { retry_s } => reply.with("retry-after", retry_s.to_string()),
        _ => reply,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SOR-2: behind each mount.
    #[test]
    fn a_mount_is_left_behind_and_nothing_else_changes() {
        for (system, path, expected) in [
            (
                System::Whl,
                "/api/a%2Fb?c=//..&&%7e",
                "/api/a%2Fb?c=//..&&%7e",
            ),
            (
                System::Portal,
                "/portal/clients/%37?a;b",
                "/clients/%37?a;b",
            ),
            (System::Scollect, "/scollect/api/login", "/api/login"),
            (System::Scollect, "/scollect//x?", "//x?"),
            (System::Scollect, "/scollect/A%2Fb/?C=%7E", "/A%2Fb/?C=%7E"),
        ] {
            let there = behind_the_mount(&path.parse().unwrap(), system).unwrap();
            assert_eq!(there.path_and_query().unwrap().as_str(), expected);
            assert!(there.authority().is_none());
        }
        let elsewhere = Uri::from_static("/portal/x");
        assert_eq!(behind_the_mount(&elsewhere, System::Scollect), None);
    }
}
