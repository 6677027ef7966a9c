//! Exact decimal numbers of any length: amounts are compared as they were written.

use std::cmp::Ordering;
use std::fmt;

/// Longest number read, in bytes of its text; longer ones are no amounts.
const TEXT_MAX: usize = 512;

/// Furthest exponent read or reached by scaling.
const EXPONENT_MAX: i32 = 1_000_000;

/// Most places a number is printed with before it is printed with an exponent.
const PLACES_MAX: i32 = 120;

/// An exact decimal number.
///
/// `0.d₁d₂d₃… × 10^exponent`, the first and the last digit not zero; zero has no digits, and is
/// never negative. So equal numbers are equal values, whatever zeros they were written with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Decimal {
    negative: bool,
    exponent: i32,
    digits: Box<str>,
}

impl Decimal {
    /// Reads a number: digits with at most one point, an optional `-` before and an optional
    /// exponent (`1e-7`) behind. `None` for anything else, spaces and `+` included, and for more
    /// than 512 bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > TEXT_MAX {
            return None;
        }
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, scale) = match rest.split_once(['e', 'E']) {
            Some((mantissa, scale)) => (mantissa, exponent(scale)?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !is_number(whole) || !is_number(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let mut digits = String::with_capacity(whole.len() + fraction.len());
        digits.push_str(whole);
        digits.push_str(fraction);
        let leading = digits.len() - digits.trim_start_matches('0').len();
        let exponent = scale + whole.len() as i32 - leading as i32;
        let digits = digits.trim_matches('0');
        if digits.is_empty() {
            return Some(Self::default());
        }
        (exponent.abs() <= EXPONENT_MAX).then(|| Self {
            negative,
            exponent,
            digits: digits.into(),
        })
    }

    /// This number times 10^`places`, without loss.
    #[must_use]
    pub fn scaled(mut self, places: i32) -> Self {
        if !self.digits.is_empty() {
            let moved = self.exponent.saturating_add(places);
            self.exponent = moved.clamp(-EXPONENT_MAX, EXPONENT_MAX);
        }
        self
    }

    /// Whole units of so many stroops (a stroop is 10⁻⁷).
    #[must_use]
    pub fn from_stroops(self) -> Self {
        self.scaled(-7)
    }

    /// True for zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// True below zero.
    #[must_use]
    pub const fn is_negative(&self) -> bool {
        self.negative
    }

    /// Compares without the sign.
    fn magnitude(&self, other: &Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            // Neither begins with a zero, so the exponent decides, then digit by digit.
            (false, false) => (self.exponent, &self.digits).cmp(&(other.exponent, &other.digits)),
        }
    }
}

/// The number behind `e`, with its sign.
fn exponent(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: i32 = text.parse().ok()?;
    (value.abs() <= EXPONENT_MAX).then_some(value)
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The number without superfluous zeros: `125.5`, `0.0000001`; with an exponent where hundreds of
/// zeros would have to be written.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("0");
        }
        if self.negative {
            f.write_str("-")?;
        }
        let count = self.digits.len() as i32;
        let point = self.exponent;
        if point.abs() > PLACES_MAX {
            let (first, rest) = self.digits.split_at(1);
            let gap = if rest.is_empty() { "" } else { "." };
            return write!(f, "{first}{gap}{rest}e{}", point - 1);
        }
        if point <= 0 {
            let zeros = point.unsigned_abs() as usize;
            return write!(f, "0.{:0<zeros$}{}", "", self.digits);
        }
        if point >= count {
            let zeros = (point - count) as usize;
            return write!(f, "{}{:0<zeros$}", self.digits, "");
        }
        let (whole, fraction) = self.digits.split_at(point as usize);
        write!(f, "{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn numbers_print_without_superfluous_zeros() {
        for (text, printed) in [
            ("125.5000000", "125.5"),
            ("10.0000000", "10"),
            ("0", "0"),
            ("-0.000", "0"),
            ("007", "7"),
            ("100", "100"),
            (".5", "0.5"),
            ("5.", "5"),
            ("0.0000001", "0.0000001"),
            ("-42.0000001", "-42.0000001"),
            ("1.5e3", "1500"),
            ("1E-7", "0.0000001"),
            ("12345678901234567890.123", "12345678901234567890.123"),
            ("1e5000", "1e5000"),
            ("-1.25e-900", "-1.25e-900"),
        ] {
            assert_eq!(number(text).to_string(), printed, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let long = "1".repeat(TEXT_MAX + 1);
        for text in [
            "",
            "-",
            ".",
            "+5",
            " 5",
            "5 ",
            "1,000",
            "1.2.3",
            "e5",
            "1e",
            "1e+",
            "1e99999999999",
            "1e2000000",
            "0x10",
            "NaN",
            "١",
            &long,
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn stroops_become_units_without_loss() {
        for (stroops, units) in [
            ("1255000000", "125.5"),
            ("1", "0.0000001"),
            ("9223372036854775807", "922337203685.4775807"),
            (
                "170141183460469231731687303715884105727",
                "17014118346046923173168730371588.4105727",
            ),
            ("0", "0"),
        ] {
            assert_eq!(number(stroops).from_stroops().to_string(), units);
        }
    }

    #[test]
    fn the_order_is_that_of_the_numbers() {
        let ascending = [
            "-100",
            "-99.9",
            "-0.5",
            "0",
            "0.0000001",
            "0.5",
            "1",
            "1.0000001",
            "9",
            "10",
            "99",
            "100",
            "9007199254740992",
            "9007199254740993",
            "1e20",
        ];
        for pair in ascending.windows(2) {
            assert!(number(pair[0]) < number(pair[1]), "{pair:?}");
        }
        assert_eq!(number("1.50"), number("15e-1"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            let _ = Decimal::parse(&text).map(|number| number.to_string());
        }

        #[test]
        fn integers_compare_and_print_as_integers(a in any::<i128>(), b in any::<i128>()) {
            let (one, other) = (number(&a.to_string()), number(&b.to_string()));
            prop_assert_eq!(one.cmp(&other), a.cmp(&b));
            prop_assert_eq!(one.to_string(), a.to_string());
        }

        #[test]
        fn what_is_printed_reads_as_the_same(text in "-?[0-9]{1,30}(\\.[0-9]{1,30})?(e-?[0-9]{1,3})?") {
            let read = number(&text);
            prop_assert_eq!(number(&read.to_string()), read);
        }
    }
}
