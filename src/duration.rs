//! Durations as people write them: `500ms`, `10s`, `1m30s`, `2h`.
//!
//! Used by profiles (`#[serde(with = "crate::duration")]`) and by command-line flags.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer};

/// Reads `500ms`, `10s`, `1m30s`, `2h`, `0`.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a duration; write for example 500ms, 10s, 1m30s or 2h");
    let mut rest = text.trim();
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(wrong());
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(wrong)?;
        let amount: f64 = rest[..digits].parse().map_err(|_| wrong())?;
        let after = &rest[digits..];
        let unit_len = after
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(after.len());
        let unit = match after[..unit_len].trim() {
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return Err(wrong()),
        };
        let part = Duration::try_from_secs_f64(amount * unit).map_err(|_| wrong())?;
        total = total.checked_add(part).ok_or_else(wrong)?;
        rest = &after[unit_len..];
    }
    Ok(total)
}

/// Shortest exact spelling that [`parse`] reads back.
#[must_use]
pub fn show(duration: Duration) -> String {
    let micros = duration.as_micros();
    if micros == 0 {
        "0".to_owned()
    } else if !micros.is_multiple_of(1_000) {
        format!("{micros}us")
    } else if !micros.is_multiple_of(1_000_000) {
        format!("{}ms", micros / 1_000)
    } else if !micros.is_multiple_of(60_000_000) {
        format!("{}s", micros / 1_000_000)
    } else {
        format!("{}m", micros / 60_000_000)
    }
}

/// For `#[serde(with = …)]`.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).map_err(serde::de::Error::custom)
}

/// For `#[serde(with = …)]`.
pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&show(*duration))
}

/// The same for a value that may be missing.
pub mod optional {
    use super::{Deserialize, Deserializer, Duration, Serializer, parse, show};

    /// For `#[serde(with = …)]`; a missing key needs `#[serde(default)]` besides.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let parsed = text.map(|text| parse(&text)).transpose();
        parsed.map_err(serde::de::Error::custom)
    }

    /// For `#[serde(with = …)]`.
    pub fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => serializer.serialize_str(&show(*duration)),
            None => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        for (text, millis) in [
            ("500ms", 500),
            ("10s", 10_000),
            ("1m30s", 90_000),
            ("0", 0),
            ("1.5s", 1_500),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in ["", "10", "s", "ten", "1x", "-1s", "1e400s"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shown_is_read_back() {
        for millis in [0, 1, 999, 1_000, 90_000, 60_000] {
            let duration = Duration::from_millis(millis);
            assert_eq!(parse(&show(duration)), Ok(duration));
        }
    }
}
