//! What is shown of single asks: those that wait, and those given up.

use std::collections::VecDeque;
use std::sync::Arc;

use super::ledger::{Ledger, Lost, Open};
use crate::frame::{Seq, Stamp};

/// Asks told one by one, of the open ones and of the lost ones.
pub(super) const SHOWN: usize = 100;
/// Longest label told, bytes.
const LABEL_MAX: usize = 256;

/// An ask whose reply is, or was, waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAsk {
    /// Its frame.
    pub seq: Seq,
    /// Correlation key.
    pub key: String,
    /// What it is about; its first 256 bytes.
    pub label: String,
    /// How it travelled, where its system has several ways; else empty.
    pub group: &'static str,
    /// When it was sent.
    pub asked: Stamp,
}

/// An ask that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostAsk {
    /// The ask.
    pub ask: OpenAsk,
    /// Why: `timeout`, `disconnect`, …, as in the `lost` lines.
    pub why: Arc<str>,
    /// When it was given up.
    pub at: Stamp,
    /// A reply came all the same, too late.
    pub late: bool,
}

/// The newest asks that were given up.
#[derive(Debug, Default)]
pub(super) struct GivenUp {
    newest: VecDeque<LostAsk>,
    shared: Option<Arc<[LostAsk]>>,
}

impl GivenUp {
    pub(super) fn push(&mut self, lost: &Lost, at: Stamp) {
        self.shared = None;
        if self.newest.len() == SHOWN {
            self.newest.pop_front();
        }
        self.newest.push_back(LostAsk {
            ask: OpenAsk {
                seq: lost.seq,
                key: lost.key.to_string(),
                label: clip(&lost.label),
                group: lost.group,
                asked: lost.asked,
            },
            why: lost.why.name().into(),
            at,
            late: false,
        });
    }

    /// The reply to the ask at `seq` came too late.
    pub(super) fn came_late(&mut self, seq: Seq) {
        if let Some(lost) = self.newest.iter_mut().find(|lost| lost.ask.seq == seq) {
            lost.late = true;
            self.shared = None;
        }
    }

    /// All that are kept, oldest first.
    pub(super) fn shared(&mut self) -> Arc<[LostAsk]> {
        let newest = &self.newest;
        let shared = self
            .shared
            .get_or_insert_with(|| newest.iter().cloned().collect());
        Arc::clone(shared)
    }
}

/// Our own open asks, oldest first.
pub(super) fn open(ledger: &Ledger) -> Vec<OpenAsk> {
    let told = |ask: Open<'_>| OpenAsk {
        seq: ask.seq,
        key: ask.key.to_owned(),
        label: clip(ask.label),
        group: ask.group,
        asked: ask.asked,
    };
    ledger.open_asks(SHOWN).map(told).collect()
}

fn clip(label: &str) -> String {
    label[..label.floor_char_boundary(LABEL_MAX)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::ledger::Why;
    use crate::transport::clock;

    fn lost(seq: Seq, why: Why) -> Lost {
        Lost {
            key: "k".into(),
            label: "click".into(),
            group: "REST JSON",
            seq,
            asked: clock::now(),
            why,
            direction: crate::frame::Direction::Out,
        }
    }

    #[test]
    fn the_newest_are_kept_and_late_ones_are_marked() {
        let mut given_up = GivenUp::default();
        let now = clock::now();
        for seq in 0..150 {
            given_up.push(&lost(seq, Why::Timeout), now);
        }
        let before = given_up.shared();
        given_up.came_late(149);
        given_up.came_late(3);
        let after = given_up.shared();
        assert_eq!((after.len(), after[0].ask.seq), (SHOWN, 50));
        assert!(!before[99].late && after[99].late);
        assert_eq!(
            (&*after[99].why, after[99].ask.group),
            ("timeout", "REST JSON")
        );
        assert!(Arc::ptr_eq(&after, &given_up.shared()));
    }
}
