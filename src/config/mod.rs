//! Configuration: `dialgate.toml`, the environment over it, and one file a tenant.
//!
//! The only room that reads the environment. Everything is read and checked before anything is
//! opened or bound; all findings are reported together, each naming file, key and reason.
//!
//! Invariants
//! - CONFIG-1: a key that is not known is refused, in files and in the environment.
//! - CONFIG-2: `config/dialgate.toml` states every key with its default (`tests/golden`).
//! - CONFIG-3: the signing secret is printed by nothing: [`Secret`] has no way to show it.

mod error;
mod read;
mod secret;
mod settings;
pub mod tenant;
mod tenants;

pub use error::{ConfigError, ConfigErrors};
pub use secret::{SECRET_BYTES_MIN, Secret};
pub use settings::{
    Auth, Dev, Dialers, Drain, Durability, Engine, Ingest, Ledger, Log, Quic, Rules, Server,
    Settings, Sor, Tenants, Tls,
};
pub use tenant::TenantFile;
pub use tenants::{TenantTexts, demo_tenants, load_tenants};

/// One variable of the environment, if it is set and text.
pub fn variable(name: &str) -> Option<String> {
    std::env::vars_os()
        .find(|(known, _)| known.to_str() == Some(name))
        .and_then(|(_, value)| value.into_string().ok())
}

/// The process's environment, as far as it is text.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}
