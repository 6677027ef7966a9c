//! Changing the text of a profile by a rule or by filters: comments, order and everything else
//! stay.
//!
//! Where the change goes is found in the parsed text, which knows its offsets; afterwards the new
//! text is parsed again, and must say what the old one said and the change besides.

mod filters;

use std::fmt::Write as _;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::protocol::savetowebsocket::Filters;
use crate::schema::TypeRule;

pub use filters::with_filters;

/// A change to a profile's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amendment {
    /// A rule for an event type.
    Rule(TypeRule),
    /// The filters of a `SaveToWebSocket` stream, in place of those it has.
    Filters(Filters),
}

impl Amendment {
    /// `text` with the change.
    pub fn apply(&self, text: &str) -> Result<String, AmendError> {
        match self {
            Self::Rule(rule) => with_rule(text, rule),
            Self::Filters(filters) => with_filters(text, filters),
        }
    }

    /// What is saved, in a few words.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Rule(rule) => format!("{} = {}", rule.pattern(), rule.reading()),
            Self::Filters(_) => "the filters were".to_owned(),
        }
    }
}

/// Why a rule cannot be put into a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmendError {
    /// The text is no TOML.
    #[error("it is not TOML: {0}; mend it first (`wspect profile check` shows where)")]
    Syntax(String),
    /// The text is written in a way this does not know how to change.
    #[error(
        "its `[schema]` is written in a way that is not changed by machine; add this to `types` there: {0}"
    )]
    Shape(String),
    /// The same of filters.
    #[error(
        "its `[savetowebsocket]` is written in a way that is not changed by machine; write there: filters = {0}"
    )]
    Filters(String),
}

/// `text` with `rule` in `[schema] types`; a rule for the same pattern is replaced.
pub fn with_rule(text: &str, rule: &TypeRule) -> Result<String, AmendError> {
    let root =
        DeTable::parse(text).map_err(|error| AmendError::Syntax(error.message().to_owned()))?;
    let item = inline(rule);
    let amended = match member(root.get_ref(), "schema") {
        None => Some(append_table(text, &item)),
        Some((_, schema)) => in_schema(text, &schema, rule, &item),
    };
    let wanted = expected(text, rule);
    match amended {
        Some(amended) if wanted.is_some() && toml::from_str(&amended).ok() == wanted => Ok(amended),
        _ => Err(AmendError::Shape(item)),
    }
}

/// A value and where it stands.
struct Found<'a> {
    span: Range<usize>,
    value: &'a DeValue<'a>,
}

fn member<'a>(table: &'a DeTable<'a>, name: &str) -> Option<(Range<usize>, Found<'a>)> {
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == name)?;
    let span = value.span();
    let value = value.get_ref();
    Some((key.span(), Found { span, value }))
}

fn in_schema(text: &str, schema: &Found<'_>, rule: &TypeRule, item: &str) -> Option<String> {
    let DeValue::Table(table) = schema.value else {
        return None;
    };
    let Some((_, types)) = member(table, "types") else {
        return without_types(text, schema, table, item);
    };
    let DeValue::Array(items) = types.value else {
        return None;
    };
    let same = items
        .iter()
        .find(|item| is_same(item.get_ref(), rule))
        .map(toml::Spanned::span);
    let is_inline = text.get(types.span.clone())?.starts_with('[')
        && text.get(types.span.clone())?.ends_with(']')
        && !text.get(types.span.clone())?.starts_with("[[");
    match same {
        // An inline table has a place of its own; one under a header has not.
        Some(span) if text.get(span.clone())?.starts_with('{') => Some(splice(text, span, item)),
        Some(_) => None,
        None if is_inline => {
            let last = items
                .iter()
                .map(toml::Spanned::span)
                .max_by_key(|span| span.end);
            Some(append_item(text, &types.span, last, item))
        }
        // `[[schema.types]]`: one more of them stands anywhere, so at the end.
        None => Some(append_block(text, rule)),
    }
}

