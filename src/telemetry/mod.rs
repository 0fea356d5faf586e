//! What the house tells about itself: numbers on `/metrics`, lines on standard error.
//!
//! Handles are made once at start and handed down; the hot path adds to atomics and looks nothing
//! up. Labels are closed enums: no tenant, no account, nothing a caller chose (DESIGN, ledger).
//!
//! Invariants
//! - TELEMETRY-1: no personal data: not in a name, label, value or line. A panic is logged by its
//!   place, never by its message.
//! - TELEMETRY-2: `table` is the only list of names; each is described and tested.

mod histogram;
pub mod labels;
mod logs;
mod metrics;
mod systems;
mod table;
pub mod volume;

pub use histogram::Histogram;
pub use labels::{
    Handshake, Ingested, Lane, OutboxLetter, Reload, Renewal, Route, Shed, StatusClass, SystemCall,
    SystemRead, SystemRecord, TokenCheck, VerdictLabel,
};
pub use logs::{Head, LogError, LogFormat, check_filter, log_heads, start_logs};
pub use metrics::Metrics;
pub use systems::SystemSums;
