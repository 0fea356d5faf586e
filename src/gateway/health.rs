//! Health, version and metrics pages.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::door::{Caller, HealthKind};
use super::running::{Gateway, Running};
use crate::domain::hex::hex;
use crate::domain::rules::{Review, SEMANTICS};
use crate::wire::reply::Reply;
use crate::wire::scopes::Scope;

impl Gateway {
    /// One health page. Liveness is 200 while the process answers; readiness is 503 while it decides
    /// nothing.
    pub fn health_page(&self, kind: HealthKind, caller: Option<&Caller>) -> Reply {
        let ready = self
            .running()
            .is_some_and(|running| !running.status.sealed());
        let word = match (self.running(), ready) {
            (None, _) => "recovering",
            (Some(_), true) => "ok",
            (Some(_), false) => "sealed",
        };
        match kind {
            HealthKind::Liveness => page(200, &json!({ "status": "alive" })),
            HealthKind::Readiness => {
                page(if ready { 200 } else { 503 }, &json!({ "status": word }))
            }
            HealthKind::Summary => page(
                if ready { 200 } else { 503 },
                &json!({ "status": word, "version": env!("CARGO_PKG_VERSION") }),
            ),
            HealthKind::Deep => page(if ready { 200 } else { 503 }, &self.deep(word, caller)),
        }
    }

    fn deep(&self, word: &str, caller: Option<&Caller>) -> Value {
        let mut all = json!({
            "status": word,
            "version": env!("CARGO_PKG_VERSION"),
            "uptime_s": self.clock.instant().saturating_duration_since(self.started).as_secs(),
            "durability": if self.relaxed { "relaxed" } else { "commit" },
            "crash_can_lose": if self.relaxed { "decisions of the frame being synced and of those begun meanwhile" } else { "nothing acknowledged" },
            "rules": self.rules(caller.is_some_and(|caller| caller.scopes.has(Scope::Admin))),
            "keys": self.keys(caller.is_some_and(|caller| caller.scopes.has(Scope::Admin))),
            "tls": self.tls(),
            "sor": self.sor.page(caller),
            "dialers": self.dialers.page(caller.is_some_and(|caller| caller.scopes.has(Scope::Admin))),
        });
        let Some(running) = self.running() else {
            return all;
        };
        if let Value::Object(map) = &mut all {
            map.insert("engine".to_owned(), engine(running));
            map.insert("ledger".to_owned(), self.ledger(running));
            map.insert("snapshot".to_owned(), snapshot(running));
            map.insert(
                "clock".to_owned(),
                json!({
                    "state": running.status.clock_word(),
                    "engine_time": self.clock.now().to_string(),
                }),
            );
            map.insert("heads".to_owned(), heads(running, caller));
            if let Some(hydration) = self.hydration.get() {
                map.insert("sor_reading".to_owned(), hydration.health(caller));
            }
            if let Some(outbox) = self.outbox.get() {
                let durable = running.status.commit.durable_frame.load(Ordering::Relaxed);
                let when = (self.clock.now(), durable);
                map.insert("sor_outbox".to_owned(), outbox.health(caller, when));
            }
        }
        all
    }

    fn rules(&self, admin: bool) -> Value {
        let today = self.clock.now().utc_date();
        let Some(pack) = self.laws.in_force() else {
            return Value::Null;
        };
        let review = match pack.review(today) {
            Review::Current => json!({ "state": "current" }),
            Review::DueIn(days) => json!({ "state": "due", "days": days }),
            Review::Overdue => json!({ "state": "overdue" }),
        };
        json!({
            "version": pack.edition().version,
            "hash": hex(pack.hash()),
            "review_by": pack.edition().review_by.to_string(),
            "review": review,
            "rules": pack.texts().len(),
            "enforced": pack.rules().enforced().len(),
            "flagged": pack.rules().flagged().len(),
            "files": self.law_report().page(admin),
            "pending": self.laws.pending().map(|pending| json!({
                "version": pending.edition().version,
                "hash": hex(pending.hash()),
                "effective_from": pending.edition().effective_from.map(|from| from.to_string()),
            })),
        })
    }

