//! What is said of a register before it is sent.

use std::fmt::Write as _;

use crate::protocol::savetowebsocket::{Advice, Effect, Filters};
use crate::tui::figures;

use super::InForce;
use super::change;
use super::sample::Forecast;

/// Most changes told one by one.
const CHANGES: usize = 6;
/// Longest value told whole, characters.
const VALUE: usize = 24;

/// How a note is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Good to know.
    Plain,
    /// Less so.
    Quiet,
    /// Comes in.
    Added,
    /// Goes out.
    Removed,
    /// Not what it looks like.
    Warning,
    /// It cannot work.
    Wrong,
}

impl Tone {
    /// How an effect is told.
    #[must_use]
    pub const fn of(effect: Effect) -> Self {
        match effect {
            Effect::NeverMatches => Self::Wrong,
            Effect::FailsOpen => Self::Quiet,
            Effect::FailsClosed | Effect::Ignored | Effect::Suspicious => Self::Warning,
        }
    }

    /// The sign before it.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Plain | Self::Quiet => "·",
            Self::Added => "+",
            Self::Removed => "−",
            Self::Warning => "⚠",
            Self::Wrong => "✗",
        }
    }
}

/// One sentence. Not sanitised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// How it is meant.
    pub tone: Tone,
    /// The sentence.
    pub text: String,
}

impl Note {
    fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self {
            tone,
            text: text.into(),
        }
    }
}

/// How bad an effect is, 0 for the worst.
#[must_use]
pub const fn severity(effect: Effect) -> u8 {
    match effect {
        Effect::NeverMatches => 0,
        Effect::FailsClosed => 1,
        Effect::Suspicious => 2,
        Effect::Ignored => 3,
        Effect::FailsOpen => 4,
    }
}

/// The effect to be marked at a filter's field, the worst of them.
#[must_use]
pub fn worst(advice: &[Advice], filter: &str) -> Option<Effect> {
    let of = advice.iter().filter(|advice| advice.filter == filter);
    of.map(|advice| advice.effect)
        .min_by_key(|effect| severity(*effect))
}

/// All there is to say, what matters most first; of the filter with the cursor before others.
#[must_use]
pub fn all(
    filters: &Filters,
    in_force: Option<&InForce>,
    forecast: &Forecast,
    advice: &[Advice],
    focus: &str,
) -> Vec<Note> {
    let mut all = vec![coming(forecast, in_force)];
    let mut advice: Vec<_> = advice.iter().collect();
    advice.sort_by_key(|advice| (advice.filter != focus, severity(advice.effect)));
    let told = |advice: &&Advice| {
        let text = format!(
            "{} {}: {}",
            advice.filter,
            advice.effect.name(),
            advice.sentence()
        );
        Note::new(Tone::of(advice.effect), text)
    };
    let (loud, quiet): (Vec<_>, Vec<_>) = advice
        .iter()
        .partition(|advice| advice.filter == focus || advice.is_remarkable());
    all.extend(loud.into_iter().map(&told));
    all.extend(changes(filters, in_force));
    all.extend(quiet.into_iter().map(&told));
    all
}

/// How many of the events at hand it would let through.
fn coming(forecast: &Forecast, in_force: Option<&InForce>) -> Note {
    let Forecast {
        events,
        coded,
        documented,
        both,
    } = *forecast;
    if events == 0 {
        return Note::new(Tone::Quiet, "no events here yet to try it on");
    }
    let count = figures::count;
    let mut text = format!(
        "of the newest {} events here the server would send {}",
        count(events),
        count(coded)
    );
    if coded == documented && both == coded {
        text.push_str(", as documented");
    } else {
        // Writing to a string cannot fail.
        let _ = write!(text, "; documented are {}", count(documented));
        for (number, what) in [
            (coded - both, "come unasked"),
            (documented - both, "never come"),
        ] {
            if number > 0 {
                let _ = write!(text, ", {} {what}", count(number));
            }
        }
    }
    if in_force.is_some_and(|now| *now.filters != Filters::default()) {
        text.push_str(" (each chosen by the filters in force when it came)");
    }
    let tone = if coded == 0 {
        Tone::Warning
    } else {
        Tone::Plain
    };
    Note::new(tone, text)
}

