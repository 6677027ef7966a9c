//! What the end of a connection means. The server closes with 1008 (refusal) and 1002 (broken
//! framing) and repeats a client's own code; everything else it does by ending TCP.

use std::time::Duration;

use super::names;
use super::refusal::ID_MAX;
use crate::frame::Stamp;
use crate::protocol::End;
use crate::protocol::pongs::Pongs;

/// How close to the end a success counts as one of the last.
const LAST: Duration = Duration::from_secs(2);
/// How close to each other malformed and valid batches endanger a server that acknowledges after
/// publishing.
const MIXED: Duration = Duration::from_secs(2);

/// What is remembered for the end.
#[derive(Clone, Debug, Default)]
pub(super) struct Traces {
    pub(super) opened: Option<Stamp>,
    /// Code of the refusal, and whether the id is too long for its close frame.
    pub(super) refused: Option<(i64, bool)>,
    /// A batch with a null event went out.
    pub(super) null_event: Option<Stamp>,
    /// The newest batch that cannot be decoded, and the newest that can.
    pub(super) malformed: Option<Stamp>,
    pub(super) valid: Option<Stamp>,
    /// The newest reply.
    pub(super) reply: Option<Stamp>,
    /// The newest success, and successes since a gap of two seconds.
    pub(super) success: Option<(Stamp, u32)>,
}

impl Traces {
    /// A success came.
    pub(super) fn succeeded(&mut self, at: Stamp) {
        let lately = self.success.filter(|(last, _)| at.since(*last) <= LAST);
        self.success = Some((at, lately.map_or(1, |(_, count)| count.saturating_add(1))));
    }

    /// How long before `end` that was.
    fn before(&self, end: &End, at: Stamp) -> Option<Duration> {
        let opened = self.opened?;
        Some(end.after.saturating_sub(at.since(opened)))
    }

    fn is_lately(&self, end: &End, at: Option<Stamp>, span: Duration) -> bool {
        at.and_then(|at| self.before(end, at))
            .is_some_and(|ago| ago <= span)
    }

    /// A sentence, if this server's ways explain the end. `waiting` are the batches without an
    /// ack, `close` whether its pings come about as far apart as it waits for a pong.
    pub(super) fn explain(
        &self,
        end: &End,
        pongs: &Pongs,
        pong_wait: Duration,
        (waiting, close): (u32, bool),
    ) -> Option<String> {
        if end.by_us {
            return None;
        }
        if let Some((code, long_id)) = self.refused {
            return Some(refused(end, code, long_id));
        }
        match end.code {
            1006 => {}
            // Its own, and the general explanation has its reason.
            1002 | 1008 => return None,
            code => {
                return Some(format!(
                    "close code {code} is never a Raccoon server's own idea: a proxy in between closed, or this is something else"
                ));
            }
        }
        if self.is_lately(end, self.null_event, MIXED) {
            return Some("TCP ended without a close frame after a batch with a null event, which crashes the server's handler: others are not affected, connect again".to_owned());
        }
        let mixed =
            self.is_lately(end, self.malformed, MIXED) && self.is_lately(end, self.valid, MIXED);
        if mixed {
            return Some("TCP ended without a close frame while malformed and valid batches were mixed: in SYNC two writers of the server then meet on one connection, which ends it or the whole server; drain all acks before sending anything malformed, and only to a server one may lose".to_owned());
        }
        if let Some(missed) = pongs.explain(end) {
            return Some(missed);
        }
        let silent = self
            .reply
            .and_then(|reply| self.before(end, reply))
            .is_some_and(|silent| silent + LAST >= pong_wait);
        if waiting > 0 && silent {
            return Some(format!(
                "cut with {waiting} batches unanswered although every ping was answered: the server's reader was blocked by back-pressure for longer than it waits for a pong, so our pongs lay unread; send less, or give the server more workers"
            ));
        }
        if close {
            return Some("TCP ended without a close frame, and the server's pings come about as far apart as it waits for a pong: with that configuration it cuts prompt clients now and then".to_owned());
        }
        let lost = self
            .success
            .filter(|(last, _)| self.is_lately(end, Some(*last), LAST))
            .map(|(_, count)| match count {
                1 => "; the success just before may be of a batch that was lost".to_owned(),
                count => format!("; the last {count} successes came just before and may be of batches that were lost"),
            });
        let lost = lost.unwrap_or_default();
        Some(format!(
            "TCP ended without a close frame: this server does so when it shuts down or crashes, and in ASYNC it then acknowledges batches it never publishes{lost}"
        ))
    }
}