    fn ledger(&self, running: &Running) -> Value {
        let commit = &running.status.commit;
        let bytes = commit.bytes_written.load(Ordering::Relaxed);
        let seconds = self
            .clock
            .instant()
            .saturating_duration_since(self.started)
            .as_secs()
            .max(1);
        let sealed = running.status.seal_word();
        json!({
            "state": if sealed.is_some() { "sealed" } else { "open" },
            "sealed": sealed,
            "durable_frame": commit.durable_frame.load(Ordering::Relaxed),
            "durable_rows": running.status.rows_at_start
                + commit.durable_rows.load(Ordering::Relaxed),
            "index_lag_frames": commit.durable_frame.load(Ordering::Relaxed)
                .saturating_sub(commit.watermark_frame.load(Ordering::Relaxed)),
            "index_failed": commit.index_failed.load(Ordering::Relaxed),
            "last_commit_us": commit.last_commit_us.load(Ordering::Relaxed),
            "last_batch_rows": commit.last_batch_rows.load(Ordering::Relaxed),
            "disk_free_bytes": commit.disk_free_bytes.load(Ordering::Relaxed),
            "disk_low": commit.disk_low.load(Ordering::Relaxed),
            "bytes_a_day": bytes.saturating_mul(86_400) / seconds,
        })
    }

    /// The metrics page, with the figures that are read only when asked.
    pub fn metrics_page(&self) -> Reply {
        if let Some(running) = self.running() {
            let commit = &running.status.commit;
            let (live, bulk) = running.status.queues();
            self.metrics.inbox(crate::telemetry::Lane::Live, live);
            self.metrics.inbox(crate::telemetry::Lane::Bulk, bulk);
            self.metrics
                .sealed
                .set(if running.status.sealed() { 1.0 } else { 0.0 });
            let trusted = running.status.clock_word() == "trusted";
            self.metrics
                .clock_trusted
                .set(if trusted { 1.0 } else { 0.0 });
            let snapshots = &running.status.snapshots;
            let age = snapshots.age(self.clock.instant()).as_secs();
            self.metrics.snapshot_age.set(to_f64(age));
            self.metrics
                .disk_free
                .set(to_f64(commit.disk_free_bytes.load(Ordering::Relaxed)));
            self.metrics
                .snapshots
                .absolute(snapshots.written.load(Ordering::Relaxed));
            self.metrics
                .ledger_bytes
                .absolute(commit.bytes_written.load(Ordering::Relaxed));
        }
        let mut sums = self.sor.sums();
        if let Some(hydration) = self.hydration.get() {
            hydration.add_to(&mut sums);
        }
        if let Some(outbox) = self.outbox.get() {
            outbox.add_to(&mut sums, self.clock.now());
        }
        self.metrics.systems(&sums);
        let mut reply = Reply::json(200, self.metrics.render().into_bytes());
        reply.content_type = crate::wire::reply::METRICS_TEXT;
        reply
    }

    /// Program, pack and semantics.
    pub fn version_page(&self) -> Reply {
        let pack = self.laws.in_force();
        let rules =
            pack.map(|pack| json!({ "version": pack.edition().version, "hash": hex(pack.hash()) }));
        page(
            200,
            &json!({
                "name": "dialgate",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
                "semantics": SEMANTICS,
            }),
        )
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge of seconds or bytes need not be exact"
)]
fn to_f64(n: u64) -> f64 {
    n as f64
}

fn engine(running: &Running) -> Value {
    let (live, bulk) = running.status.queues();
    json!({
        "accounts": running.status.accounts.load(Ordering::Relaxed),
        "inbox_live": live,
        "inbox_bulk": bulk,
    })
}

fn snapshot(running: &Running) -> Value {
    let status = &running.status.snapshots;
    json!({
        "frame": status.frame.load(Ordering::Relaxed),
        "written": status.written.load(Ordering::Relaxed),
        "failed": status.failed.load(Ordering::Relaxed),
    })
}

/// Heads an outsider may hold: none without a token, one's own with one, all with `admin`.
fn heads(running: &Running, caller: Option<&Caller>) -> Value {
    let Some(caller) = caller else {
        return json!([]);
    };
    let all = caller.scopes.has(Scope::Admin);
    let shown = running
        .status
        .heads()
        .into_iter()
        .filter(|(name, _)| all || **name == *caller.tenant_name);
    let rows = shown.map(|(name, head)| {
        let listed = running.directory.lists_licences(&name);
        json!({
            "tenant": &*name, "seq": head.seq, "hash": hex(&head.hash),
            "licences": if listed { "listed" } else { "none listed: blocked where a rule asks for one" },
        })
    });
    Value::Array(rows.collect())
}

fn page(status: u16, body: &Value) -> Reply {
    Reply::json(status, body.to_string().into_bytes()).with("cache-control", "no-store")
}
