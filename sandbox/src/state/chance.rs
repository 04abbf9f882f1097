//! Repeatable random numbers by `SplitMix64`, which give the same sequence in every version.

/// A sequence of random numbers that follows from its seed.
pub struct Chance(u64);

impl Chance {
    /// Begins the sequence of this seed.
    pub fn of_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 up to, but not including, 1.
    pub fn draw(&mut self) -> f64 {
        f64::from(self.bits()) / (f64::from(u32::MAX) + 1.0)
    }

    /// A number from 0 up to, but not including, `limit`; 0 if the limit is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        let bits = u64::from(self.bits());
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        // The upper half of the product of two 32-bit numbers.
        usize::try_from(bits.saturating_mul(limit) >> 32).unwrap_or_default()
    }

    /// Returns true with this probability in percent.
    pub fn happens(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn bits(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        u32::try_from(bits >> 32).unwrap_or_default()
    }
}
