//! A histogram of fixed bounds: two atomic adds an observation, no allocation, no lock.
//!
//! The exporter's own histograms queue every observation until somebody scrapes; at gate volume
//! that is memory held for a reader who may never come. Here an observation lands in its bucket.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// Buckets at most, the open one included.
const BUCKETS_MAX: usize = 24;

/// Counts of observations between fixed bounds. Observations are whole numbers of a small unit;
/// `scale` turns them into the published unit.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [u64],
    scale: f64,
    counts: [AtomicU64; BUCKETS_MAX],
    sum: AtomicU64,
}

impl Histogram {
    /// A histogram whose buckets end, inclusively, at `bounds` (ascending, at most 23).
    pub(super) fn new(bounds: &'static [u64], scale: f64) -> Self {
        debug_assert!(bounds.len() < BUCKETS_MAX && bounds.is_sorted());
        let counts = std::array::from_fn(|_| AtomicU64::new(0));
        Self {
            bounds,
            scale,
            counts,
            sum: AtomicU64::new(0),
        }
    }

    /// Counts one observation, in the small unit (microseconds, rows).
    pub fn observe(&self, value: u64) {
        self.observe_many(value, 1);
    }

    /// Counts the same observation `many` times.
    pub fn observe_many(&self, value: u64, many: u64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        if let Some(count) = self.counts.get(bucket) {
            count.fetch_add(many, Ordering::Relaxed);
        }
        let sum = value.saturating_mul(many);
        self.sum.fetch_add(sum, Ordering::Relaxed);
    }

    /// Counts one span in microseconds.
    pub fn observe_micros(&self, span: std::time::Duration) {
        self.observe(u64::try_from(span.as_micros()).unwrap_or(u64::MAX));
    }

    /// Counts one span in microseconds for each of `many` that took it together.
    pub fn observe_micros_of(&self, span: std::time::Duration, many: usize) {
        let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        self.observe_many(micros, u64::try_from(many).unwrap_or(u64::MAX));
    }

    /// How many observations there were.
    pub fn count(&self) -> u64 {
        self.counts
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .sum()
    }

    /// Writes the Prometheus text of this histogram.
    pub(super) fn render(&self, name: &str, help: &str, into: &mut String) {
        let mut seen = 0;
        let sum = self.scaled(self.sum.load(Ordering::Relaxed));
        // Writing to a string cannot fail.
        let _ = writeln!(into, "# HELP {name} {help}\n# TYPE {name} histogram");
        let ends = self.bounds.iter().map(|bound| Some(*bound)).chain([None]);
        for (count, end) in self.counts.iter().zip(ends) {
            seen += count.load(Ordering::Relaxed);
            let _ = match end {
                Some(end) => {
                    writeln!(into, "{name}_bucket{{le=\"{}\"}} {seen}", self.scaled(end))
                }
                None => writeln!(into, "{name}_bucket{{le=\"+Inf\"}} {seen}"),
            };
        }
        let _ = writeln!(into, "{name}_sum {sum}\n{name}_count {seen}\n");
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a metric may be off by one in 2^53"
    )]
    fn scaled(&self, value: u64) -> f64 {
        value as f64 / self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_own_bucket() {
        let histogram = Histogram::new(&[10, 100], 1_000.0);
        for value in [0, 10, 11, 100, 101, 5_000] {
            histogram.observe(value);
        }
        let mut text = String::new();
        histogram.render("x_seconds", "Help.", &mut text);
        assert_eq!(
            text,
            "# HELP x_seconds Help.\n# TYPE x_seconds histogram\n\
             x_seconds_bucket{le=\"0.01\"} 2\nx_seconds_bucket{le=\"0.1\"} 4\n\
             x_seconds_bucket{le=\"+Inf\"} 6\nx_seconds_sum 5.222\nx_seconds_count 6\n\n"
        );
        assert_eq!(histogram.count(), 6);
    }
}
