//! Seeded pseudo-random numbers (`SplitMix64`, Steele, Lea and Flood 2014): small, fast, and
//! the same on every machine, so that a printed seed repeats a run's choices.

/// A stream of 64-bit numbers from a seed.
#[derive(Debug, Clone)]
pub(crate) struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// The stream of a seed; equal seeds give equal streams.
    pub(crate) const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number, uniform over all 64 bits.
    pub(crate) const fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// A number in `0..bound`, by multiply and shift (bias below 2^-40 for the bounds used here);
    /// 0 when `bound` is 0.
    pub(crate) const fn below(&mut self, bound: u64) -> u64 {
        let wide = (self.next() as u128) * (bound as u128);
        (wide >> 64) as u64
    }
}

/// The finaliser: a bijection on 64 bits in which every input bit moves every output bit.
pub(crate) const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::SplitMix64;

    #[test]
    fn the_reference_stream_of_seed_zero() {
        let mut stream = SplitMix64::new(0);
        assert_eq!(stream.next(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(stream.next(), 0x6e78_9e6a_a1b9_65f4);
        assert_eq!(stream.next(), 0x06c4_5d18_8009_454f);
    }

    #[test]
    fn below_reaches_both_ends_and_never_the_bound() {
        let mut stream = SplitMix64::new(7);
        let mut seen = [0_u32; 4];
        for _ in 0..1_000 {
            seen[usize::try_from(stream.below(4)).unwrap()] += 1;
        }
        assert_eq!(seen.iter().sum::<u32>(), 1_000);
        assert!(
            seen.iter().all(|count| (200..300).contains(count)),
            "{seen:?}"
        );
        assert_eq!(stream.below(1), 0);
        assert_eq!(stream.below(0), 0);
    }
}
