//! Text to [`Profile`], with errors that name file, line, key and the nearest known key.

use super::error::{Problem, ProfileError};
use super::format::Profile;
use super::places::{self, Places};
use super::validate;
use crate::nearest;

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
        line: places::line_at(text, offset),
        key: String::new(),
        what: format!("not TOML: {}", error.message()),
    }
}

fn mismatch(text: &str, places: &Places<'_>, error: &toml::de::Error) -> Problem {
    let offset = error.span().map_or(0, |span| span.start);
    Problem {
        line: places::line_at(text, offset),
        key: places::dotted(&places.path_at(offset)),
        what: explain(error.message()),
    }
}

/// serde's sentence in ours. The list of known keys is in its message and nowhere else that would
/// stay in step with the structs, so it is read from there; the tests pin its form.
fn explain(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let noun = if message.starts_with("unknown field") {
            "key"
        } else {
            "value"
        };
        let wrong = quoted.next().unwrap_or_default();
        let known: Vec<_> = quoted.collect();
        return match nearest::one(wrong, known.iter().copied()) {
            Some(near) => format!("unknown {noun} `{wrong}`; did you mean `{near}`?"),
            None => format!("unknown {noun} `{wrong}`; known here: {}", known.join(", ")),
        };
    }
    if let Some(rest) = message.strip_prefix("invalid type: ") {
        return format!("wrong type: {rest}");
    }
    if message.starts_with("missing field") {
        let field = quoted.next().unwrap_or_default();
        return match field {
            "url" => "`url` is missing; write for example url = \"ws://127.0.0.1:8080/ws\"".into(),
            field => format!("`{field}` is missing here"),
        };
    }
    message.to_owned()
}
