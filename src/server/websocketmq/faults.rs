//! Answers of one's own, and troubles made on purpose: for a client that must cope with them.

use std::str::FromStr;
use std::time::Duration;

use tokio::sync::mpsc;

use super::ending::Ending;
use crate::server::pattern::{self, Pattern};

/// What the broker does besides, or instead of, what the real one would. Topics are those of
/// requests, but for the chances, which are of publishes and upgrades.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Requests on such topics are answered with that JSON, as if the server had a handler.
    pub answer: Vec<(Pattern, String)>,
    /// Requests on such topics fail as if their handler did, with that text.
    pub fail: Vec<(Pattern, Option<String>)>,
    /// Replies come that much later.
    pub delay: Vec<(Pattern, Duration)>,
    /// Requests are never answered.
    pub never_answer: Vec<Pattern>,
    /// Requests are answered twice.
    pub answer_twice: Vec<Pattern>,
    /// Replies are cut off half-way, which leaves no JSON.
    pub malformed: Vec<Pattern>,
    /// One publish in so many is lost; zero is never.
    pub drop_one_in: u64,
    /// One publish in so many comes twice.
    pub duplicate_one_in: u64,
    /// One upgrade in so many is refused with 503.
    pub refuse_one_in: u64,
    /// Connections are closed after so many messages of the client.
    pub close_after: Option<CloseAfter>,
}

/// When a connection is closed, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseAfter {
    /// With the client's message of that number, which is still acted on.
    pub messages: u64,
    /// The code of the close frame; `None`: TCP ends without one.
    pub code: Option<u16>,
}

impl FromStr for CloseAfter {
    type Err = String;

    /// `10` ends TCP, `10=1011` closes with a code.
    fn from_str(text: &str) -> Result<Self, String> {
        let (messages, code) = match text.split_once('=') {
            None => (text, None),
            Some((messages, code)) => {
                let code = code.parse().ok();
                let sendable =
                    code.filter(|code| matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999));
                (messages, Some(sendable.ok_or(CODE)?))
            }
        };
        match messages.parse() {
            Ok(messages) if messages > 0 => Ok(Self { messages, code }),
            _ => Err("give after how many messages, 10, or with which code, 10=1011".to_owned()),
        }
    }
}

const CODE: &str = "a close code is 1000 to 1003, 1007 to 1014 or 3000 to 4999";

/// How a reply goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Manner {
    pub(super) delay: Duration,
    pub(super) copies: usize,
    malformed: bool,
}

impl Manner {
    /// Waits for as long as the reply is delayed. Not at all if it is not: a sleep of no time still
    /// lasts until the clock's next millisecond.
    pub(super) async fn wait(self) {
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
    }

    /// The reply's text as it is sent.
    pub(super) fn spell(self, mut text: Vec<u8>) -> Vec<u8> {
        if self.malformed {
            text.truncate(text.len() / 2);
        }
        text
    }
}

/// What is asked of a topic's handler besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instead<'a> {
    /// This JSON.
    Answer(&'a str),
    /// A failure with this text.
    Fail(&'a str),
}

impl Faults {
    /// What answers requests on `topic` instead of the broker.
    pub(super) fn instead(&self, topic: &str) -> Option<Instead<'_>> {
        if let Some(text) = pattern::first(&self.fail, topic) {
            return Some(Instead::Fail(
                text.as_deref().unwrap_or("failed on purpose"),
            ));
        }
        pattern::first(&self.answer, topic).map(|json| Instead::Answer(json))
    }

    /// How replies to requests on `topic` go out.
    pub(super) fn manner(&self, topic: &str) -> Manner {
        let copies = if pattern::any(&self.never_answer, topic) {
            0
        } else if pattern::any(&self.answer_twice, topic) {
            2
        } else {
            1
        };
        Manner {
            delay: pattern::first(&self.delay, topic)
                .copied()
                .unwrap_or_default(),
            copies,
            malformed: pattern::any(&self.malformed, topic),
        }
    }

    /// How often a publish is handed on.
    pub(super) fn publishes(&self) -> usize {
        if strikes(self.drop_one_in) {
            0
        } else if strikes(self.duplicate_one_in) {
            2
        } else {
            1
        }
    }

    /// Whether this upgrade is refused.
    pub(super) fn refuses(&self) -> bool {
        strikes(self.refuse_one_in)
    }
}

/// True once in so many times, never if that is zero.
fn strikes(one_in: u64) -> bool {
    one_in > 0 && rand::random_range(0..one_in) == 0
}

/// Counts a client's messages.
#[derive(Debug)]
pub(super) struct Countdown {
    left: Option<u64>,
    code: Option<u16>,
}

/// Turns the writing side gets at most before an end on purpose.
const TURNS_MAX: usize = 1_024;

/// Reason of the close frame.
const REASON: &str = "closed on purpose";

impl Countdown {
    pub(super) fn new(faults: &Faults) -> Self {
        let code = faults.close_after.and_then(|after| after.code);
        Self {
            left: faults.close_after.map(|after| after.messages),
            code,
        }
    }

    /// Counts one message; how the connection ends, if it was the last.
    pub(super) fn count(&mut self) -> Option<Ending> {
        let left = self.left.as_mut()?;
        *left = left.saturating_sub(1);
        (*left == 0).then(|| match self.code {
            Some(code) => Ending::Close(code, REASON),
            None => Ending::Lost,
        })
    }
}

/// Gives the writing side its turns until nothing waits in the queue, within reason: a reader that
/// takes nothing must not put off an end.
pub(super) async fn written(queue: &mpsc::Sender<Vec<u8>>) {
    for _ in 0..TURNS_MAX {
        tokio::task::yield_now().await;
        if queue.capacity() == queue.max_capacity() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_read_with_and_without_a_code() {
        let after = |messages, code| Ok(CloseAfter { messages, code });
        assert_eq!("3".parse(), after(3, None));
        assert_eq!("3=4000".parse(), after(3, Some(4000)));
        for text in ["", "0", "x", "3=", "3=1005", "3=99"] {
            assert!(text.parse::<CloseAfter>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_countdown_ends_once() {
        let faults = Faults {
            close_after: Some("2=1011".parse().unwrap()),
            ..Faults::default()
        };
        let mut countdown = Countdown::new(&faults);
        assert!(countdown.count().is_none());
        assert!(matches!(countdown.count(), Some(Ending::Close(1011, _))));
        assert!(Countdown::new(&Faults::default()).count().is_none());
    }

    #[test]
    fn replies_are_lost_doubled_and_cut_by_topic() {
        let topics = |pattern: &str| vec![Pattern::new(pattern)];
        let faults = Faults {
            never_answer: topics("lost"),
            answer_twice: topics("twice"),
            malformed: topics("torn*"),
            ..Faults::default()
        };
        assert_eq!(faults.manner("lost").copies, 0);
        assert_eq!(faults.manner("twice").copies, 2);
        assert_eq!(faults.manner("other").copies, 1);
        assert_eq!(
            faults.manner("torn.a").spell(b"{\"a\":1}".to_vec()),
            b"{\"a"
        );
    }

    #[test]
    fn what_never_strikes_and_what_always_does() {
        let faults = Faults {
            drop_one_in: 1,
            ..Faults::default()
        };
        assert_eq!(faults.publishes(), 0);
        assert_eq!(Faults::default().publishes(), 1);
        assert!(!Faults::default().refuses());
    }
}
