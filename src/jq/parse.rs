//! Text to syntax tree, with errors a person can act on.

use jaq_core::load::lex::{self, Lexer};
use jaq_core::load::parse::{Expect, Parser, Term};
use jaq_core::load::span;

use super::{JqError, TEXT_MAX};

/// Deepest nesting of brackets and of words that open a construct.
const NESTING_MAX: usize = 64;

/// Most operators and words that open a construct: each can be one level of the syntax tree.
const OPERATORS_MAX: usize = 128;
/// Words that open a construct.
const OPENERS: &[&str] = &[
    "if", "try", "reduce", "foreach", "def", "label", "as", "and", "or", "elif",
];

/// Parses `text` as one expression.
pub(super) fn term(text: &str) -> Result<Term<&str>, JqError> {
    bounded(text)?;
    let tokens = Lexer::new(text)
        .lex()
        .map_err(|errors| lexing(text, errors.first()))?;
    Parser::new(&tokens)
        .parse(Parser::term)
        .map_err(|errors| match errors.into_iter().next() {
            Some((expected, found)) => {
                let found = found.map_or(&text[text.len()..], |token| token.0);
                parsing(text, &expected, found)
            }
            None => error(text, text, "is not an expression".to_owned()),
        })
}

/// The error at `part`, a slice of `text`.
pub(super) fn error(text: &str, part: &str, what: String) -> JqError {
    let start = span(text, part).start.min(text.len());
    JqError {
        column: text[..start].chars().count() + 1,
        what,
    }
}

/// The parser recurses; what would take it too deep is refused before it starts.
fn bounded(text: &str) -> Result<(), JqError> {
    if text.trim().is_empty() {
        return Err(error(
            text,
            text,
            "the expression is empty; write for example `.badge == \"ack\"`".to_owned(),
        ));
    }
    if text.len() > TEXT_MAX {
        let what = format!("the expression is longer than {TEXT_MAX} bytes");
        return Err(JqError { column: 1, what });
    }
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > NESTING_MAX {
            let what = format!("nested deeper than {NESTING_MAX} levels");
            return Err(error(text, &text[at..], what));
        }
    }
    let symbols = text.chars().filter(|c| "|,-+*/%=<>!?;".contains(*c));
    let words = text
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| OPENERS.contains(word));
    let operators = symbols.count() + words.count();
    if operators > OPERATORS_MAX {
        let what = format!("more than {OPERATORS_MAX} operators in one expression");
        return Err(JqError { column: 1, what });
    }
    Ok(())
}

fn lexing(text: &str, found: Option<&lex::Error<&str>>) -> JqError {
    let Some((expected, part)) = found else {
        return error(text, text, "is not an expression".to_owned());
    };
    let what = match expected {
        lex::Expect::Delim("(") => "a `(` is never closed".to_owned(),
        lex::Expect::Delim("[") => "a `[` is never closed".to_owned(),
        lex::Expect::Delim("{") => "a `{` is never closed".to_owned(),
        lex::Expect::Delim(_) => "a text is never closed; put a `\"` at its end".to_owned(),
        lex::Expect::Digit => format!("expected a digit, found {}", shown(part)),
        lex::Expect::Ident => format!("expected a name after it, found {}", shown(part)),
        lex::Expect::Escape => {
            "unknown escape in a text; known are \\n \\t \\r \\\" \\\\ \\/ \\uXXXX \\(…)".to_owned()
        }
        lex::Expect::Unicode => "expected four hexadecimal digits after \\u".to_owned(),
        _ if part.starts_with('\'') => "texts are written with double quotes: \"text\"".to_owned(),
        _ if part.starts_with('&') => "`&` means nothing in jq; write `and`".to_owned(),
        _ => format!("{} means nothing here", shown(part)),
    };
    error(text, part, what)
}

fn parsing(text: &str, expected: &Expect<&str>, found: &str) -> JqError {
    let what = match (expected, found) {
        (Expect::Just("") | Expect::Nothing, _) => match found {
            "=" | "==" => "an expression cannot go on here".to_owned(),
            found => format!(
                "expected the end or an operator, found {}; join conditions with `and`",
                shown(found)
            ),
        },
        (Expect::Term, "") => "the expression stops too early: a value is missing".to_owned(),
        (Expect::Just(word), found) => format!("expected `{word}`, found {}", shown(found)),
        (expected, found) => format!("expected {}, found {}", expected.as_str(), shown(found)),
    };
    error(text, found, what)
}

fn shown(part: &str) -> String {
    let word = part
        .split_inclusive(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    if word.is_empty() {
        "the end".to_owned()
    } else {
        format!("`{}`", word.trim_end())
    }
}
