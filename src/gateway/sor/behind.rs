//! Threads that ask systems of record behind the path: nobody waits for them.

use std::thread::{Builder, JoinHandle};

/// Starts a thread with a runtime of its own and steps back with it. `run` is called there: what it
/// holds need not be able to change threads afterwards.
///
/// # Errors
/// The system gives no thread, or no runtime.
pub(super) fn spawn<F: Future<Output = ()>>(
    name: &str,
    run: impl FnOnce() -> F + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Builder::new().name(name.into()).spawn(move || {
        crate::ledger::background::step_back();
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, run());
    })
}
