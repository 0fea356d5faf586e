//! Where time comes from: the only file that asks the machine what time it is.
//!
//! Three kinds of time, never mixed:
//! - *engine time*, whole seconds, what gates count with: follows the wall clock, or runs on from a
//!   chosen instant (`--clock`), or stands still until a test moves it;
//! - *wall time*, what credentials are checked against: always the machine's;
//! - *instants*, what deadlines are measured with: monotonic.
//!
//! Invariants
//! - CLOCK-1: a clock that runs backwards takes no engine time back: the engine counts with the later
//!   of [`Reading::now`] and the last row's time, and [`ClockTrust`] says whether that may be relied
//!   on. Only an operator who accepts the clock sets it back.
//! - CLOCK-2: `--clock` moves engine time only; wall time and instants stay the machine's.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::domain::time::UnixSeconds;

/// A clock this far before the last row is absorbed by taking the maximum, seconds.
pub const BEHIND_MAX_S: i64 = 2;
/// Wall clock and monotonic clock may part by this much, milliseconds.
pub const DRIFT_MAX_MS: i64 = 2_000;
/// A clock further past the last row than this at start is not trusted, seconds.
pub const AHEAD_AT_START_MAX_S: i64 = 7 * 86_400;

/// One look at the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Engine time.
    pub now: UnixSeconds,
    /// How far the wall clock has moved against the monotonic clock since start or the last
    /// acceptance, milliseconds; positive when the wall clock jumped forward.
    pub drift_ms: i64,
}

/// The house's clock. Cloning gives another hand on the same clock.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    /// Engine time is wall time. `anchor_ms` is wall minus monotonic as it was when last accepted.
    System { base: Instant, anchor_ms: AtomicI64 },
    /// Engine time is `start` plus what the monotonic clock has run since `base`.
    Offset { base: Instant, start: AtomicI64 },
    /// Nothing moves by itself.
    Manual {
        base: Instant,
        engine_s: AtomicI64,
        run_ms: AtomicI64,
        drift_ms: AtomicI64,
        each_look_s: AtomicI64,
    },
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        let base = machine_instant();
        let anchor_ms = AtomicI64::new(machine_wall_ms());
        Self(Arc::new(Source::System { base, anchor_ms }))
    }

    /// Engine time starts at `start` and runs on with the monotonic clock.
    pub fn starting_at(start: UnixSeconds) -> Self {
        let start = AtomicI64::new(start.0);
        Self(Arc::new(Source::Offset {
            base: machine_instant(),
            start,
        }))
    }

    /// A clock that tests move by hand. Its wall time equals its engine time plus the drift.
    pub fn manual(now: UnixSeconds) -> Self {
        Self(Arc::new(Source::Manual {
            base: machine_instant(),
            engine_s: AtomicI64::new(now.0),
            run_ms: AtomicI64::new(0),
            drift_ms: AtomicI64::new(0),
            each_look_s: AtomicI64::new(0),
        }))
    }

    /// Engine time and drift, from one look.
    pub fn read(&self) -> Reading {
        match &*self.0 {
            Source::System { base, anchor_ms } => {
                let wall_ms = machine_wall_ms();
                let run_ms = millis(machine_instant().saturating_duration_since(*base));
                let drift_ms = wall_ms - run_ms - anchor_ms.load(Ordering::Relaxed);
                Reading {
                    now: UnixSeconds(wall_ms.div_euclid(1_000)),
                    drift_ms,
                }
            }
            Source::Offset { base, start } => {
                let run = machine_instant().saturating_duration_since(*base);
                let now = start.load(Ordering::Relaxed) + millis(run) / 1_000;
                Reading {
                    now: UnixSeconds(now),
                    drift_ms: 0,
                }
            }
            Source::Manual {
                engine_s,
                drift_ms,
                each_look_s,
                ..
            } => Reading {
                now: UnixSeconds(
                    engine_s.fetch_add(each_look_s.load(Ordering::Relaxed), Ordering::Relaxed),
                ),
                drift_ms: drift_ms.load(Ordering::Relaxed),
            },
        }
    }

    /// Engine time.
    pub fn now(&self) -> UnixSeconds {
        self.read().now
    }

    /// Wall time for credentials: the machine's, except on a manual clock.
    pub fn wall(&self) -> UnixSeconds {
        match &*self.0 {
            Source::Manual {
                engine_s, drift_ms, ..
            } => UnixSeconds(
                engine_s.load(Ordering::Relaxed) + drift_ms.load(Ordering::Relaxed) / 1_000,
            ),
            _ => UnixSeconds(machine_wall_ms().div_euclid(1_000)),
        }
    }

    /// A monotonic instant, for deadlines and latencies.
    pub fn instant(&self) -> Instant {
        match &*self.0 {
            Source::Manual { base, run_ms, .. } => {
                let run = u64::try_from(run_ms.load(Ordering::Relaxed)).unwrap_or(0);
                base.checked_add(Duration::from_millis(run))
                    .unwrap_or(*base)
            }
            _ => machine_instant(),
        }
    }

    /// Takes the wall clock as it stands for right: drift is counted from here (`clock accept`).
    pub fn accept(&self) {
        match &*self.0 {
            Source::System { base, anchor_ms } => {
                let run_ms = millis(machine_instant().saturating_duration_since(*base));
                anchor_ms.store(machine_wall_ms() - run_ms, Ordering::Relaxed);
            }
            Source::Offset { .. } => {}
            Source::Manual { drift_ms, .. } => drift_ms.store(0, Ordering::Relaxed),
        }
    }

    /// Lets a `--clock` that lies before the ledger's head run on from the head instead. Other
    /// clocks do not move.
    pub fn raise_to(&self, head: UnixSeconds) {
        if let Source::Offset { start, .. } = &*self.0 {
            let behind = head.0 - self.now().0;
            if behind > 0 {
                start.fetch_add(behind, Ordering::Relaxed);
            }
        }
    }

    /// Moves a manual clock; no other kind moves.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual {
            engine_s, run_ms, ..
        } = &*self.0
        {
            let before = run_ms.fetch_add(millis(by), Ordering::Relaxed);
            let seconds = (before + millis(by)) / 1_000 - before / 1_000;
            engine_s.fetch_add(seconds, Ordering::Relaxed);
        }
    }

    /// Steps a manual clock's engine time without letting monotonic time pass.
    pub fn step_to(&self, now: UnixSeconds) {
        if let Source::Manual { engine_s, .. } = &*self.0 {
            engine_s.store(now.0, Ordering::Relaxed);
        }
    }

    /// Lets a manual clock's engine time go on by so much whenever somebody has looked at it.
    pub fn go_on_at_each_look(&self, seconds: i64) {
        if let Source::Manual { each_look_s, .. } = &*self.0 {
            each_look_s.store(seconds, Ordering::Relaxed);
        }
    }

    /// Sets a manual clock's drift.
    pub fn set_drift_ms(&self, drift: i64) {
        if let Source::Manual { drift_ms, .. } = &*self.0 {
            drift_ms.store(drift, Ordering::Relaxed);
        }
    }
}

