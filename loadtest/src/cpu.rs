//! Processor time and resident memory of processes, from `/proc`.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use rustix::time::{ClockId, clock_gettime};

/// On-CPU time of threads so far, by their numbers.
pub(crate) type Spent = BTreeMap<u32, Duration>;

/// On-CPU time of all threads of a process and of the processes it started: the first field of each `task/*/schedstat`, in
/// nanoseconds, is far finer than the clock ticks of `stat`.
pub(crate) fn of_process(id: u32) -> anyhow::Result<Spent> {
    let tasks = std::fs::read_dir(format!("/proc/{id}/task")).context("server process is gone")?;
    let mut all = Spent::new();
    for task in tasks {
        let task = task?;
        let path = task.path();
        let thread = task.file_name().to_str().and_then(|id| id.parse().ok());
        // A thread may end between the listing and the reading.
        if let (Some(thread), Ok(text)) = (thread, std::fs::read_to_string(path.join("schedstat")))
        {
            let nanos = first_number(&text).context("unreadable schedstat")?;
            all.insert(thread, Duration::from_nanos(nanos));
        }
        if let Ok(children) = std::fs::read_to_string(path.join("children")) {
            let children = children.split_whitespace().filter_map(|id| id.parse().ok());
            all.extend(children.filter_map(|id| of_process(id).ok()).flatten());
        }
    }
    Ok(all)
}

/// What was spent between two looks. A thread that has ended since takes what it did in between with it,
/// and nothing of what it did before: the servers measured here end only threads that were idle for long.
pub(crate) fn between(before: &Spent, after: &Spent) -> Duration {
    let since = |(thread, spent): (&u32, &Duration)| {
        let before = before.get(thread).copied().unwrap_or_default();
        spent.saturating_sub(before)
    };
    after.iter().map(since).sum()
}

/// On-CPU time of each thread of a process by its name; threads of one name are added up.
pub(crate) fn by_thread(id: u32) -> anyhow::Result<BTreeMap<String, Duration>> {
    let tasks = std::fs::read_dir(format!("/proc/{id}/task")).context("server process is gone")?;
    let mut all = BTreeMap::new();
    for task in tasks {
        let path = task?.path();
        let read = |name| std::fs::read_to_string(path.join(name));
        // A thread may end between the listing and the reading.
        if let (Ok(name), Ok(text)) = (read("comm"), read("schedstat")) {
            let nanos = first_number(&text).context("unreadable schedstat")?;
            *all.entry(name.trim_end().to_owned()).or_default() += Duration::from_nanos(nanos);
        }
    }
    Ok(all)
}

/// Processor time of everything that runs on this machine, to a hundredth of a second.
pub(crate) fn of_machine() -> anyhow::Result<Duration> {
    let text = std::fs::read_to_string("/proc/stat")?;
    busy(&text).context("unreadable /proc/stat")
}

/// All columns of the first line but those of waiting: idle, I/O, and a host that runs others.
fn busy(stat: &str) -> Option<Duration> {
    let mut ticks = 0;
    for (at, number) in stat.lines().next()?.split_whitespace().skip(1).enumerate() {
        let counts = matches!(at, 0..=2 | 5 | 6);
        ticks += u64::from(counts) * number.parse::<u64>().ok()?;
    }
    Some(Duration::from_millis(10 * ticks))
}

/// Whether a thread of a process waits for the disk at this moment (state `D`), but for those of these
/// names.
pub(crate) fn waits_for_disk(id: u32, but: &[&str]) -> anyhow::Result<bool> {
    let tasks = std::fs::read_dir(format!("/proc/{id}/task")).context("server process is gone")?;
    for task in tasks {
        let text = std::fs::read_to_string(task?.path().join("stat")).unwrap_or_default();
        // The name may hold anything, brackets too.
        let Some((begin, rest)) = text.rsplit_once(") ") else {
            continue;
        };
        let name = begin.split_once('(').map_or("", |(_, name)| name);
        if rest.starts_with('D') && !but.contains(&name) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Processor time of this process.
pub(crate) fn own() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(spent.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(spent.tv_nsec).unwrap_or(0))
}

/// Resident bytes (`VmRSS`) of a process.
pub(crate) fn resident_bytes(id: u32) -> anyhow::Result<u64> {
    let text =
        std::fs::read_to_string(format!("/proc/{id}/status")).context("server process is gone")?;
    resident(&text).context("no VmRSS in status")
}

fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(first_number(line)? * 1024)
}

fn first_number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{
        Duration, Spent, between, by_thread, first_number, of_process, own, resident,
        resident_bytes,
    };

    #[test]
    fn proc_lines_are_read() {
        assert_eq!(first_number("123456 789 10\n"), Some(123_456));
        assert_eq!(first_number(""), None);
        assert_eq!(resident("Name:\tx\nVmRSS:\t    2048 kB\n"), Some(2_097_152));
        assert_eq!(resident("Name:\tx\n"), None);
        let busy_ms = |text| super::busy(text).map(|spent| spent.as_millis());
        assert_eq!(
            busy_ms("cpu  1 2 3 400 500 6 7 800 0 0\ncpu0 9\n"),
            Some(190)
        );
        assert_eq!(busy_ms(""), None);
    }

    #[test]
    fn this_process_has_used_some_of_both() {
        assert!(own().as_nanos() > 0);
        let own = of_process(std::process::id()).unwrap();
        assert!(between(&Spent::new(), &own) > Duration::ZERO);
        assert_eq!(between(&own, &own), Duration::ZERO);
        // One that ended takes nothing from the others.
        let ms = Duration::from_millis;
        let (before, after) = (
            Spent::from([(1, ms(5)), (2, ms(900))]),
            Spent::from([(1, ms(8)), (3, ms(1))]),
        );
        assert_eq!(between(&before, &after), ms(4));
        assert!(resident_bytes(std::process::id()).unwrap() > 100_000);
        assert!(of_process(u32::MAX).is_err());
        assert!(by_thread(u32::MAX).is_err());
    }

    #[test]
    fn threads_are_told_apart_by_name() {
        let named = std::thread::Builder::new().name("told-apart".to_owned());
        let thread = named.spawn(|| by_thread(std::process::id()).unwrap());
        let seen = thread.unwrap().join().unwrap();
        assert!(seen.contains_key("told-apart") && seen.len() > 1);
    }
}
