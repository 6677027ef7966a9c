//! Correlation ids: 32 lowercase hex digits, as the Go peers write them.

use crate::frame::Stamp;

/// An odd constant, so that multiples of it repeat only after 2^128 steps; the fraction of the
/// golden ratio, so that neighbours look unlike.
const STEP: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// Ids of one connection, derived from the session's random bytes and the time it opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ids {
    next: u128,
}

impl Ids {
    pub(super) fn new(instance: [u8; 16]) -> Self {
        Self {
            next: u128::from_be_bytes(instance),
        }
    }

    /// Sets the ids of this connection apart from those of the session's other connections.
    pub(super) fn opened(&mut self, now: Stamp) {
        self.next = self
            .next
            .wrapping_add(u128::from(now.wall_us.cast_unsigned()).rotate_left(64));
    }

    /// An id not given before.
    pub(super) fn next(&mut self) -> String {
        self.next = self.next.wrapping_add(STEP);
        format!("{:032x}", self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_hex_and_differ() {
        let mut ids = Ids::new([0xff; 16]);
        let given: std::collections::HashSet<_> = (0..1_000).map(|_| ids.next()).collect();
        assert_eq!(given.len(), 1_000);
        assert!(
            given
                .iter()
                .all(|id| id.len() == 32
                    && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
        );
    }
}
