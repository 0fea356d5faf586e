//! Systems of record on the health page.

use serde_json::{Value, json};

use super::SystemsOfRecord;
use crate::gateway::door::Caller;
use crate::wire::scopes::Scope;

impl SystemsOfRecord {
    /// How every bound system stands: counts for everybody, a caller's own in full, all with `admin`.
    pub(in crate::gateway) fn page(&self, caller: Option<&Caller>) -> Value {
        let bindings = self.bindings();
        let admin = caller.is_some_and(|caller| caller.scopes.has(Scope::Admin));
        let (mut down, mut shown) = (0, Vec::new());
        for binding in bindings.all() {
            let report = binding.upstream().report();
            let up = |site: &crate::sor::upstream::SiteReport| site.healthy && !site.breaker_open;
            down += u32::from(!report.sites.iter().any(up));
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
