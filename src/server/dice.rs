//! Reproducible chance: the same seed throws the same dice on every machine.

/// A small generator (the `SplitMix64` recurrence); good enough for demo data, for nothing else.
#[derive(Clone, Debug)]
pub(in crate::server) struct Dice(u64);

impl Dice {
    pub(in crate::server) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(in crate::server) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(in crate::server) const fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// True `percent` times out of a hundred.
    pub(in crate::server) const fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    /// One of `items`, which must not be empty.
    pub(in crate::server) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[(self.next() % items.len() as u64) as usize]
    }

    /// Thirty-two bytes, as of a key or a hash.
    pub(in crate::server) fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for word in bytes.chunks_exact_mut(8) {
            word.copy_from_slice(&self.next().to_be_bytes());
        }
        bytes
    }

    /// A hash in hexadecimal.
    pub(in crate::server) fn hash(&mut self) -> String {
        let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16);
        let nibbles = self.bytes().into_iter().flat_map(|b| [b >> 4, b & 15]);
        nibbles.filter_map(digit).collect()
    }
}
