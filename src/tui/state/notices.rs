//! Diagnoses, refused commands and failures, newest last.

use std::collections::VecDeque;
use std::time::Duration;

use crate::frame::Stamp;
use crate::session::SessionId;

/// Most notices kept; the oldest leaves.
const MAX: usize = 100;
/// How long the newest one has a line of the screen to itself.
const SHOWN_FOR: Duration = Duration::from_secs(12);

/// What kind of notice it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Worth knowing.
    Info,
    /// A diagnosis.
    Warning,
    /// Something was not done.
    Failure,
}

/// One notice.
#[derive(Clone, Debug)]
pub struct Notice {
    /// When it came up.
    pub at: Stamp,
    /// The session it is about.
    pub session: Option<SessionId>,
    /// What kind it is.
    pub level: Level,
    /// A sentence. Not sanitised.
    pub text: String,
    /// How often it came in a row.
    pub times: u64,
}

/// The bounded list of notices.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    list: VecDeque<Notice>,
    /// Notices there ever were, repetitions included.
    total: u64,
    dismissed: u64,
}

impl Notices {
    /// Adds a notice; the same one again is counted instead.
    pub fn push(&mut self, at: Stamp, session: Option<SessionId>, level: Level, text: String) {
        self.total += 1;
        if let Some(last) = self.list.back_mut()
            && last.text == text
            && last.session == session
        {
            last.at = at;
            last.times += 1;
            return;
        }
        if self.list.len() == MAX {
            self.list.pop_front();
        }
        self.list.push_back(Notice {
            at,
            session,
            level,
            text,
            times: 1,
        });
    }

    /// The notice that has the notice line now.
    #[must_use]
    pub fn shown(&self, now: Stamp) -> Option<&Notice> {
        let newest = self.list.back()?;
        (self.total > self.dismissed && now.since(newest.at) < SHOWN_FOR).then_some(newest)
    }

    /// Puts the shown notice away; it stays in the list.
    pub fn dismiss(&mut self) {
        self.dismissed = self.total;
    }

    /// The list, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Notice> {
        self.list.iter()
    }

    /// Number of notices kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// True if there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Notices there ever were, repetitions included.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    #[test]
    fn bounded_and_repetitions_are_counted() {
        let now = clock::now();
        let mut notices = Notices::default();
        for index in 0..250 {
            notices.push(now, None, Level::Info, format!("notice {}", index / 2));
        }
        assert_eq!((notices.len(), notices.total()), (100, 250));
        assert!(notices.iter().all(|notice| notice.times == 2));
        assert_eq!(
            notices.iter().next().map(|n| n.text.as_str()),
            Some("notice 25")
        );
    }

    #[test]
    fn the_line_is_given_back_after_a_while_or_when_dismissed() {
        let now = clock::now();
        let mut notices = Notices::default();
        notices.push(now, None, Level::Info, "a".to_owned());
        assert!(notices.shown(now).is_some());
        assert!(notices.shown(now.after(SHOWN_FOR)).is_none());
        notices.dismiss();
        assert!(notices.shown(now).is_none());
        notices.push(now, None, Level::Info, "a".to_owned());
        assert!(notices.shown(now).is_some());
    }
}
