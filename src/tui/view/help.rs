//! The help screen: the table of actions, by context.

use crate::tui::action::{ACTIONS, Context};

/// One line of the help screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A heading.
    Title(&'static str),
    /// Keys and what they do.
    Keys(String, &'static str),
    /// Nothing.
    Blank,
}

/// All lines. Rows that do the same thing with different keys share one.
#[must_use]
pub fn lines() -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for context in Context::ALL {
        if !lines.is_empty() {
            lines.push(Line::Blank);
        }
        lines.push(Line::Title(context.title()));
        for row in ACTIONS.iter().filter(|row| row.context == context) {
            let keys = row.keys.join(" ");
            match lines.last_mut() {
                Some(Line::Keys(before, help)) if *help == row.help => {
                    before.push(' ');
                    before.push_str(&keys);
                }
                _ => lines.push(Line::Keys(keys, row.help)),
            }
        }
    }
    lines
}

/// Number of lines.
#[must_use]
pub fn line_count() -> usize {
    lines().len()
}
