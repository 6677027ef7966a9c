//! JSON as a person writes it: short things on one line, the rest indented.

use crate::body::{Node, Value, write_json_string};

/// Widest line that is not broken up, columns.
const WIDE: usize = 54;

/// `node` as JSON, without its name.
#[must_use]
pub fn json(node: &Node) -> String {
    let mut out = String::new();
    let mut line = String::new();
    inline(node, &mut line);
    // The outermost object is broken up even if it is short: it is there to be edited.
    let flat = node.value != Value::Object && line.len() <= WIDE;
    write(node, 0, flat, &mut out);
    out
}

fn write(node: &Node, indent: usize, flat: bool, out: &mut String) {
    let (open, close) = match node.value {
        Value::Object => ('{', '}'),
        Value::Array => ('[', ']'),
        _ => return node.write_json(out),
    };
    if flat || node.children.is_empty() {
        return inline(node, out);
    }
    out.push(open);
    let inner = indent + 2;
    for (index, child) in node.children.iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.extend(std::iter::repeat_n(' ', inner));
        let start = out.len();
        if open == '{' {
            write_json_string(&child.name, out);
            out.push_str(": ");
        }
        let mut line = String::new();
        inline(child, &mut line);
        let flat = inner + out.len() - start + line.len() <= WIDE;
        write(child, inner, flat, out);
    }
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
    out.push(close);
}

/// On one line, with blanks behind colons and commas.
fn inline(node: &Node, out: &mut String) {
    let (open, close) = match node.value {
        Value::Object => ('{', '}'),
        Value::Array => ('[', ']'),
        _ => return node.write_json(out),
    };
    out.push(open);
    for (index, child) in node.children.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        if open == '{' {
            write_json_string(&child.name, out);
            out.push_str(": ");
        }
        inline(child, out);
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::json::tree;

    #[test]
    fn short_things_stay_on_one_line() {
        let long = "x".repeat(60);
        let text = format!(
            r#"{{"n":1.50,"list":[1,2,{{"a":null}}],"deep":{{"text":"{long}","e":{{}}}},"none":[]}}"#
        );
        let node = tree(text.as_bytes(), 0).unwrap();
        let expected = format!(
            "{{\n  \"n\": 1.50,\n  \"list\": [1, 2, {{\"a\": null}}],\n  \"deep\": {{\n    \
             \"text\": \"{long}\",\n    \"e\": {{}}\n  }},\n  \"none\": []\n}}"
        );
        assert_eq!(json(&node), expected);
        let same = tree(json(&node).as_bytes(), 0).unwrap();
        assert_eq!(same.to_json(), node.to_json());
    }

    #[test]
    fn small_values_are_themselves() {
        for text in ["1", "{}", "[]", "[1, 2]", "\"a\\nb\"", "null"] {
            assert_eq!(json(&tree(text.as_bytes(), 0).unwrap()), text);
        }
    }
}
