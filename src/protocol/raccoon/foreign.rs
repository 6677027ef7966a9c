//! An endpoint of another system: what answers here is no Raccoon server.
//!
//! Looked at only when a reply is not one of the five a Raccoon server sends.

use std::hash::{BuildHasher as _, Hasher as _};

use foldhash::fast::FixedState;

use super::ROW;
use crate::frame::{Frame, Opening};
use crate::protocol::{Evidence, PROTOCOLS, System};

/// Messages of ours an echo is recognised by.
const KEPT: usize = 16;

/// The newest messages sent, and whether somebody else was recognised.
#[derive(Debug, Default)]
pub(super) struct Foreign {
    opening: Opening,
    sent: [u64; KEPT],
    next: usize,
    /// What it is, once recognised.
    pub(super) found: Option<String>,
}

impl Foreign {
    pub(super) fn opened(&mut self, opening: &Opening) {
        self.opening = opening.clone();
    }

    /// A message with this [`digest`] went out.
    pub(super) fn sent(&mut self, digest: u64) {
        self.sent[self.next % KEPT] = digest;
        self.next = self.next.wrapping_add(1);
    }

    /// Judges a message that is no reply of a Raccoon server; a sentence if it is recognised.
    pub(super) fn judge(&mut self, frame: &Frame<'_>) -> Option<String> {
        let what = if self.sent.contains(&digest(frame.message())) {
            "this is our own message come back: the endpoint is an echo server, not Raccoon; try --system generic".to_owned()
        } else {
            self.other_system(frame)?
        };
        self.found.get_or_insert_with(|| what.clone());
        Some(what)
    }

    /// The system whose first frame this could be, by the frame and not by the URL alone.
    fn other_system(&self, frame: &Frame<'_>) -> Option<String> {
        let evidence = |first| Evidence {
            opening: &self.opening,
            first,
        };
        let others = PROTOCOLS
            .iter()
            .filter(|row| row.system != ROW.system && row.system != System::Generic);
        let sure = others.map(|row| {
            let with = (row.recognise)(&evidence(Some(frame)));
            let without = (row.recognise)(&evidence(None));
            (
                row,
                with.percent > without.percent && with.percent >= 60,
                with,
            )
        });
        let (row, _, found) = sure
            .filter(|(_, sure, _)| *sure)
            .max_by_key(|(_, _, found)| found.percent)?;
        Some(format!(
            "the endpoint speaks {}, not Raccoon ({}); use --system {}",
            row.title, found.why, row.name
        ))
    }
}

/// Tells messages apart.
pub(super) fn digest(message: &[u8]) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    hasher.write(message);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Direction, FrameKind};
    use crate::transport::clock;

    fn frame(direction: Direction, payload: &[u8]) -> Frame<'_> {
        Frame {
            seq: 0,
            at: clock::now(),
            direction,
            kind: FrameKind::Text,
            payload,
        }
    }

    #[test]
    fn an_echo_of_our_own_batch_is_recognised() {
        let mut foreign = Foreign::default();
        let batch = br#"{"req_guid":"g","events":[]}"#;
        foreign.sent(digest(batch));
        let text = foreign.judge(&frame(Direction::In, batch)).unwrap();
        assert!(text.contains("echo server"), "{text}");
        assert_eq!(foreign.found, Some(text));
    }

    #[test]
    fn the_welcome_of_the_stellar_stream_is_recognised() {
        let mut foreign = Foreign::default();
        let welcome = br#"{"format":{"filters":{}},"message":"register first","type":"welcome"}"#;
        let text = foreign
            .judge(&frame(Direction::In, welcome))
            .unwrap_or_default();
        assert!(text.contains("--system savetowebsocket"), "{text}");
    }

    #[test]
    fn an_envelope_of_the_broker_is_recognised() {
        let mut foreign = Foreign::default();
        let envelope = br#"{"header":{"messageID":"1","type":"response","correlationID":"2","timestamp":1},"body":{}}"#;
        let old =
            br#"{"id":"1","type":"response","topic":"t","timestamp":1700000000000,"payload":{}}"#;
        let found = [&envelope[..], &old[..]].iter().any(|payload| {
            let found = foreign.judge(&frame(Direction::In, payload));
            found.is_some_and(|text| text.contains("--system websocketmq"))
        });
        assert!(found);
    }

    #[test]
    fn what_nobody_sends_is_not_recognised() {
        let mut foreign = Foreign::default();
        assert_eq!(foreign.judge(&frame(Direction::In, b"hello")), None);
        assert_eq!(foreign.found, None);
    }
}
