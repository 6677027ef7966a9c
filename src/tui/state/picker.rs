//! The list of targets a session can be started on.

use crate::profile::check_url;

use super::line::LineEdit;

/// Where a target comes from, in the order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// One of the user's profiles.
    User,
    /// A server that comes with the program.
    Demo,
    /// A profile that comes with the program.
    BuiltIn,
}

impl Origin {
    /// The heading of its targets.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::User => "Your profiles",
            Self::Demo => "Demos: built-in servers with live traffic",
            Self::BuiltIn => "Built-in profiles",
        }
    }

    /// The word shown where there is no room for headings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "yours",
            Self::Demo => "demo",
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
    /// The system's title; empty if it is to be recognised.
    pub system: String,
    /// Where it connects, secrets masked.
    pub url: String,
    /// A line about it.
    pub description: String,
    /// Why it cannot be used as it is.
    pub problem: Option<String>,
}

/// The picker's own state.
#[derive(Clone, Debug, Default)]
pub struct Picker {
    /// What was typed: part of a name, or a URL.
    pub line: LineEdit,
    /// Which of the offers is selected.
    pub selected: usize,
}

/// Something that can be picked.
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

    /// Why it cannot be started as it is.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        match self {
            Self::Known(choice) => choice.problem.clone(),
            Self::Typed(text) if text.starts_with("demo:") => None,
            Self::Typed(text) => check_url(text).err(),
        }
    }
}

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A heading.
    Title(Origin),
    /// The offer of that index.
    Offer(usize),
    /// Nothing.
    Blank,
}

impl Picker {
    /// What fits what was typed, the user's own first.
    #[must_use]
    pub fn offers<'a>(&'a self, choices: &'a [Choice]) -> Vec<Offer<'a>> {
        let typed = self.line.text().trim();
        let wanted = typed.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        let fits = |choice: &&Choice| {
            has(&choice.target)
                || has(&choice.url)
                || has(&choice.description)
                || has(&choice.system)
        };
        let mut fitting: Vec<&Choice> = choices.iter().filter(fits).collect();
        fitting.sort_by_key(|choice| choice.origin);
        let known = fitting.iter().any(|choice| choice.target == typed);
        let mut offers: Vec<_> = fitting.into_iter().map(Offer::Known).collect();
        if !known && (typed.contains("://") || typed.starts_with("demo:")) {
            offers.insert(0, Offer::Typed(typed));
        }
        offers
    }
}

/// The rows of a list of that height: with headings if there is room for all of it, scrolled so
/// that the selected offer is seen.
#[must_use]
pub fn rows(offers: &[Offer<'_>], selected: usize, height: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut before = None;
    for (index, offer) in offers.iter().enumerate() {
        if let Offer::Known(choice) = offer
            && before != Some(choice.origin)
        {
            if !rows.is_empty() {
                rows.push(Row::Blank);
            }
            rows.push(Row::Title(choice.origin));
            before = Some(choice.origin);
        }
        rows.push(Row::Offer(index));
    }
    if rows.len() > height {
        let top = (selected + 1).saturating_sub(height.max(1));
        rows = (top..offers.len()).map(Row::Offer).collect();
    }
    rows.truncate(height);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(target: &str, origin: Origin) -> Choice {
        Choice {
            target: target.to_owned(),
            origin,
            system: "Raccoon".to_owned(),
            url: "ws://host".to_owned(),
            description: "An Example".to_owned(),
            problem: None,
        }
    }

    fn targets(choices: &[Choice], text: &str) -> Vec<String> {
        let picker = Picker {
            line: LineEdit::new(text),
            selected: 0,
        };
        let offers = picker.offers(choices);
        let targets = offers.iter().map(|offer| offer.target().to_owned());
        targets.collect()
    }

    #[test]
    fn typing_narrows_the_list_and_a_url_can_be_started_as_it_is() {
        let choices = [
            choice("demo:mq", Origin::Demo),
            choice("raccoon-local", Origin::BuiltIn),
        ];
        for (text, expected) in [
            ("", &["demo:mq", "raccoon-local"][..]),
            ("LOCAL", &["raccoon-local"]),
            ("example", &["demo:mq", "raccoon-local"]),
            ("raccoon", &["demo:mq", "raccoon-local"]),
            (" ws://other ", &["ws://other"]),
            ("demo:mq", &["demo:mq"]),
            ("demo:x", &["demo:x"]),
            ("nothing", &[]),
        ] {
            assert_eq!(targets(&choices, text), expected, "{text}");
        }
    }

    #[test]
    fn the_users_own_come_first() {
        let choices = [
            choice("b", Origin::BuiltIn),
            choice("d", Origin::Demo),
            choice("u", Origin::User),
        ];
        assert_eq!(targets(&choices, ""), ["u", "d", "b"]);
    }

    #[test]
    fn headings_are_shown_where_there_is_room() {
        let choices = [choice("d", Origin::Demo), choice("b", Origin::BuiltIn)];
        let picker = Picker::default();
        let offers = picker.offers(&choices);
        let all = [
            Row::Title(Origin::Demo),
            Row::Offer(0),
            Row::Blank,
            Row::Title(Origin::BuiltIn),
            Row::Offer(1),
        ];
        assert_eq!(rows(&offers, 0, 5), all);
        assert_eq!(rows(&offers, 0, 4), [Row::Offer(0), Row::Offer(1)]);
        assert_eq!(rows(&offers, 1, 1), [Row::Offer(1)]);
        assert_eq!(rows(&offers, 0, 0), []);
    }

    #[test]
    fn a_url_that_is_none_says_so() {
        let problem = |text| Offer::Typed(text).problem();
        assert_eq!(problem("ws://host/path"), None);
        assert_eq!(problem("demo:echo"), None);
        assert!(problem("ftp://host").is_some());
    }
}
