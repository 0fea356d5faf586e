//! What a listening thread keeps of the gateway.

use crate::gateway::mailbox::Mailbox;
use crate::gateway::work::Delivered;
use crate::sor::upstream::Lines;

/// A listening thread's own: where its answers arrive, and its connections to systems of record.
/// Cloning gives another hand on the same.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Answers of the engine.
    pub mail: Mailbox<Delivered>,
    /// Connections to systems of record.
    pub lines: Lines,
}
