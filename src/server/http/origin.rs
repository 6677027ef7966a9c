//! Who may open a WebSocket from a web page.

use super::Head;

/// Which `Origin` headers are let in. No `Origin` always is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origins {
    /// Any.
    Any,
    /// Those whose host and port equal the `Host` header, in any case.
    #[default]
    SameHost,
    /// The same, or whose host and port match one of the patterns (`*` and `?`, in any case).
    Matching(Vec<String>),
}

/// An `Origin` that is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Foreign {
    /// The header.
    pub(super) origin: String,
    /// Its host and port; empty if it has none.
    pub(super) host: String,
}

impl Origins {
    pub(super) fn check(&self, head: &Head) -> Result<(), Foreign> {
        let origin = head.text("Origin");
        let is_free = match self {
            Self::Any => true,
            // gorilla takes an empty header for an origin without a host.
            Self::SameHost => head.value("Origin").is_none(),
            Self::Matching(_) => origin.is_empty(),
        };
        if is_free {
            return Ok(());
        }
        let host = host_of(&origin);
        let known = host.eq_ignore_ascii_case(&head.text("Host"))
            || match self {
                Self::Matching(patterns) => patterns
                    .iter()
                    .any(|p| matches(p.to_lowercase().as_bytes(), host.to_lowercase().as_bytes())),
                Self::Any | Self::SameHost => false,
            };
        if known {
            return Ok(());
        }
        let host = host.to_owned();
        Err(Foreign { origin, host })
    }
}

/// `127.0.0.1:80` of `http://user@127.0.0.1:80/path`; empty for `null` and the like.
fn host_of(origin: &str) -> &str {
    let Some((_, rest)) = origin.split_once("://") else {
        return "";
    };
    let authority = rest.find(['/', '?', '#']).map_or(rest, |end| &rest[..end]);
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
}

/// Shell-like match of `*` (anything but `/`) and `?`; loops, so that no pattern costs more than
/// the product of both lengths.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == text[t] || (c == b'?' && text[t] != b'/') => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) if text[from] != b'/' => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                _ => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_origins() {
        for (origin, host) in [
            ("http://evil.example", "evil.example"),
            ("https://127.0.0.1:80/x", "127.0.0.1:80"),
            ("http://a@b:1", "b:1"),
            ("null", ""),
            ("", ""),
            ("http://[::1]:8080", "[::1]:8080"),
        ] {
            assert_eq!(host_of(origin), host, "{origin}");
        }
    }

    #[test]
    fn patterns() {
        for (pattern, text, fits) in [
            ("localhost:*", "localhost:8090", true),
            ("localhost:*", "localhost", false),
            ("localhost:*", "127.0.0.1:8090", false),
            ("*.example", "a.b.example", true),
            ("*", "", true),
            ("a?c", "abc", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abcd", false),
            ("*", "a/b", false),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes()),
                fits,
                "{pattern} {text}"
            );
        }
    }
}
