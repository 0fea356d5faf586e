//! Files that are read again while the house serves: now and then, and at once on SIGHUP.
//!
//! What is read decides by content whether anything has changed; times and names of files are not
//! asked, because a file can be replaced within one tick of its clock.

use std::fmt;
use std::time::{Duration, Instant};

/// Everything that is watched. All of it is read on the thread that serves nobody.
#[derive(Debug, Default)]
pub struct WatchedFiles(Vec<Watched>);

/// One thing that is read again.
struct Watched {
    /// Between two looks; `None` = only when told.
    interval: Option<Duration>,
    last: Option<Instant>,
    read: Box<dyn FnMut()>,
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched")
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

impl WatchedFiles {
    /// Has `read` called every `interval_s` seconds, 0 = only when told to look.
    pub fn watch(&mut self, interval_s: u32, read: impl FnMut() + 'static) {
        let interval = Duration::from_secs(u64::from(interval_s));
        self.0.push(Watched {
            interval: (!interval.is_zero()).then_some(interval),
            last: None,
            read: Box::new(read),
        });
    }

    /// Reads what is due at `now`. The first look only starts the clock: what is watched was just
    /// read.
    pub(super) fn look(&mut self, now: Instant) {
        for watched in &mut self.0 {
            let Some(interval) = watched.interval else {
                continue;
            };
            let last = *watched.last.get_or_insert(now);
            if now.saturating_duration_since(last) >= interval {
                watched.last = Some(now);
                (watched.read)();
            }
        }
    }

    /// Reads everything.
    pub(super) fn look_at_all(&mut self) {
        for watched in &mut self.0 {
            (watched.read)();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    #[test]
    fn each_file_is_read_in_its_own_time_and_all_when_told() {
        let read = Rc::new(RefCell::new(String::new()));
        let noting = |word: char| {
            let read = Rc::clone(&read);
            move || read.borrow_mut().push(word)
        };
        let mut watched = WatchedFiles::default();
        watched.watch(2, noting('a'));
        watched.watch(3, noting('b'));
        watched.watch(0, noting('c'));
        let start = tokio::time::Instant::now().into_std();
        for second in 0..=6 {
            watched.look(start + Duration::from_secs(second));
        }
        assert_eq!(*read.borrow(), "abaab");
        watched.look_at_all();
        assert_eq!(*read.borrow(), "abaababc");
    }
}
