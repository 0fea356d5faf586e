//! Arithmetic of results: medians with their range, shares, ratios of paired windows.
//!
//! Ratios are formed window by window, between neighbours in time, and only then summarised: a
//! slow spell of the host moves both neighbours and cancels, while a ratio of two totals would
//! keep it.

use serde::Serialize;

/// Median, smallest and largest of a set of values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Spread {
    /// Middle value; the mean of the two middle ones for an even count.
    pub(crate) median: f64,
    /// Smallest value.
    pub(crate) min: f64,
    /// Largest value.
    pub(crate) max: f64,
}

impl Spread {
    /// The spread of the finite values, or `None` when there is none.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values
            .into_iter()
            .filter(|value| value.is_finite())
            .collect();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let upper = *sorted.get(middle)?;
        let median = if sorted.len().is_multiple_of(2) {
            f64::midpoint(*sorted.get(middle - 1)?, upper)
        } else {
            upper
        };
        Some(Self { median, min, max })
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} [{:.2}..{:.2}]", self.median, self.min, self.max)
    }
}

/// A count as a float. Counts here stay far below 2^53, so nothing is lost.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of one run stay far below 2^53"
)]
pub(crate) const fn float(count: u64) -> f64 {
    count as f64
}

/// `part / whole`, or `None` when `whole` is zero: a window without requests has no cost each.
pub(crate) fn per(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// Ratios of neighbours `(a, b)` as `b / a`, summarised; pairs with a zero `a` are left out.
pub(crate) fn ratios(pairs: impl IntoIterator<Item = (f64, f64)>) -> Option<Spread> {
    Spread::of(
        pairs
            .into_iter()
            .filter_map(|(base, other)| per(other, base)),
    )
}

/// Nanoseconds as microseconds.
pub(crate) fn micros(nanos: u64) -> f64 {
    float(nanos) / 1_000.0
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact small binary fractions")]
mod tests {
    use super::{Spread, micros, per, ratios};

    #[test]
    fn median_of_odd_even_one_and_none() {
        let odd = Spread::of([3.0, 1.0, 2.0]).unwrap();
        assert_eq!((odd.median, odd.min, odd.max), (2.0, 1.0, 3.0));
        assert_eq!(Spread::of([4.0, 1.0, 2.0, 3.0]).unwrap().median, 2.5);
        let one = Spread::of([7.0]).unwrap();
        assert_eq!((one.median, one.min, one.max), (7.0, 7.0, 7.0));
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of([f64::NAN, f64::INFINITY]), None);
    }

    #[test]
    fn ratios_are_taken_pair_by_pair() {
        // The host slowed by half in the second pair: both sides moved, the ratio did not.
        let spread = ratios([(100.0, 50.0), (50.0, 25.0), (0.0, 9.0)]).unwrap();
        assert_eq!((spread.median, spread.min, spread.max), (0.5, 0.5, 0.5));
        assert_eq!(ratios([(0.0, 1.0)]), None);
    }

    #[test]
    fn division_by_nothing_has_no_value() {
        assert_eq!(per(1.0, 0.0), None);
        assert_eq!(per(1.0, 4.0), Some(0.25));
        assert_eq!(micros(1_500), 1.5);
    }
}
