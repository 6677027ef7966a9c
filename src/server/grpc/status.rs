//! How a call ended.

use std::fmt::Write as _;

/// Status codes this server sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// 0.
    Ok = 0,
    /// 2: what a handler returned that is no status; also a message that breaks off.
    Unknown = 2,
    /// 3: not a gRPC request at all.
    InvalidArgument = 3,
    /// 4.
    DeadlineExceeded = 4,
    /// 8: a message over the limit.
    ResourceExhausted = 8,
    /// 12: no such service, method or compression.
    Unimplemented = 12,
    /// 13: headers or a message that cannot be read.
    Internal = 13,
}

/// `grpc-status` and `grpc-message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The code.
    pub code: Code,
    /// The text, not yet encoded; empty for success.
    pub message: String,
}

impl Status {
    /// A status with a text.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// Success.
    #[must_use]
    pub fn ok() -> Self {
        Self::new(Code::Ok, "")
    }

    /// The text as the header has it: what is not printable ASCII, and `%`, as `%XX` of its UTF-8.
    #[must_use]
    pub fn encoded_message(&self) -> String {
        let mut out = String::with_capacity(self.message.len());
        for byte in self.message.bytes() {
            if (b' '..=b'~').contains(&byte) && byte != b'%' {
                out.push(char::from(byte));
            } else {
                // Writing to a String cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    }
}
