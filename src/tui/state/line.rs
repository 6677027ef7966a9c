//! A line of text being edited: the filter, the search, a URL, a field of the composer.

use crate::tui::action::Action;

/// Longest text taken, bytes; what is typed or pasted beyond it is left out.
const MAX: usize = 64 << 10;

/// A line of text with a cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineEdit {
    text: String,
    /// Byte offset, always between characters.
    cursor: usize,
}

impl LineEdit {
    /// A line holding `text`, the cursor at its end.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let cursor = text.len();
        Self { text, cursor }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text before and after the cursor.
    #[must_use]
    pub fn halves(&self) -> (&str, &str) {
        self.text.split_at(self.cursor)
    }

    /// Types one character.
    pub fn insert(&mut self, c: char) {
        if self.text.len() + c.len_utf8() <= MAX {
            self.text.insert(self.cursor, c);
            self.cursor += c.len_utf8();
        }
    }

    /// Inserts pasted text; line breaks and other control characters become spaces.
    pub fn paste(&mut self, text: &str) {
        for c in text.chars() {
            self.insert(if c.is_control() { ' ' } else { c });
        }
    }

    /// Performs an editing action; false if it is none.
    pub fn edit(&mut self, action: Action) -> bool {
        match action {
            Action::EditLeft => self.cursor = self.previous(),
            Action::EditRight => self.cursor = self.following(),
            Action::EditStart => self.cursor = 0,
            Action::EditEnd => self.cursor = self.text.len(),
            Action::EraseLeft => self.erase(self.previous(), self.cursor),
            Action::EraseRight => self.erase(self.cursor, self.following()),
            Action::EraseWord => self.erase(self.word_start(), self.cursor),
            Action::EraseToStart => self.erase(0, self.cursor),
            Action::EraseToEnd => self.erase(self.cursor, self.text.len()),
            _ => return false,
        }
        true
    }

    /// Puts `with` in place of those bytes, the cursor behind it; false if it does not fit.
    pub fn splice(&mut self, place: std::ops::Range<usize>, with: &str) -> bool {
        let fits = self.text.get(place.clone()).is_some()
            && self.text.len() - place.len() + with.len() <= MAX;
        if fits {
            self.cursor = place.start + with.len();
            self.text.replace_range(place, with);
        }
        fits
    }

    fn erase(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
    }

    fn previous(&self) -> usize {
        let before = self.text[..self.cursor].chars().next_back();
        self.cursor - before.map_or(0, char::len_utf8)
    }

    fn following(&self) -> usize {
        let after = self.text[self.cursor..].chars().next();
        self.cursor + after.map_or(0, char::len_utf8)
    }

    fn word_start(&self) -> usize {
        let before = self.text[..self.cursor].trim_end();
        before
            .char_indices()
            .rev()
            .find(|(_, c)| c.is_whitespace())
            .map_or(0, |(at, c)| at + c.len_utf8())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_between_characters_of_any_width() {
        let mut line = LineEdit::new("añ日 two");
        for (action, expected) in [
            (Action::EraseWord, "añ日 "),
            (Action::EraseLeft, "añ日"),
            (Action::EditLeft, "añ日"),
            (Action::EraseLeft, "a日"),
            (Action::EraseRight, "a"),
            (Action::EditStart, "a"),
            (Action::EraseLeft, "a"),
            (Action::EraseToEnd, ""),
            (Action::EraseRight, ""),
        ] {
            assert!(line.edit(action));
            assert_eq!(line.text(), expected, "{action:?}");
        }
        assert!(!line.edit(Action::Quit));
    }

    #[test]
    fn a_paste_stays_on_one_line_and_within_the_bound() {
        let mut line = LineEdit::new("[]");
        line.edit(Action::EditLeft);
        line.paste("a\nb");
        assert_eq!(line.halves(), ("[a b", "]"));
        line.paste(&"x".repeat(2 * MAX));
        assert!(line.text().len() <= MAX);
    }
}
