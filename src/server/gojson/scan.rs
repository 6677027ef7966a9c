//! Go's syntax check, with its error texts.

/// Deepest nesting Go takes.
const DEPTH_MAX: usize = 10_000;

/// Checks that `text` is one JSON value; the error is Go's text.
pub fn check(text: &[u8]) -> Result<(), String> {
    let mut scanner = Scanner {
        state: State::BeginValue,
        open: Vec::new(),
    };
    for &c in text {
        scanner.step(c)?;
    }
    scanner.end()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    BeginValue,
    /// Behind `[`.
    BeginElement,
    /// Behind `{`.
    BeginFirstKey,
    BeginKey,
    EndValue,
    EndTop,
    InString,
    InEscape,
    /// In `\u`, with that many digits to go.
    InUnicode(u8),
    Neg,
    Zero,
    Digits,
    Dot,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
    /// In `true`, `false` or `null`, with that many letters read.
    Literal(&'static str, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Key,
    Value,
    Array,
}

struct Scanner {
    state: State,
    open: Vec<Open>,
}

impl Scanner {
    fn end(mut self) -> Result<(), String> {
        // Go feeds one blank to end a number; a literal or an escape cut short stumbles over it.
        self.step(b' ')?;
        if self.state == State::EndTop {
            Ok(())
        } else {
            Err("unexpected end of JSON input".to_owned())
        }
    }

    fn step(&mut self, c: u8) -> Result<(), String> {
        self.state = match self.state {
            State::BeginValue | State::BeginElement | State::BeginFirstKey | State::BeginKey
                if is_space(c) =>
            {
                self.state
            }
            State::BeginElement if c == b']' => return self.end_value(c),
            State::BeginValue | State::BeginElement => return self.begin_value(c),
            State::BeginFirstKey if c == b'}' => {
                self.replace_top(Open::Value);
                return self.end_value(c);
            }
            State::BeginFirstKey | State::BeginKey => match c {
                b'"' => State::InString,
                _ => return invalid(c, "looking for beginning of object key string"),
            },
            State::EndValue | State::EndTop => return self.end_value(c),
            State::InString | State::InEscape | State::InUnicode(_) => string(self.state, c)?,
            State::Literal(word, at) => match word.as_bytes().get(at) {
                Some(&expected) if expected == c => {
                    if at + 1 == word.len() {
                        State::EndValue
                    } else {
                        State::Literal(word, at + 1)
                    }
                }
                expected => {
                    let expected = char::from(*expected.unwrap_or(&b' '));
                    return invalid(c, &format!("in literal {word} (expecting '{expected}')"));
                }
            },
            number => match self::number(number, c)? {
                Some(state) => state,
                None => return self.end_value(c),
            },
        };
        Ok(())
    }

    fn begin_value(&mut self, c: u8) -> Result<(), String> {
        self.state = match c {
            b'{' => {
                self.push(c, Open::Key)?;
                State::BeginFirstKey
            }
            b'[' => {
                self.push(c, Open::Array)?;
                State::BeginElement
            }
            b'"' => State::InString,
            b'-' => State::Neg,
            b'0' => State::Zero,
            b'1'..=b'9' => State::Digits,
            b't' => State::Literal("true", 1),
            b'f' => State::Literal("false", 1),
            b'n' => State::Literal("null", 1),
            _ => return invalid(c, "looking for beginning of value"),
        };
        Ok(())
    }

    fn end_value(&mut self, c: u8) -> Result<(), String> {
        let Some(&open) = self.open.last() else {
            self.state = State::EndTop;
            return if is_space(c) {
                Ok(())
            } else {
                invalid(c, "after top-level value")
            };
        };
        self.state = match (open, c) {
            _ if is_space(c) => State::EndValue,
            (Open::Key, b':') => {
                self.replace_top(Open::Value);
                State::BeginValue
            }
            (Open::Key, _) => return invalid(c, "after object key"),
            (Open::Value, b',') => {
                self.replace_top(Open::Key);
                State::BeginKey
            }
            (Open::Array, b',') => State::BeginValue,
            (Open::Value, b'}') | (Open::Array, b']') => {
                self.open.pop();
                if self.open.is_empty() {
                    State::EndTop
                } else {
                    State::EndValue
                }
            }
            (Open::Value, _) => return invalid(c, "after object key:value pair"),
            (Open::Array, _) => return invalid(c, "after array element"),
        };
        Ok(())
    }

    fn push(&mut self, c: u8, open: Open) -> Result<(), String> {
        self.open.push(open);
        if self.open.len() > DEPTH_MAX {
            return invalid(c, "exceeded max depth");
        }
        Ok(())
    }

    fn replace_top(&mut self, open: Open) {
        if let Some(top) = self.open.last_mut() {
            *top = open;
        }
    }
}

fn string(state: State, c: u8) -> Result<State, String> {
    Ok(match (state, c) {
        (State::InString, b'"') => State::EndValue,
        (State::InString, b'\\') => State::InEscape,
        (State::InString, 0..0x20) => return invalid(c, "in string literal"),
        (State::InEscape, b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"') => {
            State::InString
        }
        (State::InEscape, b'u') => State::InUnicode(4),
        (State::InEscape, _) => return invalid(c, "in string escape code"),
        (State::InUnicode(left), _) if c.is_ascii_hexdigit() => match left {
            1 => State::InString,
            _ => State::InUnicode(left - 1),
        },
        (State::InUnicode(_), _) => {
            return invalid(c, "in \\u hexadecimal character escape");
        }
        _ => State::InString,
    })
}

/// The next state inside a number, `None` if `c` is behind it.
fn number(state: State, c: u8) -> Result<Option<State>, String> {
    let next = match (state, c) {
        (State::Neg, b'0') => State::Zero,
        (State::Neg, b'1'..=b'9') | (State::Digits, b'0'..=b'9') => State::Digits,
        (State::Neg, _) => return invalid(c, "in numeric literal"),
        (State::Zero | State::Digits, b'.') => State::Dot,
        (State::Zero | State::Digits | State::Fraction, b'e' | b'E') => State::Exponent,
        (State::Dot | State::Fraction, b'0'..=b'9') => State::Fraction,
        (State::Dot, _) => return invalid(c, "after decimal point in numeric literal"),
        (State::Exponent, b'+' | b'-') => State::ExponentSign,
        (State::Exponent | State::ExponentSign | State::ExponentDigits, b'0'..=b'9') => {
            State::ExponentDigits
        }
        (State::Exponent | State::ExponentSign, _) => {
            return invalid(c, "in exponent of numeric literal");
        }
        _ => return Ok(None),
    };
    Ok(Some(next))
}

fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t' | b'\r' | b'\n')
}

fn invalid<T>(c: u8, context: &str) -> Result<T, String> {
    Err(format!("invalid character {} {context}", quoted(c)))
}

/// A byte as Go shows it: taken for the character of that number.
fn quoted(c: u8) -> String {
    match c {
        b'\'' => r"'\''".to_owned(),
        b'\\' => r"'\\'".to_owned(),
        0x07 => r"'\a'".to_owned(),
        0x08 => r"'\b'".to_owned(),
        b'\t' => r"'\t'".to_owned(),
        b'\n' => r"'\n'".to_owned(),
        0x0b => r"'\v'".to_owned(),
        0x0c => r"'\f'".to_owned(),
        b'\r' => r"'\r'".to_owned(),
        0..0x20 | 0x7f => format!(r"'\x{c:02x}'"),
        0x80..=0xa0 | 0xad => format!(r"'\u{c:04x}'"),
        _ => format!("'{}'", char::from(c)),
    }
}
