//! What fits in the line with the cursor: types with what they mean, accounts and assets seen.

use std::ops::Range;

use crate::protocol::savetowebsocket::vocabulary;
use crate::tui::state::line::LineEdit;

use super::sample::Sample;
use super::{EMPTY, words};

/// What fits at the cursor of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The bytes of the line that would be replaced.
    pub place: Range<usize>,
    /// What can stand there, the next one first.
    pub choices: Vec<Choice>,
}

/// One thing that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The value.
    pub text: String,
    /// What it means.
    pub about: String,
}

/// What fits in line number `field` at its cursor; `None` for an amount.
#[must_use]
pub fn at(field: usize, line: &LineEdit, sample: &Sample) -> Option<Offer> {
    let all: Vec<Choice> = match field {
        0 => types(),
        1 => seen(&sample.accounts, "account, seen here"),
        2 => assets(sample),
        _ => return None,
    };
    let place = word_at(line);
    let now = &line.text()[place.clone()];
    let others: Vec<_> = [&line.text()[..place.start], &line.text()[place.end..]]
        .into_iter()
        .flat_map(words)
        .collect();
    let is_free = |choice: &Choice| !others.contains(&choice.text.as_str());
    let mut choices: Vec<_> = all.into_iter().filter(is_free).collect();
    if let Some(at) = choices.iter().position(|choice| choice.text == now) {
        // What stands behind it comes next, when the key is pressed once more.
        choices.rotate_left(at + 1);
        choices.pop();
    } else {
        let typed = now.to_lowercase();
        choices.retain(|choice| choice.text.to_lowercase().contains(&typed));
        choices.sort_by_key(|choice| !choice.text.to_lowercase().starts_with(&typed));
    }
    Some(Offer { place, choices })
}

fn types() -> Vec<Choice> {
    let choice = |known: &vocabulary::Known| Choice {
        text: known.name.to_owned(),
        about: format!("{} · {}", known.meaning, known.emitters.join(", ")),
    };
    vocabulary::TYPES.iter().map(choice).collect()
}

fn seen(values: &[String], about: &str) -> Vec<Choice> {
    let choice = |value: &String| Choice {
        text: value.clone(),
        about: about.to_owned(),
    };
    values.iter().map(choice).collect()
}

fn assets(sample: &Sample) -> Vec<Choice> {
    let mut all = seen(&sample.assets, "seen here");
    if !sample.assets.iter().any(|asset| asset == "native") {
        all.push(Choice {
            text: "native".to_owned(),
            about: "lumens, wherever assets are compared".to_owned(),
        });
    }
    all
}

/// The word the cursor is in or behind.
fn word_at(line: &LineEdit) -> Range<usize> {
    let (before, after) = line.halves();
    let ends = |c: char| c == ',' || c.is_whitespace();
    let start = before.rfind(ends).map_or(0, |at| {
        at + before[at..].chars().next().map_or(1, char::len_utf8)
    });
    let end = before.len() + after.find(ends).unwrap_or(after.len());
    if line.text()[start..end] == *EMPTY {
        // An empty value that was written on purpose is not to be replaced.
        return end..end;
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::action::Action;

    fn complete(field: usize, text: &str, sample: &Sample) -> LineEdit {
        let mut line = LineEdit::new(text);
        let offer = at(field, &line, sample).unwrap();
        let choice = offer.choices.first().unwrap().clone();
        line.splice(offer.place, &choice.text);
        line
    }

    #[test]
    fn types_are_completed_word_by_word_and_turned_through() {
        let none = Sample::default();
        assert_eq!(complete(0, "", &none).text(), "payment");
        assert_eq!(complete(0, "payment", &none).text(), "contract");
        assert_eq!(complete(0, "payment, tr", &none).text(), "payment, trade");
        assert_eq!(
            complete(0, "payment, cont", &none).text(),
            "payment, contract"
        );
        assert_eq!(
            complete(0, "STRICT_SEND", &none).text(),
            "path_payment_strict_send"
        );
        let mut line = LineEdit::new("tra, payment");
        line.edit(Action::EditStart);
        line.edit(Action::EditRight);
        let offer = at(0, &line, &none).unwrap();
        assert_eq!(
            (offer.place, offer.choices[0].text.as_str()),
            (0..3, "trade")
        );
        assert!(
            at(0, &LineEdit::new("zebra"), &none)
                .unwrap()
                .choices
                .is_empty()
        );
        assert!(at(3, &LineEdit::new(""), &none).is_none());
    }

    #[test]
    fn what_was_seen_is_offered_newest_first() {
        let sample = Sample {
            accounts: vec!["GNEW".to_owned(), "GOLD".to_owned()],
            assets: vec!["USDC:G1".to_owned()],
            ..Sample::default()
        };
        assert_eq!(complete(1, "", &sample).text(), "GNEW");
        assert_eq!(complete(1, "GNEW, ", &sample).text(), "GNEW, GOLD");
        assert_eq!(complete(2, "nat", &sample).text(), "native");
        assert_eq!(complete(2, "usd", &sample).text(), "USDC:G1");
    }
}
