//! Half of a REST or gRPC exchange as one payload: a head in HTTP's own words, then the body.
//!
//! ```text
//! POST http://127.0.0.1:8080/api/v1/events HTTP/1.1      HTTP/2 200
//! content-type: application/json                         content-type: application/grpc
//! x-user-id: wspect-7                                    grpc-status: 0
//!
//! {"req_guid":…}                                         08 01 10 01 …
//! ```
//!
//! So a frame of kind `Request` or `Response` says everything by itself, like any other: nothing
//! is kept beside its payload, and search, hex view and capture see head and body alike. Lines end
//! in CR LF. A gRPC body stands without its five bytes of prefix, its trailers among the headers.

use std::borrow::Cow;
use std::fmt::Write as _;

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// Head and body of a `Request` or `Response` frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange<'a> {
    /// Start line and headers, without the empty line; text but for foreign header values.
    pub head: &'a [u8],
    /// What follows the empty line.
    pub body: &'a [u8],
}

impl<'a> Exchange<'a> {
    /// Splits a payload; one without an empty line is all body.
    #[must_use]
    pub fn of(payload: &'a [u8]) -> Self {
        memchr::memmem::find(payload, END_OF_HEAD).map_or(
            Self {
                head: &[],
                body: payload,
            },
            |at| Self {
                head: &payload[..at],
                body: &payload[at + END_OF_HEAD.len()..],
            },
        )
    }

    /// The first line: `POST URL HTTP/1.1` or `HTTP/1.1 200 OK`. Not sanitised.
    #[must_use]
    pub fn start_line(&self) -> Cow<'a, str> {
        self.lines().next().unwrap_or_default()
    }

    /// HTTP status of a response.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        let line = self.start_line();
        let (version, rest) = line.split_once(' ')?;
        version.starts_with("HTTP/").then_some(())?;
        rest.split(' ').next()?.parse().ok()
    }

    /// Headers, then trailers, in wire order. Not sanitised.
    pub fn headers(&self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> {
        self.lines().skip(1).filter_map(|line| match line {
            Cow::Borrowed(line) => {
                let (name, value) = line.split_once(':')?;
                Some((name.into(), value.trim().into()))
            }
            Cow::Owned(line) => {
                let (name, value) = line.split_once(':')?;
                Some((name.to_owned().into(), value.trim().to_owned().into()))
            }
        })
    }

    /// The first header of that name, compared without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<Cow<'a, str>> {
        self.headers()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// True for a gRPC call: its content type starts with `application/grpc`.
    #[must_use]
    pub fn is_grpc(&self) -> bool {
        self.header("content-type")
            .is_some_and(|value| value.starts_with("application/grpc"))
    }

    /// True if the content type is JSON, parameters and case aside.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.header("content-type").is_some_and(|value| {
            let media = value.split(';').next().unwrap_or_default().trim();
            media.eq_ignore_ascii_case("application/json")
        })
    }

    fn lines(&self) -> impl Iterator<Item = Cow<'a, str>> {
        self.head.split(|byte| *byte == b'\n').map(|line| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            String::from_utf8_lossy(line)
        })
    }
}

/// Writes the payload of a `Request` or `Response` frame. Line breaks in values become blanks.
#[must_use]
pub fn exchange_payload<'h>(
    start_line: &str,
    headers: impl IntoIterator<Item = (&'h str, &'h str)>,
    body: &[u8],
) -> Vec<u8> {
    let mut head = start_line.replace(['\r', '\n'], " ");
    for (name, value) in headers {
        let value = value.replace(['\r', '\n'], " ");
        let _ = write!(head, "\r\n{name}: {value}");
    }
    let mut payload = head.into_bytes();
    payload.extend_from_slice(END_OF_HEAD);
    payload.extend_from_slice(body);
    payload
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let headers = [("Content-Type", "application/json"), ("x-odd", "a\r\nb")];
        let payload = exchange_payload("HTTP/1.1 400 Bad Request", headers, b"{}\r\n\r\nrest");
        let exchange = Exchange::of(&payload);
        assert_eq!(exchange.status(), Some(400));
        assert!(exchange.is_json() && !exchange.is_grpc());
        assert_eq!(exchange.header("X-ODD").as_deref(), Some("a  b"));
        assert_eq!(exchange.headers().count(), 2);
        assert_eq!(exchange.body, b"{}\r\n\r\nrest");
    }

    #[test]
    fn a_request_has_no_status() {
        let payload = exchange_payload("POST grpc://h:1/S/M HTTP/2", [], b"");
        let exchange = Exchange::of(&payload);
        assert_eq!(exchange.status(), None);
        assert_eq!(exchange.start_line(), "POST grpc://h:1/S/M HTTP/2");
        assert!(exchange.body.is_empty() && exchange.headers().next().is_none());
    }

    #[test]
    fn bytes_without_a_head_are_all_body() {
        let exchange = Exchange::of(b"\x0a\x00");
        assert_eq!((exchange.head, exchange.body), (&b""[..], &b"\x0a\x00"[..]));
        assert_eq!(exchange.start_line(), "");
    }

    #[test]
    fn foreign_bytes_in_a_value_are_read_leniently() {
        let exchange = Exchange::of(b"HTTP/1.1 200\r\nx: \xff\r\n\r\n");
        assert_eq!(exchange.header("x").as_deref(), Some("\u{fffd}"));
    }
}
