//! Request heads.

use super::response::Refusal;

/// Header fields in most heads, and in any.
const HEADERS_USUAL: usize = 64;
const HEADERS_MAX: usize = 4096;

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
    path: String,
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
        let parsed = match Self::parse_up_to(bytes, HEADERS_USUAL) {
            Err(httparse::Error::TooManyHeaders) => Self::parse_up_to(bytes, HEADERS_MAX),
            parsed => parsed,
        };
        let head = parsed.map_err(|error| unparsed(bytes, error))?;
        head.check()?;
        Ok(head)
    }

    fn parse_up_to(bytes: &[u8], headers: usize) -> Result<Self, httparse::Error> {
        let mut fields = vec![httparse::EMPTY_HEADER; headers];
        let mut request = httparse::Request::new(&mut fields);
        if request.parse(bytes)?.is_partial() {
            return Err(httparse::Error::NewLine);
        }
        let target = request.path.unwrap_or_default();
        Ok(Self {
            method: request.method.unwrap_or_default().to_owned(),
            target: target.to_owned(),
            is_1_1: request.version == Some(1),
            path: path_of(target).ok_or(httparse::Error::Token)?,
            headers: request
                .headers
                .iter()
                .map(|h| (h.name.to_owned(), h.value.trim_ascii().to_vec()))
                .collect(),
        })
    }

    /// What Go's HTTP server refuses before any handler sees it.
    fn check(&self) -> Result<(), Refusal> {
        let mut hosts = self.values("Host");
        match (hosts.next(), hosts.next()) {
            (None, _) if self.is_1_1 => {
                return Err(Refusal::bad_request("missing required Host header"));
            }
            (_, Some(_)) => return Err(Refusal::bad_request("")),
            (Some(host), None) if !host.iter().all(|&b| is_host_byte(b)) => {
                return Err(Refusal::bad_request("malformed Host header"));
            }
            _ => {}
        }
        let mut codings = self.values("Transfer-Encoding");
        if let Some(coding) = codings.next() {
            if !coding.eq_ignore_ascii_case(b"chunked") || codings.next().is_some() {
                return Err(Refusal::unsupported_coding());
            }
        } else {
            let mut lengths = self.values("Content-Length");
            let first = lengths.next();
            let is_number = first.is_none_or(|l| !l.is_empty() && l.iter().all(u8::is_ascii_digit));
            if !is_number || lengths.any(|length| Some(length) != first) {
                return Err(Refusal::bad_request(""));
            }
        }
        Ok(())
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

    /// The path of the target, decoded.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
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

    /// False if it expects anything but to be told to go on.
    pub(super) fn expects_what_it_gets(&self) -> bool {
        self.value("Expect")
            .is_none_or(|v| v.is_empty() || v.eq_ignore_ascii_case(b"100-continue"))
    }

    /// True if the head announces a body.
    #[must_use]
    pub fn has_body(&self) -> bool {
        self.value("Transfer-Encoding").is_some()
            || self.value("Content-Length").is_some_and(|v| v != b"0")
    }
}

/// The decoded path of a request's target: without query, and without scheme and host if it has
/// them. `None` if an escape is malformed.
fn path_of(target: &str) -> Option<String> {
    let target = target.split_once('?').map_or(target, |(path, _)| path);
    let path = match target.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => {
            rest.find('/').map_or("", |at| &rest[at..])
        }
        _ => target,
    };
    let mut bytes = path.bytes();
    let mut decoded = Vec::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' {
            let mut digit = || char::from(bytes.next()?).to_digit(16);
            (digit()? * 16 + digit()?) as u8
        } else {
            byte
        });
    }
    Some(String::from_utf8_lossy(&decoded).into_owned())
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!$%&'()*+,-.:;=[]_~".contains(&byte)
}

/// The answer to what is no head, in Go's words.
fn unparsed(bytes: &[u8], error: httparse::Error) -> Refusal {
    match error {
        httparse::Error::TooManyHeaders => Refusal::head_too_large(),
        httparse::Error::Version if has_version(bytes) => Refusal::version(),
        httparse::Error::HeaderName if has_odd_name(bytes) => {
            Refusal::bad_request("invalid header name")
        }
        _ => Refusal::bad_request(""),
    }
}

/// Whether the first line has three words, the last of them a version of whatever number.
fn has_version(bytes: &[u8]) -> bool {
    let line = bytes.split(|&b| b == b'\n').next().unwrap_or_default();
    let words: Vec<_> = line.trim_ascii_end().splitn(4, |&b| b == b' ').collect();
    let [_, _, version] = words[..] else {
        return false;
    };
    let number = version.strip_prefix(b"HTTP/");
    matches!(number, Some([a, b'.', b]) if a.is_ascii_digit() && b.is_ascii_digit())
}

/// Whether the first header line that is none has a colon all the same.
fn has_odd_name(bytes: &[u8]) -> bool {
    let is_name = |name: &[u8]| {
        let odd = |b: &u8| !b.is_ascii_alphanumeric() && !b"!#$%&'*+-.^_`|~".contains(b);
        !name.is_empty() && !name.iter().any(odd)
    };
    let lines = bytes.split(|&b| b == b'\n').skip(1);
    for line in lines
        .map(<[u8]>::trim_ascii_end)
        .filter(|line| !line.is_empty())
    {
        let mut parts = line.splitn(2, |&b| b == b':');
        let name = parts.next().unwrap_or_default();
        match parts.next() {
            None => return false,
            Some(_) if !is_name(name) => return true,
            Some(_) => {}
        }
    }
    false
}