fn refused(end: &End, code: i64, long_id: bool) -> String {
    match (end.code, code) {
        (1006, names::MAX_USER) if long_id => {
            format!(
                "refused, and the close frame is missing: its reason does not fit for an id of more than {ID_MAX} bytes"
            )
        }
        (1006, _) => "refused, and no close frame came: the refusal alone counts".to_owned(),
        _ => "refused after the upgrade; the binary frame before says why".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Outbox, pongs};
    use crate::transport::clock;

    const AFTER: Duration = Duration::from_mins(5);
    const WAIT: Duration = pongs::WAIT;

    struct Case {
        traces: Traces,
        pongs: Pongs,
        ended: Stamp,
    }

    impl Case {
        fn new() -> Self {
            let opened = clock::now();
            let mut pongs = Pongs::new("", WAIT);
            let mut out = Outbox::default();
            pongs.opened(opened, &mut out);
            let ended = opened.after(AFTER);
            pongs.sent(ended.before(Duration::from_secs(20)), &mut out);
            let traces = Traces {
                opened: Some(opened),
                ..Traces::default()
            };
            Self {
                traces,
                pongs,
                ended,
            }
        }

        fn ago(&self, seconds: u64) -> Stamp {
            self.ended.before(Duration::from_secs(seconds))
        }

        fn says(&self, code: u16, waiting: u32, close: bool) -> Option<String> {
            let end = End {
                after: AFTER,
                code,
                by_us: false,
                reset: true,
                cut: false,
            };
            self.traces
                .explain(&end, &self.pongs, WAIT, (waiting, close))
        }

        fn holds(&self, part: &str, waiting: u32, close: bool) {
            let text = self.says(1006, waiting, close).unwrap();
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn binary_code_5_and_eof_without_close_is_a_duplicate_with_a_long_id() {
        let mut case = Case::new();
        case.traces.refused = Some((5, true));
        case.holds("more than 101 bytes", 0, false);
        case.traces.refused = Some((4, false));
        case.holds("the refusal alone counts", 0, false);
        assert!(case.says(1008, 0, false).unwrap().contains("frame before"));
    }

    #[test]
    fn null_event_crashes_the_handler() {
        let mut case = Case::new();
        case.traces.null_event = Some(case.ago(1));
        case.holds("null event", 0, false);
    }

    #[test]
    fn mixing_malformed_and_valid_batches_crashes_a_sync_server() {
        let mut case = Case::new();
        case.traces.malformed = Some(case.ago(1));
        case.holds("shuts down or crashes", 0, false);
        case.traces.valid = Some(case.ago(1));
        case.holds("two writers", 0, false);
    }

    #[test]
    fn eof_about_pong_wait_after_the_last_pong_we_sent() {
        let mut case = Case::new();
        let mut pongs = Pongs::new("", WAIT);
        pongs.opened(case.traces.opened.unwrap(), &mut Outbox::default());
        pongs.sent(case.ago(60), &mut Outbox::default());
        case.pongs = pongs;
        case.holds("after our last pong", 0, false);
    }

    #[test]
    fn a_blocked_reader_cuts_a_client_that_answers_every_ping() {
        let mut case = Case::new();
        case.traces.reply = Some(case.ago(70));
        case.holds("back-pressure", 12, false);
        case.holds("shuts down", 0, false);
    }

    #[test]
    fn pings_as_far_apart_as_the_pong_wait() {
        Case::new().holds("cuts prompt clients", 0, true);
    }

    #[test]
    fn success_acks_followed_by_an_abrupt_1006_is_the_shutdown_window() {
        let mut case = Case::new();
        for tenth in 0..3 {
            case.traces
                .succeeded(case.ago(1).after(Duration::from_millis(tenth)));
        }
        case.holds("the last 3 successes", 0, false);
    }

    #[test]
    fn close_codes_this_server_never_chooses_are_somebody_elses() {
        let case = Case::new();
        for code in [1001, 1011, 1012, 4000] {
            assert!(case.says(code, 0, false).unwrap().contains("a proxy"));
        }
        assert_eq!(case.says(1002, 0, false), None);
    }
}
