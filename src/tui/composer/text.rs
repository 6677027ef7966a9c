//! A text of several lines being edited: data, payloads, whole documents.

use std::ops::Range;

use crate::tui::action::Action;
use crate::tui::state::raw::Wrapped;

/// Longest text taken, bytes; what is typed or pasted beyond it is left out.
pub const MAX: usize = 256 << 10;
/// Most steps that can be undone, and bytes kept for them.
const UNDO_STEPS: usize = 100;
const UNDO_BYTES: usize = 1 << 20;

/// A text with a cursor, wrapped at the width it is drawn in.
#[derive(Clone, Debug, Default)]
pub struct TextEdit {
    text: String,
    /// Byte offset, always between characters.
    cursor: usize,
    /// Column that going up and down keeps to.
    goal: Option<usize>,
    /// Width the rows are wrapped at; 0 before the first picture.
    width: u16,
    /// Bytes of each row; a line break belongs to none.
    rows: Vec<Range<usize>>,
    /// First row shown.
    top: usize,
    undo: Vec<(String, usize)>,
    /// True while typing goes on that is undone as one step.
    typing: bool,
}

impl PartialEq for TextEdit {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl TextEdit {
    /// A text with the cursor at its start, cut at [`MAX`].
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let mut text = text.into();
        text.truncate(text.floor_char_boundary(MAX));
        let mut edit = Self {
            text,
            ..Self::default()
        };
        edit.lay_out();
        edit
    }

