//! Ids of our messages, in the form the peers of each generation write.

use crate::frame::Stamp;

/// An odd constant, so that multiples of it repeat only after 2^128 steps; the fraction of the
/// golden ratio, so that neighbours look unlike.
const STEP: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// Random digits behind the time in an id as the browser writes it.
const BROWSER_RANDOM: usize = 8;

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

    /// An id not given before: 32 lowercase hex digits, as the Go peers of generation 2 write it.
    pub(super) fn next(&mut self) -> String {
        self.next = self.next.wrapping_add(STEP);
        format!("{:032x}", self.next)
    }

    /// An id not given before as the browser clients write it: the time in milliseconds, then
    /// eight random digits, both to base 36; 16 digits in all.
    pub(super) fn browser(&mut self, now: Stamp) -> String {
        self.next = self.next.wrapping_add(STEP);
        let millis = u64::try_from(now.wall_us / 1_000).unwrap_or_default();
        let mut digits = Vec::with_capacity(16);
        let mut rest = millis;
        while rest > 0 {
            digits.push(base36(u128::from(rest)));
            rest /= 36;
        }
        digits.reverse();
        // The high half: the low bits of neighbours are alike.
        let mut random = self.next >> 64;
        for _ in 0..BROWSER_RANDOM {
            digits.push(base36(random));
            random /= 36;
        }
        digits.into_iter().collect()
    }

    /// One in the shape of a random UUID.
    pub(super) fn uuid(&mut self) -> String {
        let hex = self.next();
        let (time, rest) = (&hex[..12], &hex[17..]);
        // The variant takes the top two bits of the fourth group.
        let variant = 8 + (u8::from_str_radix(&hex[16..17], 16).unwrap_or_default() & 3);
        format!(
            "{}-{}-4{}-{variant:x}{}-{}",
            &time[..8],
            &time[8..],
            &hex[12..15],
            &rest[..3],
            &rest[3..]
        )
    }
}

/// The last digit of `number` to base 36.
fn base36(number: u128) -> char {
    char::from_digit((number % 36) as u32, 36).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

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

    #[test]
    fn ids_of_the_browser_begin_with_the_time() {
        let mut ids = Ids::new([7; 16]);
        let now = Stamp {
            wall_us: 1_746_840_000_000_000,
            ..clock::now()
        };
        let given: std::collections::HashSet<_> = (0..1_000).map(|_| ids.browser(now)).collect();
        assert_eq!(given.len(), 1_000);
        for id in given {
            assert_eq!(id.len(), 16, "{id}");
            assert!(id.starts_with("mah"), "{id}");
            assert!(
                id.bytes()
                    .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
            );
        }
    }
}
