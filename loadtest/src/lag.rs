//! How far the index lags behind the last durable frame, seen from outside: `GET
//! /api/health/deep`, again and again beside the load.
//!
//! A frame was durable at the latest when a look first saw it; it is still missing from the index at
//! a later look: the time between the two is the lag, too small by one pause at most.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::clock;
use crate::plain::Plain;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);
/// Looks remembered: a minute of them. A lag longer than that is cut to it.
const LOOKS_MAX: usize = 1_200;

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub(crate) struct Lag {
    /// Looks at the server.
    pub(crate) looks: u64,
    /// The longest lag, seconds.
    pub(crate) max_s: f64,
    /// The most frames the index ever lacked.
    pub(crate) max_frames: u64,
}

/// The lag, from what each look found.
#[derive(Debug, Default)]
struct Watch {
    /// When each durable frame number was first seen, oldest first.
    seen: VecDeque<(Instant, u64)>,
    lag: Lag,
}

impl Watch {
    fn look(&mut self, now: Instant, durable: u64, lacking: u64) {
        self.lag.looks += 1;
        self.lag.max_frames = self.lag.max_frames.max(lacking);
        let indexed = durable.saturating_sub(lacking);
        while self
            .seen
            .front()
            .is_some_and(|(_, frame)| *frame <= indexed)
        {
            self.seen.pop_front();
        }
        if let Some((since, _)) = self.seen.front() {
            let lag = now.saturating_duration_since(*since).as_secs_f64();
            self.lag.max_s = self.lag.max_s.max(lag);
        }
        if self.seen.back().is_none_or(|(_, frame)| *frame < durable) && durable > indexed {
            self.seen.push_back((now, durable));
        }
        if self.seen.len() > LOOKS_MAX {
            self.seen.pop_front();
        }
    }
}

/// Looking at a server on a thread of its own.
pub(crate) struct Looking {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Lag>,
}

/// Begins to look.
pub(crate) fn watch(address: SocketAddr) -> Looking {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    let thread = std::thread::spawn(move || look(address, &told).unwrap_or_default());
    Looking { stop, thread }
}

impl Looking {
    /// Ends; what was seen. No looks at all mean that the server's health could not be read.
    pub(crate) fn stop(self) -> Lag {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}

fn look(address: SocketAddr, stop: &AtomicBool) -> anyhow::Result<Lag> {
    let mut plain = Plain::connect(address, "")?;
    let mut watch = Watch::default();
    while !stop.load(Ordering::Relaxed) {
        let answer = plain.get("/api/health/deep")?;
        if let Some((durable, lacking)) = figures(&answer.body) {
            watch.look(clock::now(), durable, lacking);
        }
        std::thread::sleep(PAUSE);
    }
    Ok(watch.lag)
}

/// Last durable frame, and how many frames the index lacks.
fn figures(body: &[u8]) -> Option<(u64, u64)> {
    let health: serde_json::Value = serde_json::from_slice(body).ok()?;
    let ledger = health.get("ledger")?;
    let number = |name| ledger.get(name)?.as_u64();
    Some((number("durable_frame")?, number("index_lag_frames")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_runs_from_the_look_that_saw_a_frame_to_the_last_that_misses_it() {
        let begun = clock::now();
        let at = |ms| begun + Duration::from_millis(ms);
        let mut watch = Watch::default();
        watch.look(at(0), 10, 0);
        watch.look(at(50), 20, 10);
        watch.look(at(100), 30, 20);
        // Frames up to 20 are there; 21..=30 were first seen at 100.
        watch.look(at(450), 40, 20);
        watch.look(at(500), 40, 0);
        let Lag {
            looks,
            max_s,
            max_frames,
        } = watch.lag;
        assert_eq!((looks, max_frames), (5, 20));
        assert!((max_s - 0.35).abs() < 1e-9, "{max_s}");
        watch.look(at(900), 40, 0);
        assert!((watch.lag.max_s - 0.35).abs() < 1e-9);
    }

    #[test]
    fn health_is_read_where_it_says_both() {
        let body = br#"{"ledger":{"durable_frame":7,"index_lag_frames":2}}"#;
        assert_eq!(figures(body), Some((7, 2)));
        assert_eq!(figures(br#"{"ledger":{"durable_frame":7}}"#), None);
        assert_eq!(figures(b"no json"), None);
    }
}
