//! Type rules: which message an event type is.

use serde::{Deserialize, Serialize};

/// Which message an event type is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TypeRule {
    /// Event type, exact or with `*` and `?`.
    pub event: String,
    /// Full name of the message.
    pub message: String,
}

impl TypeRule {
    /// True if the rule speaks of this event type.
    #[must_use]
    pub fn matches(&self, event_type: &str) -> bool {
        matches(self.event.as_bytes(), event_type.as_bytes())
    }
}

/// `*` stands for any run of bytes, `?` for one character, everything else for itself.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to go on if the last `*` has to take one byte more.
    let mut retry = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                p += 1;
                retry = Some((p, t));
            }
            Some(b'?') => {
                p += 1;
                t += char_len(&text[t..]);
            }
            Some(byte) if *byte == text[t] => {
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
        for (pattern, text, fits) in [
            ("click", "click", true),
            ("click", "clicks", false),
            ("click", "Click", false),
            ("page*", "page", true),
            ("page*", "page-view", true),
            ("*page", "homepage", true),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("?", "ä", true),
            ("??", "ä", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b-d", false),
            ("a?c*", "abcdef", true),
            ("*a", "aaaa", true),
            ("**", "anything", true),
        ] {
            let rule = TypeRule {
                event: pattern.to_owned(),
                message: String::new(),
            };
            assert_eq!(rule.matches(text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_do_not_explode() {
        assert!(!matches(
            "*a".repeat(40).as_bytes(),
            "b".repeat(4000).as_bytes()
        ));
    }
}
