//! Answers as Go's HTTP server writes them.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use crate::transport::clock;

/// An answer that is not an upgrade. `Date` and `Content-Length` are added when it is written,
/// behind the other headers, where Go puts them.
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
    /// Whether `Connection: close` is added, last of all.
    closes: bool,
}

/// An answer to a head that could not be understood: Go writes these without a date and ends the
/// connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal(String);

impl Refusal {
    pub(super) fn bytes(&self) -> Vec<u8> {
        format!(
            "HTTP/1.1 {0}\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Connection: close\r\n\r\n{0}",
            self.0
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
            closes: false,
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
            closes: false,
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
            closes: false,
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

    /// The same answer, announcing the end of the connection.
    #[must_use]
    pub(super) fn closing(mut self) -> Self {
        self.closes = true;
        self
    }

    pub(super) fn malformed(detail: &str) -> Refusal {
        let colon = if detail.is_empty() { "" } else { ": " };
        Refusal(format!("400 Bad Request{colon}{detail}"))
    }

    pub(super) fn head_too_large() -> Refusal {
        Refusal("431 Request Header Fields Too Large".to_owned())
    }

    /// The bytes on the wire.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = self.head(Some(self.body.len()));
        out.extend_from_slice(&self.body);
        out
    }

    /// The bytes on the wire in answer to `HEAD`: no body, and of an empty one not even a length.
    pub(super) fn head_bytes(&self) -> Vec<u8> {
        self.head(Some(self.body.len()).filter(|&length| length > 0))
    }

    fn head(&self, length: Option<usize>) -> Vec<u8> {
        let mut out = status_line(self.status).into_bytes();
        for (name, value) in &self.headers {
            header(&mut out, name, value);
        }
        header(&mut out, "Date", date().as_bytes());
        if let Some(length) = length {
            header(&mut out, "Content-Length", length.to_string().as_bytes());
        }
        if self.guessed_text {
            let (name, value) = plain_text();
            header(&mut out, &name, &value);
        }
        if self.closes {
            header(&mut out, "Connection", b"close");
        }
        out.extend_from_slice(b"\r\n");
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
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Request Entity Too Large",
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
