//! How the files of law and policy stand, as health tells it.

use serde_json::{Value, json};

use crate::domain::time::UnixSeconds;

/// One thing that is wrong with a file: file, line or key, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// It stands in a tenant's file, which is nobody else's business.
    pub of_tenant: bool,
    /// The finding.
    pub text: String,
}

/// What the last look at the files came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LawReport {
    /// Wall time; `None`: nothing has changed since the start.
    at: Option<UnixSeconds>,
    findings: Vec<Finding>,
    total: usize,
}

impl LawReport {
    /// The files say what decides, or what is announced.
    pub fn in_force(at: UnixSeconds) -> Self {
        Self {
            at: Some(at),
            ..Self::default()
        }
    }

    /// The files are refused. `findings` are the first of `total`.
    pub fn refused(at: UnixSeconds, findings: Vec<Finding>, total: usize) -> Self {
        Self {
            at: Some(at),
            findings,
            total,
        }
    }

    /// Whether something older decides than the files say.
    pub fn is_refused(&self) -> bool {
        self.total > 0
    }

    /// For health. Findings in tenants' files are for the house's administrators alone.
    pub fn page(&self, all: bool) -> Value {
        let shown = self.findings.iter().filter(|one| all || !one.of_tenant);
        let shown: Vec<&str> = shown.map(|one| one.text.as_str()).collect();
        json!({
            "state": if self.is_refused() { "refused" } else { "in_force" },
            "at": self.at.map(|at| at.to_string()),
            "findings_total": self.total,
            "findings": shown,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_of_tenants_are_for_administrators() {
        let finding = |of_tenant, text: &str| Finding {
            of_tenant,
            text: text.to_owned(),
        };
        let both = vec![finding(false, "rules: x"), finding(true, "a.toml: y")];
        let report = LawReport::refused(UnixSeconds(0), both, 7);
        let page = report.page(false);
        assert_eq!(page["state"], "refused");
        assert_eq!(page["findings_total"], 7);
        assert_eq!(page["findings"], json!(["rules: x"]));
        assert_eq!(report.page(true)["findings"].as_array().unwrap().len(), 2);
        assert_eq!(LawReport::default().page(true)["state"], "in_force");
    }
}
