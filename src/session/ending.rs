//! What the end of a connection was: who, how, with or without a close frame. Pure.

use super::lifecycle::{EndedBy, Ending};
use crate::frame::{close_meaning, close_parts};
use crate::transport::Broken;

/// What was seen of the end.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// Payload of the first close frame we sent, if it was before the peer's.
    pub(super) ours: Option<Vec<u8>>,
    /// Payload of the peer's close frame.
    pub(super) theirs: Option<Vec<u8>>,
    /// True once our close frame went out, first or as the reply.
    pub(super) replied: bool,
    /// Why nothing more could be read or written.
    pub(super) broken: Option<Broken>,
    /// The peer did not finish the closing handshake in time.
    pub(super) overdue: bool,
    /// The end of a session that had only calls: who, how, and the sentence.
    pub(super) calls: Option<(EndedBy, &'static str, String)>,
}

/// Names the ending.
pub(super) fn classify(facts: &Facts) -> Ending {
    if let Some((by, how, explanation)) = &facts.calls {
        return Ending {
            by: *by,
            how,
            code: 0,
            reason: Vec::new(),
            close_frame_seen: false,
            clean: *by == EndedBy::Us,
            explanation: explanation.clone(),
        };
    }
    let (code, reason) = match facts.theirs.as_deref().map(close_parts) {
        None => (1006, Vec::new()),
        Some(None) => (1005, Vec::new()),
        Some(Some((code, reason))) => (code, reason.to_vec()),
    };
    let by = match (&facts.ours, &facts.theirs, &facts.broken) {
        (Some(_), ..) | (None, None, Some(Broken::Protocol(_) | Broken::TooBig { .. })) => {
            EndedBy::Us
        }
        (None, Some(_), _) | (None, None, Some(Broken::Fin { .. } | Broken::Reset)) => {
            EndedBy::Peer
        }
        (None, None, _) => EndedBy::Network,
    };
    let how = match (&facts.broken, facts.theirs.is_some()) {
        (Some(Broken::Protocol(_)), _) => "protocol error",
        (Some(Broken::TooBig { .. }), _) => "too big",
        (_, true) => "close",
        (Some(Broken::Fin { .. }), _) => "fin",
        (Some(Broken::Reset), _) => "reset",
        (Some(Broken::Io(_)), _) => "io",
        (None, _) => "timeout",
    };
    Ending {
        by,
        how,
        code,
        explanation: explain(facts, code, &reason),
        reason,
        close_frame_seen: facts.theirs.is_some(),
        clean: facts.theirs.is_some() && facts.replied,
    }
}

fn explain(facts: &Facts, code: u16, reason: &[u8]) -> String {
    match &facts.broken {
        Some(Broken::Protocol(what)) => {
            return format!(
                "The server broke the WebSocket protocol: {what}. We closed with 1002."
            );
        }
        Some(Broken::TooBig { size, limit }) => {
            return format!(
                "A message of {size} bytes is over the limit of {limit}; we closed with 1009. \
                 Raise it with --max-message or limits.message."
            );
        }
        _ => {}
    }
    let meaning = close_meaning(code);
    if facts.theirs.is_some() {
        let said = match reason {
            [] => String::new(),
            reason => format!(" “{}”", crate::sanitise::bytes_line(reason)),
        };
        return if facts.ours.is_some() {
            format!("We closed; the server answered {code} ({meaning}){said}.")
        } else {
            format!("The server closed with {code} ({meaning}){said}.")
        };
    }
    let asked = facts.ours.is_some();
    match &facts.broken {
        Some(Broken::Fin { cut: true }) => {
            "The server ended TCP in the middle of a message, without a close frame.".to_owned()
        }
        Some(Broken::Fin { cut: false }) if asked => {
            "We closed; the server ended TCP without answering the close frame.".to_owned()
        }
        Some(Broken::Fin { cut: false }) => {
            "The server ended TCP without a close frame (1006).".to_owned()
        }
        Some(Broken::Reset) if asked => "We closed; the server reset the connection.".to_owned(),
        Some(Broken::Reset) => "The connection was reset, without a close frame (1006).".to_owned(),
        Some(Broken::Io(what)) => format!("The connection broke: {what} (1006)."),
        _ if facts.overdue => {
            "We closed; the server did not answer the close frame in time.".to_owned()
        }
        _ => "The connection ended without a close frame (1006).".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::close_payload;

    fn facts() -> Facts {
        Facts::default()
    }

    fn named(facts: &Facts) -> (EndedBy, &'static str, u16) {
        let ending = classify(facts);
        assert!(!ending.explanation.is_empty());
        (ending.by, ending.how, ending.code)
    }

    fn broken(broken: Broken) -> Facts {
        Facts {
            broken: Some(broken),
            ..facts()
        }
    }

    #[test]
    fn the_peer_ended_it() {
        let theirs = |payload| Facts {
            theirs: Some(payload),
            ..facts()
        };
        let fin = Broken::Fin { cut: false };
        for (facts, how, code) in [
            (theirs(close_payload(1001, "bye")), "close", 1001),
            (theirs(Vec::new()), "close", 1005),
            (broken(fin), "fin", 1006),
            (broken(Broken::Reset), "reset", 1006),
        ] {
            assert_eq!(named(&facts), (EndedBy::Peer, how, code));
        }
    }

    #[test]
    fn we_ended_it() {
        let asked = || Facts {
            ours: Some(close_payload(1000, "")),
            ..facts()
        };
        let answered = Facts {
            theirs: Some(close_payload(1000, "")),
            ..asked()
        };
        let overdue = Facts {
            overdue: true,
            ..asked()
        };
        let silent = Facts {
            broken: Some(Broken::Fin { cut: false }),
            ..asked()
        };
        let fault = broken(Broken::Protocol("reserved opcode 3".to_owned()));
        for (facts, how, code) in [
            (answered, "close", 1000),
            (overdue, "timeout", 1006),
            (silent, "fin", 1006),
            (fault, "protocol error", 1006),
        ] {
            assert_eq!(named(&facts), (EndedBy::Us, how, code));
        }
    }

    #[test]
    fn nobody_ended_it_on_purpose() {
        let facts = broken(Broken::Io("no route to host".to_owned()));
        assert_eq!(named(&facts), (EndedBy::Network, "io", 1006));
    }

    #[test]
    fn the_wire_reason_is_kept_raw_and_shown_escaped() {
        let mut theirs = close_payload(4001, "");
        theirs.extend_from_slice(b"\xff\x1b[0m");
        let ending = classify(&Facts {
            theirs: Some(theirs),
            ..facts()
        });
        assert_eq!(ending.reason, b"\xff\x1b[0m");
        assert!(
            ending.explanation.contains("\\xff\\x1b[0m"),
            "{}",
            ending.explanation
        );
    }

    #[test]
    fn clean_means_both_close_frames() {
        let theirs = Some(close_payload(1000, ""));
        assert!(
            classify(&Facts {
                theirs: theirs.clone(),
                replied: true,
                ..facts()
            })
            .clean
        );
        assert!(!classify(&Facts { theirs, ..facts() }).clean);
    }
}
