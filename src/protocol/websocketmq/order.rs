//! What can be told to a conversation beyond messages to send.

use std::time::Duration;

use super::dialect::Dialect;

/// Something a person tells the conversation to do from now on. Every order but
/// [`Probe`](Self::Probe) holds over reconnects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Calls of the broker that no responder matches: kept for an answer by hand (`true`), or
    /// refused at once. A kept call nobody answered is refused shortly before its time is over.
    HoldCalls(bool),
    /// How often to ask for the clients; `None` stops asking. Asks at once.
    WatchClients(Option<Duration>),
    /// Register again under these names; empty ones leave the broker's previous value.
    Register {
        /// Shown name.
        name: String,
        /// Type, `browser` or `cli`.
        kind: String,
        /// The client's own URL.
        url: String,
    },
    /// Find out generation and dialect with messages that do no harm.
    Probe,
    /// Speak this dialect from now on.
    Speak(Dialect),
}

impl Order {
    /// What it is, for messages.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::HoldCalls(_) => "order to hold calls",
            Self::WatchClients(_) => "order to watch the clients",
            Self::Register { .. } => "registration",
            Self::Probe => "probe",
            Self::Speak(_) => "choice of a dialect",
        }
    }
}
