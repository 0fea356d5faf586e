//! Waiting until a server has come to rest, so that no window pays for what was before it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::bail;

use crate::{clock, cpu, interrupt};

/// Between two looks whether the server rests.
const POLL: Duration = Duration::from_millis(100);
/// Looks in a row that must find it resting.
const LOOKS: u32 = 5;
/// Processor time between two looks that is still rest.
const CPU_MAX: Duration = Duration::from_millis(3);
/// Longest wait for it.
const WAIT_MAX: Duration = Duration::from_mins(1);
/// Threads that never rest: the scrubber reads what is sealed at 8 MiB a second, minutes long after a
/// start, and takes the same share of every window.
const PACED: &[&str] = &["ledger-scrub"];

/// Waits until process `id` neither computes nor waits for the disk, if it is known.
///
/// # Errors
/// It is gone, or did not rest for a minute; which thread was at work is in the words.
pub(crate) fn wait(id: Option<u32>) -> anyhow::Result<()> {
    let Some(id) = id else {
        return Ok(());
    };
    let until = clock::now() + WAIT_MAX;
    let (mut looks, mut before) = (0, spent(id)?);
    while looks < LOOKS {
        interrupt::check()?;
        std::thread::sleep(POLL);
        let now = spent(id)?;
        let work = worked(&before, &now);
        let writes = cpu::waits_for_disk(id, PACED)?;
        let still = work.iter().map(|(_, span)| *span).sum::<Duration>() <= CPU_MAX;
        looks = if still && !writes { looks + 1 } else { 0 };
        if looks == 0 && clock::now() > until {
            bail!("the server did not come to rest: {work:?}, waits for the disk: {writes}");
        }
        before = now;
    }
    Ok(())
}

type ByThread = BTreeMap<String, Duration>;

/// Processor time so far of those that come to rest.
fn spent(id: u32) -> anyhow::Result<ByThread> {
    let mut all = cpu::by_thread(id)?;
    all.retain(|name, _| !PACED.contains(&&**name));
    Ok(all)
}

/// Who worked between two looks, and how long.
fn worked<'a>(before: &ByThread, now: &'a ByThread) -> Vec<(&'a str, Duration)> {
    let since = |name: &str, span: &Duration| {
        let before = before.get(name).copied().unwrap_or_default();
        span.saturating_sub(before)
    };
    let all = now.iter().map(|(name, span)| (&**name, since(name, span)));
    all.filter(|(_, span)| !span.is_zero()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_at_its_own_slow_pace_is_no_work() {
        let ms = Duration::from_millis;
        let of = |name: &str, span| (name.to_owned(), span);
        let before = ByThread::from([of("engine", ms(5)), of("index", ms(9))]);
        let now = ByThread::from([of("engine", ms(5)), of("index", ms(11)), of("new", ms(1))]);
        assert_eq!(worked(&before, &now), [("index", ms(2)), ("new", ms(1))]);
        // Asked by the thread itself: by then it has its name.
        let paced = std::thread::Builder::new().name(PACED[0].to_owned());
        let own = std::process::id();
        let paced = paced.spawn(move || (cpu::by_thread(own).unwrap(), spent(own).unwrap()));
        let (all, rest) = paced.unwrap().join().unwrap();
        assert!(all.contains_key(PACED[0]) && !rest.contains_key(PACED[0]));
        assert!(!rest.is_empty());
    }
}
