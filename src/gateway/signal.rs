//! Telling one sleeping thread that something happened, at the price of a system call only when it
//! sleeps.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Thread;
use std::time::Duration;

/// Counts events for one waiting thread.
#[derive(Debug, Default)]
pub struct Signal {
    count: AtomicU64,
    waiter: OnceLock<Thread>,
}

impl Signal {
    /// One more event.
    pub fn raise(&self) {
        self.count.fetch_add(1, Ordering::Release);
        if let Some(thread) = self.waiter.get() {
            thread.unpark();
        }
    }

    /// Events so far.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// Sleeps until there are more than `seen` events, or for `at_most`; the events so far. Only
    /// ever called by one thread, which is the one that is woken.
    pub fn wait(&self, seen: u64, at_most: Duration) -> u64 {
        self.waiter.get_or_init(std::thread::current);
        if self.count() == seen {
            std::thread::park_timeout(at_most);
        }
        self.count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_raised_signal_ends_the_wait() {
        let signal = Arc::new(Signal::default());
        let raiser = Arc::clone(&signal);
        let thread = std::thread::spawn(move || raiser.raise());
        let mut seen = 0;
        while seen == 0 {
            seen = signal.wait(0, Duration::from_secs(10));
        }
        thread.join().unwrap();
        assert_eq!(signal.count(), 1);
        assert_eq!(signal.wait(0, Duration::from_secs(10)), 1);
    }
}
