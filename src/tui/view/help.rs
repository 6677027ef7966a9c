//! The help screen: the table of actions, by context.

use std::fmt::Write as _;

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

/// The same as a page of documentation, `docs/keys.md`.
#[must_use]
pub fn markdown() -> String {
    let mut page = String::from(
        "# Keys\n\nWhat each key does, by what has the keys. `?` shows the same on screen, and `:` \
         finds a command by its name.\nWhere a key is listed twice, the pane with the focus comes \
         first.\n",
    );
    for line in lines() {
        match line {
            Line::Title(title) => {
                page.push_str("\n## ");
                page.push_str(title);
                page.push_str("\n\n| Keys | |\n| --- | --- |\n");
            }
            Line::Keys(keys, help) => {
                let keys: Vec<_> = keys.split(' ').map(|key| format!("`{key}`")).collect();
                let _ = writeln!(page, "| {} | {help} |", keys.join(" "));
            }
            Line::Blank => {}
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `WRITE_DOCS=1 cargo test --lib keys_page` writes the page anew.
    #[test]
    fn the_keys_page_says_what_the_table_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md");
        if std::env::var_os("WRITE_DOCS").is_some() {
            std::fs::write(path, markdown()).unwrap();
        }
        let page = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            page == markdown(),
            "docs/keys.md differs; WRITE_DOCS=1 writes it anew"
        );
    }
}
