//! How the server's writer cuts long messages into frames.
//!
//! It fills a buffer of 1024 bytes and flushes it as a frame that is not final. A message of more
//! than twice the buffer and its reserved header goes out past the buffer, whole, and what is
//! left to end it is an empty frame:
//!
//! | bytes | frames |
//! | --- | --- |
//! | up to 1024 | one |
//! | up to 2048 | 1024, rest |
//! | up to 2076 | 1024, 1024, rest |
//! | more | all, 0 |

/// The writer's buffer.
const BUFFER: u32 = 1024;

/// Longest message that goes through the buffer: twice the buffer and the room a header may take.
const BUFFERED_MAX: u32 = 2 * BUFFER + 28;

/// True if a message whose fragments had these payloads came as the server's writer sends one of
/// its length; false for none.
#[must_use]
pub fn is_written_so(fragments: &[u32]) -> bool {
    match *fragments {
        [all, 0] => all > BUFFERED_MAX,
        [BUFFER, rest] => (1..=BUFFER).contains(&rest),
        [BUFFER, BUFFER, rest] => (1..=BUFFERED_MAX - 2 * BUFFER).contains(&rest),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boundaries_are_those_of_the_real_writer() {
        for (fragments, so) in [
            (&[][..], false),
            (&[1024, 1], true),
            (&[1024, 1024], true),
            (&[1024, 1024, 1], true),
            (&[1024, 1024, 28], true),
            (&[1024, 1024, 29], false),
            (&[2077, 0], true),
            (&[2076, 0], false),
            (&[5_000_000, 0], true),
            (&[512, 512], false),
            (&[1024, 0], false),
            (&[1, 2, 3, 4], false),
        ] {
            assert_eq!(is_written_so(fragments), so, "{fragments:?}");
        }
    }
}
