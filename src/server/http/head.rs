//! Request heads.

use super::response::{Refusal, Response};

/// Most header fields in one head.
const HEADERS_MAX: usize = 256;

/// A request head. Header values are bytes: a client may put Latin-1 into them, and the real
/// servers hand such bytes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Method as spelled.
    pub method: String,
    /// Path and query as spelled.
    pub target: String,
    /// True for HTTP/1.1, false for 1.0.
    pub is_1_1: bool,
    headers: Vec<(String, Vec<u8>)>,
}

/// Offset behind the blank line that ends a head, looking on from where `searched` bytes had been
/// looked at before.
pub(super) fn end(buffer: &[u8], searched: usize) -> Option<usize> {
    let from = searched.saturating_sub(3);
    memchr::memchr_iter(b'\n', &buffer[from..]).find_map(|at| {
        let after = &buffer[from + at + 1..];
        match after {
            [b'\n', ..] => Some(from + at + 2),
            [b'\r', b'\n', ..] => Some(from + at + 3),
            _ => None,
        }
    })
}

impl Head {
    /// Parses a whole head, blank line included.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut fields = vec![httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut request = httparse::Request::new(&mut fields);
        match request.parse(bytes) {
            Ok(httparse::Status::Complete(_)) => {}
            Err(httparse::Error::TooManyHeaders) => return Err(Response::head_too_large()),
            Ok(httparse::Status::Partial) | Err(_) => return Err(Response::malformed("")),
        }
        let head = Self {
            method: request.method.unwrap_or_default().to_owned(),
            target: request.path.unwrap_or_default().to_owned(),
            is_1_1: request.version == Some(1),
            headers: request
                .headers
                .iter()
                .map(|h| (h.name.to_owned(), h.value.trim_ascii().to_vec()))
                .collect(),
        };
        match head.values("Host").count() {
            0 if head.is_1_1 => Err(Response::malformed("missing required Host header")),
            0 | 1 => Ok(head),
            _ => Err(Response::malformed("too many Host headers")),
        }
    }

    /// The first value of a header, blanks around it removed; the name in any case.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }

    /// The same as text; bytes that are not UTF-8 become U+FFFD. Empty if there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(self.value(name).unwrap_or_default()).into_owned()
    }

    /// All values of a header in order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }

    /// True if one of the comma-separated values is `token`, in any case.
    #[must_use]
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.values(name)
            .flat_map(|value| value.split(|&b| b == b','))
            .any(|part| part.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    }

    /// The target without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&*self.target, |(p, _)| p)
    }

    /// What follows the first `?`.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }

    /// True if the client wants to send further requests on this connection.
    #[must_use]
    pub fn keeps_alive(&self) -> bool {
        if self.is_1_1 {
            !self.has_token("Connection", "close")
        } else {
            self.has_token("Connection", "keep-alive")
        }
    }

    /// True if the head announces a body.
    #[must_use]
    pub fn has_body(&self) -> bool {
        self.value("Transfer-Encoding").is_some()
            || self.value("Content-Length").is_some_and(|v| v != b"0")
    }
}
