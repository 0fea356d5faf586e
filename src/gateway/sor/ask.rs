//! Asking a system of record something of the gateway's own, over the network or, in tests, not.

use std::sync::Arc;
use std::time::Duration;

use crate::sor::call::{Heard, Request};
use crate::sor::upstream::{AskError, Asking, CallError, Lines, Upstream};

/// Why nothing was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::gateway) enum Unheard {
    /// Nothing was sent.
    #[error("the system is not reached")]
    Unsent,
    /// It was sent, or may have been, and nobody can tell what came of it.
    #[error("the system's answer did not come")]
    Lost,
    /// It cannot be sent at all.
    #[error("the request cannot be sent")]
    Unsendable,
}

/// Somebody who can be asked.
pub(in crate::gateway) trait Ask: 'static {
    /// Asks, and reads the answer whole.
    async fn ask(
        &self,
        request: &Request,
        key: Option<&str>,
        timeout: Duration,
    ) -> Result<Heard, Unheard>;
}

/// A tenant's system, over connections of the thread that asks.
#[derive(Clone)]
pub(in crate::gateway) struct Live {
    pub(super) upstream: Arc<Upstream>,
    pub(super) lines: Lines,
}

impl Ask for Live {
    async fn ask(
        &self,
        request: &Request,
        key: Option<&str>,
        timeout: Duration,
    ) -> Result<Heard, Unheard> {
        let asking = Asking {
            request,
            authorization: None,
            idempotency_key: key,
            timeout,
        };
        let asked = self.upstream.ask(&self.lines, asking).await;
        asked.map_err(|error| match error {
            AskError::Call(error) if error.is_unsent() => Unheard::Unsent,
            AskError::Call(
                CallError::Busy { .. }
                | CallError::Unreachable
                | CallError::Lost
                | CallError::Timeout
                | CallError::BrokenOff
                | CallError::Login
                | CallError::Expired,
            )
            | AskError::BrokenOff
            | AskError::TooLong => Unheard::Lost,
            AskError::Unsendable => Unheard::Unsendable,
        })
    }
}
