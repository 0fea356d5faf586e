//! The handles, made once and handed down, and the page they make.

use metrics::{Counter, Gauge, Key, Label, Level, Metadata, Recorder as _, Unit};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use super::histogram::Histogram;
use super::labels::{
    Handshake, Ingested, Lane, OutboxLetter, Reload, Renewal, Route, Shed, StatusClass, SystemCall,
    SystemRead, SystemRecord, TokenCheck, VerdictLabel,
};
use super::systems::{SystemSums, Systems};
use super::table::{self, Measure};
use crate::domain::verdict::{Findings, Gate};

const METADATA: Metadata<'_> = Metadata::new(module_path!(), Level::INFO, None);

/// Every handle of the house. Adding is an atomic add; nothing here takes a lock but
/// [`Metrics::render`].
#[derive(Debug)]
pub struct Metrics {
    /// From arrival to durable answer.
    pub latency: Histogram,
    /// Writing and syncing a frame.
    pub commit: Histogram,
    /// Rows a frame.
    pub batch_rows: Histogram,
    /// Open connections.
    pub connections: Gauge,
    /// Seconds since the last committed snapshot.
    pub snapshot_age: Gauge,
    /// 1 when sealed.
    pub sealed: Gauge,
    /// 1 when the clock is trusted.
    pub clock_trusted: Gauge,
    /// Free bytes on the ledger's disk.
    pub disk_free: Gauge,
    /// When the certificate in force expires; 0 without TLS.
    pub certificate_not_after: Gauge,
    /// Snapshots committed.
    pub snapshots: Counter,
    /// Bytes of frames written.
    pub ledger_bytes: Counter,
    /// 1 while files of law and policy are refused.
    pub rules_refused: Gauge,
    reloads: Vec<Counter>,
    decisions: Vec<Counter>,
    blocks: Vec<Counter>,
    sheds: Vec<Counter>,
    ingested: Vec<Counter>,
    tokens: Vec<Counter>,
    requests: Vec<Counter>,
    handshakes: Vec<Counter>,
    renewals: Vec<Counter>,
    inbox: Vec<Gauge>,
    systems: Systems,
    page: PrometheusHandle,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Registers everything. Each call makes a page of its own; nothing is global.
    pub fn new() -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        let make = Make(&recorder);
        let classes: Vec<&str> = StatusClass::ALL
            .iter()
            .map(|class| class.as_str())
            .collect();
        Self {
            latency: Histogram::new(table::MICROS, table::PER_SECOND),
            commit: Histogram::new(table::MICROS, table::PER_SECOND),
            batch_rows: Histogram::new(table::ROWS, 1.0),
            connections: make.gauge(table::CONNECTIONS),
            snapshot_age: make.gauge(table::SNAPSHOT_AGE),
            sealed: make.gauge(table::SEALED),
            clock_trusted: make.gauge(table::CLOCK),
            disk_free: make.gauge(table::DISK_FREE),
            snapshots: make.counter(table::SNAPSHOTS),
            ledger_bytes: make.counter(table::LEDGER_BYTES),
            rules_refused: make.gauge(table::RULES_REFUSED),
            reloads: make.counters(table::RELOADS, Reload::ALL, Reload::as_str),
            decisions: make.counters(table::DECISIONS, VerdictLabel::ALL, VerdictLabel::as_str),
            blocks: make.counters(table::BLOCKS, Gate::ALL.as_slice(), Gate::as_str),
            sheds: make.counters(table::SHEDS, Shed::ALL, Shed::as_str),
            ingested: make.counters(table::INGESTED, Ingested::ALL, Ingested::as_str),
            tokens: make.counters(table::TOKENS, TokenCheck::ALL, TokenCheck::as_str),
            requests: make.requests(&classes),
            handshakes: make.counters(table::HANDSHAKES, Handshake::ALL, Handshake::as_str),
            renewals: make.counters(table::RENEWALS, Renewal::ALL, Renewal::as_str),
            certificate_not_after: make.gauge(table::NOT_AFTER),
            inbox: make.gauges(table::INBOX, Lane::ALL, Lane::as_str),
            systems: make.systems(),
            page: recorder.handle(),
        }
    }

    /// A contact intent was answered: its verdict and, for a block, each gate that blocked.
    pub fn decision(&self, verdict: VerdictLabel, findings: &Findings) {
        self.verdict(verdict);
        let mut blocked = findings.blocked_bits();
        while blocked != 0 {
            add(&self.blocks, blocked.trailing_zeros() as usize, 1);
            blocked &= blocked - 1;
        }
    }

    /// An answer without findings (a fault).
    pub fn verdict(&self, verdict: VerdictLabel) {
        add(&self.decisions, usize::from(verdict.number()), 1);
    }

    /// Something was given up.
    pub fn shed(&self, reason: Shed) {
        add(&self.sheds, usize::from(reason.number()), 1);
    }

    /// Rows of an upload.
    pub fn ingested(&self, result: Ingested, rows: u64) {
        add(&self.ingested, usize::from(result.number()), rows);
    }

    /// Files of law and policy were read again.
    pub fn reload(&self, result: Reload) {
        add(&self.reloads, usize::from(result.number()), 1);
    }

    /// A credential was checked.
    pub fn token(&self, result: TokenCheck) {
        add(&self.tokens, usize::from(result.number()), 1);
    }

    /// A request was answered.
    pub fn request(&self, route: Route, status: u16) {
        let class = usize::from(StatusClass::of(status).number());
        let at = usize::from(route.number()) * StatusClass::ALL.len() + class;
        add(&self.requests, at, 1);
    }

    /// A TLS handshake came out.
    pub fn handshake(&self, result: Handshake) {
        add(&self.handshakes, usize::from(result.number()), 1);
    }

    /// Certificate files had changed.
    pub fn renewal(&self, result: Renewal) {
        add(&self.renewals, usize::from(result.number()), 1);
    }

    /// Commands waiting in a lane.
    pub fn inbox(&self, lane: Lane, waiting: u32) {
        if let Some(gauge) = self.inbox.get(usize::from(lane.number())) {
            gauge.set(f64::from(waiting));
        }
    }

    /// How systems of record stand, as of a scrape.
    pub fn systems(&self, sums: &SystemSums) {
        self.systems.set(sums);
    }

    /// The page in Prometheus text. For the scrape, not the hot path: it allocates and locks.
    pub fn render(&self) -> String {
        let mut text = self.page.render();
        for (histogram, measure) in [
            (&self.latency, table::LATENCY),
            (&self.commit, table::COMMIT),
            (&self.batch_rows, table::BATCH),
        ] {
            histogram.render(measure.name, measure.help, &mut text);
        }
        text
    }
}