/// What it replaces, and how the server takes it.
fn changes(filters: &Filters, in_force: Option<&InForce>) -> Vec<Note> {
    let Some(now) = in_force else {
        let text = "first register of the connection: the one that is answered, by `registered`";
        return vec![Note::new(Tone::Plain, text)];
    };
    let changes = change::between(&now.filters, filters);
    let mut all = Vec::new();
    if changes.is_empty() {
        let text = "the same filters as in force: nothing changes";
        all.push(Note::new(Tone::Plain, text));
    }
    for change in changes.iter().take(CHANGES) {
        let tone = if change.is_added {
            Tone::Added
        } else {
            Tone::Removed
        };
        let text = format!("{} {}", change.filter, short(&change.value));
        all.push(Note::new(tone, text));
    }
    if changes.len() > CHANGES {
        let text = format!("{} more changes", changes.len() - CHANGES);
        all.push(Note::new(Tone::Plain, text));
    }
    let text = if now.is_answered {
        "update: not answered; what is left out becomes empty; up to 256 events chosen before may still come"
    } else {
        "a register is on its way, and only the first is answered: this one replaces its filters in silence"
    };
    all.push(Note::new(Tone::Plain, text));
    all
}

fn short(value: &str) -> String {
    let count = value.chars().count();
    if value.is_empty() {
        return "(empty)".to_owned();
    }
    if count <= VALUE {
        return value.to_owned();
    }
    let first: String = value.chars().take(VALUE - 7).collect();
    let last: String = value.chars().skip(count - 6).collect();
    format!("{first}…{last}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::protocol::savetowebsocket::advice;

    fn payments() -> Filters {
        Filters {
            types: vec!["payment".to_owned()],
            min_amount: "100".to_owned(),
            ..Filters::default()
        }
    }

    fn told(in_force: Option<&InForce>, forecast: &Forecast, focus: &str) -> Vec<String> {
        let filters = payments();
        let notes = all(&filters, in_force, forecast, &advice(&filters), focus);
        let line = |note: &Note| format!("{} {}", note.tone.sign(), note.text);
        notes.iter().map(line).collect()
    }

    #[test]
    fn a_first_register_is_answered_and_a_later_one_is_not() {
        let none = Forecast::default();
        let first = told(None, &none, "types").join("\n");
        assert!(first.contains("by `registered`"), "{first}");
        let now = InForce {
            filters: Arc::default(),
            is_answered: true,
        };
        let later = told(Some(&now), &none, "types").join("\n");
        assert!(
            later.contains("+ types payment\n+ min_amount 100\n"),
            "{later}"
        );
        assert!(later.contains("update: not answered"), "{later}");
        let same = InForce {
            filters: Arc::new(payments()),
            is_answered: false,
        };
        let same = told(Some(&same), &none, "types").join("\n");
        assert!(same.contains("nothing changes"), "{same}");
        assert!(same.contains("on its way"), "{same}");
    }

    #[test]
    fn the_field_with_the_cursor_is_spoken_of_first() {
        let none = Forecast::default();
        assert!(told(None, &none, "types")[1].starts_with("· types fails open: "));
        assert!(told(None, &none, "min_amount")[1].starts_with("⚠ min_amount ignored: "));
    }

    #[test]
    fn what_comes_unasked_and_what_never_comes_is_counted() {
        let forecast = Forecast {
            events: 1_000,
            coded: 40,
            documented: 35,
            both: 30,
        };
        assert_eq!(
            told(None, &forecast, "")[0],
            "· of the newest 1,000 events here the server would send 40; documented are 35, 10 \
             come unasked, 5 never come"
        );
        let agreed = Forecast {
            coded: 30,
            documented: 30,
            ..forecast
        };
        assert!(told(None, &agreed, "")[0].ends_with("send 30, as documented"));
    }
}
