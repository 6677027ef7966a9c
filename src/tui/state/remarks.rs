//! What is remarked on the selected entry, above its reading.

use ratatui::layout::Rect;

use crate::entry::Outcome;
use crate::sanitise;
use crate::tui::layout::inside;

use super::State;
use super::detail::Reading;

/// How much a remark matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Something is wrong.
    Wrong,
    /// A diagnosis.
    Note,
    /// True of every message of this make.
    Aside,
}

impl Weight {
    /// What stands before such a remark.
    const fn sign(self) -> &'static str {
        match self {
            Self::Wrong => "✗ ",
            Self::Note => "⚠ ",
            Self::Aside => "· ",
        }
    }
}

/// One line of a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// How much it matters.
    pub weight: Weight,
    /// The line, sanitised and no wider than asked for.
    pub text: String,
}

impl State {
    /// The remarks on the selected entry, broken into lines of `width` columns.
    #[must_use]
    pub fn remarks(&self, width: u16) -> Vec<Remark> {
        let Some((tab, shown)) = self
            .tab()
            .and_then(|tab| Some((tab, tab.detail.shown.as_ref()?)))
        else {
            return Vec::new();
        };
        let entry = self.store.entry(tab.id, shown.seq);
        let mut wrong: Vec<&str> = Vec::new();
        let mut notes: Vec<&str> = Vec::new();
        let mut aside = None;
        if let Some(entry) = &entry {
            wrong.extend(entry.error);
            notes.extend(entry.note);
            notes.extend(entry.outcome.and_then(Outcome::remark));
        }
        if let Reading::Done(decoded) = &shown.reading {
            wrong.extend(decoded.error.as_deref());
            notes.extend(decoded.notes.iter().map(String::as_str));
            aside = decoded.aside;
        }
        wrong.dedup();
        notes.dedup();
        let weighed = |weight| move |text| (weight, text);
        let wrong = wrong.into_iter().map(weighed(Weight::Wrong));
        let notes = notes.into_iter().map(weighed(Weight::Note));
        wrong
            .chain(notes)
            .chain(aside.map(weighed(Weight::Aside)))
            .flat_map(|(weight, text)| {
                let text = format!("{}{}", weight.sign(), tab.masked(text));
                lines(&text, usize::from(width))
                    .into_iter()
                    .map(move |text| Remark { weight, text })
            })
            .collect()
    }

    /// Where the reading on top is, below the remarks, which get half of the pane at most.
    #[must_use]
    pub fn reading_area(&self) -> Rect {
        let pane = inside(self.areas().detail);
        let rows = self
            .remarks(pane.width)
            .len()
            .min(usize::from(pane.height / 2)) as u16;
        Rect {
            y: pane.y + rows,
            height: pane.height - rows,
            ..pane
        }
    }
}

/// `text`, sanitised, broken between words into lines of at most `width` columns; words that are
/// longer are broken anywhere.
#[must_use]
pub fn lines(text: &str, width: usize) -> Vec<String> {
    use unicode_width::UnicodeWidthStr as _;
    let width = width.max(4);
    let text = sanitise::line(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        } else if !line.is_empty() {
            line.push(' ');
        }
        for c in word.chars() {
            let mut buffer = [0; 4];
            if line.width() + c.encode_utf8(&mut buffer).width() > width {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_between_words_and_inside_long_ones() {
        assert_eq!(lines("one two three", 7), ["one two", "three"]);
        assert_eq!(lines("abcdefghij kl", 4), ["abcd", "efgh", "ij", "kl"]);
        assert_eq!(lines("", 10), [""]);
        assert_eq!(lines("a\x1bb", 10), ["a\\x1bb"]);
    }
}
