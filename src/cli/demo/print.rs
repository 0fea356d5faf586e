//! The page a demo prints: tokens, the sample intents with their answers, lines to paste.

use std::net::SocketAddr;
use std::path::Path;

use serde::Deserialize;

use super::portfolio::Sample;
use crate::cli::client::Answer;
use crate::cli::console;

/// What the page speaks of.
pub(super) struct Page<'a> {
    /// Where the server listens.
    pub(super) url: &'a str,
    /// Credentials.
    pub(super) tokens: &'a Tokens,
    /// Where the sandbox listens.
    pub(super) sor: SocketAddr,
    /// Where the ledger lies.
    pub(super) data_dir: &'a Path,
}

/// A credential a tenant.
pub(super) struct Tokens {
    /// Of `demo`.
    pub(super) guarded: String,
    /// Of `demo-b`.
    pub(super) open: String,
    /// Of `demo-sor`.
    pub(super) bound: String,
}

/// The part of an answer the table shows.
#[derive(Debug, Deserialize)]
struct Shown {
    decision: String,
    blocked_by: Vec<String>,
}

/// `ALLOW`, `BLOCK` with its gates, or what was answered instead.
pub(super) fn verdict(answer: &Answer) -> String {
    match serde_json::from_slice::<Shown>(&answer.body) {
        Ok(shown) if shown.blocked_by.is_empty() => shown.decision,
        Ok(shown) => format!("{} {}", shown.decision, shown.blocked_by.join(", ")),
        Err(_) => format!("status {}", answer.status),
    }
}

