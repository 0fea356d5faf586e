//! The keys tokens are checked with, while the house serves: read again, and told of.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::{self, environment};
use crate::gateway::keys_report::KeysReport;
use crate::gateway::running::Gateway;
use crate::transport::auth::{Auth, KeyChange};

/// Who reads secret and key file again and tells gateway and log.
#[derive(Debug)]
pub(super) struct KeyWatch {
    auth: Arc<Auth>,
    source: config::Auth,
    gateway: Arc<Gateway>,
    clock: Clock,
    report: KeysReport,
}

impl KeyWatch {
    /// Begins with the keys the house started with.
    pub(super) fn new(
        auth: Arc<Auth>,
        source: config::Auth,
        gateway: Arc<Gateway>,
        clock: Clock,
    ) -> Self {
        let report = KeysReport {
            keys: auth.count(),
            since: clock.wall(),
            refused: None,
        };
        let watch = Self {
            auth,
            source,
            gateway,
            clock,
            report,
        };
        watch.gateway.tell_keys(watch.report.clone());
        watch
    }

    /// Looks at the files. What is faulty, one half written for instance, changes nothing and is
    /// looked at again the next time; what is in order is in force when this returns.
    pub(super) fn look(&mut self) {
        match self.source.keys(environment()) {
            Ok(keys) => {
                let change = self.auth.replace(keys);
                let KeyChange { added, withdrawn } = change;
                let was_refused = self.report.refused.take().is_some();
                if change != KeyChange::default() {
                    tracing::info!(added, withdrawn, "new keys are in force");
                    self.report.since = self.clock.wall();
                } else if was_refused {
                    tracing::info!("the keys are in order again, and the same");
                }
                self.report.keys = self.auth.count();
            }
            Err(found) => {
                let found: Vec<String> = found.0.iter().map(ToString::to_string).collect();
                let known = self.report.refused.as_ref().map(|(_, before)| before);
                if known != Some(&found) {
                    let all = found.join("; ");
                    tracing::error!(found = %all, "new keys are refused: the old ones stay");
                    self.report.refused = Some((self.clock.wall(), found));
                }
            }
        }
        self.gateway.tell_keys(self.report.clone());
    }
}
