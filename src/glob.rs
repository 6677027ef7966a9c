//! Patterns with `*` and `?`, as rules for event types and responders to topics have them.

/// True if `text` has something of a pattern in it.
#[must_use]
pub fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// `*` stands for any run of characters, `?` for one, everything else for itself.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    fits(pattern.as_bytes(), text.as_bytes(), |_| true)
}

/// True if everything the pattern `narrow` matches is matched by `wide` too. Where that would take
/// some thought it is false: no two patterns are told apart that are not surely so.
#[must_use]
pub fn covers(wide: &str, narrow: &str) -> bool {
    // A `?` takes one character, and a `*` of the other pattern may be any number of them.
    fits(wide.as_bytes(), narrow.as_bytes(), |byte| byte != b'*')
}

/// The pattern over the text; `one` says what `?` takes.
fn fits(pattern: &[u8], text: &[u8], one: impl Fn(u8) -> bool) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to go on if the last `*` has to take one byte more.
    let mut retry = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                p += 1;
                retry = Some((p, t));
            }
            Some(b'?') if one(text[t]) => {
                p += 1;
                t += char_len(&text[t..]);
            }
            Some(byte) if *byte == text[t] && *byte != b'?' => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    (p, t) = (star, from + 1);
                    retry = Some((star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// Length of the UTF-8 character `text` begins with.
fn char_len(text: &[u8]) -> usize {
    let continuation = |byte: &&u8| **byte & 0xc0 == 0x80;
    1 + text.iter().skip(1).take_while(continuation).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_by_case() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "b", false),
            ("*", "", true),
            ("browser.*", "browser.click", true),
            ("browser.*", "browserclick", false),
            ("*.exec", "browser.exec", true),
            ("a*b*c", "a-b-b-c", true),
            ("?", "é", true),
            ("??", "é", false),
            ("a?c", "abc", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn covering_is_never_claimed_wrongly() {
        for (wide, narrow, expected) in [
            ("*", "browser.*", true),
            ("*", "?", true),
            ("a*", "a*b", true),
            ("a*", "abc", true),
            ("a?", "ab", true),
            ("a?", "a?", true),
            ("a?", "a*", false),
            ("ab", "a?", false),
            ("ab", "a*", false),
            ("*b", "*", false),
            ("a*", "*a", false),
            ("a", "a", true),
        ] {
            assert_eq!(covers(wide, narrow), expected, "{wide} {narrow}");
        }
    }
}
