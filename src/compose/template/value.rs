//! What single templates become.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;

use crate::compose::context::Context;
use crate::duration;

/// Most random hex digits.
const HEX_MAX: u64 = 4_096;
/// Most decimals of a random number.
const DECIMALS_MAX: usize = 9;

/// A template that has been read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Uuid,
    /// The first document gets this number, each further one the next.
    Counter(u64),
    Now {
        /// Microseconds on top of the time.
        shift_us: i64,
        form: Form,
    },
    Env {
        name: String,
        fallback: Option<String>,
    },
    /// One of them.
    Choice(Vec<String>),
    /// A number of `low` and up to `span` on top, with that many decimals.
    Range {
        low: i64,
        span: u64,
        decimals: usize,
    },
    /// So many random digits.
    Hex(usize),
}

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Rfc3339,
    Seconds,
    Millis,
    Micros,
    Nanos,
}

const KNOWN: &str = "${uuid}, ${now}, ${counter}, ${env:NAME}, ${random:a,b,c} and ${hex:16}";

impl Value {
    /// Reads what stands between the braces.
    pub(super) fn read(template: &str) -> Result<Self, String> {
        let (kind, argument) = match template.split_once(':') {
            Some((kind, argument)) => (kind, Some(argument)),
            None => (template, None),
        };
        match (kind, argument) {
            ("uuid", None) => Ok(Self::Uuid),
            ("counter", None) => Ok(Self::Counter(1)),
            ("counter", Some(first)) => first.trim().parse().map(Self::Counter).map_err(|_| {
                format!(
                    "${{counter:{first}}} must begin at a whole number, as in ${{counter:1000}}"
                )
            }),
            ("env", None | Some("")) => {
                Err("${env:…} must name a variable, as in ${env:USER}".to_owned())
            }
            ("env", Some(name)) => Ok(match name.split_once(":-") {
                Some((name, fallback)) => Self::Env {
                    name: name.to_owned(),
                    fallback: Some(fallback.to_owned()),
                },
                None => Self::Env {
                    name: name.to_owned(),
                    fallback: None,
                },
            }),
            ("random", None | Some("")) => Err(
                "${random:…} must hold choices or a range, as in ${random:a,b,c} or \
                 ${random:1..100}"
                    .to_owned(),
            ),
            ("random", Some(choices)) => random(choices),
            ("hex", Some(digits)) => match digits.trim().parse() {
                Ok(digits @ 1..=HEX_MAX) => Ok(Self::Hex(digits as usize)),
                _ => Err(format!(
                    "${{hex:{digits}}} must ask for 1 to {HEX_MAX} digits"
                )),
            },
            _ if kind == "now" || kind.starts_with("now+") || kind.starts_with("now-") => {
                now(template, kind, argument)
            }
            _ => Err(format!(
                "unknown template ${{{template}}}; known are {KNOWN}, and $${{ stands for a plain \
                 ${{"
            )),
        }
    }

    /// Appends what it becomes.
    pub(super) fn write(&self, context: &mut Context<'_>, out: &mut String) -> Result<(), String> {
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Uuid => {
                out.push_str(&context.uuid());
                Ok(())
            }
            Self::Counter(first) => {
                let number = context.counter.saturating_add(*first).saturating_sub(1);
                write!(out, "{number}")
            }
            Self::Now { shift_us, form } => {
                write_time(context.now_us.saturating_add(*shift_us), *form, out)
            }
            Self::Env { name, fallback } => {
                let found = context.env(name).or_else(|| fallback.clone());
                out.push_str(&found.ok_or_else(|| {
                    format!(
                        "the environment variable {name} is not set; set it, or give a value for \
                         then: ${{env:{name}:-value}}"
                    )
                })?);
                Ok(())
            }
            Self::Choice(choices) => {
                let index = context.below(choices.len() as u64) as usize;
                out.push_str(choices.get(index).map_or("", String::as_str));
                Ok(())
            }
            Self::Range {
                low,
                span,
                decimals,
            } => {
                let number = i128::from(*low) + i128::from(context.below(*span));
                write_decimal(number, *decimals, out)
            }
            Self::Hex(digits) => {
                for _ in 0..digits.div_ceil(16) {
                    let _ = write!(out, "{:016x}", context.random());
                }
                out.truncate(out.len() - (digits.div_ceil(16) * 16 - digits));
                Ok(())
            }
        };
        Ok(())
    }

    /// True if what it becomes may hold what JSON escapes in a string.
    pub(super) fn may_need_escapes(&self) -> bool {
        matches!(self, Self::Env { .. } | Self::Choice(_))
    }
}

