//! The list of saved documents over the composer.

use crate::saved::Listed;

use super::line::LineEdit;

/// The list as one sees it. Made when it is opened, dropped when it is left; the documents
/// themselves are in [`State::saved`](super::State::saved).
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// What was typed to find one.
    pub line: LineEdit,
    /// Which of the fitting ones is selected.
    pub selected: usize,
    /// The one that goes when it is asked for once more.
    pub doomed: Option<String>,
}

impl Shelf {
    /// The documents that fit what was typed: by name, then by what is in them.
    #[must_use]
    pub fn fitting<'a>(&self, saved: &'a [Listed]) -> Vec<&'a Listed> {
        let wanted = self.line.text().trim().to_lowercase();
        let rank = |one: &Listed| match one.name.to_lowercase() {
            name if name.starts_with(&wanted) => Some(0),
            name if name.contains(&wanted) => Some(1),
            _ if one.head.to_lowercase().contains(&wanted) => Some(2),
            _ => None,
        };
        let mut fitting: Vec<_> = saved.iter().filter(|one| rank(one).is_some()).collect();
        fitting.sort_by_key(|one| rank(one));
        fitting
    }

    /// The selected one.
    #[must_use]
    pub fn chosen<'a>(&self, saved: &'a [Listed]) -> Option<&'a Listed> {
        self.fitting(saved).get(self.selected).copied()
    }
}
