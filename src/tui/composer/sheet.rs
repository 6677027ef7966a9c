//! A kind's draft and the ones before it.

use std::collections::VecDeque;

use crate::protocol::Settings;

use super::document;
use super::draft::Draft;

/// Sent drafts kept for each kind; the oldest leaves.
const HISTORY: usize = 50;

/// A kind's draft, and those sent before.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    pub(super) draft: Draft,
    sent: VecDeque<Draft>,
    /// Position in what was sent, 1 for the newest; 0 for the draft itself.
    back: usize,
    /// The draft, while what was sent is looked at.
    held: Option<Box<Draft>>,
}

impl Sheet {
    pub(super) fn new(draft: Draft) -> Self {
        Self {
            draft,
            sent: VecDeque::new(),
            back: 0,
            held: None,
        }
    }

    /// The draft was sent: it can be had back, as the newest one even if it was sent before.
    pub(super) fn keep(&mut self, draft: Draft) {
        self.sent.retain(|one| !is_same(one, &draft));
        if self.sent.len() == HISTORY {
            self.sent.pop_front();
        }
        self.sent.push_back(draft);
        self.back = 0;
        self.held = None;
    }

    /// Puts `draft` in place of the one being written, which joins those sent before.
    pub(super) fn put(&mut self, draft: Draft) {
        let before = match self.held.take() {
            Some(held) => *held,
            None => self.draft.clone(),
        };
        if !is_same(&before, &draft) {
            self.keep(before);
        }
        self.back = 0;
        self.draft = draft;
    }

    /// Which of those sent is looked at, 1 for the newest, and how many there are.
    pub(super) fn place(&self) -> (usize, usize) {
        (self.back, self.sent.len())
    }

    /// Steps through what was sent, `older` or newer, and back to the draft; false at the ends.
    pub(super) fn recall(&mut self, older: bool) -> bool {
        let back = if older {
            (self.back + 1).min(self.sent.len())
        } else {
            self.back.saturating_sub(1)
        };
        if back == self.back {
            return false;
        }
        if self.back == 0 {
            self.held = Some(Box::new(self.draft.clone()));
        }
        self.back = back;
        match back.checked_sub(1) {
            Some(steps) => {
                let at = self.sent.len() - 1 - steps;
                self.draft = self.sent[at].clone();
            }
            None => {
                if let Some(held) = self.held.take() {
                    self.draft = *held;
                }
            }
        }
        true
    }
}

fn is_same(one: &Draft, other: &Draft) -> bool {
    let settings = Settings::default();
    document::write(one, &settings) == document::write(other, &settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::composer::kind::Kind;
    use crate::tui::composer::text::TextEdit;

    fn text(text: impl Into<String>) -> Draft {
        let mut draft = Draft::blank(Kind::Text);
        draft.body = TextEdit::new(text);
        draft
    }

    fn shown(sheet: &Sheet) -> &str {
        sheet.draft.body.text()
    }

    #[test]
    fn what_was_sent_leads_back_to_what_was_being_written() {
        let mut sheet = Sheet::new(text("new"));
        for sent in ["a", "b", "a"] {
            sheet.keep(text(sent));
        }
        let seen: Vec<_> = [true, true, true, false, false, false]
            .map(|older| {
                sheet.recall(older);
                shown(&sheet).to_owned()
            })
            .into();
        assert_eq!(seen, ["a", "b", "b", "a", "new", "new"]);
    }

    #[test]
    fn what_is_replaced_can_be_had_back() {
        let mut sheet = Sheet::new(text("written"));
        sheet.keep(text("sent"));
        sheet.recall(true);
        sheet.put(text("opened"));
        assert_eq!((shown(&sheet), sheet.place()), ("opened", (0, 2)));
        sheet.recall(true);
        assert_eq!(shown(&sheet), "written");
        sheet.recall(false);
        assert_eq!(shown(&sheet), "opened");
    }

    #[test]
    fn the_oldest_leaves() {
        let mut sheet = Sheet::new(text("now"));
        for index in 0..HISTORY + 5 {
            sheet.keep(text(index.to_string()));
        }
        assert_eq!(sheet.place(), (0, HISTORY));
        for _ in 0..2 * HISTORY {
            sheet.recall(true);
        }
        assert_eq!(shown(&sheet), "5");
    }
}
