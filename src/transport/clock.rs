//! The only place that reads a clock.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::frame::Stamp;

/// Now, by both clocks.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one door to the clocks"
)]
pub fn now() -> Stamp {
    let wall = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Stamp {
        mono: Instant::now(),
        wall_us: i64::try_from(wall.as_micros()).unwrap_or(i64::MAX),
    }
}
