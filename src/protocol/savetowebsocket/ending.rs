//! What the end of a connection means, row by row of the ways this server ends one.
//!
//! It closes with 1009 (a message of ours too large), 1002 (broken framing), an empty close frame
//! (its buffer for us overflowed), and with the code of our own close frame. Everything else it
//! does by ending TCP.

use std::fmt::Write as _;
use std::time::Duration;

use super::heartbeat::Heartbeat;
use super::register::SIZE_MAX;
use super::registration::{Registration, words};
use super::strain::Strain;
use crate::frame::Stamp;
use crate::protocol::End;

/// How close to the end something counts as its cause.
const LATELY: Duration = Duration::from_secs(2);

/// What is remembered for the end.
#[derive(Clone, Debug, Default)]
pub(super) struct Traces {
    pub(super) opened: Option<Stamp>,
    /// The newest data frame we sent.
    pub(super) sent: Option<Stamp>,
    /// A message over the server's limit left: when, and its bytes.
    pub(super) oversize: Option<(Stamp, usize)>,
    /// The newest update of the filters, and whether it has taken effect.
    pub(super) update: Option<(Stamp, bool)>,
    /// Reason of the server's close frame.
    pub(super) reason: Vec<u8>,
}

/// Who knows what.
pub(super) struct Witnesses<'a> {
    pub(super) registration: &'a Registration,
    pub(super) heartbeat: &'a Heartbeat,
    pub(super) strain: &'a Strain,
    /// The newest event and ledger, in words.
    pub(super) last: Option<String>,
}

impl Traces {
    /// How long before `end` that was.
    fn before(&self, end: &End, at: Stamp) -> Option<Duration> {
        Some(end.after.saturating_sub(at.since(self.opened?)))
    }

    fn is_lately(&self, end: &End, at: Option<Stamp>) -> bool {
        at.and_then(|at| self.before(end, at))
            .is_some_and(|ago| ago <= LATELY)
    }

    /// A sentence, if this server's ways explain the end.
    pub(super) fn explain(&self, end: &End, known: &Witnesses<'_>) -> Option<String> {
        if end.by_us {
            return None;
        }
        Some(match end.code {
            1005 => self.overflow(end, known),
            1006 => self.without_close(end, known),
            1009 => self.too_big(),
            1002 => format!(
                "the server closed with 1002: {}",
                violation(&String::from_utf8_lossy(&self.reason))
            ),
            code => format!(
                "close code {code} is never this server's own idea: a proxy in between closed, or this is something else"
            ),
        })
    }

    fn overflow(&self, end: &End, known: &Witnesses<'_>) -> String {
        if let Some(missed) = known.heartbeat.explain(&End { code: 1006, ..*end }) {
            // Both ends of the server's process race for the last word.
            return format!("an empty close frame, and {missed}");
        }
        let mut text = format!(
            "an empty close frame: the server's buffer of 256 events overflowed, and what came after was lost; cause: {}. Registering again, which a reconnect does, brings later events only",
            known.strain.cause(end)
        );
        if let Some((at, false)) = self.update {
            let ago = self.before(end, at).unwrap_or_default();
            let _ = write!(
                text,
                "; the filters sent {} before had perhaps no effect any more, a client given up gets old events only",
                words(ago)
            );
        }
        text
    }

    fn too_big(&self) -> String {
        match self.oversize {
            Some((_, size)) => format!(
                "the server closed with 1009 over our message of {size} bytes: it takes {SIZE_MAX}"
            ),
            None => format!("the server closed with 1009: it takes messages of {SIZE_MAX} bytes"),
        }
    }

    fn without_close(&self, end: &End, known: &Witnesses<'_>) -> String {
        if let Some((_, size)) = self
            .oversize
            .filter(|(at, _)| self.is_lately(end, Some(*at)))
        {
            return format!(
                "TCP ended without a close frame right after our message of {size} bytes: the server takes {SIZE_MAX} and closes with 1009, which its reset often hides"
            );
        }
        if known.registration.explains(end.after) {
            return format!(
                "TCP ended without a close frame {} after the upgrade: the registration deadline, no register was taken; {}",
                words(known.registration.within()),
                known.registration.dropped_words()
            );
        }
        if let Some(missed) = known.heartbeat.explain(end) {
            return missed;
        }
        if end.cut {
            let why = match known.strain.stalled(end) {
                Some(span) => format!("this client did not read for {}", words(span)),
                None => "or its process ended while it wrote".to_owned(),
            };
            return format!(
                "TCP ended in the middle of a message, without a close frame: a write to us stood still for more than 10 s, {why}"
            );
        }
        if let Some(span) = known.strain.stalled(end) {
            return format!(
                "TCP ended without a close frame after this client had not read for {}: a write to us stood still for more than 10 s",
                words(span)
            );
        }
        let how = if end.reset {
            "TCP was reset without a close frame: the process ended with something of ours unread, by a crash (one client coming or going can cause it) or because it was stopped"
        } else {
            "TCP ended without a close frame: the pipeline finished or was stopped, or its process crashed (one client coming or going can cause it)"
        };
        let last = known.last.as_deref().unwrap_or("no event had come");
        let unread = self
            .sent
            .filter(|at| end.reset && self.is_lately(end, Some(*at)))
            .and_then(|at| self.before(end, at))
            .map(|ago| format!(", our last message {} before", words(ago)));
        let pong = known
            .heartbeat
            .since_pong(end)
            .map(|ago| format!(", our last pong (or the upgrade) {} before", words(ago)));
        format!(
            "{how}; then all clients end together, and whether it listens again tells which ({last}{}{})",
            unread.unwrap_or_default(),
            pong.unwrap_or_default()
        )
    }
}

/// What the library's text for broken framing means; several are joined by commas.
fn violation(reason: &str) -> String {
    if reason.is_empty() {
        return "broken framing, and it does not say which".to_owned();
    }
    let parts: Vec<String> = reason
        .split(", ")
        .map(|text| match meaning(text) {
            Some(meaning) => format!("“{text}”: {meaning}"),
            None => format!("“{text}”"),
        })
        .collect();
    parts.join("; ")
}

fn meaning(text: &str) -> Option<&'static str> {
    Some(match text {
        "bad MASK" => "a frame of ours was not masked, as every client's must be",
        "RSV1 set" | "RSV2 set" | "RSV3 set" => {
            "a reserved bit was set in our frame, and no extension is in use (compression is not)"
        }
        "continuation after FIN" => "a continuation came with no message begun",
        "data before FIN" => "a new message was begun before the last was finished",
        "len > 125 for control" => "a control frame may have 125 bytes",
        "FIN not set on control" => "a control frame must not be fragmented",
        "invalid utf8 payload in close frame" => "the reason of a close frame must be UTF-8",
        _ if text.starts_with("bad opcode ") => "this opcode is reserved",
        _ if text.starts_with("bad close code ") => "this code must not be sent",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_librarys_texts_have_a_meaning() {
        for (text, part) in [
            ("bad MASK", "not masked"),
            ("RSV1 set", "no extension"),
            ("bad opcode 3", "reserved"),
            ("continuation after FIN", "no message begun"),
            ("data before FIN", "before the last was finished"),
            ("len > 125 for control", "125 bytes"),
            ("FIN not set on control", "must not be fragmented"),
            ("bad close code 1005", "must not be sent"),
            ("invalid utf8 payload in close frame", "UTF-8"),
            ("RSV1 set, bad MASK", "“bad MASK”: a frame"),
            ("something new", "“something new”"),
            ("", "does not say which"),
        ] {
            let told = violation(text);
            assert!(told.contains(part), "{text}: {told}");
        }
    }
}
