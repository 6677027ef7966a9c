//! The list of targets a session can be started on.

use super::line::LineEdit;

/// Where a target comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A server that comes with the program.
    Demo,
    /// One of the user's profiles.
    User,
    /// A profile that comes with the program.
    BuiltIn,
}

impl Origin {
    /// The word shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::User => "yours",
            Self::BuiltIn => "built-in",
        }
    }
}

/// A target one can pick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is started: a profile's name or `demo:…`.
    pub target: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Where it connects, secrets masked.
    pub url: String,
    /// A line about it.
    pub description: String,
}

/// The picker's own state.
#[derive(Clone, Debug, Default)]
pub struct Picker {
    /// What was typed: part of a name, or a URL.
    pub line: LineEdit,
    /// Which of the rows is selected.
    pub selected: usize,
}

/// One row of the picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer<'a> {
    /// A known target.
    Known(&'a Choice),
    /// What was typed, taken as a URL.
    Typed(&'a str),
}

impl Offer<'_> {
    /// What is started.
    #[must_use]
    pub fn target(&self) -> &str {
        match self {
            Self::Known(choice) => &choice.target,
            Self::Typed(text) => text,
        }
    }
}

impl Picker {
    /// The rows that fit what was typed.
    #[must_use]
    pub fn offers<'a>(&'a self, choices: &'a [Choice]) -> Vec<Offer<'a>> {
        let typed = self.line.text().trim();
        let wanted = typed.to_lowercase();
        let fits = |choice: &&Choice| {
            choice.target.to_lowercase().contains(&wanted)
                || choice.url.to_lowercase().contains(&wanted)
                || choice.description.to_lowercase().contains(&wanted)
        };
        let mut offers: Vec<_> = choices.iter().filter(fits).map(Offer::Known).collect();
        if typed.contains("://") || typed.starts_with("demo:") {
            offers.insert(0, Offer::Typed(typed));
        }
        offers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_narrows_the_list_and_a_url_can_be_started_as_it_is() {
        let choice = |target: &str| Choice {
            target: target.to_owned(),
            origin: Origin::Demo,
            url: "ws://host".to_owned(),
            description: "An Example".to_owned(),
        };
        let choices = [choice("demo:mq"), choice("raccoon")];
        let targets = |text: &str| {
            let picker = Picker {
                line: LineEdit::new(text),
                selected: 0,
            };
            let offers = picker.offers(&choices);
            offers
                .iter()
                .map(|offer| offer.target().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(targets(""), ["demo:mq", "raccoon"]);
        assert_eq!(targets("RACC"), ["raccoon"]);
        assert_eq!(targets("example"), ["demo:mq", "raccoon"]);
        assert_eq!(targets(" ws://other "), ["ws://other"]);
        assert_eq!(targets("nothing"), Vec::<String>::new());
    }
}
