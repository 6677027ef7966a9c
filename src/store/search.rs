//! Text search over payloads, labels, diagnoses and errors.
//!
//! Raw bytes are searched, nothing is decoded: a text in a JSON payload is found as it is spelled
//! there, a text in a protobuf payload as it is.

use std::ops::Range;

use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};
use thiserror::Error;

use crate::entry::{Chunk, Entry};
use crate::frame::Seq;

/// Most memory a compiled pattern may take, bytes.
const PATTERN_MAX: usize = 1 << 20;

/// Why a pattern was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{pattern}` is not a pattern: {why}; without slashes it is searched as it stands")]
pub struct PatternError {
    /// What was typed.
    pub pattern: String,
    /// What is wrong with it.
    pub why: String,
}

/// What to search for: a text as it stands, or between slashes a regular expression. Letter case
/// counts only if the pattern has an upper-case letter.
#[derive(Debug)]
pub struct Pattern {
    text: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Found by its bytes, so a whole chunk is searched at once.
    Literal(Box<memmem::Finder<'static>>),
    /// The same without regard to case.
    Folded(Regex),
    /// An expression; `local` if it looks at nothing but what it matches, and that is not empty,
    /// so that a chunk is searched at once. Otherwise it is run on one payload at a time.
    Regex { regex: Regex, local: bool },
}

impl Pattern {
    /// Reads `text` or `/regular expression/`. An empty one is refused.
    pub fn compile(text: &str) -> Result<Self, PatternError> {
        let refused = |why: String| PatternError {
            pattern: text.to_owned(),
            why,
        };
        let inner = text
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'))
            .filter(|inner| !inner.is_empty());
        let folded = !text.chars().any(char::is_uppercase);
        let build = |pattern: &str, folded: bool| {
            RegexBuilder::new(pattern)
                .case_insensitive(folded)
                .size_limit(PATTERN_MAX)
                .dfa_size_limit(PATTERN_MAX)
                .build()
                .map_err(|error| refused(reason(&error)))
        };
        let kind = match inner {
            Some(pattern) => {
                // An escape such as `\S` is no upper-case letter.
                let folded = !has_upper_case(pattern);
                let regex = build(pattern, folded)?;
                let local = is_local(pattern) && !regex.is_match(b"");
                Kind::Regex { regex, local }
            }
            None if text.is_empty() => return Err(refused("it is empty".to_owned())),
            None if folded && text.chars().any(char::is_lowercase) => {
                Kind::Folded(build(&regex::escape(text), true)?)
            }
            None => Kind::Literal(Box::new(memmem::Finder::new(text).into_owned())),
        };
        Ok(Self {
            text: text.to_owned(),
            kind,
        })
    }

    /// The pattern as it was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first occurrence in `bytes` at or after `from`.
    #[must_use]
    pub fn find(&self, bytes: &[u8], from: usize) -> Option<Range<usize>> {
        match &self.kind {
            Kind::Literal(finder) => {
                let start = from + finder.find(bytes.get(from..)?)?;
                Some(start..start + finder.needle().len())
            }
            Kind::Folded(regex) | Kind::Regex { regex, .. } => (from <= bytes.len())
                .then(|| regex.find_at(bytes, from))?
                .map(|found| found.range()),
        }
    }

    /// True if it occurs in `bytes`.
    #[must_use]
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        match &self.kind {
            Kind::Literal(finder) => finder.find(bytes).is_some(),
            Kind::Folded(regex) | Kind::Regex { regex, .. } => regex.is_match(bytes),
        }
    }

    /// True if it occurs in the entry: its payload, label, diagnosis or error.
    #[must_use]
    pub fn matches(&self, entry: &Entry<'_>) -> bool {
        self.is_in(entry.payload)
            || self.is_in(entry.label.as_bytes())
            || entry.note.is_some_and(|note| self.is_in(note.as_bytes()))
            || entry
                .error
                .is_some_and(|error| self.is_in(error.as_bytes()))
    }

    /// The entries of `chunk` in `range` it occurs in, oldest first, at most `max` of them.
    #[must_use]
    pub fn hits(&self, chunk: &Chunk, range: Range<Seq>, max: usize) -> Vec<Seq> {
        let range = range.start.max(chunk.first())..range.end.min(chunk.next());
        if range.is_empty() {
            return Vec::new();
        }
        let mut hits = match &self.kind {
            Kind::Regex { regex, local: true } => self.in_rows(regex, chunk, range.clone(), max),
            Kind::Regex { .. } => range
                .clone()
                .filter(|seq| {
                    let payload = chunk.payload_range(*seq);
                    payload.is_some_and(|payload| self.is_in(&chunk.payloads()[payload]))
                })
                .take(max)
                .collect(),
            _ => self.in_payloads(chunk, range.clone(), max),
        };
        let in_payloads = hits.len();
        for (number, label) in chunk.labels().enumerate() {
            if self.is_in(label.as_bytes()) {
                hits.extend(chunk.labelled(number).filter(|seq| range.contains(seq)));
            }
        }
        let remarked = chunk.remarked().filter(|entry| range.contains(&entry.seq));
        hits.extend(
            remarked
                .filter(|entry| self.matches(entry))
                .map(|entry| entry.seq),
        );
        if hits.len() > in_payloads {
            hits.sort_unstable();
            hits.dedup();
            hits.truncate(max);
        }
        hits
    }

    /// Searches all payloads as one text for the earliest end of a match; the entry it ends in is
    /// the first that can have a match of its own.
    fn in_rows(&self, regex: &Regex, chunk: &Chunk, range: Range<Seq>, max: usize) -> Vec<Seq> {
        let mut hits = Vec::new();
        let offset = |seq| chunk.payload_range(seq).unwrap_or_default();
        let mut at = offset(range.start).start;
        let bytes = &chunk.payloads()[..offset(range.end - 1).end];
        while hits.len() < max
            && let Some(end) = regex.shortest_match_at(bytes, at)
        {
            let Some(owner) = end.checked_sub(1).and_then(|last| chunk.owner_of(last)) else {
                break;
            };
            let payload = offset(owner);
            at = payload.end;
            if self.is_in(&bytes[payload]) {
                hits.push(owner);
            }
        }
        hits
    }

    /// Searches all payloads as one text; a match across the seam of two is none.
    fn in_payloads(&self, chunk: &Chunk, range: Range<Seq>, max: usize) -> Vec<Seq> {
        let mut hits = Vec::new();
        let offset = |seq| chunk.payload_range(seq).unwrap_or_default();
        let mut at = offset(range.start).start;
        let end = offset(range.end - 1).end;
        let bytes = &chunk.payloads()[..end];
        while hits.len() < max
            && let Some(found) = self.find(bytes, at)
        {
            let Some(owner) = chunk.owner_of(found.start) else {
                break;
            };
            let payload = offset(owner);
            if found.end <= payload.end {
                hits.push(owner);
                at = payload.end;
            } else {
                at = found.start + 1;
            }
        }
        hits
    }
}

/// True if nothing in the expression looks at what surrounds a match; false when in doubt.
fn is_local(pattern: &str) -> bool {
    let escapes = ["\\b", "\\B", "\\A", "\\z", "\\<", "\\>"];
    !pattern.contains(['^', '$']) && !escapes.iter().any(|escape| pattern.contains(escape))
}

fn has_upper_case(pattern: &str) -> bool {
    let mut escaped = false;
    pattern.chars().any(|c| {
        let counts = c.is_uppercase() && !escaped;
        escaped = c == '\\' && !escaped;
        counts
    })
}

fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
        error => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            last.trim_start_matches("error: ").to_owned()
        }
    }
}
