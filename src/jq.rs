//! jq expressions, compiled once and run over JSON text.
//!
//! Filters, `--until` and the opening steps of generic systems are jq expressions that a person
//! types and that run over bytes somebody else sent. Two things follow. What cannot end, or ends
//! only after filling the memory, is refused when the expression is compiled (`check` has the
//! list and the reasons). And JSON is bounded before it is parsed: nesting, and digits per number.
//!
//! ```text
//!  text ─► lexer, parser ─► check ─► Program ─► matches(json) ─► true, false, or why not
//!                            └─► reads: does it look at the decoded body at all?
//! ```
//!
//! What remains unbounded: the size of values an expression builds by adding to itself
//! (`reduce .. as $x (""; . + .)`), and time that is a product of loops over a large body.
//! Neither happens by the sender's doing alone, and evaluation runs off the interface's task.
//!
//! A [`Program`] is `Send` and `Sync`; the values it works on are not, and never leave a call.

mod check;
mod parse;
pub mod plan;
mod reads;

use jaq_core::data::JustLut;
use jaq_core::load::{Arena, File, Loader, parse::Def};
use jaq_core::{Compiler, Ctx, Filter, Vars};
use jaq_core::{Error, RunPtr, ValT, ValX};
use jaq_json::Val;
use thiserror::Error as ThisError;

pub use reads::needs_body;

/// Most bytes an expression may have.
const TEXT_MAX: usize = 4096;
/// Deepest JSON an expression is run over; decoded bodies have 128 levels at most.
const DEPTH_MAX: usize = 192;
/// Most digits of one number.
const DIGITS_MAX: usize = 4096;
/// Most elements one `range` yields.
const RANGE_MAX: usize = 100_000;
/// Longest message kept of a run-time error, bytes.
const MESSAGE_MAX: usize = 300;

/// What an expression works on.
type Kind = JustLut<Val>;

/// Why an expression was refused.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[error("column {column}: {what}")]
pub struct JqError {
    /// Column of the offending character, from 1, in characters.
    pub column: usize,
    /// A sentence: what was expected, what is there, what to write instead.
    pub what: String,
}

/// Why one evaluation gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum RunError {
    /// The input is not JSON, or nested too deeply, or has absurd numbers.
    #[error("the input cannot be filtered: {0}")]
    Input(String),
    /// The expression does not fit this value, as in `"a" - 1`.
    #[error("the expression fails on this value: {0}")]
    Failed(String),
}

/// A compiled expression.
pub struct Program {
    text: String,
    filter: Filter<Kind>,
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Program").field(&self.text).finish()
    }
}

impl Program {
    /// Compiles `text`.
    pub fn compile(text: &str) -> Result<Self, JqError> {
        let term = parse::term(text)?;
        check::term(text, &term)?;
        let arena = Arena::default();
        let file = File {
            code: text,
            path: (),
        };
        let modules = Loader::new(definitions())
            .load(&arena, file)
            .map_err(|_| parse::error(text, text, "is not an expression".to_owned()))?;
        let filter = Compiler::default()
            .with_funs(functions())
            .compile(modules)
            .map_err(|errors| undefined(text, &errors))?;
        Ok(Self {
            text: text.to_owned(),
            filter,
        })
    }

    /// The expression as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True if the first output is neither `false` nor `null`; no output at all is false.
    pub fn matches(&self, json: &[u8]) -> Result<bool, RunError> {
        let input = read(json).map_err(RunError::Input)?;
        match self.run(input).next() {
            None => Ok(false),
            Some(Ok(value)) => Ok(value.as_bool()),
            Some(Err(error)) => Err(error),
        }
    }

    /// The first `max` outputs as compact JSON texts.
    pub fn outputs(&self, json: &[u8], max: usize) -> Result<Vec<String>, RunError> {
        let input = read(json).map_err(RunError::Input)?;
        self.run(input)
            .take(max)
            .map(|output| Ok(output?.to_string()))
            .collect()
    }

    fn run(&self, input: Val) -> impl Iterator<Item = Result<Val, RunError>> {
        let context = Ctx::<Kind>::new(&self.filter.lut, Vars::new([]));
        self.filter.id.run((context, input)).map(|output| {
            output.map_err(|exception| {
                RunError::Failed(match exception.get_err() {
                    Ok(error) => shorten(error.to_string()),
                    Err(_) => "it stopped by itself".to_owned(),
                })
            })
        })
    }
}

fn shorten(mut message: String) -> String {
    if message.len() > MESSAGE_MAX {
        message.truncate(message.floor_char_boundary(MESSAGE_MAX));
        message.push('…');
    }
    message
}

