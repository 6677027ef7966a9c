//! Text to [`Profile`], with errors that name file, line, key and the nearest known key.

use super::error::{Problem, ProfileError};
use super::format::Profile;
use super::places::{self, Places};
use super::validate;
use crate::toml_error::{explain, line_at};

/// Reads and checks `text`; `file` is what errors call it. Values with templates in them are
/// checked when they are filled in.
pub(super) fn parse(file: &str, text: &str) -> Result<(Profile, Vec<Problem>), ProfileError> {
    let wrong = |problems| ProfileError::Wrong {
        file: file.to_owned(),
        problems,
    };
    let places = Places::new(text).map_err(|error| wrong(vec![syntax(text, &error)]))?;
    let profile: Profile =
        toml::from_str(text).map_err(|error| wrong(vec![mismatch(text, &places, &error)]))?;
    let findings = validate::profile(&profile);
    let located = |found: Vec<validate::Finding>| -> Vec<Problem> {
        let mut problems: Vec<_> = found
            .into_iter()
            .map(|finding| Problem {
                line: places.line_of(&finding.path),
                key: places::dotted(&finding.path),
                what: finding.what,
            })
            .collect();
        problems.sort_by_key(|problem| problem.line);
        problems
    };
    if findings.problems.is_empty() {
        Ok((profile, located(findings.warnings)))
    } else {
        Err(wrong(located(findings.problems)))
    }
}

fn syntax(text: &str, error: &toml::de::Error) -> Problem {
    let offset = error.span().map_or(text.len(), |span| span.start);
    Problem {
        line: line_at(text, offset),
        key: String::new(),
        what: format!("not TOML: {}", error.message()),
    }
}

fn mismatch(text: &str, places: &Places<'_>, error: &toml::de::Error) -> Problem {
    let offset = error.span().map_or(0, |span| span.start);
    Problem {
        line: line_at(text, offset),
        key: places::dotted(&places.path_at(offset)),
        what: explain(error.message()),
    }
}
