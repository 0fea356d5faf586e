//! From a kind of refusal to what the caller hears: one table for all routes.

use super::auth::AuthError;
use super::body::BodyError;
use crate::wire::answer::{self, Fault};
use crate::wire::field::FieldError;
use crate::wire::intent::Echo;
use crate::wire::problem::Problem;
use crate::wire::reply::Reply;

/// A request that is not answered in substance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: u16,
    fault: Fault,
    header: Option<(&'static str, Box<str>)>,
}

impl Refusal {
    const fn new(status: u16, code: &'static str, message: &'static str) -> Self {
        Self {
            status,
            fault: Fault {
                code,
                field: None,
                message,
            },
            header: None,
        }
    }

    /// No such route, or no such thing on it.
    pub(super) const NOT_FOUND: Self =
        Self::new(404, "NOT_FOUND", "There is nothing under this path.");

    /// No catalogue has it.
    pub(super) const UNKNOWN_ROUTE: Self = Self::new(
        404,
        "UNKNOWN_ROUTE",
        "No system of record here has such a route.",
    );

    /// The catalogue refuses it to everybody.
    pub(super) const ROUTE_DENIED: Self =
        Self::new(403, "ROUTE_DENIED", "The route is not open to anybody.");

    /// Two readers could find two different ends of the body.
    pub(super) const FRAMING: Self = Self::new(
        400,
        "AMBIGUOUS_FRAMING",
        "The length of the body is said in more than one way.",
    );

    /// Nobody can tell which host is meant.
    pub(super) const HOST: Self = Self::new(
        400,
        "AMBIGUOUS_HOST",
        "The request does not name exactly one host.",
    );

    /// Whether the connection cannot be read on after it.
    pub(super) fn is_of_framing(&self) -> bool {
        [Self::FRAMING.fault.code, Self::HOST.fault.code].contains(&self.fault.code)
    }

    /// `dialgate-if-head` is no `SEQ:HASH`, or there are two.
    pub(super) const HEADER_INVALID: Self = Self::new(
        422,
        "INVALID_HEADER",
        "The dialgate-if-head header is not SEQ:HASH.",
    );

    /// No dialer's credential.
    pub(super) fn dialer() -> Self {
        let refusal = Self::new(
            401,
            "CREDENTIAL_REFUSED",
            "The request carries no credential of a dialer of this path.",
        );
        Self {
            header: Some(("www-authenticate", DIALER_CHALLENGE.into())),
            ..refusal
        }
    }

    /// The route has other methods: these.
    pub(super) fn method(allow: impl Into<Box<str>>) -> Self {
        let refusal = Self::new(405, "METHOD_NOT_ALLOWED", "The route has no such method.");
        Self {
            header: Some((ALLOW_NAME, allow.into())),
            ..refusal
        }
    }

    /// Why, as one answer among many says it.
    pub(super) fn fault(&self) -> Fault {
        self.fault
    }

    /// The answer on the gate's route: twelve fields that allow nothing.
    pub(super) fn gate_reply(
        self,
        tenant: Option<&str>,
        echo: Option<&Echo>,
        request_id: &str,
    ) -> Reply {
        let body = answer::system_error(tenant, echo, &self.fault, request_id);
        // What the house cannot answer is no fault of the question: 200, and nothing is allowed.
        let status = if self.status == 503 { 200 } else { self.status };
        let mut reply = Reply::json(status, body);
        reply.headers.extend(self.header);
        reply
    }

    /// The answer on every other route.
    pub(super) fn problem_reply(self, request_id: &str) -> Reply {
        let problem = Problem {
            status: self.status,
            code: self.fault.code,
            title: self.fault.message,
            field: self.fault.field,
        };
        let mut reply = problem.reply(request_id);
        reply.headers.extend(self.header);
        reply
    }
}

const ALLOW_NAME: &str = "allow";
/// The same whatever the dialer is known by: it tells nobody which kind that is.
const DIALER_CHALLENGE: &str = "Basic realm=\"dialgate\", charset=\"UTF-8\"";

impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        Self {
            status: error.status(),
            fault: error.fault(),
            header: Some(error.header()),
        }
    }
}

impl From<FieldError> for Refusal {
    fn from(error: FieldError) -> Self {
        let mut refusal = Self::new(422, error.code.as_str(), error.code.message());
        refusal.fault.field = error.field;
        refusal
    }
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::new(
                413,
                "BODY_TOO_LARGE",
                "The body is larger than the route permits.",
            ),
            BodyError::BrokenOff => Self::new(400, "BODY_BROKEN_OFF", "The body broke off."),
            BodyError::WrongType(header) => {
                let mut refusal = Self::new(
                    415,
                    "UNSUPPORTED_MEDIA_TYPE",
                    "The body is not of the route's content type.",
                );
                refusal.fault.field = Some(header);
                refusal
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// TRANSPORT-1 when the house itself has no room to check.
    #[test]
    fn a_token_that_could_not_be_checked_is_a_block_at_the_gate_and_503_elsewhere() {
        let busy = Refusal::from(AuthError::Busy);
        let problem = busy.clone().problem_reply("r");
        assert_eq!(problem.status, 503);
        let gate = busy.gate_reply(None, None, "r");
        assert_eq!(gate.status, 200);
        let body: serde_json::Value = serde_json::from_slice(&gate.body).unwrap();
        assert_eq!(body["allow"], false);
        assert_eq!(body["error"]["code"], "OVERLOADED");
        for reply in [problem, gate] {
            let header = reply
                .headers
                .iter()
                .find(|(name, _)| *name == "retry-after");
            assert_eq!(header.map(|(_, value)| &**value), Some("1"));
            assert!(
                reply
                    .headers
                    .iter()
                    .all(|(name, _)| *name != "www-authenticate")
            );
        }
    }
}
