//! `dialgate sandbox`: a system of record to try the gateway with.

use std::sync::Arc;

use super::args::SandboxArgs;
use super::console;
use super::exit::{Exit, Failure};
use crate::clock::Clock;
use crate::sor::catalogue::Catalogues;
use crate::sor::sandbox::{API_KEY, Options, PIN, Sandbox, SandboxError};

/// Serves the sandbox until a signal.
pub(super) fn run(args: &SandboxArgs) -> Result<Exit, Failure> {
    let catalogues =
        Catalogues::read(args.routes.as_deref()).map_err(|e| Failure::new(Exit::Config, e))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Fault, error))?;
    // Before anything listens, so that no signal finds the process without its handler.
    let stop = {
        let _entered = runtime.enter();
        crate::app::stop_signal()?
    };
    let sandbox = Sandbox::start(Options {
        listen: args.listen,
        data_dir: args.data_dir.clone(),
        catalogues: Arc::new(catalogues),
        clock: Clock::system(),
    })
    .map_err(|error| told(&error))?;
    introduce(&sandbox);
    runtime.block_on(stop);
    drop(sandbox);
    Ok(Exit::Done)
}

fn introduce(sandbox: &Sandbox) {
    let address = sandbox.address();
    if !address.ip().is_loopback() {
        console::error("this sandbox can be reached from elsewhere, and lets everybody in");
    }
    for line in [
        format!("dialgate sandbox on http://{address}"),
        format!("  whl       http://{address}           any Bearer"),
        format!("  scollect  http://{address}/scollect  apikey {API_KEY}, pin {PIN}"),
        format!("  portal    http://{address}/portal    x-api-key {API_KEY}, any Bearer"),
    ] {
        console::line(&line);
    }
}

/// What stands behind an error, in one line.
fn told(error: &SandboxError) -> Failure {
    let exit = match error {
        SandboxError::Bind { .. } | SandboxError::Directory(_) => Exit::CannotCreate,
        SandboxError::Store(_) => Exit::InputOutput,
        SandboxError::Portfolio | SandboxError::Thread(_) => Exit::Fault,
    };
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let message = cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
    Failure::new(exit, message)
}
