//! What lies over the screen: a stack, the topmost has the keys.

use super::confirm::Confirm;
use super::decode_as::DecodeAs;
use super::filters::FiltersPanel;
use super::line::LineEdit;
use super::metrics::MetricsPanel;
use super::shelf::Shelf;
use super::why::Why;
use crate::frame::Seq;
use crate::protocol::websocketmq::conventions::Convention;
use crate::tui::action::{ACTIONS, Row};
use crate::tui::composer::filters::preset::Preset;

/// One layer over the screen.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// All keys, from the table of actions.
    Help {
        /// First line shown.
        top: usize,
    },
    /// All notices, newest first.
    Notices {
        /// First one shown.
        top: usize,
    },
    /// What is known of the session.
    Facts {
        /// First line shown.
        top: usize,
    },
    /// Asks without a reply.
    Asks {
        /// Which one is selected.
        selected: usize,
    },
    /// The filters of the active session.
    Filters(FiltersPanel),
    /// Both verdicts about an event.
    Why(Box<Why>),
    /// Topics, clients and calls of the active session's broker.
    Broker,
    /// A question before something that can hurt others.
    Confirm(Confirm),
    /// Commands by name.
    Palette {
        /// What was typed.
        line: LineEdit,
        /// Which of the fitting ones is selected.
        selected: usize,
    },
    /// One line to fill in.
    Prompt(Prompt),
    /// The composer of the active session.
    Compose,
    /// The server's metrics.
    Metrics(MetricsPanel),
    /// What events of a type are decoded as.
    DecodeAs(Box<DecodeAs>),
    /// The saved documents.
    Shelf(Shelf),
    /// How to send entries again.
    Again {
        /// Which entries of the active session.
        asks: Vec<Seq>,
        /// Which of the forms is selected.
        selected: usize,
    },
    /// Filters to begin with, for the register being written.
    Presets {
        /// What there was when the list was opened.
        presets: Vec<Preset>,
        /// Which one is selected.
        selected: usize,
    },
    /// Topics to begin with, for the message being written to a broker.
    Conventions {
        /// Those of the broker's generation.
        all: Vec<&'static Convention>,
        /// Which one is selected.
        selected: usize,
    },
    /// What to copy of the selected entry.
    Copy {
        /// Which of the offers is selected.
        selected: usize,
    },
}

/// What a prompt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A jq filter.
    Filter,
    /// Text to find.
    Search,
    /// How often to send what is in the composer.
    Many,
    /// What the draft is to be saved as.
    SaveAs,
    /// What a saved document is to be called.
    Rename,
    /// What a copy of a saved document is to be called.
    Duplicate,
    /// What the profile is to be called that keeps the filters.
    KeepFilters,
    /// An event to be judged.
    Event,
    /// Filters to judge an event by.
    Filters,
    /// A topic to subscribe to.
    Topic,
}

impl Ask {
    /// The word before the line.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Search => "find",
            Self::Many => "send",
            Self::SaveAs => "save as",
            Self::Rename => "rename to",
            Self::Duplicate => "duplicate as",
            Self::KeepFilters => "filters to a new profile called",
            Self::Event => "event",
            Self::Filters => "filters",
            Self::Topic => "subscribe to",
        }
    }
}

/// Lines accepted before, oldest first; the newest hundred.
#[derive(Clone, Debug, Default)]
pub struct History(Vec<String>);

impl History {
    const MAX: usize = 100;

    /// Adds a line, as the newest one even if it was there before.
    pub fn push(&mut self, text: &str) {
        self.0.retain(|line| line != text);
        if self.0.len() == Self::MAX {
            self.0.remove(0);
        }
        self.0.push(text.to_owned());
    }
}

/// How something is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgainForm {
    /// The same bytes.
    AsItWas,
    /// With another key and the time now.
    Fresh,
    /// In the composer first.
    Edit,
    /// Not now: the command that does, on the clipboard.
    Command,
}

impl AgainForm {
    /// All forms, in the order of the menu.
    pub const ALL: [Self; 4] = [Self::AsItWas, Self::Fresh, Self::Edit, Self::Command];

