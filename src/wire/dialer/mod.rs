//! Dialers that report by themselves: a mapping says where their bodies hold what and which of
//! their names mean what; read by it, a body becomes a [`Disposition`](super::disposition).
//!
//! Invariants
//! - DIALER-1: a name that no mapping knows is a placed call: it counts, it is never dropped.
//! - DIALER-2: where a mapping reads a telephony cause, `not_connected` needs one that says so; the
//!   name alone leaves the call counted.
//! - DIALER-3: no finding about a mapping repeats a value, and no mapping holds a secret.

mod call;
mod document;
mod field_path;
mod form;
pub mod keys;
pub mod mapping;
mod measure;
pub mod names;
mod read;
mod report;
mod shown;
mod table;
#[cfg(test)]
mod tests;

pub use call::{DialerCall, Meant, Read};
pub use document::{Document, Encoding};
pub use field_path::FieldPath;
pub(crate) use form::decoded;
pub use keys::{CredentialKind, DialerField, DialerKind, DurationUnit, InstantFormat, NOT_A_CALL};
pub use mapping::{Carrier, CredentialPlace, DialerMapping, Meaning, SecretPlace};
pub use measure::{Measures, NotAnInstant};
pub use names::Names;
pub use report::Message;
pub use shown::{
    CredentialShown, DialerShown, DialersShown, FilesShown, MappingAnswer, MappingFinding,
    MappingProblem, UnmappedName, WebhookAnswer,
};
pub use table::{Finding, Findings};
