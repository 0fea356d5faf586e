//! The sandbox: a system of record of its own, speaking all three dialects from the catalogues.
//!
//! For trying the gateway and for tests. Most routes are collections by their template
//! ([`collection`]); what the gate cares about behaves: accounts, disputes, plans and payments,
//! attempts, phones, do-not-call and permissions, correspondence. It knows no gate and checks no
//! contact: that is what stands before it.
//!
//! One thread owns the database and answers call by call; another runs the listener. Answers carry
//! `x-dialgate-sandbox: 1`.
//!
//! Invariants
//! - SANDBOX-1: a call that fails changes nothing: its transaction is given up.
//! - SANDBOX-2: every answer to a request that could be read says that it comes from a sandbox.
//! - SANDBOX-3: the same portfolio every time, with numbers and addresses that belong to nobody.

mod asked;
mod auth;
mod collection;
mod events;
mod files;
mod keeper;
mod money;
mod portal;
#[cfg(test)]
mod read_tests;
mod reply;
mod samples;
mod scollect;
mod seed;
mod server;
mod store;
#[cfg(test)]
mod tests;
mod whl;

pub use store::StoreError;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::catalogue::Catalogues;
use crate::clock::Clock;

/// The API key the sandbox takes: at `/scollect` for a login, at `/portal` as `x-api-key`.
pub const API_KEY: &str = "sandbox-key";
/// The pin that goes with it at `/scollect`.
pub const PIN: &str = "SBX";

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The system's word for it.
        #[source]
        source: std::io::Error,
    },
    /// The data directory cannot be made.
    #[error("cannot use the data directory")]
    Directory(#[source] std::io::Error),
    /// The database cannot be opened or written.
    #[error("the sandbox's database")]
    Store(#[from] StoreError),
    /// The portfolio cannot be brought.
    #[error("the sandbox's portfolio does not fit")]
    Portfolio,
    /// A thread cannot be started.
    #[error("a thread could not be started")]
    Thread(#[source] std::io::Error),
}

/// What a sandbox is made of.
#[derive(Debug)]
pub struct Options {
    /// Where it listens; port 0: any free one.
    pub listen: SocketAddr,
    /// Where its database lies, as `sandbox.redb`; absent: in memory, gone with it.
    pub data_dir: Option<PathBuf>,
    /// The routes it has.
    pub catalogues: Arc<Catalogues>,
    /// What time it is there.
    pub clock: Clock,
}

/// A running sandbox. Dropping it stops it.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// Opens the database, brings the portfolio where there is none, and listens.
    ///
    /// # Errors
    /// [`SandboxError`].
    pub fn start(options: Options) -> Result<Self, SandboxError> {
        let store = match &options.data_dir {
            Some(dir) => {
                std::fs::create_dir_all(dir).map_err(SandboxError::Directory)?;
                store::Store::open(&dir.join("sandbox.redb"))?
            }
            None => store::Store::in_memory()?,
        };
        let now = options.clock.now();
        store.write(|books| seed::portfolio(books, now))?;
        let (address, listener) = server::bind(options.listen)?;
        let (door, keeper) = keeper::start(store, options.catalogues, options.clock)
            .map_err(SandboxError::Thread)?;
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let server = server::start(listener, door, stopped).map_err(SandboxError::Thread)?;
        Ok(Self {
            address,
            stop: Some(stop),
            threads: vec![server, keeper],
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Sandbox {
    /// Waits until both threads have ended: the listener first, and with its door the store.
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Nobody to hear it: the listener has ended by itself.
            let _unheard = stop.send(());
        }
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so already.
            let _panicked = thread.join();
        }
    }
}
