//! The states of a session and how a connection ends. Pure: no socket, no clock.

use serde::Serialize;

/// Where a session is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum State {
    /// Not connected and not trying.
    #[default]
    Idle,
    /// TCP, TLS and HTTP upgrade under way.
    Dialing,
    /// Upgraded; nothing more is known yet.
    Open,
    /// Introducing ourselves.
    Registering,
    /// In use.
    Live,
    /// Turned away by the server.
    Refused,
    /// The closing handshake is under way.
    Closing,
    /// The connection has ended.
    Closed,
    /// Between attempts.
    Waiting,
    /// Given up.
    Failed,
}

impl State {
    /// All states, in the order a connection meets them.
    pub const ALL: [Self; 10] = [
        Self::Idle,
        Self::Dialing,
        Self::Open,
        Self::Registering,
        Self::Live,
        Self::Refused,
        Self::Closing,
        Self::Closed,
        Self::Waiting,
        Self::Failed,
    ];

    /// The word used on screen and in JSON lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Dialing => "dialing",
            Self::Open => "open",
            Self::Registering => "registering",
            Self::Live => "live",
            Self::Refused => "refused",
            Self::Closing => "closing",
            Self::Closed => "closed",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
        }
    }

    /// True while a connection is open.
    #[must_use]
    pub const fn is_connected(self) -> bool {
        matches!(
            self,
            Self::Open | Self::Registering | Self::Live | Self::Refused | Self::Closing
        )
    }

    /// True if a connection may go from `self` to `next`.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use State::{
            Closed, Closing, Dialing, Failed, Idle, Live, Open, Refused, Registering, Waiting,
        };
        match next {
            Idle => matches!(self, Closed | Waiting | Failed | Dialing),
            Dialing => matches!(self, Idle | Closed | Waiting | Failed),
            Open => matches!(self, Dialing),
            Registering => matches!(self, Open | Live | Registering),
            Live => matches!(self, Open | Registering),
            Refused => matches!(self, Open | Registering | Live),
            Closing => matches!(self, Open | Registering | Live | Refused),
            Closed => self.is_connected() || matches!(self, Dialing),
            Waiting => matches!(self, Closed),
            Failed => matches!(self, Closed | Dialing),
        }
    }
}

/// Who ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EndedBy {
    /// The peer sent a close frame first, or ended TCP.
    Peer,
    /// We sent a close frame first, or gave up.
    Us,
    /// Nobody on purpose: the network or a timeout.
    Network,
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Who ended it.
    pub by: EndedBy,
    /// One word: `close`, `fin`, `reset`, `protocol error`, `timeout`, `too big`, `tls`, `io`,
    /// or for dials that never opened `refused port`, `dns`, `http`, ….
    pub how: &'static str,
    /// Code of the close frame that was seen; 1005 for one without a code, 1006 for none, 0 where
    /// there was no WebSocket.
    pub code: u16,
    /// Reason of that close frame, raw.
    pub reason: Vec<u8>,
    /// True if the peer's close frame was seen.
    pub close_frame_seen: bool,
    /// True if both close frames crossed.
    pub clean: bool,
    /// The sentence a person reads: what happened, and what to try.
    pub explanation: String,
}

#[cfg(test)]
mod tests {
    use super::State::{
        self, Closed, Closing, Dialing, Failed, Idle, Live, Open, Refused, Registering, Waiting,
    };

    #[test]
    fn the_ways_a_session_goes() {
        let ways: &[&[State]] = &[
            &[
                Idle,
                Dialing,
                Open,
                Registering,
                Live,
                Closing,
                Closed,
                Waiting,
                Dialing,
            ],
            &[Idle, Dialing, Open, Live, Closed, Failed, Dialing],
            &[Dialing, Open, Refused, Closing, Closed, Waiting, Idle],
            &[Dialing, Closed, Waiting, Dialing, Closed, Failed, Idle],
            &[Dialing, Idle, Dialing, Open, Registering, Refused, Closed],
            &[Live, Registering, Live],
        ];
        for way in ways {
            for step in way.windows(2) {
                assert!(step[0].may_become(step[1]), "{step:?} of {way:?}");
            }
        }
    }

    #[test]
    fn what_never_happens() {
        for (from, to) in [
            (Idle, Live),
            (Idle, Open),
            (Waiting, Open),
            (Closed, Live),
            (Refused, Live),
            (Closing, Live),
            (Failed, Waiting),
            (Closed, Closed),
        ] {
            assert!(!from.may_become(to), "{from:?} to {to:?}");
        }
    }

    #[test]
    fn only_an_open_connection_is_connected() {
        let connected: Vec<State> = State::ALL
            .into_iter()
            .filter(|state| state.is_connected())
            .collect();
        assert_eq!(connected, [Open, Registering, Live, Refused, Closing]);
    }
}
