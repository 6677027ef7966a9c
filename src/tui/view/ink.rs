//! Colours of JSON text: names, strings, numbers. Looks at the text alone, so half-written JSON
//! has colours too.

use std::ops::Range;

use ratatui::style::Style;

use crate::tui::theme::Theme;

/// What a piece of the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stain {
    Plain,
    Name,
    Text,
    Number,
    Template,
}

impl Stain {
    pub(super) const fn style(self, theme: &Theme) -> Style {
        match self {
            Self::Plain => theme.text,
            Self::Name => theme.name,
            Self::Text => theme.string,
            Self::Number => theme.number,
            Self::Template => theme.warn,
        }
    }
}

/// The pieces of a text that are not plain, in order.
#[derive(Debug, Default)]
pub(super) struct Ink(Vec<(Range<usize>, Stain)>);

impl Ink {
    /// Looks `text` over; nothing but templates stands out if it is not JSON.
    pub(super) fn of(text: &str, is_json: bool) -> Self {
        let mut ink = Self::default();
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let rest = &text[at..];
            let end = match byte {
                b'"' if is_json => ink.string(text, at),
                b'$' if rest.starts_with("${") => {
                    let end = at + rest.find(['}', '\n']).map_or(rest.len(), |end| end + 1);
                    ink.0.push((at..end, Stain::Template));
                    end
                }
                b'-' | b'0'..=b'9' | b'a'..=b'z' if is_json => {
                    let is_word = |b: &u8| b.is_ascii_alphanumeric() || b"+-.".contains(b);
                    let end = at + bytes[at..].iter().take_while(|b| is_word(b)).count();
                    ink.0.push((at..end, Stain::Number));
                    end
                }
                _ => at + rest.chars().next().map_or(1, char::len_utf8),
            };
            at = end;
        }
        ink
    }

    /// A string that begins at `start`; returns where it ends.
    fn string(&mut self, text: &str, start: usize) -> usize {
        let bytes = text.as_bytes();
        let mut end = start + 1;
        while let Some(byte) = bytes.get(end) {
            end += match byte {
                b'\\' => 2,
                b'"' => break,
                _ => 1,
            };
        }
        let end = text.ceil_char_boundary((end + 1).min(text.len()));
        let follows = text[end..].trim_start();
        let stain = if follows.starts_with(':') {
            Stain::Name
        } else {
            Stain::Text
        };
        let mut from = start;
        while let Some(found) = text[from..end].find("${") {
            let template = from + found;
            let after = text[template..end].find('}');
            let close = after.map_or(end, |after| template + after + 1);
            self.0.push((from..template, stain));
            self.0.push((template..close, Stain::Template));
            from = close;
        }
        self.0.push((from..end, stain));
        end
    }

    /// The pieces `range` consists of.
    pub(super) fn pieces(&self, range: Range<usize>) -> Vec<(Range<usize>, Stain)> {
        let mut pieces = Vec::new();
        let mut at = range.start;
        let first = self
            .0
            .partition_point(|(piece, _)| piece.end <= range.start);
        for (piece, stain) in &self.0[first..] {
            if piece.start >= range.end {
                break;
            }
            let (start, end) = (piece.start.max(at), piece.end.min(range.end));
            if start > at {
                pieces.push((at..start, Stain::Plain));
            }
            if end > start {
                pieces.push((start..end, *stain));
                at = end;
            }
        }
        if at < range.end {
            pieces.push((at..range.end, Stain::Plain));
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stains(text: &str, is_json: bool) -> Vec<(&str, Stain)> {
        let ink = Ink::of(text, is_json);
        let pieces = ink.pieces(0..text.len()).into_iter();
        pieces.map(|(range, stain)| (&text[range], stain)).collect()
    }

    #[test]
    fn names_texts_numbers_and_templates_are_told_apart() {
        use Stain::{Name, Number, Plain, Template, Text};
        assert_eq!(
            stains(r#"{"a" : "é${now}",1e-5:${x}"#, true),
            [
                ("{", Plain),
                ("\"a\"", Name),
                (" : ", Plain),
                ("\"é", Text),
                ("${now}", Template),
                ("\"", Text),
                (",", Plain),
                ("1e-5", Number),
                (":", Plain),
                ("${x}", Template),
            ]
        );
        assert_eq!(
            stains("\"1\" ${x", false),
            [("\"1\" ", Plain), ("${x", Template)]
        );
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn pieces_are_the_whole_range(text in "[\"\\\\a1é${}:\n ]{0,20}", json in proptest::bool::ANY) {
            let ink = Ink::of(&text, json);
            let pieces = ink.pieces(0..text.len());
            let whole: String = pieces.into_iter().map(|(range, _)| &text[range]).collect();
            assert_eq!(whole, text);
        }
    }
}