/// Processor time the calling thread has used.
pub fn thread_time() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let seconds = u64::try_from(used.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(used.tv_nsec).unwrap_or(0))
}

/// Whether the clock may be relied on (DESIGN "Clock", gate 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockState {
    /// It may.
    Trusted,
    /// It stands this many seconds before the last row.
    BehindHead(i64),
    /// Wall and monotonic clock have parted by this many milliseconds.
    Drifted(i64),
    /// At start it stood this many seconds past the last row.
    AheadAtStart(i64),
}

impl ClockState {
    /// Whether decisions may rest on it.
    pub fn is_trusted(self) -> bool {
        self == Self::Trusted
    }

    /// A word for health answers and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::BehindHead(_) => "behind_head",
            Self::Drifted(_) => "drifted",
            Self::AheadAtStart(_) => "ahead_at_start",
        }
    }
}

/// What was found at start and what an operator has accepted since. Pure: readings are arguments.
///
/// The doubt about a clock far ahead is kept until somebody accepts it, because the rows that are
/// written meanwhile move the head along and would otherwise hide it; what a start judges by is
/// therefore the time of the last row before an earlier doubt, if there was one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockTrust {
    ahead_at_start: Option<i64>,
    behind_accepted: i64,
}

impl ClockTrust {
    /// Judges the first reading against the time of the last row; an empty ledger has none.
    pub fn at_start(head: Option<UnixSeconds>, first: Reading) -> Self {
        let ahead = head.map_or(0, |head| first.now.0 - head.0);
        Self {
            ahead_at_start: (ahead > AHEAD_AT_START_MAX_S).then_some(ahead),
            behind_accepted: BEHIND_MAX_S,
        }
    }

    /// Whether it was far ahead at start and nobody has accepted it.
    pub fn is_ahead(&self) -> bool {
        self.ahead_at_start.is_some()
    }

    /// The state at a reading.
    pub fn state(&mut self, head: Option<UnixSeconds>, reading: Reading) -> ClockState {
        let behind = head.map_or(0, |head| head.0 - reading.now.0);
        if behind > self.behind_accepted {
            return ClockState::BehindHead(behind);
        }
        self.behind_accepted = behind.max(BEHIND_MAX_S);
        if reading.drift_ms.abs() > DRIFT_MAX_MS {
            return ClockState::Drifted(reading.drift_ms);
        }
        self.ahead_at_start
            .map_or(ClockState::Trusted, ClockState::AheadAtStart)
    }

