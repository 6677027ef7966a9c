//! What the end of a connection means: why a broker of either generation closes, or ends TCP
//! without a close frame.

use std::time::Duration;

use super::close;
use super::dialect::Generation;
use super::heartbeat::Heartbeat;
use super::outgoing::SIZE_MAX;
use crate::frame::{Direction, Stamp, close_parts};
use crate::protocol::End;

/// How long before the end something of ours still counts as its cause.
const LATELY: Duration = Duration::from_secs(2);

/// What is remembered of a connection for its end.
#[derive(Clone, Debug, Default)]
pub(super) struct Traces {
    opened: Option<Stamp>,
    /// The `client_id` has fewer bytes than the broker survives.
    pub(super) short_id: bool,
    /// Something came from the server.
    pub(super) heard: bool,
    /// Whose close frame was the first; `None` before there was any.
    first_to_close: Option<Direction>,
    /// What it meant.
    closed: Option<&'static str>,
    /// The newest message of ours that cannot be decoded, and why.
    undecodable: Option<(Stamp, String)>,
    /// The newest message of ours that is too large, and its size.
    oversized: Option<(Stamp, usize)>,
}

impl Traces {
    pub(super) fn opened(now: Stamp, short_id: bool) -> Self {
        Self {
            opened: Some(now),
            short_id,
            ..Self::default()
        }
    }

    /// A message of ours left.
    pub(super) fn sent(&mut self, at: Stamp, size: usize, fault: Option<&str>) {
        if size > SIZE_MAX {
            self.oversized = Some((at, size));
        }
        if let Some(fault) = fault {
            self.undecodable = Some((at, fault.to_owned()));
        }
    }

    /// Our close frame left, first or as the reply.
    pub(super) fn close_left(&mut self) {
        self.first_to_close.get_or_insert(Direction::Out);
    }

    /// The server's close frame came; what it means.
    pub(super) fn closed(&mut self, payload: &[u8]) -> Option<String> {
        if self.is_ours() {
            return None;
        }
        self.first_to_close = Some(Direction::In);
        self.closed = close::note(payload);
        let told = self.closed.map(str::to_owned);
        match (close_parts(payload), &self.undecodable, &self.oversized) {
            (Some((1007, _)), Some((_, fault)), _) => {
                Some(format!("a message of ours could not be decoded: {fault}"))
            }
            (Some((1009, _)), _, Some((_, size))) => Some(format!(
                "{}; the newest such message of ours had {size}",
                told.unwrap_or_default()
            )),
            _ => told,
        }
    }

    /// A sentence, if the ways of this library explain the end.
    pub(super) fn explain(
        &self,
        end: &End,
        generation: Generation,
        heartbeat: &Heartbeat,
        pressure: Option<String>,
    ) -> Option<String> {
        if end.by_us || self.is_ours() {
            return None;
        }
        if end.code != 1006 {
            return self.explain_close(end, pressure);
        }
        if self.is_dead(generation) {
            return Some("TCP ended without a close frame, on a connection that was dead from the start: its client_id has fewer than 8 bytes".to_owned());
        }
        if let Some((_, fault)) = self
            .undecodable
            .as_ref()
            .filter(|(at, _)| self.lately(end, *at))
            && generation == Generation::Two
        {
            return Some(format!(
                "TCP ended right after a message of ours that cannot be decoded ({fault}): the broker closes over one with 1007, and the close frame was lost"
            ));
        }
        if let Some((_, size)) = self
            .oversized
            .as_ref()
            .filter(|(at, _)| self.lately(end, *at))
        {
            return Some(format!(
                "TCP ended right after a message of ours of {size} bytes: the server closes beyond 1,048,576 with 1009, and what it had not read turned that into a reset"
            ));
        }
        if let (Some(ping), Some(wait)) = (heartbeat.unanswered(), heartbeat.wait())
            && self
                .before(end, ping)
                .is_some_and(|ago| ago + LATELY >= wait)
        {
            return Some("TCP ended without a close frame while a ping of the broker was not answered: it closes with 1008 `ping failure` then, and the close frame was lost".to_owned());
        }
        let text = match generation {
            Generation::One => {
                "TCP ended without a close frame: a server of generation 1.1 that is stopped does so, one of 1.3 says 1000 first; both do it when we took nothing for 10 s"
            }
            Generation::Two => {
                "TCP ended without a close frame: the broker does so when it shuts down (calls under way are never answered then), or when we took nothing for 10 s"
            }
        };
        Some(match pressure {
            Some(cause) => format!("{text}; also after the third dropped message: {cause}"),
            None => text.to_owned(),
        })
    }

    fn explain_close(&self, end: &End, pressure: Option<String>) -> Option<String> {
        if let Some(known) = self.closed {
            let cause = match (end.code, &self.undecodable, &self.oversized) {
                (1008, ..) => pressure,
                (1007, Some((_, fault)), _) => Some(format!("here {fault}")),
                (1009, _, Some((_, size))) => Some(format!("here one of {size} bytes")),
                _ => None,
            };
            return Some(match cause {
                Some(cause) => format!("{known}: {cause}"),
                None => known.to_owned(),
            });
        }
        match end.code {
            1005 => Some("a close frame without a code: no broker sends one of its own accord, so something in between did".to_owned()),
            code if !close::is_own(code) => Some(format!(
                "close code {code} is not one a broker of either generation chooses of its own accord: a proxy in between closed, or a message of ours asked for it"
            )),
            _ => None,
        }
    }

