//! Numbers as the screen shows them: short, with a unit, of steady width.

use std::time::Duration;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// `842 B`, `1.2 kB`, `16.8 MB`: powers of 1,000.
#[must_use]
pub fn size(bytes: u64) -> String {
    if bytes < 1_000 {
        return format!("{bytes} B");
    }
    let mut amount = bytes as f64 / 1e3;
    for unit in ["kB", "MB", "GB"] {
        if amount < 999.5 {
            return if amount < 99.95 {
                format!("{amount:.1} {unit}")
            } else {
                format!("{amount:.0} {unit}")
            };
        }
        amount /= 1e3;
    }
    format!("{amount:.1} TB")
}

/// `0/s`, `3.4/s`, `1.2k/s`: events per second.
#[must_use]
pub fn rate(per_second: f64) -> String {
    if per_second < 0.05 {
        "0/s".to_owned()
    } else if per_second < 9.95 {
        format!("{per_second:.1}/s")
    } else if per_second < 999.5 {
        format!("{per_second:.0}/s")
    } else if per_second < 999_500.0 {
        format!("{:.1}k/s", per_second / 1e3)
    } else {
        format!("{:.1}M/s", per_second / 1e6)
    }
}

/// `480 kB/s`: bytes per second.
#[must_use]
pub fn throughput(per_second: f64) -> String {
    format!("{}/s", size(per_second.max(0.0).round() as u64))
}

/// `85 µs`, `1.1 ms`, `940 ms`, `2.3 s`: how long an answer took.
#[must_use]
pub fn latency(took: Duration) -> String {
    let micros = took.as_micros();
    if micros < 1_000 {
        format!("{micros} µs")
    } else if micros < 99_950 {
        format!("{:.1} ms", micros as f64 / 1e3)
    } else if micros < 999_500 {
        format!("{:.0} ms", micros as f64 / 1e3)
    } else if micros < 99_950_000 {
        format!("{:.1} s", micros as f64 / 1e6)
    } else {
        age(took)
    }
}

/// `00:12:31`, `2d 03:00:00`: how long something has lasted.
#[must_use]
pub fn age(lasted: Duration) -> String {
    let seconds = lasted.as_secs();
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let clock = format!("{hours:02}:{:02}:{:02}", seconds / 60 % 60, seconds % 60);
    if days > 0 {
        format!("{days}d {clock}")
    } else {
        clock
    }
}

/// `3s`, `2m05s`, `1h10m`: time left, rounded up so that it reaches zero when it is over.
#[must_use]
pub fn left(left: Duration) -> String {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    if seconds < 60 {
        format!("{seconds}s")
    } else if seconds < 3_600 {
        format!("{}m{:02}s", seconds / 60, seconds % 60)
    } else {
        format!("{}h{:02}m", seconds / 3_600, seconds / 60 % 60)
    }
}

/// `41,200`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// One bar for each of the newest `width` values, scaled to the largest of them.
#[must_use]
pub fn sparkline(values: &[Duration], width: usize) -> String {
    let newest = &values[values.len().saturating_sub(width)..];
    let top = newest.iter().max().map_or(0, Duration::as_micros).max(1);
    newest
        .iter()
        .map(|value| {
            let step = value.as_micros() * (BARS.len() as u128 - 1) / top;
            BARS[usize::try_from(step).unwrap_or(0)]
        })
        .collect()
}

/// `0`, `41,200`, `0.42`, `3.78e8`, `NaN`: any number, short.
#[must_use]
pub fn amount(number: f64) -> String {
    let size = number.abs();
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "∞" } else { "-∞" }.to_owned()
    } else if size >= 1e7 {
        format!("{number:.2e}")
    } else if size >= 100.0 || size.fract() < 1e-9 {
        let sign = if number <= -0.5 { "-" } else { "" };
        format!("{sign}{}", count(size.round() as u64))
    } else if size >= 10.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.2}")
    }
}

/// One bar for each value, from the least of them (or zero) to the largest; what is no number has
/// a blank.
#[must_use]
pub fn bars(values: &[f64]) -> String {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let top = finite().fold(f64::MIN, f64::max);
    // A course far from zero would be flat.
    let least = finite().fold(f64::MAX, f64::min);
    let bottom = if least > top / 2.0 && least < top {
        least
    } else {
        least.min(0.0)
    };
    let span = (top - bottom).max(f64::MIN_POSITIVE);
    let bar = |value: &f64| {
        let step = (value - bottom) / span * (BARS.len() - 1) as f64;
        if value.is_finite() {
            BARS[(step.round() as usize).min(BARS.len() - 1)]
        } else {
            ' '
        }
    };
    values.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (bytes, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (99_949, "99.9 kB"),
            (480_000, "480 kB"),
            (999_600, "1.0 MB"),
            (16_777_216, "16.8 MB"),
            (5_000_000_000_000, "5.0 TB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }

    #[test]
    fn rates() {
        for (per_second, shown) in [
            (0.0, "0/s"),
            (3.42, "3.4/s"),
            (200.4, "200/s"),
            (1_234.0, "1.2k/s"),
            (3_100_000.0, "3.1M/s"),
        ] {
            assert_eq!(rate(per_second), shown);
        }
        assert_eq!(throughput(480_000.0), "480 kB/s");
    }

    #[test]
    fn latencies() {
        for (micros, shown) in [
            (85, "85 µs"),
            (1_100, "1.1 ms"),
            (99_960, "100 ms"),
            (940_000, "940 ms"),
            (999_600, "1.0 s"),
            (2_300_000, "2.3 s"),
            (600_000_000, "00:10:00"),
        ] {
            assert_eq!(latency(Duration::from_micros(micros)), shown);
        }
    }

    #[test]
    fn ages_and_times_left() {
        assert_eq!(age(Duration::from_secs(751)), "00:12:31");
        assert_eq!(age(Duration::from_hours(51)), "2d 03:00:00");
        assert_eq!(left(Duration::from_millis(2_001)), "3s");
        assert_eq!(left(Duration::from_secs(125)), "2m05s");
        assert_eq!(left(Duration::from_mins(70)), "1h10m");
    }

    #[test]
    fn counts_are_grouped() {
        for (number, shown) in [
            (0, "0"),
            (999, "999"),
            (41_200, "41,200"),
            (1_000_000, "1,000,000"),
        ] {
            assert_eq!(count(number), shown);
        }
    }

    #[test]
    fn amounts_of_every_size() {
        for (number, shown) in [
            (0.0, "0"),
            (41_200.0, "41,200"),
            (-3.0, "-3"),
            (0.421, "0.42"),
            (99.26, "99.3"),
            (3.783_353e8, "3.78e8"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-∞"),
        ] {
            assert_eq!(amount(number), shown);
        }
    }

    #[test]
    fn bars_go_from_zero_unless_that_would_be_flat() {
        assert_eq!(bars(&[0.0, 4.0, 7.0]), "▁▅█");
        assert_eq!(bars(&[100.0, 107.0]), "▁█");
        assert_eq!(bars(&[5.0, 5.0]), "██");
        assert_eq!(bars(&[0.0, 0.0, f64::NAN]), "▁▁ ");
        assert_eq!(bars(&[f64::INFINITY]), " ");
        assert_eq!(bars(&[]), "");
    }

    #[test]
    fn sparklines_keep_the_newest_and_scale_to_the_largest() {
        let values: Vec<_> = [8, 1, 4, 8].map(Duration::from_millis).to_vec();
        assert_eq!(sparkline(&values, 3), "▁▄█");
        assert_eq!(sparkline(&[], 3), "");
    }
}