impl Page<'_> {
    /// Prints everything.
    pub(super) fn print(&self, answers: &[(Sample, String)], open: &(String, String)) {
        for line in self.lines(answers, open) {
            console::line(&line);
        }
    }

    fn lines(&self, answers: &[(Sample, String)], open: &(String, String)) -> Vec<String> {
        let mut all = vec![format!("dialgate demo on {}", self.url), String::new()];
        all.push("One intent a gate, and what it is answered:".to_owned());
        let width = answers
            .iter()
            .map(|(_, told)| told.len())
            .max()
            .unwrap_or(0);
        for (sample, told) in answers {
            all.push(format!(
                "  {:<15} {told:<width$}  {}",
                sample.gate, sample.note
            ));
        }
        all.extend([
            String::new(),
            "Credentials (every scope, 30 days):".to_owned(),
            format!("  export DEMO={}", self.tokens.guarded),
            format!("  export DEMO_B={}", self.tokens.open),
            format!("  export DEMO_SOR={}", self.tokens.bound),
        ]);
        all.extend(self.seventh_call(open));
        all.extend(self.beside());
        all.extend(self.further(answers));
        all
    }

    /// Calls of the system of record that go through the gateway.
    fn beside(&self) -> Vec<String> {
        let (url, sor) = (self.url, self.sor);
        let auth = "-H \"Authorization: Bearer $DEMO_SOR\"";
        let dispute = "{\"account_id\":\"ACC-001\",\"reason\":\"not my debt\"}";
        vec![
            String::new(),
            format!(
                "A system of record, a sandbox on http://{sor}, is behind the tenant demo-sor:"
            ),
            format!("  curl -s {url}/api/queue/account/ACC-001 {auth}; echo"),
            format!(
                "  curl -s {url}/api/disputes {auth} -H 'Content-Type: application/json' -d '{dispute}'; echo"
            ),
            format!("  curl -s {url}/api/widget/ACC-001/alerts {auth}; echo"),
        ]
    }

    /// Ask, settle, ask again: the seventh call is allowed and the eighth is not.
    fn seventh_call(&self, (account, phone): &(String, String)) -> Vec<String> {
        let intent = format!(
            "{{\"account_id\":\"{account}\",\"channel\":\"phone\",\"action_type\":\"call\",\
             \"phone\":\"{phone}\",\"source_system\":\"dialer\"}}"
        );
        let ask = format!(
            "curl -s {}/api/gate/contact-intent -H \"Authorization: Bearer $DEMO_B\" \
             -H 'Content-Type: application/json' -d '{intent}'",
            self.url
        );
        let settle = format!(
            "curl -s {}/api/queue/account/{account}/disposition \
             -H \"Authorization: Bearer $DEMO_B\" -H 'Content-Type: application/json' \
             -d \"{{\\\"audit_id\\\":$AUDIT_ID,\\\"outcome\\\":\\\"no_answer\\\"}}\"",
            self.url
        );
        vec![
            String::new(),
            "Six calls are counted on this account. The seventh is allowed:".to_owned(),
            format!("  ANSWER=$({ask}); echo $ANSWER"),
            "nobody answered:".to_owned(),
            "  AUDIT_ID=$(echo $ANSWER | sed 's/.*\"audit_id\":\\([0-9]*\\).*/\\1/')".to_owned(),
            format!("  {settle}; echo"),
            "and the eighth is blocked, with CALL_7_IN_7 among the codes:".to_owned(),
            format!(
                "  {}; echo",
                ask.replace("contact-intent", "'contact-intent?explain=true'")
            ),
        ]
    }

    fn further(&self, answers: &[(Sample, String)]) -> Vec<String> {
        let dir = self.data_dir.display();
        let mut all = vec![String::new()];
        if let Some((sample, _)) = answers.first() {
            let token = if sample.tenant == super::OPEN {
                "$DEMO_B"
            } else {
                "$DEMO"
            };
            all.push("Any other intent:".to_owned());
            all.push(format!(
                "  curl -s '{}/api/gate/contact-intent?explain=true' \
                 -H \"Authorization: Bearer {token}\" -H 'Content-Type: application/json' -d '{}'",
                self.url, sample.intent
            ));
        }
        all.extend([
            "Health, numbers, the proof:".to_owned(),
            format!(
                "  curl -s {}/api/health/deep -H \"Authorization: Bearer $DEMO\"",
                self.url
            ),
            format!("  curl -s {}/metrics", self.url),
            format!("  dialgate ledger verify --data-dir {dir}"),
            String::new(),
            "Ctrl-C drains, commits, snapshots and stops.".to_owned(),
        ]);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn answer(body: &'static str) -> Answer {
        Answer {
            status: 200,
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn a_verdict_is_one_cell() {
        assert_eq!(
            verdict(&answer(r#"{"decision":"ALLOW","blocked_by":[]}"#)),
            "ALLOW"
        );
        let blocked = r#"{"decision":"BLOCK","blocked_by":["TIMING","CHANNEL"]}"#;
        assert_eq!(verdict(&answer(blocked)), "BLOCK TIMING, CHANNEL");
        assert_eq!(verdict(&answer("no")), "status 200");
    }

    #[test]
    fn the_page_can_be_pasted() {
        let [guarded, open, bound] = ["T1", "T2", "T3"].map(str::to_owned);
        let tokens = Tokens {
            guarded,
            open,
            bound,
        };
        let page = Page {
            url: "http://h:1",
            tokens: &tokens,
            sor: SocketAddr::from(([127, 0, 0, 1], 2)),
            data_dir: Path::new("d"),
        };
        let sample = Sample {
            gate: "TIMING",
            tenant: "demo",
            intent: "{}".to_owned(),
            note: "night",
        };
        let answers = [(sample, "BLOCK TIMING".to_owned())];
        let text = page
            .lines(&answers, &("A-1".to_owned(), "2125550100".to_owned()))
            .join("\n");
        assert!(text.contains("  TIMING          BLOCK TIMING  night\n"));
        assert!(text.contains("export DEMO_B=T2\n  export DEMO_SOR=T3\n"));
        assert!(text.contains("a sandbox on http://127.0.0.1:2,"));
        assert!(text.contains("  curl -s http://h:1/api/queue/account/ACC-001 -H"));
        assert!(
            text.contains("-d \"{\\\"audit_id\\\":$AUDIT_ID,\\\"outcome\\\":\\\"no_answer\\\"}\"")
        );
        assert!(text.contains("http://h:1/api/gate/'contact-intent?explain=true' "));
    }
}
