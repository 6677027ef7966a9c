//! Which members of a line an expression looks at.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::path::{Part, Path};

use super::parse;

/// Members of a line that are known without decoding the body.
pub(super) const SUMMARY_KEYS: &[&str] = &[
    "v",
    "at",
    "session",
    "seq",
    "type",
    "dir",
    "kind",
    "size",
    "system",
    "badge",
    "label",
    "latency_us",
    "outcome",
    "asks",
    "pair",
];

/// False only if `matches` of this expression gives the same answer on a line without the members
/// that come from the decoded body (`body`, `gist`, `shape`, `key`, `notes`, `error`, `text`,
/// `base64`), so the caller need not decode. True when in doubt, and for a text that does not parse.
#[must_use]
pub fn needs_body(text: &str) -> bool {
    parse::term(text).is_err()
        || read(&parse::term(text).unwrap_or_default(), Input::Line).is_none()
}

/// What a term's input or output is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Input {
    /// The whole line.
    Line,
    /// Something made of summary members and constants only.
    Part,
}

/// What `term` yields when run on `input`; `None` if it may look at the body.
fn read(term: &Term<&str>, input: Input) -> Option<Input> {
    match term {
        Term::Id => Some(input),
        Term::Num(_) | Term::Arr(None) => Some(Input::Part),
        Term::Recurse if input == Input::Part => Some(Input::Part),
        Term::Str(_, parts) => {
            let harmless = parts.iter().all(|part| match part {
                StrPart::Term(term) => part_of(term, input).is_some(),
                StrPart::Str(_) | StrPart::Char(_) => true,
            });
            harmless.then_some(Input::Part)
        }
        Term::Arr(Some(inner)) | Term::Neg(inner) => part_of(inner, input),
        Term::BinOp(left, operator, right) => binary(left, operator, right, input),
        Term::TryCatch(body, handler) => {
            let body = read(body, input)?;
            match handler {
                None => Some(body),
                Some(handler) => Some(either(body, read(handler, Input::Part)?)),
            }
        }
        Term::IfThenElse(branches, otherwise) => {
            let mut output = match otherwise {
                Some(term) => read(term, input)?,
                None => input,
            };
            for (condition, then) in branches {
                read(condition, input)?;
                output = either(output, read(then, input)?);
            }
            Some(output)
        }
        Term::Call(name, arguments) => call(name, arguments, input),
        Term::Path(head, path) => self::path(read(head, input)?, path, input),
        _ => None,
    }
}

fn either(left: Input, right: Input) -> Input {
    if left == Input::Line { left } else { right }
}

/// Like [`read`], where a line as output would be looked into.
fn part_of(term: &Term<&str>, input: Input) -> Option<Input> {
    read(term, input).filter(|output| *output == Input::Part)
}

fn binary(
    left: &Term<&str>,
    operator: &BinaryOp<&str>,
    right: &Term<&str>,
    input: Input,
) -> Option<Input> {
    match operator {
        BinaryOp::Pipe(None) => read(right, read(left, input)?),
        BinaryOp::Comma | BinaryOp::Alt => Some(either(read(left, input)?, read(right, input)?)),
        BinaryOp::Or | BinaryOp::And => {
            read(left, input)?;
            read(right, input)?;
            Some(Input::Part)
        }
        BinaryOp::Math(_) | BinaryOp::Cmp(_) => {
            part_of(left, input)?;
            part_of(right, input)
        }
        _ => None,
    }
}

fn call(name: &str, arguments: &[Term<&str>], input: Input) -> Option<Input> {
    match (name, arguments) {
        ("empty" | "true" | "false" | "null" | "not", []) => Some(Input::Part),
        ("select", [condition]) => {
            read(condition, input)?;
            Some(input)
        }
        ("has", [key]) if input == Input::Line => is_summary_key(key).then_some(Input::Part),
        ("any" | "all", [source, condition]) => {
            let item = read(source, input)?;
            read(condition, item)?;
            Some(Input::Part)
        }
        // Whatever else is called sees parts only, if that is all it is given.
        _ if input == Input::Part => {
            for argument in arguments {
                part_of(argument, Input::Part)?;
            }
            Some(Input::Part)
        }
        _ => None,
    }
}

fn path(head: Input, path: &Path<Term<&str>>, input: Input) -> Option<Input> {
    let mut parts = path.0.iter().map(|(part, _)| part);
    if head == Input::Line {
        match parts.next() {
            None => return Some(Input::Line),
            Some(Part::Index(key)) if is_summary_key(key) => {}
            Some(_) => return None,
        }
    }
    for part in parts {
        let (from, to) = match part {
            Part::Index(index) => (Some(index), None),
            Part::Range(from, to) => (from.as_ref(), to.as_ref()),
        };
        for bound in [from, to].into_iter().flatten() {
            part_of(bound, input)?;
        }
    }
    Some(Input::Part)
}

fn is_summary_key(term: &Term<&str>) -> bool {
    matches!(term, Term::Str(None, parts)
        if matches!(&parts[..], [StrPart::Str(key)] if SUMMARY_KEYS.contains(key)))
}
