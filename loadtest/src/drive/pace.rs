//! A timer fit for microseconds: the runtime's own timer rounds to a millisecond, which would add
//! ten times the latency to be measured.

use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::unix::AsyncFd;

/// A kernel timer waited for like a socket.
pub(crate) struct Pace {
    timer: AsyncFd<OwnedFd>,
}

impl Pace {
    /// A timer, not yet set. Must be called inside a runtime.
    #[expect(
        deprecated,
        reason = "its replacement is unsafe; an owned descriptor keeps the promise asked for there"
    )]
    pub(crate) fn new() -> anyhow::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        Ok(Self {
            timer: AsyncFd::new(timer)?,
        })
    }

    /// Waits for `span`. Cancelling it leaves the timer set; the next call sets it anew.
    pub(crate) async fn wait(&self, span: Duration) -> anyhow::Result<()> {
        // A zero value would switch the timer off.
        let span = span.max(Duration::from_nanos(1));
        let it_value = Timespec {
            tv_sec: i64::try_from(span.as_secs())?,
            tv_nsec: span.subsec_nanos().into(),
        };
        let it_interval = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let once = Itimerspec {
            it_interval,
            it_value,
        };
        timerfd_settime(self.timer.get_ref(), TimerfdTimerFlags::empty(), &once)?;
        loop {
            let mut guard = self.timer.readable().await?;
            let mut expirations = [0_u8; 8];
            let read = guard.try_io(|timer| {
                rustix::io::read(timer.get_ref(), &mut expirations).map_err(Into::into)
            });
            if let Ok(read) = read {
                read?;
                return Ok(());
            }
        }
    }
}