/// The library's definitions, without those that end the process, print, or read what is not
/// theirs.
fn definitions() -> impl Iterator<Item = Def<&'static str>> {
    jaq_core::defs()
        .chain(jaq_std::defs())
        .chain(jaq_json::defs())
        .filter(|def| !check::is_banned(def.name))
}

type Function = jaq_core::native::Fun<Kind>;

fn functions() -> impl Iterator<Item = Function> {
    jaq_core::funs()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs())
        .filter(|(name, ..)| !check::is_banned(name) && !matches!(*name, "range" | "fromjson"))
        .chain([
            native("range", 3, |mut cv| {
                let by = cv.0.pop_var();
                let to = cv.0.pop_var();
                let from = cv.0.pop_var();
                Box::new(range(from, to, by))
            }),
            native("fromjson", 0, |cv| {
                let value = match &cv.1 {
                    Val::TStr(text) => read(text)
                        .map_err(|what| Error::str(format_args!("fromjson: {}", shorten(what)))),
                    _ => Err(Error::str("fromjson takes a string")),
                };
                jaq_core::native::bome(value)
            }),
        ])
}

fn native(name: &'static str, arguments: usize, run: RunPtr<Kind>) -> Function {
    jaq_core::native::run::<Kind>((name, jaq_core::native::v(arguments), run))
}

/// Like jq's, but ends with an error after [`RANGE_MAX`] elements.
fn range<'a>(from: Val, to: Val, by: Val) -> impl Iterator<Item = ValX<'a, Val>> {
    let zero = Val::from(0_isize);
    let mut next = Some(from);
    let mut left = RANGE_MAX;
    std::iter::from_fn(move || {
        let current = next.take()?;
        let goes_on = match by.cmp(&zero) {
            std::cmp::Ordering::Greater => current < to,
            std::cmp::Ordering::Less => current > to,
            std::cmp::Ordering::Equal => current != to,
        };
        if !goes_on {
            return None;
        }
        if left == 0 {
            let error = Error::str(format_args!("range has more than {RANGE_MAX} elements"));
            return Some(Err(error.into()));
        }
        left -= 1;
        match current.clone() + by.clone() {
            Ok(following) => next = Some(following),
            Err(error) => return Some(Err(error.into())),
        }
        Some(Ok(current))
    })
}

/// Reads one JSON value after checking that reading it is harmless.
fn read(json: &[u8]) -> Result<Val, String> {
    if !is_harmless(json) {
        check_input(json)?;
    }
    jaq_json::read::parse_single(json).map_err(|error| format!("not JSON, {error}"))
}

/// True if a glance shows that [`check_input`] would find nothing; the usual case.
fn is_harmless(json: &[u8]) -> bool {
    let counts = |byte: &u8| matches!(byte, b'{' | b'[');
    json.len() <= DIGITS_MAX
        && !json.contains(&b'#')
        && json.iter().filter(|byte| counts(byte)).count() <= DEPTH_MAX
}

/// Refuses nesting and numbers that would take too much stack or time, and the comments that the
/// reader takes although JSON has none.
fn check_input(json: &[u8]) -> Result<(), String> {
    let (mut depth, mut digits, mut in_string, mut escaped) = (0_usize, 0_usize, false, false);
    for (offset, &byte) in json.iter().enumerate() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'#' => return Err(format!("`#` at byte {offset} is not JSON")),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Err(format!(
                "nested deeper than {DEPTH_MAX} levels at byte {offset}"
            ));
        }
        if digits > DIGITS_MAX {
            return Err(format!(
                "a number of more than {DIGITS_MAX} digits at byte {offset}"
            ));
        }
    }
    Ok(())
}

fn undefined<P>(text: &str, errors: &jaq_core::compile::Errors<&str, P>) -> JqError {
    use jaq_core::compile::Undefined;
    let Some((part, kind)) = errors.iter().flat_map(|(_, found)| found).next() else {
        return parse::error(text, text, "cannot be compiled".to_owned());
    };
    let what = match kind {
        Undefined::Filter(arity) => {
            let arguments = match arity {
                0 => format!("; a field is written `.{part}`"),
                1 => " with 1 argument".to_owned(),
                n => format!(" with {n} arguments"),
            };
            let similar = nearest(part).map(|name| format!("; did you mean `{name}`?"));
            let similar = similar.unwrap_or_default();
            format!("there is no filter `{part}`{arguments}{similar}")
        }
        kind => format!("there is no {} `{part}` here", kind.as_str()),
    };
    parse::error(text, part, what)
}

fn nearest(name: &str) -> Option<&'static str> {
    definitions()
        .map(|def| def.name)
        .chain(functions().map(|(name, ..)| name))
        .map(|known| (strsim::damerau_levenshtein(known, name), known))
        .filter(|(distance, _)| *distance <= 1 + name.len() / 4)
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests;
