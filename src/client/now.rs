//! What time it is, twice: as the world says it, and as it runs.

use std::time::Instant;

use crate::clock::Clock;
use crate::domain::time::UnixSeconds;

/// One look at both clocks. A permit is compared with both, so that setting the wall clock back
/// makes none live longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Seconds since 1970.
    pub wall: UnixSeconds,
    /// A clock that is never set.
    pub run: Instant,
}

impl Now {
    /// Looks at a clock.
    pub fn read(clock: &Clock) -> Self {
        Self {
            wall: clock.now(),
            run: clock.instant(),
        }
    }
}