fn add(counters: &[Counter], at: usize, by: u64) {
    if let Some(counter) = counters.get(at) {
        counter.increment(by);
    }
}

/// Makes handles and describes them.
struct Make<'a>(&'a PrometheusRecorder);

impl Make<'_> {
    fn counter(&self, measure: Measure) -> Counter {
        self.describe_counter(measure);
        self.0
            .register_counter(&Key::from_static_name(measure.name), &METADATA)
    }

    fn gauge(&self, measure: Measure) -> Gauge {
        self.describe_gauge(measure);
        self.0
            .register_gauge(&Key::from_static_name(measure.name), &METADATA)
    }

    fn counters<T: Copy>(
        &self,
        measure: Measure,
        all: &[T],
        text: fn(T) -> &'static str,
    ) -> Vec<Counter> {
        self.describe_counter(measure);
        let one = |value| {
            self.0
                .register_counter(&key(measure, text(value)), &METADATA)
        };
        all.iter().copied().map(one).collect()
    }

    fn gauges<T: Copy>(
        &self,
        measure: Measure,
        all: &[T],
        text: fn(T) -> &'static str,
    ) -> Vec<Gauge> {
        self.describe_gauge(measure);
        let one = |value| self.0.register_gauge(&key(measure, text(value)), &METADATA);
        all.iter().copied().map(one).collect()
    }

    /// One counter a route and class, route by route.
    fn requests(&self, classes: &[&'static str]) -> Vec<Counter> {
        self.describe_counter(table::REQUESTS);
        let mut all = Vec::with_capacity(Route::ALL.len() * classes.len());
        for route in Route::ALL {
            for class in classes {
                let with = key(table::REQUESTS, route.as_str())
                    .with_extra_labels(vec![Label::from_static_parts("status", class)]);
                all.push(self.0.register_counter(&with, &METADATA));
            }
        }
        all
    }

    fn systems(&self) -> Systems {
        Systems {
            calls: self.counters(table::SYSTEM_CALLS, SystemCall::ALL, SystemCall::as_str),
            calls_open: self.gauge(table::SYSTEM_CALLS_OPEN),
            down: self.gauge(table::SYSTEMS_DOWN),
            reads: self.counters(table::SYSTEM_READS, SystemRead::ALL, SystemRead::as_str),
            records: self.counters(
                table::SYSTEM_RECORDS,
                SystemRecord::ALL,
                SystemRecord::as_str,
            ),
            incomplete: self.gauge(table::SYSTEMS_INCOMPLETE),
            letters: self.counters(table::LETTERS, OutboxLetter::ALL, OutboxLetter::as_str),
            waiting: self.gauge(table::OUTBOX_WAITING),
            lag: self.gauge(table::OUTBOX_LAG),
            dead: self.gauge(table::OUTBOX_DEAD),
            full: self.gauge(table::OUTBOX_FULL),
        }
    }

    fn describe_counter(&self, measure: Measure) {
        self.0
            .describe_counter(measure.name.into(), Some(Unit::Count), measure.help.into());
    }

    fn describe_gauge(&self, measure: Measure) {
        self.0
            .describe_gauge(measure.name.into(), None, measure.help.into());
    }
}

