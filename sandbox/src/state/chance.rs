//! Chance that can be repeated: `SplitMix64`, which stays the same in every version of anything.

/// A sequence of numbers that follows from its seed.
pub struct Chance(u64);

impl Chance {
    /// The sequence of this seed.
    pub fn of_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// At least 0 and less than 1.
    pub fn draw(&mut self) -> f64 {
        f64::from(self.bits()) / (f64::from(u32::MAX) + 1.0)
    }

    /// At least 0 and less than `limit`; 0 if the limit is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        let bits = u64::from(self.bits());
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        // A product of two numbers of 32 bits, of which the upper half is wanted.
        usize::try_from(bits.saturating_mul(limit) >> 32).unwrap_or_default()
    }

    /// Whether something happens that does so `percent` times of a hundred.
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
