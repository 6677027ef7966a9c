//! The register form: filters in four lines and a text, and what is known beside them.
//!
//! ```text
//!  lines, custom ──of──► Filters ─┬─► advice          what each will not do
//!       ▲                         ├─► Change          against the filters in force
//!       │ offers, presets         └─► Forecast        of the newest events of the session
//!       └────── Sample ◄── newest events: accounts and assets seen
//! ```

pub mod change;
pub mod notes;
pub mod offer;
pub mod preset;
pub mod sample;

use std::sync::Arc;

use crate::protocol::savetowebsocket::{Filters, Period};
use crate::tui::state::line::LineEdit;

use super::document::words;
use super::draft::Draft;
use super::kind::Kind;
use super::text::TextEdit;

/// How an empty value of a list is written.
pub(super) const EMPTY: &str = "\"\"";

/// The lines of the form, by their place in [`Kind::lines`].
pub const FIELDS: [&str; 4] = ["types", "account_ids", "asset_codes", "min_amount"];

/// The filters believed in force on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// What was asked for last.
    pub filters: Arc<Filters>,
    /// True once the server has answered the connection's first register: no later one is
    /// answered.
    pub is_answered: bool,
}

/// The filters in force, out of the periods of a session; `None` before a register and between
/// connections.
#[must_use]
pub fn in_force(periods: &[Period]) -> Option<InForce> {
    let last = periods.last().filter(|period| period.until.is_none())?;
    let same = periods.iter().rev();
    let mut same = same.take_while(|period| period.connection == last.connection);
    Some(InForce {
        filters: Arc::clone(&last.filters),
        is_answered: same.any(|period| period.confirmed.is_some()),
    })
}

/// What the form asks for.
#[must_use]
pub fn of(draft: &Draft) -> Filters {
    let text = |index: usize| draft.lines.get(index).map_or("", LineEdit::text);
    let list = |index: usize| words(text(index)).map(own).collect();
    Filters {
        types: list(0),
        account_ids: list(1),
        asset_codes: list(2),
        min_amount: text(3).trim().to_owned(),
        custom: (!draft.body.is_blank()).then(|| draft.body.text().trim().to_owned()),
    }
}

/// A form that asks for these filters.
#[must_use]
pub fn form(filters: &Filters) -> Draft {
    let mut draft = Draft::blank(Kind::Register);
    let list = |values: &[String]| -> String {
        let values: Vec<_> = values.iter().map(|value| written(value)).collect();
        values.join(", ")
    };
    draft.lines = [
        list(&filters.types),
        list(&filters.account_ids),
        list(&filters.asset_codes),
        filters.min_amount.clone(),
    ]
    .map(LineEdit::new)
    .into();
    draft.body = TextEdit::new(filters.custom.clone().unwrap_or_default());
    draft
}

/// A word of a line as the value it stands for.
pub(super) fn own(word: &str) -> String {
    if word == EMPTY {
        String::new()
    } else {
        word.to_owned()
    }
}

fn written(value: &str) -> &str {
    if value.is_empty() { EMPTY } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    #[test]
    fn a_form_asks_for_what_it_was_made_of() {
        let filters = Filters {
            types: vec!["payment".to_owned(), "trade".to_owned()],
            account_ids: vec![String::new(), "G1".to_owned()],
            min_amount: "1.50".to_owned(),
            custom: Some("{\"a\": 1}".to_owned()),
            ..Filters::default()
        };
        assert_eq!(of(&form(&filters)), filters);
        assert_eq!(of(&form(&Filters::default())), Filters::default());
    }

    fn period(connection: u32, confirmed: Option<u64>, until: Option<u64>) -> Period {
        Period {
            since: 1,
            at: clock::now(),
            filters: Arc::default(),
            confirmed,
            settled: None,
            connection,
            until,
        }
    }

    #[test]
    fn filters_are_in_force_while_their_connection_is() {
        let answered = |periods: &[Period]| in_force(periods).map(|now| now.is_answered);
        assert_eq!(answered(&[]), None);
        assert_eq!(answered(&[period(1, Some(2), Some(9))]), None);
        let again = [period(1, Some(2), Some(9)), period(2, None, None)];
        assert_eq!(answered(&again), Some(false));
        let updated = [period(1, Some(2), Some(9)), period(1, None, None)];
        assert_eq!(answered(&updated), Some(true));
    }
}
