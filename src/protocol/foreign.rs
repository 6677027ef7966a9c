//! An endpoint of another system: what answers here is not what the session was told to speak.
//!
//! Looked at only when a message is none that the system's server sends.

use std::hash::{BuildHasher as _, Hasher as _};

use foldhash::fast::FixedState;

use super::{Evidence, PROTOCOLS, Row, System};
use crate::frame::{Frame, Opening};

/// Messages of ours an echo is recognised by.
const KEPT: usize = 16;

/// The newest messages sent, and whether somebody else was recognised.
#[derive(Debug)]
pub(super) struct Foreign {
    /// The system the session speaks.
    home: System,
    opening: Opening,
    sent: [u64; KEPT],
    next: usize,
    /// What it is, once recognised.
    pub(super) found: Option<String>,
}

impl Foreign {
    pub(super) fn to(home: System) -> Self {
        Self {
            home,
            opening: Opening::default(),
            sent: [0; KEPT],
            next: 0,
            found: None,
        }
    }

    pub(super) fn opened(&mut self, opening: &Opening) {
        self.opening = opening.clone();
    }

    /// A message with this [`digest`] went out.
    pub(super) fn sent(&mut self, digest: u64) {
        self.sent[self.next % KEPT] = digest;
        self.next = self.next.wrapping_add(1);
    }

    /// Judges a message that no server of the home system sends; a sentence if it is recognised.
    pub(super) fn judge(&mut self, frame: &Frame<'_>) -> Option<String> {
        let what = if self.sent.contains(&digest(frame.message())) {
            format!(
                "this is our own message come back: the endpoint is an echo server, not {}; try --system generic",
                self.title()
            )
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
        let sure = self.others().map(|row| {
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
            "the endpoint speaks {}, not {} ({}); use --system {}",
            row.title,
            self.title(),
            found.why,
            row.name
        ))
    }

    /// The system the URL alone speaks for, if it is another one: for servers that wait for us.
    pub(super) fn by_url(&self) -> Option<String> {
        let evidence = Evidence {
            opening: &self.opening,
            first: None,
        };
        let (row, found) = self
            .others()
            .map(|row| (row, (row.recognise)(&evidence)))
            .filter(|(_, found)| found.percent >= 50)
            .max_by_key(|(_, found)| found.percent)?;
        Some(format!(
            "{}, which speaks for {}: try --system {}",
            found.why, row.title, row.name
        ))
    }

    fn others(&self) -> impl Iterator<Item = &'static Row> {
        let home = self.home;
        let is_other = move |row: &&Row| row.system != home && row.system != System::Generic;
        PROTOCOLS.iter().filter(is_other)
    }

    fn title(&self) -> &'static str {
        self.home.row().title
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
        let mut foreign = Foreign::to(System::Raccoon);
        let batch = br#"{"req_guid":"g","events":[]}"#;
        foreign.sent(digest(batch));
        let text = foreign.judge(&frame(Direction::In, batch)).unwrap();
        assert!(text.contains("echo server"), "{text}");
        assert_eq!(foreign.found, Some(text));
    }

    #[test]
    fn the_welcome_of_the_stellar_stream_is_recognised() {
        let mut foreign = Foreign::to(System::Raccoon);
        let welcome = br#"{"format":{"filters":{}},"message":"register first","type":"welcome"}"#;
        let text = foreign
            .judge(&frame(Direction::In, welcome))
            .unwrap_or_default();
        assert!(text.contains("--system savetowebsocket"), "{text}");
    }

    #[test]
    fn an_envelope_of_the_broker_is_recognised() {
        let mut foreign = Foreign::to(System::Raccoon);
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
        let mut foreign = Foreign::to(System::Raccoon);
        assert_eq!(foreign.judge(&frame(Direction::In, b"hello")), None);
        assert_eq!(foreign.found, None);
    }
}
