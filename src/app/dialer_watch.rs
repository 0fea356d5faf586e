//! The mappings of dialers while the house serves: read again, and told of.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::gateway::dialers::{Dialers, Reread};

/// Between the two looks at files that have changed: one half written may read as a whole one.
const SETTLE: Duration = Duration::from_millis(200);

/// Who reads mappings and their secrets again and tells the log.
#[derive(Debug)]
pub(super) struct DialerWatch {
    dialers: Arc<Dialers>,
    clock: Clock,
    /// The files as they were when last taken up or refused.
    seen: Option<[u8; 32]>,
}

impl DialerWatch {
    pub(super) fn new(dialers: Arc<Dialers>, clock: Clock) -> Self {
        Self {
            dialers,
            clock,
            seen: None,
        }
    }

    /// Looks, and takes up what has changed. What is faulty changes nothing.
    pub(super) fn look(&mut self) {
        let Some(folder) = self.dialers.folder() else {
            return;
        };
        let first = folder.look().fingerprint;
        if self.seen == Some(first) {
            return;
        }
        std::thread::sleep(SETTLE);
        match self.dialers.reread(first, self.clock.wall()) {
            // The next look sees what it came to.
            Reread::Unsettled => return,
            Reread::Unchanged => {}
            Reread::Changed => tracing::info!("new mappings of dialers are in force"),
            Reread::Refused(findings) => {
                let all: Vec<String> = findings.iter().map(ToString::to_string).collect();
                let all = all.join("; ");
                tracing::error!(found = %all, "mappings of dialers are refused: the old ones stay");
            }
        }
        self.seen = Some(first);
    }
}