    /// An operator takes the clock for right, however far before `head` it stands. The caller also
    /// calls [`Clock::accept`]; the engine goes back to the clock with the row that says so.
    pub fn accept(&mut self, head: Option<UnixSeconds>, reading: Reading) {
        let behind = head.map_or(0, |head| head.0 - reading.now.0);
        *self = Self {
            ahead_at_start: None,
            behind_accepted: behind.max(BEHIND_MAX_S),
        };
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the monotonic clock"
)]
fn machine_instant() -> Instant {
    Instant::now()
}

/// Milliseconds since 1970; a machine that believes in an earlier year reads as 1970, which is
/// before every head and so never trusted.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the wall clock"
)]
fn machine_wall_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: UnixSeconds = UnixSeconds(1_800_000_000);

    fn at(offset: i64, drift_ms: i64) -> Reading {
        Reading {
            now: UnixSeconds(HEAD.0 + offset),
            drift_ms,
        }
    }

    fn judged(offset: i64, drift_ms: i64) -> ClockState {
        ClockTrust::at_start(Some(HEAD), at(offset, drift_ms))
            .state(Some(HEAD), at(offset, drift_ms))
    }

    /// CLOCK-1: how far behind may still be absorbed (that it is: ENGINE-4).
    #[test]
    fn every_bound_from_both_sides() {
        assert_eq!(judged(-2, 0), ClockState::Trusted);
        assert_eq!(judged(-3, 0), ClockState::BehindHead(3));
        assert_eq!(judged(0, 2_000), ClockState::Trusted);
        assert_eq!(judged(0, 2_001), ClockState::Drifted(2_001));
        assert_eq!(judged(0, -2_000), ClockState::Trusted);
        assert_eq!(judged(0, -2_001), ClockState::Drifted(-2_001));
        assert_eq!(judged(604_800, 0), ClockState::Trusted);
        assert_eq!(judged(604_801, 0), ClockState::AheadAtStart(604_801));
    }

    #[test]
    fn an_empty_ledger_trusts_any_time() {
        let mut trust = ClockTrust::at_start(None, at(0, 0));
        assert_eq!(trust.state(None, at(0, 0)), ClockState::Trusted);
    }

    #[test]
    fn doubt_about_a_far_clock_outlives_new_rows_until_accepted() {
        let late = at(700_000, 0);
        let mut trust = ClockTrust::at_start(Some(HEAD), late);
        assert_eq!(
            trust.state(Some(late.now), late),
            ClockState::AheadAtStart(700_000)
        );
        trust.accept(Some(late.now), late);
        assert_eq!(trust.state(Some(late.now), late), ClockState::Trusted);
    }

    #[test]
    fn an_accepted_lag_may_shrink_and_not_grow_back() {
        let mut trust = ClockTrust::at_start(Some(HEAD), at(-60, 0));
        assert_eq!(
            trust.state(Some(HEAD), at(-60, 0)),
            ClockState::BehindHead(60)
        );
        trust.accept(Some(HEAD), at(-60, 0));
        assert_eq!(trust.state(Some(HEAD), at(-60, 0)), ClockState::Trusted);
        assert_eq!(trust.state(Some(HEAD), at(-10, 0)), ClockState::Trusted);
        assert_eq!(
            trust.state(Some(HEAD), at(-11, 0)),
            ClockState::BehindHead(11)
        );
    }

    #[test]
    fn a_manual_clock_moves_only_by_hand() {
        let clock = Clock::manual(HEAD);
        let before = clock.instant();
        clock.advance(Duration::from_millis(1_500));
        assert_eq!(clock.now().0, HEAD.0 + 1);
        clock.advance(Duration::from_millis(500));
        assert_eq!(clock.now().0, HEAD.0 + 2);
        assert_eq!(
            clock.instant().duration_since(before),
            Duration::from_secs(2)
        );
        clock.set_drift_ms(-5_000);
        assert_eq!(clock.wall().0, HEAD.0 - 3);
        assert_eq!(clock.read().drift_ms, -5_000);
        clock.accept();
        assert_eq!(clock.read().drift_ms, 0);
    }

    /// CLOCK-2: wall time and instants lie between two looks at the machine's.
    #[test]
    fn a_chosen_clock_runs_on_from_the_later_of_choice_and_head() {
        let clock = Clock::starting_at(HEAD);
        clock.raise_to(UnixSeconds(HEAD.0 - 50));
        assert!(clock.now().0 - HEAD.0 < 50);
        clock.raise_to(UnixSeconds(HEAD.0 + 500));
        assert!((500..550).contains(&(clock.now().0 - HEAD.0)));
        let look = |clock: &Clock| (clock.wall(), clock.instant());
        let [before, own, after] = [&Clock::system(), &clock, &Clock::system()].map(look);
        assert!(before.0 <= own.0 && own.0 <= after.0, "{own:?}");
        assert!(before.1 <= own.1 && own.1 <= after.1, "{own:?}");
    }
}