    /// A text with the cursor where one would go on: between the first empty quotes, else at the
    /// end.
    #[must_use]
    pub fn template(text: impl Into<String>) -> Self {
        let mut edit = Self::new(text);
        let empty = edit.text.find("\"\"").map(|at| at + 1);
        edit.cursor = empty.unwrap_or(edit.text.len());
        edit
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Byte offset of the cursor.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// True if there is nothing but white space.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Bytes of each row of the newest layout.
    #[must_use]
    pub fn rows(&self) -> &[Range<usize>] {
        &self.rows
    }

    /// First row shown.
    #[must_use]
    pub fn top(&self) -> usize {
        self.top
    }

    /// The row with the cursor.
    #[must_use]
    pub fn row(&self) -> usize {
        let after = self.rows.partition_point(|row| row.start <= self.cursor);
        after.saturating_sub(1)
    }

    /// The text of row `row`; empty if there is no such row.
    #[must_use]
    pub fn row_text(&self, row: usize) -> &str {
        let range = self.rows.get(row).cloned().unwrap_or_default();
        self.text.get(range).unwrap_or_default()
    }

    /// The text of the cursor's row up to the cursor.
    #[must_use]
    pub fn before_cursor(&self) -> &str {
        let start = self.rows.get(self.row()).map_or(0, |row| row.start);
        self.text.get(start..self.cursor).unwrap_or_default()
    }

    /// Wraps at `width` columns and scrolls so that the cursor is among the `height` rows shown.
    pub fn fit(&mut self, width: u16, height: usize) {
        if width != self.width {
            self.width = width;
            self.lay_out();
        }
        let row = self.row();
        let height = height.max(1);
        self.top = self.top.clamp((row + 1).saturating_sub(height), row);
        // No empty room below the text while there is text above.
        self.top = self.top.min(self.rows.len().saturating_sub(height));
    }

    /// Replaces the whole text, as one step that can be undone.
    pub fn replace(&mut self, text: impl Into<String>) {
        self.remember(false);
        let fresh = Self::template(text);
        self.text = fresh.text;
        self.cursor = fresh.cursor;
        self.lay_out();
    }

    /// Types one character; false if there is no room for it.
    pub fn insert(&mut self, c: char) -> bool {
        if self.text.len() + c.len_utf8() > MAX {
            return false;
        }
        self.remember(!c.is_whitespace());
        self.text.insert(self.cursor, c);
        self.cursor += c.len_utf8();
        self.lay_out();
        true
    }

    /// Starts a new line, indented as the one before and one step deeper behind an opening
    /// bracket.
    pub fn break_line(&mut self) -> bool {
        let start = self.text[..self.cursor].rfind('\n').map_or(0, |at| at + 1);
        let line = &self.text[start..self.cursor];
        let indent = line.len() - line.trim_start_matches(' ').len();
        let deeper = if line.ends_with(['{', '[']) { 2 } else { 0 };
        let mut text = String::from("\n");
        text.extend(std::iter::repeat_n(' ', indent + deeper));
        if deeper > 0 && self.text[self.cursor..].starts_with(['}', ']']) {
            let before = text.len();
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', indent));
            let taken = self.put(&text);
            self.cursor -= text.len() - before;
            return taken;
        }
        self.put(&text)
    }

    /// Inserts pasted text; line breaks are kept, in one spelling. False if some was left out.
    pub fn paste(&mut self, text: &str) -> bool {
        self.put(&text.replace("\r\n", "\n").replace('\r', "\n"))
    }

    /// Puts `text` in place of those bytes, the cursor inside of it where one would go on; one step
    /// that can be undone. False if there is no room.
    pub fn splice(&mut self, place: Range<usize>, text: &str) -> bool {
        if self.text.len() + text.len() > MAX || self.text.get(place.clone()).is_none() {
            return false;
        }
        self.remember(false);
        self.text.replace_range(place.clone(), text);
        // Inside of a value that is a string, or behind one that is none.
        let end = text.trim_end_matches(',');
        let inside = usize::from(end.ends_with(['"', '}', ']']));
        self.cursor = place.start + end.len() - inside;
        self.lay_out();
        true
    }

    fn put(&mut self, text: &str) -> bool {
        self.remember(false);
        let room = MAX.saturating_sub(self.text.len());
        let taken = &text[..text.floor_char_boundary(room)];
        self.text.insert_str(self.cursor, taken);
        self.cursor += taken.len();
        self.lay_out();
        taken.len() == text.len()
    }

    /// Performs an editing action; false if it is none.
    pub fn edit(&mut self, action: Action) -> bool {
        let (start, end) = self.line();
        match action {
            Action::EditLeft => self.go(self.previous()),
            Action::EditRight => self.go(self.following()),
            Action::EditStart => self.go(start),
            Action::EditEnd => self.go(end),
            Action::EraseLeft => self.erase(self.previous(), self.cursor),
            Action::EraseRight => self.erase(self.cursor, self.following()),
            Action::EraseWord => self.erase(self.word_start(), self.cursor),
            Action::EraseToStart => self.erase(start, self.cursor),
            // At the end of a line its break goes, as editors do.
            Action::EraseToEnd => self.erase(self.cursor, end.max(self.following().min(end + 1))),
            Action::ComposeUp => self.climb(-1),
            Action::ComposeDown => self.climb(1),
            Action::ComposePageUp => self.climb(-10),
            Action::ComposePageDown => self.climb(10),
            Action::ComposeUndo => self.take_back(),
            _ => return false,
        }
        true
    }

    /// Puts the cursor on the row and column shown there.
    pub fn click(&mut self, row: usize, column: usize) {
        let row = (self.top + row).min(self.rows.len().saturating_sub(1));
        self.typing = false;
        self.goal = None;
        self.cursor = self.at_column(row, column);
    }

    fn go(&mut self, cursor: usize) {
        self.typing = false;
        self.goal = None;
        self.cursor = cursor;
    }

    /// Goes `rows` rows down, or up.
    fn climb(&mut self, rows: isize) {
        self.typing = false;
        let column = self
            .goal
            .unwrap_or_else(|| crate::tui::state::raw::columns(self.before_cursor()));
        let last = self.rows.len().saturating_sub(1);
        let row = self.row().saturating_add_signed(rows).min(last);
        self.cursor = self.at_column(row, column);
        self.goal = Some(column);
    }

    /// The place in row `row` nearest to `column`.
    fn at_column(&self, row: usize, column: usize) -> usize {
        let Some(range) = self.rows.get(row) else {
            return self.cursor;
        };
        let mut at = range.start;
        let mut columns = 0;
        for c in self.row_text(row).chars() {
            columns += crate::tui::state::raw::columns_of(c);
            if columns > column {
                break;
            }
            at += c.len_utf8();
        }
        // The end of a wrapped row is the start of the next one.
        let wrapped = self.rows.get(row + 1).is_some_and(|next| next.start == at);
        if wrapped && at > range.start {
            let before = self.text[..at].chars().next_back();
            at -= before.map_or(0, char::len_utf8);
        }
        at
    }

    /// Start and end of the cursor's line, its break left out.
    fn line(&self) -> (usize, usize) {
        let start = self.text[..self.cursor].rfind('\n').map_or(0, |at| at + 1);
        let after = self.text[self.cursor..].find('\n');
        (start, after.map_or(self.text.len(), |at| self.cursor + at))
    }

    fn erase(&mut self, from: usize, to: usize) {
        if from == to {
            return;
        }
        self.remember(false);
        self.text.replace_range(from..to, "");
        self.cursor = from;
        self.lay_out();
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
        let ends = |c: char| !c.is_alphanumeric() && c != '_';
        let word = before.trim_end_matches(|c| !ends(c));
        if word.len() < before.len() {
            word.len()
        } else {
            before.trim_end_matches(ends).len()
        }
    }

    /// Keeps the text as it is now for undoing; typed characters in a row are one step.
    fn remember(&mut self, typing: bool) {
        self.goal = None;
        if typing && self.typing {
            return;
        }
        self.typing = typing;
        self.undo.push((self.text.clone(), self.cursor));
        let mut bytes: usize = self.undo.iter().map(|(text, _)| text.len()).sum();
        while self.undo.len() > UNDO_STEPS || bytes > UNDO_BYTES {
            bytes -= self.undo.remove(0).0.len();
        }
    }

    fn take_back(&mut self) {
        if let Some((text, cursor)) = self.undo.pop() {
            self.text = text;
            self.cursor = cursor;
            self.typing = false;
            self.lay_out();
        }
    }

    fn lay_out(&mut self) {
        let width = if self.width == 0 {
            u16::MAX
        } else {
            self.width
        };
        let wrapped = Wrapped::new(0, self.text.as_bytes(), width).rows;
        let row = |row: Range<u32>| row.start as usize..row.end as usize;
        self.rows = wrapped.into_iter().map(row).collect();
    }
}

#[cfg(test)]
mod tests;
