//! Systems of record on the health page.

use serde_json::{Value, json};

use super::SystemsOfRecord;
use crate::gateway::door::Caller;
use crate::sor::upstream::SiteReport;
use crate::telemetry::SystemSums;
use crate::wire::scopes::Scope;

impl SystemsOfRecord {
    /// Calls of all bound systems, for a scrape.
    pub(in crate::gateway) fn sums(&self) -> SystemSums {
        let mut sums = SystemSums::default();
        for binding in self.bindings().all() {
            let report = binding.upstream().report();
            let tally = report.tally;
            let calls = [
                tally.answered,
                tally.unreachable,
                tally.timeouts,
                tally.busy,
                tally.retried,
                tally.broken_off,
                tally.logins,
            ];
            for (sum, calls) in sums.calls.iter_mut().zip(calls) {
                *sum += calls;
            }
            sums.calls_open += report.calls as u64;
            sums.down += u64::from(!report.sites.iter().any(is_up));
        }
        sums
    }

    /// How every bound system stands: counts for everybody, a caller's own in full, all with `admin`.
    pub(in crate::gateway) fn page(&self, caller: Option<&Caller>) -> Value {
        let bindings = self.bindings();
        let admin = caller.is_some_and(|caller| caller.scopes.has(Scope::Admin));
        let (mut down, mut shown) = (0, Vec::new());
        for binding in bindings.all() {
            let report = binding.upstream().report();
            down += u32::from(!report.sites.iter().any(is_up));
            let own = caller.is_some_and(|caller| *caller.tenant_name == **binding.tenant());
            if !own && !admin {
                continue;
            }
            let sites = report.sites.iter().map(|site| {
                json!({
                    "address": site.address,
                    "healthy": site.healthy,
                    "breaker": if site.breaker_open { "open" } else { "closed" },
                    "calls": site.calls,
                })
            });
            let tally = report.tally;
            shown.push(json!({
                "tenant": &**binding.tenant(),
                "system": binding.system().as_str(),
                "addresses": sites.collect::<Vec<_>>(),
                "calls": report.calls,
                "answered": tally.answered,
                "unreachable": tally.unreachable,
                "timeouts": tally.timeouts,
                "busy": tally.busy,
                "retried": tally.retried,
                "broken_off": tally.broken_off,
                "logins": tally.logins,
            }));
        }
        let refused = self.refused.load();
        let seen = refused.iter().filter(|finding| {
            admin || caller.is_some_and(|caller| caller.tenant_name == finding.tenant)
        });
        let findings: Vec<String> = seen.map(ToString::to_string).collect();
        json!({
            "bound": bindings.all().len(),
            "down": down,
            "refused": refused.len(),
            "findings": findings,
            "systems": shown,
        })
    }
}

fn is_up(site: &SiteReport) -> bool {
    site.healthy && !site.breaker_open
}
