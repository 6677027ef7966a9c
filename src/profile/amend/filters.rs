//! Putting filters into the text of a profile: comments, order and everything else stay.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::{AmendError, Found, member, splice};
use crate::protocol::savetowebsocket::Filters;

/// The table they stand in.
const SYSTEM: &str = "savetowebsocket";

/// `text` with these filters in place of those of `[savetowebsocket]`.
pub fn with_filters(text: &str, filters: &Filters) -> Result<String, AmendError> {
    let root =
        DeTable::parse(text).map_err(|error| AmendError::Syntax(error.message().to_owned()))?;
    let keys = keys(filters);
    let amended = match member(root.get_ref(), SYSTEM) {
        None => Some(append_table(text, &keys)),
        Some((_, system)) => in_system(text, &system, &keys),
    };
    let wanted = expected(text, &keys);
    match amended {
        Some(amended) if wanted.is_some() && toml::from_str(&amended).ok() == wanted => Ok(amended),
        _ => Err(AmendError::Filters(inline(&keys))),
    }
}

type Keys = Vec<(&'static str, toml::Value)>;

/// What is to be written: filters that are not set are left out. Templates are taken literally.
fn keys(filters: &Filters) -> Keys {
    let text = |text: &String| toml::Value::String(text.replace("${", "$${"));
    let mut keys = Keys::new();
    for (name, list) in [
        ("types", &filters.types),
        ("account_ids", &filters.account_ids),
        ("asset_codes", &filters.asset_codes),
    ] {
        if !list.is_empty() {
            keys.push((name, list.iter().map(text).collect::<Vec<_>>().into()));
        }
    }
    if !filters.min_amount.is_empty() {
        keys.push(("min_amount", text(&filters.min_amount)));
    }
    keys.extend(filters.custom.iter().map(|custom| ("custom", text(custom))));
    keys
}

fn inline(keys: &Keys) -> String {
    if keys.is_empty() {
        return "{}".to_owned();
    }
    let keys: Vec<_> = keys
        .iter()
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    format!("{{ {} }}", keys.join(", "))
}

fn append_table(text: &str, keys: &Keys) -> String {
    let gap = match text {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    format!("{text}{gap}[{SYSTEM}]\nfilters = {}\n", inline(keys))
}

fn in_system(text: &str, system: &Found<'_>, keys: &Keys) -> Option<String> {
    let DeValue::Table(table) = system.value else {
        return None;
    };
    let Some((_, filters)) = member(table, "filters") else {
        return without_filters(text, system, table, keys);
    };
    if text.get(filters.span.clone())?.starts_with('{') {
        return Some(splice(text, filters.span, &inline(keys)));
    }
    let DeValue::Table(present) = filters.value else {
        return None;
    };
    under_a_header(text, present, keys)
}

/// `[savetowebsocket]` without filters: inside its braces, or right below its header.
fn without_filters(
    text: &str,
    system: &Found<'_>,
    table: &DeTable<'_>,
    keys: &Keys,
) -> Option<String> {
    if text.get(system.span.clone())?.starts_with('{') {
        let comma = if table.is_empty() { " " } else { ", " };
        let at = system.span.start + 1;
        let rest = text[at..].trim_start();
        let put = format!(" filters = {}{comma}{rest}", inline(keys));
        return Some(format!("{}{put}", &text[..at]));
    }
    let at = behind_header(text, SYSTEM)?;
    let line = format!("filters = {}\n", inline(keys));
    Some(below(text, at, &line))
}

/// `[savetowebsocket.filters]`: each key where it stands, new ones below the header, and those
/// that are not set taken away with their lines.
fn under_a_header(text: &str, present: &DeTable<'_>, keys: &Keys) -> Option<String> {
    let header = behind_header(text, &format!("{SYSTEM}.filters"))?;
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut new = String::new();
    for (name, value) in keys {
        match member(present, name) {
            Some((_, found)) => edits.push((found.span, value.to_string())),
            None => new.push_str(&format_line(name, value)),
        }
    }
    for (key, value) in present {
        if keys.iter().all(|(name, _)| *name != key.get_ref()) {
            let from = text[..key.span().start].rfind('\n').map_or(0, |at| at + 1);
            let end = value.span().end;
            let to = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
            edits.push((from..to, String::new()));
        }
    }
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    let mut out = text.to_owned();
    for (place, with) in edits {
        out = splice(&out, place, &with);
    }
    // Everything changed stands behind the header.
    Some(below(&out, header, &new))
}

fn format_line(name: &str, value: &toml::Value) -> String {
    format!("{name} = {value}\n")
}

/// `lines` put in at the beginning of a line; after a header without a line break with one.
fn below(text: &str, at: usize, lines: &str) -> String {
    let needs_break = !lines.is_empty() && !text[..at].ends_with('\n');
    let newline = if needs_break { "\n" } else { "" };
    splice(text, at..at, &format!("{newline}{lines}"))
}

/// Where the line behind `[name]` begins.
fn behind_header(text: &str, name: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let line = line.split('#').next().unwrap_or_default().trim();
        let inside = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'));
        if inside.is_some_and(|inside| inside.split('.').map(str::trim).eq(name.split('.'))) {
            return Some(at);
        }
    }
    None
}

/// What the amended text must say.
fn expected(text: &str, keys: &Keys) -> Option<toml::Table> {
    let mut root: toml::Table = toml::from_str(text).ok()?;
    let system = root
        .entry(SYSTEM)
        .or_insert_with(|| toml::Value::Table(toml::Table::new()))
        .as_table_mut()?;
    let filters = keys
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()));
    let filters: toml::Table = filters.collect();
    system.insert("filters".to_owned(), filters.into());
    Some(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(words: &str) -> Vec<String> {
        words.split_whitespace().map(str::to_owned).collect()
    }

    fn wanted() -> Filters {
        Filters {
            types: list("payment trade"),
            min_amount: "1.5".to_owned(),
            custom: Some("{\"a\": \"${x}\"}".to_owned()),
            ..Filters::default()
        }
    }

    /// What a profile of that text asks for.
    fn read(text: &str) -> Filters {
        let table: toml::Table = toml::from_str(text).unwrap();
        table["savetowebsocket"]["filters"]
            .clone()
            .try_into()
            .unwrap()
    }

    #[test]
    fn wherever_filters_stand_they_are_replaced_and_nothing_else() {
        let before = "# mine\nurl = \"ws://h/ws\" # here\n";
        let after = "\n[heartbeat] # last\nping_every = \"1s\"\n";
        for middle in [
            "",
            "[savetowebsocket]\n",
            "[savetowebsocket] # s\nfilters = {}\n",
            "[savetowebsocket]\nfilters = { types = [\"a\"], asset_codes = [] } # f\n",
            "[savetowebsocket]\nfilters = { types = [\n  \"a\", # a\n  \"b\",\n] }\n",
            "[ savetowebsocket . filters ]\n",
            "[savetowebsocket.filters]\ntypes = [\"a\"] # t\naccount_ids = [\n  \"G\",\n]\n# c\n",
            "savetowebsocket = { filters = { types = [\"x\"] } }\n",
            "savetowebsocket = { }\n",
            "savetowebsocket.filters = { types = [\"x\"] }\n",
        ] {
            let text = format!("{before}{middle}{after}");
            let amended = with_filters(&text, &wanted()).unwrap_or_else(|e| panic!("{text}{e}"));
            assert!(amended.starts_with(before), "{amended}");
            assert!(amended.contains(after), "{amended}");
            let mut read = read(&amended);
            let custom = read.custom.take().unwrap();
            assert_eq!(custom.replace("$${", "${"), wanted().custom.unwrap());
            read.custom = wanted().custom;
            assert_eq!(read, wanted(), "{amended}");
            for comment in ["# s", "# f", "# t", "# c"] {
                assert_eq!(
                    text.contains(comment),
                    amended.contains(comment),
                    "{amended}"
                );
            }
        }
    }

    #[test]
    fn no_filters_are_written_as_none() {
        let text = "[savetowebsocket.filters]\ntypes = [\"a\"]\n";
        let amended = with_filters(text, &Filters::default()).unwrap();
        assert_eq!(amended, "[savetowebsocket.filters]\n");
        let text = "[savetowebsocket]\nfilters = { types = [\"a\"] }";
        let amended = with_filters(text, &Filters::default()).unwrap();
        assert_eq!(amended, "[savetowebsocket]\nfilters = {}");
        assert_eq!(
            with_filters("", &Filters::default()).unwrap(),
            "[savetowebsocket]\nfilters = {}\n"
        );
    }

    #[test]
    fn what_cannot_be_changed_is_told_with_what_to_write() {
        let dotted = "savetowebsocket.filters.types = [\"x\"]\n";
        let error = with_filters(dotted, &wanted()).unwrap_err().to_string();
        assert!(
            error.contains("types = [\"payment\", \"trade\"]"),
            "{error}"
        );
        let error = with_filters("a = ", &wanted()).unwrap_err().to_string();
        assert!(error.contains("not TOML"), "{error}");
    }
}
