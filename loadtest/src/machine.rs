//! What the figures were taken on; without it they mean nothing later.

use serde::Serialize;

use crate::clock;

/// The machine and the moment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    /// Processor model as the kernel names it.
    pub(crate) cpu: String,
    /// Processors this process may use.
    pub(crate) cores: usize,
    /// Memory in MiB.
    pub(crate) memory_mib: u64,
    /// Kernel release.
    pub(crate) kernel: String,
    /// When the run began, UTC.
    pub(crate) date: String,
}

/// Reads the machine's description; unreadable parts are `unknown`.
pub(crate) fn describe() -> Machine {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let kernel = read("/proc/sys/kernel/osrelease").trim().to_owned();
    Machine {
        cpu: field(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown".to_owned()),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        memory_mib: field(&read("/proc/meminfo"), "MemTotal")
            .and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok())
            .map_or(0, |kib| kib / 1024),
        kernel: if kernel.is_empty() {
            "unknown".to_owned()
        } else {
            kernel
        },
        date: clock::utc(clock::unix_seconds()),
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            cpu,
            cores,
            memory_mib,
            kernel,
            date,
        } = self;
        write!(
            f,
            "{cpu}, {cores} cores, {memory_mib} MiB, Linux {kernel}, {date}"
        )
    }
}

/// The value of the first `name : value` line.
fn field(text: &str, name: &str) -> Option<String> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find_map(|(key, value)| (key.trim() == name).then(|| value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn the_first_field_of_that_name() {
        let text = "processor\t: 0\nmodel name\t: AMD EPYC\nmodel name\t: other\n";
        assert_eq!(field(text, "model name").as_deref(), Some("AMD EPYC"));
        assert_eq!(field(text, "model"), None);
    }
}
