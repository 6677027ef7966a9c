//! What a call from the broker is answered with: by a responder, or by hand.

use bytes::Bytes;

/// An answer to a call. How it looks on the wire depends on the generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A success with this JSON; `None` leaves payload or body out.
    Payload(Option<Bytes>),
    /// A failure: an error object in generation 2, a body that tells of the error in generation 1
    /// (which has no codes).
    Failure {
        /// Code; 404 and 500 are what Go clients send.
        code: i64,
        /// Message.
        message: String,
    },
    /// A failure as the browser client of generation 2 reports it: type `error` without an error
    /// object, which brokers take for a success.
    Soft {
        /// Text of the failure.
        message: String,
    },
    /// That nobody handles this topic, in the words of the generation.
    Unhandled,
    /// These bytes as they stand, however wrong.
    Verbatim(Bytes),
    /// Nothing, on purpose: the broker waits until its time is over.
    Silence,
}

impl Answer {
    /// Bytes in it.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Payload(payload) => payload.as_ref().map_or(0, Bytes::len),
            Self::Failure { message, .. } | Self::Soft { message } => message.len(),
            Self::Verbatim(bytes) => bytes.len(),
            Self::Unhandled | Self::Silence => 0,
        }
    }
}
