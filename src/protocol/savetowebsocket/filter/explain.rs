//! The two verdicts in sentences: what decided, what was found, what would help.

mod coded;
mod documented;
mod fix;

use super::super::Columns;
use super::{Facts, Reasoner};

/// Most characters of a found value that a sentence repeats.
const SHOWN: usize = 100;

/// Both verdicts about one event, side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// As the guide documents it.
    pub documented: Verdict,
    /// As the server really behaves.
    pub coded: Verdict,
}

/// One verdict. Texts may hold what the event holds: they pass the sanitiser before they reach a
/// terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// True if the client gets the event.
    pub passes: bool,
    /// The filter that decided: `types`, `account_ids`, `asset_codes` or `min_amount`; `None` if
    /// none is set, or if the bytes are no event.
    pub filter: Option<&'static str>,
    /// The member of the event that was looked at; several are joined by commas.
    pub field: Option<String>,
    /// What stands there: the text of a string, JSON of anything else; `None` if it is missing.
    pub found: Option<String>,
    /// One sentence, without a full stop.
    pub why: String,
    /// What would let the event through, or, if it passes, what to mind; one sentence.
    pub fix: Option<String>,
    /// True if `filter` let through what it could not read: the event has no such member, or none
    /// that can be compared.
    pub unread: bool,
}

impl Verdict {
    fn dropped(filter: &'static str, why: String) -> Self {
        Self {
            filter: Some(filter),
            why,
            ..Self::default()
        }
    }

    fn passed(why: impl Into<String>) -> Self {
        Self {
            passes: true,
            why: why.into(),
            ..Self::default()
        }
    }

    fn by(mut self, filter: &'static str) -> Self {
        self.filter = Some(filter);
        self
    }

    fn at(mut self, field: impl Into<String>, found: Option<impl Into<String>>) -> Self {
        self.field = Some(field.into());
        self.found = found.map(Into::into);
        self
    }

    fn fixed(mut self, fix: impl Into<Option<String>>) -> Self {
        self.fix = fix.into();
        self
    }
}

pub(super) fn explain(reasoner: &Reasoner, event: &[u8]) -> Explanation {
    let facts = match Facts::read(event) {
        Ok(facts) => facts,
        Err(why) => {
            let verdict = Verdict {
                why: format!("{why}, so nobody gets this one"),
                ..Verdict::default()
            };
            return Explanation {
                documented: verdict.clone(),
                coded: verdict,
            };
        }
    };
    let columns = Columns::read(event);
    Explanation {
        documented: documented::verdict(reasoner, reasoner.documented(&facts, event), &columns),
        coded: coded::verdict(reasoner, &facts, &columns),
    }
}

/// A value as sentences quote it, not longer than is readable.
fn quoted(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => format!("`{}`", text.replace('\0', "\\u0000")),
        Some((end, _)) => format!("`{}…`", text[..end].replace('\0', "\\u0000")),
    }
}

#[cfg(test)]
mod tests;