    /// The line in the menu.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::AsItWas => "as it was: same bytes, same guid",
            Self::Fresh => "with a fresh guid and sent_time",
            Self::Edit => "after editing it",
            Self::Command => "later: copy a `wspect send` command",
        }
    }

    /// The letter that picks it.
    #[must_use]
    pub const fn key(self) -> char {
        match self {
            Self::AsItWas => 'a',
            Self::Fresh => 'f',
            Self::Edit => 'e',
            Self::Command => 's',
        }
    }
}

/// What of an entry can be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyForm {
    /// The payload as text.
    Raw,
    /// The decoded body as JSON.
    Json,
    /// The payload in hexadecimal.
    Hex,
    /// The payload in base64.
    Base64,
    /// The correlation key.
    Key,
    /// The command that sends it again.
    Command,
}

impl CopyForm {
    /// All forms, in the order of the menu.
    pub const ALL: [Self; 6] = [
        Self::Raw,
        Self::Json,
        Self::Hex,
        Self::Base64,
        Self::Key,
        Self::Command,
    ];

    /// The line in the menu.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Raw => "payload as text",
            Self::Json => "decoded body as JSON",
            Self::Hex => "payload in hex",
            Self::Base64 => "payload in base64",
            Self::Key => "correlation key",
            Self::Command => "`wspect send` command",
        }
    }

    /// The letter that picks it.
    #[must_use]
    pub const fn key(self) -> char {
        match self {
            Self::Raw => 'r',
            Self::Json => 'j',
            Self::Hex => 'h',
            Self::Base64 => 'b',
            Self::Key => 'i',
            Self::Command => 's',
        }
    }
}

/// The rows of the table of actions that fit `typed`, best first: names that start with it, names
/// that contain it, then what is said about them.
#[must_use]
pub fn palette(typed: &str) -> Vec<&'static Row> {
    let wanted = typed.trim().to_lowercase();
    let mut fitting: Vec<_> = ACTIONS
        .iter()
        .filter(|row| row.action.in_palette())
        .filter_map(|row| {
            let rank = if row.name.starts_with(&wanted) {
                0
            } else if row.name.contains(&wanted) {
                1
            } else if row.help.to_lowercase().contains(&wanted) {
                2
            } else {
                return None;
            };
            Some((rank, row))
        })
        .collect();
    fitting.sort_by_key(|(rank, _)| *rank);
    fitting.into_iter().map(|(_, row)| row).collect()
}

/// A line being filled in.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What it asks for.
    pub ask: Ask,
    /// The line.
    pub line: LineEdit,
    /// What is wrong with it as it stands.
    pub problem: Option<String>,
    /// Position in the history, 1 for the newest; 0 for the line being typed.
    pub back: usize,
    /// The line being typed, while the history is looked at.
    pub draft: String,
}

impl Prompt {
    /// An empty prompt, or one that starts with what is in force.
    #[must_use]
    pub fn new(ask: Ask, text: &str) -> Self {
        Self {
            ask,
            line: LineEdit::new(text),
            problem: None,
            back: 0,
            draft: String::new(),
        }
    }

    /// Steps through `history`, `older` or newer, and back to the line being typed.
    pub fn recall(&mut self, history: &History, older: bool) {
        let history = &history.0;
        let back = if older {
            (self.back + 1).min(history.len())
        } else {
            self.back.saturating_sub(1)
        };
        if back == self.back {
            return;
        }
        if self.back == 0 {
            self.draft = self.line.text().to_owned();
        }
        self.back = back;
        let text = match back {
            0 => std::mem::take(&mut self.draft),
            back => history[history.len() - back].clone(),
        };
        self.line = LineEdit::new(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_palette_puts_names_before_explanations() {
        let names: Vec<_> = palette("pause").iter().map(|row| row.name).collect();
        assert_eq!(names.first(), Some(&"pause"));
        assert!(palette("").len() > 30);
        assert!(palette("no such thing").is_empty());
    }

    #[test]
    fn the_history_leads_back_to_what_was_being_typed() {
        let mut history = History::default();
        for text in [".b", ".a", ".b"] {
            history.push(text);
        }
        let mut prompt = Prompt::new(Ask::Filter, ".typed");
        let mut seen = Vec::new();
        for older in [true, true, true, false, false, false] {
            prompt.recall(&history, older);
            seen.push(prompt.line.text().to_owned());
        }
        assert_eq!(seen, [".b", ".a", ".a", ".b", ".typed", ".typed"]);
    }
}
