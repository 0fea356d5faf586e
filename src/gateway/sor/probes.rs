//! Looking after the addresses of every bound system, on a thread of its own.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossbeam::channel::{RecvTimeoutError, Sender, bounded};
use tokio::runtime::{Builder, LocalOptions};
use tokio::task::JoinSet;

use super::SystemsOfRecord;

/// The looking goes on until this is dropped; a round under way ends within `connect_timeout_ms`.
#[derive(Debug)]
pub struct Probes {
    _stop: Sender<()>,
}

impl SystemsOfRecord {
    /// Probes every address of every bound system, a round each `interval`.
    ///
    /// # Errors
    /// When the system gives no thread or no runtime.
    pub fn look_after(self: &Arc<Self>, interval: Duration) -> io::Result<Probes> {
        let (stop, stopped) = bounded::<()>(0);
        let systems = Arc::clone(self);
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build_local(LocalOptions::default());
        // A runtime stays on its thread, so it is made there; whether one can be had is asked here.
        drop(runtime?);
        std::thread::Builder::new()
            .name("sor-health".into())
            .spawn(move || {
                let runtime = Builder::new_current_thread()
                    .enable_io()
                    .enable_time()
                    .build_local(LocalOptions::default());
                let Ok(runtime) = runtime else {
                    return;
                };
                while stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                    runtime.block_on(systems.probe_all());
                }
            })?;
        Ok(Probes { _stop: stop })
    }

    /// One round; the tenants' systems side by side, so that a silent one delays no other.
    async fn probe_all(&self) {
        let mut round = JoinSet::new();
        for binding in self.bindings().all() {
            let binding = Arc::clone(binding);
            round.spawn_local(async move {
                if binding.upstream().probe().await {
                    let system = binding.system().as_str();
                    let report = binding.upstream().report();
                    let healthy = report.sites.iter().filter(|site| site.healthy).count();
                    let of = report.sites.len();
                    tracing::warn!(tenant = %binding.tenant(), system, healthy, of, "addresses of a system answer otherwise than before");
                }
            });
        }
        while round.join_next().await.is_some() {}
    }
}
