//! Where in a TOML text a key stands, and which key stands at an offset.

use std::fmt::Write as _;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::toml_error::line_at;

/// Path of a key: names of members and, in decimal, positions in arrays.
pub(super) type Path = Vec<String>;

/// A parsed text that knows the offsets of its keys.
pub(super) struct Places<'t> {
    text: &'t str,
    root: DeTable<'t>,
}

impl<'t> Places<'t> {
    pub(super) fn new(text: &'t str) -> Result<Self, toml::de::Error> {
        let root = DeTable::parse(text)?.into_inner();
        Ok(Self { text, root })
    }

    /// Line of the key, or of the nearest table around it that is written down; from 1.
    pub(super) fn line_of(&self, path: &[String]) -> usize {
        let mut found = 0;
        descend(&self.root, path, &mut found);
        line_at(self.text, found)
    }

    /// The deepest key whose name or value stands at `offset`; empty if none does.
    pub(super) fn path_at(&self, offset: usize) -> Path {
        let mut path = Path::new();
        in_table(&self.root, offset, &mut path);
        path
    }
}

/// `on_open`, `0`, `within` as `on_open[0].within`.
pub(super) fn dotted(path: &[String]) -> String {
    let mut out = String::new();
    for step in path {
        if step.bytes().all(|b| b.is_ascii_digit()) && !out.is_empty() {
            let _ = write!(out, "[{step}]");
        } else {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(step);
        }
    }
    out
}

fn descend(table: &DeTable<'_>, path: &[String], found: &mut usize) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == first) else {
        return;
    };
    *found = key.span().start;
    descend_value(value.get_ref(), rest, found);
}

fn descend_value(value: &DeValue<'_>, path: &[String], found: &mut usize) {
    match value {
        DeValue::Table(table) => descend(table, path, found),
        DeValue::Array(items) => {
            let Some((first, rest)) = path.split_first() else {
                return;
            };
            let Some(item) = first.parse().ok().and_then(|n: usize| items.get(n)) else {
                return;
            };
            // An item that is a whole table has no place of its own; its members do.
            if !item.span().is_empty() {
                *found = item.span().start;
            }
            descend_value(item.get_ref(), rest, found);
        }
        _ => {}
    }
}

fn in_table(table: &DeTable<'_>, offset: usize, path: &mut Path) -> bool {
    for (key, value) in table {
        path.push(key.get_ref().to_string());
        let nested = in_value(value.get_ref(), offset, path);
        if nested || holds(&key.span(), offset) || holds(&value.span(), offset) {
            return true;
        }
        path.pop();
    }
    false
}

fn in_value(value: &DeValue<'_>, offset: usize, path: &mut Path) -> bool {
    match value {
        DeValue::Table(table) => in_table(table, offset, path),
        DeValue::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                path.push(n.to_string());
                if in_value(item.get_ref(), offset, path) || holds(&item.span(), offset) {
                    return true;
                }
                path.pop();
            }
            false
        }
        _ => false,
    }
}

fn holds(span: &Range<usize>, offset: usize) -> bool {
    span.start == offset || span.contains(&offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "url = 'ws://x'\n\n[reconnect]\nbase = '1s'\n\n[[on_open]]\nsend = 'a'\n\n\
                        [[on_open]]\nsend = 'b'\nwithin = '1s'\n\n[schema]\ntypes = [\n  \
                        { event = 'a', message = 'b' },\n]\n";

    fn path(dotted: &str) -> Path {
        dotted.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn lines_of_keys() {
        let places = Places::new(TEXT).unwrap();
        for (key, line) in [
            ("url", 1),
            ("reconnect", 3),
            ("reconnect.base", 4),
            ("reconnect.missing", 3),
            ("on_open.1.within", 11),
            ("schema.types.0.message", 15),
        ] {
            assert_eq!(places.line_of(&path(key)), line, "{key}");
        }
    }

    #[test]
    fn keys_at_offsets() {
        let places = Places::new(TEXT).unwrap();
        for (needle, key) in [
            ("'ws", "url"),
            ("base", "reconnect.base"),
            ("'b'\n", "on_open[1].send"),
            ("message", "schema.types[0].message"),
        ] {
            let offset = TEXT.find(needle).unwrap();
            assert_eq!(dotted(&places.path_at(offset)), key, "{needle}");
        }
    }
}
