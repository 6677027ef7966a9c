//! Bodies as they come out of a Go program that has decoded and encoded them again.
//!
//! Object keys are sorted and the last of equal ones stays, numbers have gone through a `float64`
//! (`1.0` is `1`, digits beyond 2^53 are lost), strings are spelled anew: `<`, `>` and `&` escaped,
//! other escapes resolved, bytes that are not UTF-8 replaced.

use std::fmt::Write as _;

use crate::schema::gojson::{Value, quote};
use crate::server::gojson::{Cursor, Kind};

/// One value; the others it holds are named by their place in [`Tree::nodes`].
enum Node {
    /// Text that needs nothing further, by its place in [`Tree::leaves`].
    Leaf(usize, usize),
    Array(Vec<usize>),
    Object(Vec<(String, usize)>),
}

/// A body, flat in memory: bodies may be ten thousand levels deep, so nothing here calls itself.
#[derive(Default)]
struct Tree {
    nodes: Vec<Node>,
    leaves: Vec<u8>,
}

/// The text Go writes for a value it has read; `None` if a number does not fit a `float64`, which
/// Go takes for an error.
pub(super) fn reencoded(value: Value<'_>) -> Option<Vec<u8>> {
    let mut cursor = Cursor::new(value.raw());
    let mut tree = Tree::default();
    tree.read(&mut cursor)?;
    Some(tree.write())
}

impl Tree {
    fn read(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        let root = self.start(cursor)?;
        let mut open = vec![root];
        while let Some(&top) = open.last() {
            let key = match &self.nodes[top] {
                Node::Leaf(..) => None,
                Node::Array(_) => cursor.element().then(String::new),
                Node::Object(_) => cursor.key(),
            };
            let Some(key) = key else {
                if let Node::Object(members) = &mut self.nodes[top] {
                    keep_last(members);
                }
                open.pop();
                continue;
            };
            let child = self.start(cursor)?;
            match &mut self.nodes[top] {
                Node::Array(elements) => elements.push(child),
                Node::Object(members) => members.push((key, child)),
                Node::Leaf(..) => {}
            }
            if !matches!(self.nodes[child], Node::Leaf(..)) {
                open.push(child);
            }
        }
        Some(())
    }

    /// Reads a leaf, or goes into what is none.
    fn start(&mut self, cursor: &mut Cursor<'_>) -> Option<usize> {
        let start = self.leaves.len();
        let node = match cursor.kind() {
            Kind::Object => {
                cursor.enter();
                Node::Object(Vec::new())
            }
            Kind::Array => {
                cursor.enter();
                Node::Array(Vec::new())
            }
            kind => {
                match kind {
                    Kind::String => quote(&cursor.string(), &mut self.leaves),
                    Kind::Number => {
                        let number = number(cursor.skip())?;
                        self.leaves.extend_from_slice(number.as_bytes());
                    }
                    _ => self.leaves.extend_from_slice(cursor.skip()),
                }
                Node::Leaf(start, self.leaves.len())
            }
        };
        self.nodes.push(node);
        Some(self.nodes.len() - 1)
    }

    fn write(&self) -> Vec<u8> {
        enum Step<'a> {
            Value(usize),
            Key(&'a str),
            Mark(u8),
        }
        let mut out = Vec::with_capacity(self.leaves.len());
        let mut steps = vec![Step::Value(0)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Mark(mark) => out.push(mark),
                Step::Key(key) => {
                    quote(key, &mut out);
                    out.push(b':');
                }
                Step::Value(at) => match &self.nodes[at] {
                    Node::Leaf(start, end) => out.extend_from_slice(&self.leaves[*start..*end]),
                    Node::Array(elements) => {
                        out.push(b'[');
                        steps.push(Step::Mark(b']'));
                        for (n, element) in elements.iter().enumerate().rev() {
                            steps.push(Step::Value(*element));
                            if n > 0 {
                                steps.push(Step::Mark(b','));
                            }
                        }
                    }
                    Node::Object(members) => {
                        out.push(b'{');
                        steps.push(Step::Mark(b'}'));
                        for (n, (key, value)) in members.iter().enumerate().rev() {
                            steps.push(Step::Value(*value));
                            steps.push(Step::Key(key));
                            if n > 0 {
                                steps.push(Step::Mark(b','));
                            }
                        }
                    }
                },
            }
        }
        out
    }
}

/// Sorts members by key; of equal keys the last one stays.
fn keep_last(members: &mut Vec<(String, usize)>) {
    members.reverse();
    members.sort_by(|(one, _), (other, _)| one.cmp(other));
    members.dedup_by(|(later, _), (kept, _)| later == kept);
}

/// A number as Go prints the `float64` it is read into.
fn number(text: &[u8]) -> Option<String> {
    let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    if !value.is_finite() {
        return None;
    }
    let size = value.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return Some(format!("{value}"));
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e')?;
    let mut out = format!("{digits}e");
    if !exponent.starts_with('-') {
        out.push('+');
    }
    // Writing to a string cannot fail.
    let _ = write!(out, "{exponent}");
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(body: &[u8]) -> Option<String> {
        let value = Value::parse(body).unwrap();
        reencoded(value).map(|text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn keys_are_sorted_and_the_last_of_equal_ones_stays() {
        assert_eq!(
            text(br#" { "z" : 1, "a": {"y":[ ],"b":{}}, "z": [2, {"q":null,"c":true}] } "#),
            Some(r#"{"a":{"b":{},"y":[]},"z":[2,{"c":true,"q":null}]}"#.to_owned())
        );
    }

    #[test]
    fn numbers_have_been_floats() {
        for (before, after) in [
            ("1.0", "1"),
            ("12345678901234567890", "12345678901234567000"),
            ("0.1", "0.1"),
            ("-0", "-0"),
            ("1e21", "1e+21"),
            ("100000000000000000000", "100000000000000000000"),
            ("1.5e-7", "1.5e-7"),
            ("0.000001", "0.000001"),
            ("1E3", "1000"),
            ("1e-400", "0"),
        ] {
            assert_eq!(text(before.as_bytes()).as_deref(), Some(after), "{before}");
        }
        assert_eq!(text(b"[1e999]"), None);
    }

    #[test]
    fn strings_are_spelled_anew() {
        assert_eq!(
            text(br#"["\u00e9\/","<a&b>","\ud800"]"#).as_deref(),
            Some("[\"é/\",\"\\u003ca\\u0026b\\u003e\",\"\u{fffd}\"]")
        );
        assert_eq!(text(b"\"-\xff-\"").as_deref(), Some("\"-\u{fffd}-\""));
    }

    #[test]
    fn depth_is_no_danger() {
        let deep = "[".repeat(9_999) + &"]".repeat(9_999);
        assert_eq!(text(deep.as_bytes()), Some(deep));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn once_is_enough(body in "[\\[\\]{}:,0-9a-b\"]{0,24}") {
            if let Ok(value) = Value::parse(body.as_bytes())
                && let Some(once) = reencoded(value)
            {
                let again = reencoded(Value::parse(&once).unwrap());
                prop_assert_eq!(again, Some(once));
            }
        }
    }
}
