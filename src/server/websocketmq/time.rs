//! Times and durations as Go prints them.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::frame::Stamp;

/// RFC 3339 in the server's own zone, whole seconds: `2025-05-21T08:35:46-07:00`, `…Z` for UTC.
pub(super) fn rfc3339(now: Stamp) -> String {
    zoned(now, "")
}

/// The same with the fraction of the second, trailing zeros left out.
pub(super) fn rfc3339_nano(now: Stamp) -> String {
    let micros = now.wall_us.rem_euclid(1_000_000);
    let digits = format!("{micros:06}");
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        zoned(now, "")
    } else {
        zoned(now, &format!(".{digits}"))
    }
}

fn zoned(now: Stamp, fraction: &str) -> String {
    let zoned = Timestamp::from_microsecond(now.wall_us)
        .unwrap_or_default()
        .to_zoned(TimeZone::system());
    let zone = if zoned.offset().is_zero() {
        "Z".to_owned()
    } else {
        zoned.strftime("%:z").to_string()
    };
    format!("{}{fraction}{zone}", zoned.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// `10s`, `2s`, `200ms`, `1m30s`, `1.5s`.
pub(super) fn go_duration(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    if nanos == 0 {
        return "0s".to_owned();
    }
    for (unit, name) in [(1_000, "ns"), (1_000_000, "µs"), (1_000_000_000, "ms")] {
        if nanos < unit {
            return fraction(nanos, unit / 1_000) + name;
        }
    }
    let seconds = duration.as_secs();
    let mut text = String::new();
    // Writing to a string cannot fail.
    if seconds >= 3600 {
        let _ = write!(text, "{}h", seconds / 3600);
    }
    if seconds >= 60 {
        let _ = write!(text, "{}m", seconds % 3600 / 60);
    }
    text + &fraction(nanos % 60_000_000_000, 1_000_000_000) + "s"
}

/// `nanos / unit`, with as many decimals as it takes.
fn fraction(nanos: u128, unit: u128) -> String {
    let mut text = (nanos / unit).to_string();
    let rest = nanos % unit;
    if rest > 0 {
        let width = unit.ilog10() as usize;
        let digits = format!("{rest:0width$}");
        text.push('.');
        text.push_str(digits.trim_end_matches('0'));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    #[test]
    fn durations_as_go_prints_them() {
        for (micros, text) in [
            (0, "0s"),
            (1, "1µs"),
            (1_500, "1.5ms"),
            (200_000, "200ms"),
            (2_000_000, "2s"),
            (1_500_000, "1.5s"),
            (90_000_000, "1m30s"),
            (3_600_000_000, "1h0m0s"),
        ] {
            assert_eq!(go_duration(Duration::from_micros(micros)), text);
        }
    }

    #[test]
    fn times_end_in_a_zone_and_without_idle_zeros() {
        let now = Stamp {
            wall_us: 1_767_225_605_120_000,
            ..clock::now()
        };
        let (whole, nano) = (rfc3339(now), rfc3339_nano(now));
        let (date, zone) = whole.split_at(19);
        assert_eq!(nano, format!("{date}.12{zone}"));
        assert!(zone == "Z" || zone.len() == 6, "{zone}");
    }
}