/// A rule is for the same types if its pattern is the same.
fn is_same(item: &DeValue<'_>, rule: &TypeRule) -> bool {
    let DeValue::Table(table) = item else {
        return false;
    };
    let text = |name| match member(table, name)?.1.value {
        DeValue::String(text) => Some(text.to_string()),
        _ => None,
    };
    text("event") == rule.event && text("regex") == rule.regex
}

/// Behind the last item of an array, on a line of its own if the others are.
fn append_item(text: &str, array: &Range<usize>, last: Option<Range<usize>>, item: &str) -> String {
    let Some(last) = last else {
        return splice(text, array.clone(), &format!("[{item}]"));
    };
    let line = text[..last.start].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line..last.start];
    let own_line = line > array.start && indent.chars().all(char::is_whitespace);
    let separator = if own_line {
        format!(",\n{indent}")
    } else {
        ", ".to_owned()
    };
    splice(text, last.end..last.end, &format!("{separator}{item}"))
}

/// `[schema]` without `types`: right below its header, or before its first dotted key.
fn without_types(
    text: &str,
    schema: &Found<'_>,
    table: &DeTable<'_>,
    item: &str,
) -> Option<String> {
    let own = text.get(schema.span.clone())?;
    if own.starts_with('{') {
        let comma = if table.is_empty() { "" } else { "," };
        let at = schema.span.start + 1;
        return Some(splice(text, at..at, &format!(" types = [{item}]{comma}")));
    }
    let is_header = |line: &str| {
        let line = line.split('#').next().unwrap_or_default().trim();
        let inside = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'));
        inside.is_some_and(|name| name.trim() == "schema")
    };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        if is_header(line) {
            let newline = if line.ends_with('\n') { "" } else { "\n" };
            return Some(splice(
                text,
                end..end,
                &format!("{newline}types = [{item}]\n"),
            ));
        }
        if line.trim_start().starts_with("schema.") {
            return Some(splice(text, at..at, &format!("schema.types = [{item}]\n")));
        }
        at = end;
    }
    None
}

fn append_table(text: &str, item: &str) -> String {
    let gap = match text {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    format!("{text}{gap}[schema]\ntypes = [{item}]\n")
}

fn append_block(text: &str, rule: &TypeRule) -> String {
    let gap = if text.ends_with('\n') { "\n" } else { "\n\n" };
    let mut block = format!("{text}{gap}[[schema.types]]\n");
    for (key, value) in keys(rule) {
        // Writing to a string cannot fail.
        let _ = writeln!(block, "{key} = {value}");
    }
    block
}

fn splice(text: &str, place: Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &text[..place.start], &text[place.end..])
}

fn keys(rule: &TypeRule) -> Vec<(&'static str, toml::Value)> {
    let text = |text: &str| toml::Value::String(text.replace("${", "$${"));
    let decode = rule.decode.map(|plain| plain.word().to_owned());
    [
        ("event", &rule.event),
        ("regex", &rule.regex),
        ("message", &rule.message),
        ("decode", &decode),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key, text(value.as_deref()?))))
    .collect()
}

fn inline(rule: &TypeRule) -> String {
    let keys: Vec<_> = keys(rule)
        .into_iter()
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    format!("{{ {} }}", keys.join(", "))
}

/// What the new text must say.
fn expected(text: &str, rule: &TypeRule) -> Option<toml::Table> {
    let mut root: toml::Table = toml::from_str(text).ok()?;
    let schema = root
        .entry("schema")
        .or_insert_with(|| toml::Value::Table(toml::Table::new()))
        .as_table_mut()?;
    let types = schema
        .entry("types")
        .or_insert_with(|| toml::Value::Array(Vec::new()))
        .as_array_mut()?;
    let item: toml::Table = keys(rule)
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
    let pattern = |table: &toml::Table| (table.get("event").cloned(), table.get("regex").cloned());
    let same = types
        .iter()
        .position(|known| known.as_table().map(pattern) == Some(pattern(&item)));
    match same {
        Some(at) => types[at] = item.into(),
        None => types.push(item.into()),
    }
    Some(root)
}

#[cfg(test)]
mod tests;
