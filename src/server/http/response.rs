//! Answers as Go's HTTP server writes them.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::Head;
use crate::transport::clock;

const LENGTH: &str = "Content-Length";

/// An answer that is not an upgrade. `Date` and `Content-Length` are added when it is written,
/// behind the other headers, where Go puts them; a length that a handler has set stays where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Headers in the order they are written.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Body.
    pub body: Vec<u8>,
    /// Whether the type was not set by the server's code: Go then guesses one from the body and
    /// writes it behind the length.
    guessed_text: bool,
}

/// An answer to a head that could not be understood: Go writes these without a date and ends the
/// connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: String,
    body: String,
}

impl Refusal {
    /// 400, with what is wrong.
    pub(super) fn bad_request(detail: &str) -> Self {
        let colon = if detail.is_empty() { "" } else { ": " };
        Self::same(format!("400 Bad Request{colon}{detail}"))
    }

    pub(super) fn head_too_large() -> Self {
        Self::same("431 Request Header Fields Too Large".to_owned())
    }

    pub(super) fn version() -> Self {
        Self::same("505 HTTP Version Not Supported: unsupported protocol version".to_owned())
    }

    pub(super) fn unsupported_coding() -> Self {
        Self {
            status: "501 Not Implemented".to_owned(),
            body: "Unsupported transfer encoding".to_owned(),
        }
    }

    fn same(text: String) -> Self {
        Self {
            status: text.clone(),
            body: text,
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let Self { status, body } = self;
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Connection: close\r\n\r\n{body}"
        )
        .into_bytes()
    }
}

impl Response {
    /// An answer without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            guessed_text: false,
        }
    }

    /// What Go's `http.Error` writes: the text and a newline, not to be sniffed.
    #[must_use]
    pub fn error(status: u16, text: &str) -> Self {
        Self {
            status,
            headers: vec![
                plain_text(),
                ("X-Content-Type-Options".to_owned(), b"nosniff".to_vec()),
            ],
            body: format!("{text}\n").into_bytes(),
            guessed_text: false,
        }
    }

    /// Go's answer to a path nobody registered.
    #[must_use]
    pub fn not_found() -> Self {
        Self::error(404, "404 page not found")
    }

    /// A 200 with a text body whose type nobody set.
    #[must_use]
    pub fn text(body: &str) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
            guessed_text: true,
        }
    }

    /// The same answer with that body.
    #[must_use]
    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    /// The same answer with one header more, put where its name sorts, as Go does.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let at = self.headers.partition_point(|(n, _)| n.as_str() < name);
        self.headers
            .insert(at, (name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// The bytes on the wire in answer to `head`, on a connection that stays open or not. In
    /// answer to `HEAD` there is no body, and of an empty one not even a length.
    pub(super) fn bytes(&self, head: &Head, stays: bool) -> Vec<u8> {
        let version = if head.is_1_1 { "1.1" } else { "1.0" };
        let status = reason(self.status);
        let mut out = format!("HTTP/{version} {} {status}\r\n", self.status).into_bytes();
        for (name, value) in &self.headers {
            header(&mut out, name, value);
        }
        header(&mut out, "Date", date().as_bytes());
        let has_body = head.method != "HEAD";
        let told = self.headers.iter().any(|(name, _)| name == LENGTH);
        if !told && (has_body || !self.body.is_empty()) {
            let length = self.body.len().to_string();
            header(&mut out, LENGTH, length.as_bytes());
        }
        if self.guessed_text {
            let (name, value) = plain_text();
            header(&mut out, &name, &value);
        }
        match (head.is_1_1, stays) {
            (true, false) => header(&mut out, "Connection", b"close"),
            (false, true) => header(&mut out, "Connection", b"keep-alive"),
            _ => {}
        }
        out.extend_from_slice(b"\r\n");
        if has_body {
            out.extend_from_slice(&self.body);
        }
        out
    }
}

fn plain_text() -> (String, Vec<u8>) {
    let value = b"text/plain; charset=utf-8".to_vec();
    ("Content-Type".to_owned(), value)
}

fn header(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// `HTTP/1.1 404 Not Found` and the line end.
pub(super) fn status_line(status: u16) -> String {
    format!("HTTP/1.1 {status} {}\r\n", reason(status))
}

/// The standard text of the statuses the servers use.
pub(super) fn reason(status: u16) -> &'static str {
    match status {
        101 => "Switching Protocols",
        200 => "OK",
        301 => "Moved Permanently",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Request Entity Too Large",
        417 => "Expectation Failed",
        415 => "Unsupported Media Type",
        426 => "Upgrade Required",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "Unknown",
    }
}

/// Now, as the `Date` header has it.
pub(super) fn date() -> String {
    let now = Timestamp::from_microsecond(clock::now().wall_us).unwrap_or_default();
    let mut text = String::new();
    // Fails only outside the years 0 to 9999; a header without a date is the lesser evil.
    if DateTimePrinter::new()
        .print_timestamp_rfc9110(&now, &mut text)
        .is_err()
    {
        text.clear();
    }
    text
}
