//! The disk's own price of durability: one 4 KiB write into pre-zeroed blocks, then `fdatasync`.
//!
//! A durable answer cannot be faster than this, so latencies are stated in multiples of it. The
//! file is small and rewritten in a circle: no allocation and no growing file enters the figure.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use hdrhistogram::Histogram;
use serde::Serialize;

use crate::clock;
use crate::figures::micros;

const BLOCK_BYTES: usize = 4096;
const BLOCKS: u64 = 1024;
/// Most writes of one call.
const WRITES_MAX: u32 = 1_000_000;

/// Options of `loadtest disk`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Directory on the filesystem to measure.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// How many writes.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=i64::from(WRITES_MAX)))]
    writes: u32,
}

/// A probe file; removed when dropped.
pub(crate) struct Probe {
    file: File,
    path: PathBuf,
    block: Box<[u8]>,
    next: u64,
}

/// Write + fdatasync times of some writes.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Flush {
    /// How many writes.
    pub(crate) writes: u64,
    /// Median in microseconds.
    pub(crate) p50_us: f64,
    /// 99th percentile.
    pub(crate) p99_us: f64,
    /// Longest.
    pub(crate) max_us: f64,
}

impl Probe {
    /// Creates and zeroes the probe file in `dir`.
    pub(crate) fn new(dir: &Path) -> anyhow::Result<Self> {
        let path = dir.join(format!("fdatasync-probe-{}", std::process::id()));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .with_context(|| format!("cannot create {}", path.display()))?;
        let probe = Self {
            file,
            path,
            block: vec![0; BLOCK_BYTES].into(),
            next: 0,
        };
        for block in 0..BLOCKS {
            probe
                .file
                .write_all_at(&probe.block, block * BLOCK_BYTES as u64)?;
        }
        probe.file.sync_all()?;
        Ok(probe)
    }

    /// Writes and flushes `writes` blocks, one after the other.
    pub(crate) fn measure(&mut self, writes: u32) -> anyhow::Result<Flush> {
        let mut times: Histogram<u64> = Histogram::new_with_bounds(100, 60_000_000_000, 3)?;
        for _ in 0..writes.min(WRITES_MAX) {
            self.block
                .fill(u8::try_from(self.next % 251 + 1).unwrap_or(1));
            let began = clock::now();
            self.file
                .write_all_at(&self.block, self.next % BLOCKS * BLOCK_BYTES as u64)?;
            rustix::fs::fdatasync(&self.file)?;
            times.saturating_record(clock::nanos(clock::now().duration_since(began)));
            self.next += 1;
        }
        let at = |quantile| micros(times.value_at_quantile(quantile));
        Ok(Flush {
            writes: times.len(),
            p50_us: at(0.5),
            p99_us: at(0.99),
            max_us: micros(times.max()),
        })
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        // Nothing can be done about a file that will not go; it is 4 MiB.
        drop(std::fs::remove_file(&self.path));
    }
}

impl std::fmt::Display for Flush {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            writes,
            p50_us,
            p99_us,
            max_us,
        } = self;
        write!(
            f,
            "4 KiB write + fdatasync: p50 {p50_us:.0} us, p99 {p99_us:.0} us, "
        )?;
        write!(f, "max {max_us:.0} us ({writes} writes)")
    }
}

/// Measures once and prints.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let flush = Probe::new(&options.dir)?.measure(options.writes)?;
    println!("{}\n{flush}", crate::machine::describe());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Probe;
    use crate::workdir::WorkDir;

    #[test]
    fn the_probe_counts_its_writes_and_leaves_nothing() {
        let dir = WorkDir::create(&std::env::temp_dir(), false).unwrap();
        let mut probe = Probe::new(dir.path()).unwrap();
        let flush = probe.measure(3).unwrap();
        assert_eq!(flush.writes, 3);
        assert!(flush.p50_us > 0.0 && flush.p50_us <= flush.max_us);
        drop(probe);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
