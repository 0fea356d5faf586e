//! Chance that can be told again: a generator that is the same on every machine, or bytes that a
//! fuzzer chose.

/// Where numbers come from.
#[derive(Debug)]
pub(crate) struct Dice {
    state: u64,
    bytes: Vec<u8>,
    at: usize,
    chosen: bool,
}

impl Dice {
    /// Numbers of a seed (xorshift64*).
    pub(crate) fn of_seed(seed: u64) -> Self {
        // A state of zero would stay zero.
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            bytes: Vec::new(),
            at: 0,
            chosen: false,
        }
    }

    /// Numbers that bytes spell, zeros after them.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec(),
            chosen: true,
            ..Self::of_seed(0)
        }
    }

    /// Whether chosen bytes are used up; a seed never is.
    pub(crate) fn spent(&self) -> bool {
        self.chosen && self.at >= self.bytes.len()
    }

    fn byte(&mut self) -> u64 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        u64::from(byte)
    }

    fn next(&mut self, bound: u64) -> u64 {
        if self.chosen {
            let low = self.byte();
            return if bound > 256 {
                (low << 16) | (self.byte() << 8) | self.byte()
            } else {
                low
            };
        }
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33
    }

    /// A number in `0..bound`; 0 when the bound is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next(bound).checked_rem(bound).unwrap_or(0)
    }

    /// A position in a list of `len`.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// Once in so many times.
    pub(crate) fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of a list, which has at least one.
    pub(crate) fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.index(list.len())]
    }

    /// Something once in so many times.
    pub(crate) fn maybe<T>(&mut self, times: u64, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let now = self.one_in(times);
        now.then(|| make(self))
    }

    /// Seconds in `0..bound`.
    pub(crate) fn seconds(&mut self, bound: u64) -> i64 {
        i64::try_from(self.below(bound)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_used_up_give_zeros() {
        let mut dice = Dice::of_bytes(&[5]);
        assert_eq!((dice.below(8), dice.below(8), dice.below(8)), (5, 0, 0));
    }
}
