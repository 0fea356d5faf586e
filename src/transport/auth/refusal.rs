//! Why a credential is refused, and how that is said (RFC 6750, section 3).

use crate::gateway::door::SystemError;
use crate::wire::answer::Fault;
use crate::wire::limits::BUSY_RETRY_S;
use crate::wire::scopes::Scope;

/// A refused credential. Nothing of the token is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No bearer token was sent.
    #[error("no token")]
    NoToken,
    /// Not a token of the kind read here, or a claim is missing.
    #[error("malformed token")]
    Malformed,
    /// The signature is not ours.
    #[error("forged token")]
    Forged,
    /// Signed with another algorithm than the pinned one.
    #[error("wrong algorithm")]
    WrongAlgorithm,
    /// It names a key that is not in force, or none where there are several.
    #[error("unknown key")]
    UnknownKey,
    /// Made for somebody else.
    #[error("wrong audience")]
    WrongAudience,
    /// Made by somebody else.
    #[error("wrong issuer")]
    WrongIssuer,
    /// Its time is over.
    #[error("expired token")]
    Expired,
    /// Its time has not come.
    #[error("token not yet valid")]
    NotYetValid,
    /// Genuine, but its tenant is not declared here.
    #[error("undeclared tenant")]
    UndeclaredTenant,
    /// Genuine, but without the scope the route asks for.
    #[error("missing scope {}", .0.as_str())]
    MissingScope(Scope),
    /// Too many signatures wait to be checked: nothing is known of this one.
    #[error("too many tokens are being checked")]
    Busy,
}

impl AuthError {
    /// 401 or 403; 503 when it could not be checked.
    pub const fn status(self) -> u16 {
        match self {
            Self::UndeclaredTenant | Self::MissingScope(_) => 403,
            Self::Busy => 503,
            _ => 401,
        }
    }

    /// The header that goes with it, by name and value: `WWW-Authenticate`, or when to come again.
    pub(in crate::transport) fn header(self) -> (&'static str, Box<str>) {
        match self {
            Self::Busy => ("retry-after", BUSY_RETRY_S.to_string().into()),
            _ => ("www-authenticate", self.challenge().into()),
        }
    }

    /// The `WWW-Authenticate` header.
    pub fn challenge(self) -> String {
        match self {
            Self::NoToken => "Bearer realm=\"dialgate\"".to_owned(),
            Self::MissingScope(scope) => format!(
                "Bearer realm=\"dialgate\", error=\"insufficient_scope\", scope=\"{}\"",
                scope.as_str()
            ),
            _ => format!(
                "Bearer realm=\"dialgate\", error=\"invalid_token\", error_description=\"{self}\""
            ),
        }
    }

    /// What is told on a stream whose credential has ended, for whichever reason: the client knows what
    /// to do from the one code.
    pub const fn lapsed() -> Fault {
        Fault {
            code: "token_expired",
            field: None,
            message: "The stream's token has expired or was withdrawn.",
        }
    }

    /// What the caller is told.
    pub const fn fault(self) -> Fault {
        let (code, field, message) = match self {
            Self::NoToken => ("NO_TOKEN", "Authorization", "A bearer token is required."),
            Self::Malformed => (
                "TOKEN_MALFORMED",
                "Authorization",
                "The token is malformed.",
            ),
            Self::Forged => (
                "TOKEN_FORGED",
                "Authorization",
                "The signature does not match.",
            ),
            Self::WrongAlgorithm => (
                "TOKEN_ALGORITHM",
                "Authorization",
                "The algorithm is not accepted.",
            ),
            Self::UnknownKey => (
                "TOKEN_KEY_UNKNOWN",
                "Authorization",
                "The token names no key that is accepted.",
            ),
            Self::WrongAudience => (
                "TOKEN_AUDIENCE",
                "aud",
                "The token is for another audience.",
            ),
            Self::WrongIssuer => ("TOKEN_ISSUER", "iss", "The token is from another issuer."),
            Self::Expired => ("TOKEN_EXPIRED", "exp", "The token has expired."),
            Self::NotYetValid => ("TOKEN_NOT_YET_VALID", "nbf", "The token is not valid yet."),
            Self::UndeclaredTenant => (
                "TENANT_UNDECLARED",
                "tenant_id",
                "The tenant is not declared here.",
            ),
            Self::MissingScope(_) => ("SCOPE_MISSING", "scope", "The token lacks the scope."),
            Self::Busy => return SystemError::Overloaded.fault(),
        };
        Fault {
            code,
            field: Some(field),
            message,
        }
    }
}
