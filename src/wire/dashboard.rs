//! `/api/monitoring/dashboard`: the overview as a page for a browser.
//!
//! Text in tables and nothing else: no script, nothing fetched from anywhere.

use std::fmt::Write as _;

use super::monitoring::{Overview, VolumePage};

/// Content type of the page.
pub const HTML: &str = "text/html; charset=utf-8";
/// What the page may load: nothing.
pub const NOTHING_FROM_ELSEWHERE: &str = "default-src 'none'; frame-ancestors 'none'";

/// The page.
pub fn page(overview: &Overview, volume: &VolumePage) -> String {
    let mut page = Page(String::with_capacity(4096));
    page.0.push_str(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>dialgate</title></head><body>\n",
    );
    let decisions = overview.decisions;
    let us =
        |figure: Option<u64>| figure.map_or_else(|| "-".to_owned(), |us| format!("{us} \u{b5}s"));
    page.table(
        &format!("{}, {}", overview.tenant_id, overview.range.name),
        [
            ("status", overview.status.to_owned()),
            ("running for", format!("{} s", overview.uptime_s)),
            ("decisions", decisions.total.to_string()),
            ("ALLOW", decisions.allow.to_string()),
            ("BLOCK", decisions.block.to_string()),
            ("SYSTEM_ERROR", decisions.system_error.to_string()),
            ("outcomes", overview.outcomes.to_string()),
            ("latency, median", us(overview.latency.p50_us)),
            ("latency, 99 in 100", us(overview.latency.p99_us)),
        ],
    );
    let gates = volume.by_gate.iter();
    page.table(
        "Blocked by",
        gates.map(|gate| (gate.gate, gate.blocks.to_string())),
    );
    for (heading, sides) in [
        ("Channels", &volume.by_channel),
        ("Source systems", &volume.by_source_system),
    ] {
        let rows = sides.iter().map(|side| {
            let both = format!("{} allowed, {} blocked", side.allow, side.block);
            (&*side.name, both)
        });
        page.table(heading, rows);
    }
    page.0.push_str("</body></html>\n");
    page.0
}

struct Page(String);

impl Page {
    fn table<'r>(&mut self, heading: &str, rows: impl IntoIterator<Item = (&'r str, String)>) {
        self.0.push_str("<h2>");
        self.text(heading);
        self.0.push_str("</h2>\n<table>\n");
        for (name, value) in rows {
            self.0.push_str("<tr><th>");
            self.text(name);
            self.0.push_str("</th><td>");
            self.text(&value);
            self.0.push_str("</td></tr>\n");
        }
        self.0.push_str("</table>\n");
    }

    /// Source systems are named by callers: every letter that means something in HTML is encoded.
    fn text(&mut self, text: &str) {
        for letter in text.chars() {
            if matches!(letter, '<' | '>' | '&' | '"' | '\'') || letter.is_control() {
                // Writing to a string cannot fail.
                let _ = write!(self.0, "&#{};", u32::from(letter));
            } else {
                self.0.push(letter);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::UnixSeconds;
    use crate::wire::monitoring::{Decisions, Percentiles, Range, Sides};

    #[test]
    fn what_callers_named_is_text() {
        let range = Range {
            name: "1h".into(),
            from: None,
            to: UnixSeconds(0),
        };
        let overview = Overview {
            status: "ok",
            tenant_id: "demo".into(),
            uptime_s: 7,
            range: range.clone(),
            decisions: Decisions {
                total: 41,
                ..Decisions::default()
            },
            outcomes: 0,
            blocked_per_mille: 0,
            latency: Percentiles::default(),
            gateway: None,
        };
        let sides = Sides {
            name: "<script>&'\"".into(),
            allow: 40,
            block: 1,
        };
        let volume = VolumePage {
            range,
            decisions: overview.decisions,
            outcomes: 0,
            by_channel: Vec::new(),
            by_source_system: vec![sides],
            by_gate: Vec::new(),
            series: Vec::new(),
        };
        let page = page(&overview, &volume);
        assert!(!page.contains("<script"), "{page}");
        assert!(
            page.contains("<th>&#60;script&#62;&#38;&#39;&#34;</th><td>40 allowed, 1 blocked</td>")
        );
        assert!(page.contains("<th>decisions</th><td>41</td>"));
        assert!(page.contains("<th>latency, median</th><td>-</td>"));
    }
}