    /// True if the broker has taken this connection for nothing, as far as one can tell.
    pub(super) fn is_dead(&self, generation: Generation) -> bool {
        self.short_id && !self.heard && generation == Generation::Two
    }

    fn is_ours(&self) -> bool {
        self.first_to_close == Some(Direction::Out)
    }

    fn before(&self, end: &End, at: Stamp) -> Option<Duration> {
        Some(end.after.saturating_sub(at.since(self.opened?)))
    }

    fn lately(&self, end: &End, at: Stamp) -> bool {
        self.before(end, at).is_some_and(|ago| ago <= LATELY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Frame, FrameKind, close_payload};
    use crate::transport::clock;

    const AFTER: Duration = Duration::from_mins(1);

    struct Case {
        traces: Traces,
        heartbeat: Heartbeat,
        ended: Stamp,
        generation: Generation,
    }

    impl Case {
        fn new() -> Self {
            let opened = clock::now();
            let mut heartbeat = Heartbeat::default();
            heartbeat.opened(opened);
            let mut traces = Traces::opened(opened, false);
            traces.heard = true;
            Self {
                traces,
                heartbeat,
                ended: opened.after(AFTER),
                generation: Generation::Two,
            }
        }

        fn says(&self, code: u16, pressure: Option<&str>) -> String {
            let end = End {
                after: AFTER,
                code,
                by_us: false,
                reset: false,
                cut: false,
            };
            let pressure = pressure.map(str::to_owned);
            self.traces
                .explain(&end, self.generation, &self.heartbeat, pressure)
                .unwrap_or_default()
        }

        fn closed(&mut self, code: u16, reason: &str) {
            self.traces.closed(&close_payload(code, reason));
        }

        fn holds(&self, code: u16, pressure: Option<&str>, part: &str) {
            let text = self.says(code, pressure);
            assert!(text.contains(part), "{code} {part}: {text}");
        }
    }

    #[test]
    fn a_close_names_what_of_ours_it_was() {
        let mut case = Case::new();
        case.traces
            .sent(case.ended, 30, Some("`id` is not a string"));
        case.closed(1007, "failed to unmarshal JSON");
        case.traces.close_left();
        case.holds(1007, None, "here `id` is not a string");
        let mut case = Case::new();
        case.traces.sent(case.ended, 1_048_577, None);
        case.closed(1009, "read limited at 1048577 bytes");
        case.holds(1009, None, "here one of 1048577 bytes");
        let mut case = Case::new();
        case.closed(1008, "too many dropped messages");
        case.holds(1008, Some("40 replies outstanding"), "full three times");
        case.holds(
            1008,
            Some("40 replies outstanding"),
            "40 replies outstanding",
        );
    }

    #[test]
    fn codes_no_broker_chooses_are_somebody_elses() {
        let case = Case::new();
        for code in [1003, 1010, 1012, 4000] {
            case.holds(code, None, "a proxy in between");
        }
        case.holds(1005, None, "without a code");
        assert_eq!(case.says(1000, None), "", "a plain 1000 says it all");
    }

    #[test]
    fn ends_without_a_close_frame_by_cause() {
        let mut case = Case::new();
        case.holds(1006, None, "when it shuts down");
        case.holds(
            1006,
            Some("the reader paused"),
            "third dropped message: the reader paused",
        );
        case.traces.sent(case.ended, 2_000_000, None);
        case.holds(1006, None, "of 2000000 bytes");
        case.traces.sent(case.ended, 3, Some("not a JSON object"));
        case.holds(1006, None, "(not a JSON object)");
        case.generation = Generation::One;
        case.traces.oversized = None;
        case.holds(1006, None, "1.1 that is stopped");
    }

    #[test]
    fn a_ping_left_unanswered_is_the_cause() {
        let mut case = Case::new();
        for seconds in [30, 58] {
            let at = case.ended.before(Duration::from_secs(60 - seconds));
            case.heartbeat.pinged(&Frame {
                seq: 0,
                at,
                direction: Direction::In,
                kind: FrameKind::Ping,
                payload: b"1",
            });
        }
        case.holds(1006, None, "ping of the broker was not answered");
    }

    #[test]
    fn a_short_client_id_is_dead_from_the_start() {
        let mut case = Case::new();
        case.traces = Traces::opened(case.ended.before(AFTER), true);
        case.holds(1006, None, "dead from the start");
        case.traces.heard = true;
        case.holds(1006, None, "when it shuts down");
    }

    #[test]
    fn what_we_ended_is_not_explained() {
        let mut case = Case::new();
        case.traces.close_left();
        case.closed(1000, "server shutting down connection");
        assert_eq!(case.says(1000, None), "");
        assert_eq!(case.says(1006, None), "");
    }
}