fn key(measure: Measure, value: &'static str) -> Key {
    let labels = measure
        .label
        .map(|label| Label::from_static_parts(label, value));
    Key::from_parts(measure.name, labels.into_iter().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::verdict::Code;

    fn value(page: &str, series: &str) -> String {
        let prefix = format!("{series} ");
        let line = page.lines().find_map(|line| line.strip_prefix(&prefix));
        line.unwrap_or_else(|| panic!("no {series}")).to_owned()
    }

    #[test]
    fn each_handle_reaches_its_own_series() {
        let metrics = Metrics::new();
        let mut findings = Findings::default();
        findings.block(Code::AttemptGap);
        findings.block(Code::KillSwitch);
        metrics.decision(VerdictLabel::Block, &findings);
        metrics.decision(VerdictLabel::Allow, &Findings::default());
        metrics.shed(Shed::Sealed);
        metrics.ingested(Ingested::Rejected, 7);
        metrics.token(TokenCheck::Cached);
        metrics.request(Route::AccountOutcome, 404);
        metrics.inbox(Lane::Bulk, 3);
        metrics.systems(&SystemSums {
            letters: [5, 0, 2, 0],
            lag_s: 90,
            ..SystemSums::default()
        });
        metrics.sealed.set(1.0);
        metrics.ledger_bytes.increment(512);
        let page = metrics.render();
        for (series, expected) in [
            ("dialgate_decisions_total{verdict=\"allow\"}", "1"),
            ("dialgate_decisions_total{verdict=\"block\"}", "1"),
            ("dialgate_decisions_total{verdict=\"system_error\"}", "0"),
            ("dialgate_gate_blocks_total{gate=\"FAIRNESS\"}", "1"),
            ("dialgate_gate_blocks_total{gate=\"INFRASTRUCTURE\"}", "1"),
            ("dialgate_gate_blocks_total{gate=\"TIMING\"}", "0"),
            ("dialgate_sheds_total{reason=\"sealed\"}", "1"),
            ("dialgate_ingest_rows_total{result=\"rejected\"}", "7"),
            ("dialgate_token_checks_total{result=\"cached\"}", "1"),
            ("dialgate_inbox_depth_commands{lane=\"bulk\"}", "3"),
            ("dialgate_outbox_letters_total{result=\"silent\"}", "2"),
            ("dialgate_outbox_lag_seconds", "90"),
            ("dialgate_ledger_sealed", "1"),
            ("dialgate_ledger_written_bytes_total", "512"),
            ("dialgate_decision_duration_seconds_count", "0"),
        ] {
            assert_eq!(value(&page, series), expected, "{series}");
        }
        let route = "route=\"/api/queue/account/{account_id}/disposition\",status=\"4xx\"";
        assert_eq!(
            value(&page, &format!("dialgate_http_requests_total{{{route}}}")),
            "1"
        );
    }

    /// TELEMETRY-2.
    #[test]
    fn every_series_is_described() {
        let page = Metrics::new().render();
        let names = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        let mut typed: Vec<&str> = names.filter_map(|rest| rest.split(' ').next()).collect();
        typed.sort_unstable();
        assert_eq!(typed.len(), 33);
        for name in typed {
            assert!(
                page.contains(&format!("# HELP {name} ")),
                "{name} has no help"
            );
        }
    }
}
