//! The one list of what is measured: names, units, help.
//!
//! Units are those Prometheus recommends: seconds, bytes, counts. A name says its unit last.

/// One measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Measure {
    /// Its name.
    pub(super) name: &'static str,
    /// The label it is split by, if any.
    pub(super) label: Option<&'static str>,
    /// What it says.
    pub(super) help: &'static str,
}

const fn plain(name: &'static str, help: &'static str) -> Measure {
    Measure {
        name,
        label: None,
        help,
    }
}

const fn by(name: &'static str, label: &'static str, help: &'static str) -> Measure {
    Measure {
        name,
        label: Some(label),
        help,
    }
}

pub(super) const DECISIONS: Measure = by(
    "dialgate_decisions_total",
    "verdict",
    "Answers to contact intents.",
);
pub(super) const BLOCKS: Measure = by(
    "dialgate_gate_blocks_total",
    "gate",
    "Decisions in which the gate blocked.",
);
pub(super) const SHEDS: Measure = by(
    "dialgate_sheds_total",
    "reason",
    "Requests given up before their answer was durable.",
);
pub(super) const INGESTED: Measure = by("dialgate_ingest_rows_total", "result", "Uploaded rows.");
pub(super) const TOKENS: Measure = by(
    "dialgate_token_checks_total",
    "result",
    "Credentials checked.",
);
/// Split by route and by class of status.
pub(super) const REQUESTS: Measure = by(
    "dialgate_http_requests_total",
    "route",
    "HTTP requests answered.",
);
pub(super) const SNAPSHOTS: Measure =
    plain("dialgate_snapshots_total", "State snapshots committed.");
pub(super) const LEDGER_BYTES: Measure = plain(
    "dialgate_ledger_written_bytes_total",
    "Bytes of frames written.",
);
pub(super) const HANDSHAKES: Measure =
    by("dialgate_tls_handshakes_total", "result", "TLS handshakes.");
pub(super) const RENEWALS: Measure = by(
    "dialgate_tls_renewals_total",
    "result",
    "Changed certificate files.",
);
pub(super) const NOT_AFTER: Measure = plain(
    "dialgate_tls_certificate_not_after_seconds",
    "When the certificate in force expires, seconds since 1970; 0 without TLS.",
);

pub(super) const INBOX: Measure = by(
    "dialgate_inbox_depth_commands",
    "lane",
    "Commands waiting for the writer.",
);
pub(super) const CONNECTIONS: Measure = plain("dialgate_connections_open", "Open connections.");
pub(super) const SNAPSHOT_AGE: Measure = plain(
    "dialgate_snapshot_age_seconds",
    "Age of the last committed snapshot.",
);
pub(super) const SEALED: Measure = plain(
    "dialgate_ledger_sealed",
    "1 when the ledger takes nothing more.",
);
pub(super) const CLOCK: Measure = plain(
    "dialgate_clock_trusted",
    "1 when decisions may rest on the clock.",
);
pub(super) const DISK_FREE: Measure = plain(
    "dialgate_disk_free_bytes",
    "Free space where the ledger lies.",
);

pub(super) const RELOADS: Measure = by(
    "dialgate_rules_reloads_total",
    "result",
    "Changes of rule pack and tenant files, taken up or refused.",
);
pub(super) const RULES_REFUSED: Measure = plain(
    "dialgate_rules_refused",
    "1 while pack or tenant files are refused and older ones decide.",
);

pub(super) const SYSTEM_CALLS: Measure = by(
    "dialgate_sor_calls_total",
    "result",
    "Calls to systems of record.",
);
pub(super) const SYSTEM_CALLS_OPEN: Measure = plain(
    "dialgate_sor_calls_open",
    "Calls to systems of record under way.",
);
pub(super) const SYSTEMS_DOWN: Measure = plain(
    "dialgate_sor_down",
    "Tenants none of whose system's addresses answers.",
);
pub(super) const SYSTEM_READS: Measure = by(
    "dialgate_sor_reads_total",
    "result",
    "Accounts asked for at systems of record.",
);
pub(super) const SYSTEM_RECORDS: Measure = by(
    "dialgate_sor_records_total",
    "result",
    "Records read from systems of record.",
);
pub(super) const SYSTEMS_INCOMPLETE: Measure = plain(
    "dialgate_sor_reading_incomplete",
    "Tenants whose system can be read whole and has not been, or not lately.",
);
pub(super) const LETTERS: Measure = by(
    "dialgate_outbox_letters_total",
    "result",
    "Letters to systems of record, and rows that could not be told.",
);
pub(super) const OUTBOX_WAITING: Measure = plain(
    "dialgate_outbox_waiting",
    "Statements systems of record have not been told yet.",
);
pub(super) const OUTBOX_LAG: Measure = plain(
    "dialgate_outbox_lag_seconds",
    "Age of the oldest statement that waits.",
);
pub(super) const OUTBOX_DEAD: Measure =
    plain("dialgate_outbox_dead", "Letters that were given up.");
pub(super) const OUTBOX_FULL: Measure = plain(
    "dialgate_outbox_full",
    "Tenants who are told nothing more until letters were tried again.",
);

pub(super) const LATENCY: Measure = plain(
    "dialgate_decision_duration_seconds",
    "From the arrival of an intent to its durable answer.",
);
pub(super) const COMMIT: Measure = plain(
    "dialgate_commit_duration_seconds",
    "Writing and syncing one frame.",
);
pub(super) const BATCH: Measure = plain("dialgate_frame_rows", "Rows committed together.");

/// Bounds of durations, microseconds.
pub(super) const MICROS: &[u64] = &[
    50, 100, 150, 200, 300, 500, 750, 1_000, 1_500, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000,
    250_000, 1_000_000,
];
/// Microseconds in the published second.
pub(super) const PER_SECOND: f64 = 1_000_000.0;
/// Bounds of rows a frame.
pub(super) const ROWS: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 4_096];
