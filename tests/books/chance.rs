//! Chance that can be repeated: a seed gives the same draws for ever (SplitMix64, Steele et al.,
//! "Fast splittable pseudorandom number generators", 2014).

use std::time::Duration;

/// A source of draws.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A draw of 64 bits.
    pub(crate) const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to `end`, `end` not included.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.draw() % end
    }

    /// True once in so many draws.
    pub(crate) const fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of the numbers.
    pub(crate) fn pick(&mut self, numbers: &[u64]) -> u64 {
        let at = self.below(numbers.len() as u64);
        usize::try_from(at).ok().and_then(|at| numbers.get(at)).copied().unwrap_or_default()
    }

    /// A time up to this long, to the microsecond.
    pub(crate) const fn up_to(&mut self, millis: u64) -> Duration {
        Duration::from_micros(self.below(millis * 1_000 + 1))
    }
}