fn now(template: &str, kind: &str, form: Option<&str>) -> Result<Value, String> {
    let form = match form {
        None => Form::Rfc3339,
        Some("unix") => Form::Seconds,
        Some("unix_ms") => Form::Millis,
        Some("unix_us") => Form::Micros,
        Some("unix_ns") => Form::Nanos,
        Some(_) => {
            return Err(format!(
                "unknown form ${{{template}}}; known are ${{now}}, ${{now:unix}}, \
                 ${{now:unix_ms}}, ${{now:unix_us}} and ${{now:unix_ns}}, each with a shift as in \
                 ${{now-5m:unix}}"
            ));
        }
    };
    let shift = &kind["now".len()..];
    let shift_us = match shift.split_at_checked(1) {
        None => 0,
        Some((sign, span)) => {
            let span = duration::parse(span)
                .map_err(|error| format!("the shift of ${{{template}}} is no duration: {error}"))?;
            micros(span) * if sign == "-" { -1 } else { 1 }
        }
    };
    Ok(Value::Now { shift_us, form })
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

fn write_time(now_us: i64, form: Form, out: &mut String) -> std::fmt::Result {
    match form {
        Form::Rfc3339 => {
            let time = Timestamp::from_microsecond(now_us).unwrap_or(Timestamp::UNIX_EPOCH);
            write!(out, "{time}")
        }
        Form::Seconds => write!(out, "{}", now_us.div_euclid(1_000_000)),
        Form::Millis => write!(out, "{}", now_us.div_euclid(1_000)),
        Form::Micros => write!(out, "{now_us}"),
        Form::Nanos => write!(out, "{}", i128::from(now_us) * 1_000),
    }
}

/// One of `a,b,c`, or a number of `1..100`, both ends included; `0.00..1.50` has decimals.
fn random(choices: &str) -> Result<Value, String> {
    if let Some((low, high)) = choices.split_once("..")
        && let Some(decimals) = decimals_of(low).zip(decimals_of(high))
    {
        let decimals = decimals.0.max(decimals.1);
        if let Some((low, high)) = scaled(low, decimals).zip(scaled(high, decimals)) {
            if low > high {
                return Err(format!(
                    "the range {choices} is empty; write the smaller number first"
                ));
            }
            return Ok(Value::Range {
                low,
                span: high.abs_diff(low).saturating_add(1),
                decimals,
            });
        }
    }
    let choices = choices.split(',').map(|choice| choice.trim().to_owned());
    Ok(Value::Choice(choices.collect()))
}

/// Number of digits behind the point; `None` if it is no decimal number.
fn decimals_of(number: &str) -> Option<usize> {
    let number = number.trim();
    let digits = number.strip_prefix('-').unwrap_or(number);
    let (whole, behind) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (!whole.is_empty() && all_digits(whole) && all_digits(behind) && behind.len() <= DECIMALS_MAX)
        .then_some(behind.len())
}

/// The number in units of its last decimal.
fn scaled(number: &str, decimals: usize) -> Option<i64> {
    let number = number.trim();
    let (whole, behind) = number.split_once('.').unwrap_or((number, ""));
    format!("{whole}{behind:0<decimals$}").parse().ok()
}

fn write_decimal(number: i128, decimals: usize, out: &mut String) -> std::fmt::Result {
    if decimals == 0 {
        return write!(out, "{number}");
    }
    let sign = if number < 0 { "-" } else { "" };
    let unit = 10_u128.pow(decimals as u32);
    let size = number.unsigned_abs();
    write!(out, "{sign}{}.{:0decimals$}", size / unit, size % unit)
}
