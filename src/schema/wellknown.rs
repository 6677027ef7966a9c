//! Google's well-known types as the protobuf JSON mapping writes them: a timestamp is one line,
//! not an object of two numbers.
//!
//! A message is only made readable when nothing is lost by it; with unknown fields, doubled
//! fields or values out of range it stays the object it is.

use jiff::Timestamp;
use prost_reflect::MessageDescriptor;

use super::typed;
use crate::body::{Node, Value};

/// Seconds of 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, the range of the type.
const TIMESTAMP_RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
/// Seconds of about 10,000 years, the range of the type.
const DURATION_RANGE: std::ops::RangeInclusive<i64> = -315_576_000_000..=315_576_000_000;

/// `node` (all fields of one `message`) in its readable form, or as it is.
pub(super) fn readable(
    message: &MessageDescriptor,
    mut node: Node,
    depth: usize,
    left: &mut usize,
) -> Node {
    let Some(name) = message.full_name().strip_prefix("google.protobuf.") else {
        return node;
    };
    let better = match name {
        "Timestamp" => parts(&node).and_then(|(seconds, nanos)| timestamp(seconds, nanos)),
        "Duration" => parts(&node).and_then(|(seconds, nanos)| duration(seconds, nanos)),
        "Any" => any(message, &node, depth, left),
        "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value"
        | "UInt32Value" | "BoolValue" | "StringValue" | "BytesValue" => {
            let field = message.get_field_by_name("value");
            let empty = field.map(|field| typed::default(&field.kind()));
            only(&mut node, &["value"], empty).map(|inner| inner.with_hint(name))
        }
        "Struct" => {
            let empty = Node::object("", Vec::new());
            only(&mut node, &["fields"], Some(empty))
        }
        "ListValue" => {
            let empty = Node::array("", Vec::new());
            only(&mut node, &["values"], Some(empty))
        }
        "Value" => any_json(&mut node),
        _ => None,
    };
    better.unwrap_or(node)
}

/// Takes the only field out, if it has one of those names; `empty` if there is no field at all.
fn only(node: &mut Node, names: &[&str], empty: Option<Node>) -> Option<Node> {
    match node.children.as_slice() {
        [] => empty,
        [field] if names.contains(&field.name.as_str()) => node.children.pop(),
        _ => None,
    }
}

/// Seconds and nanoseconds, each at most once and nothing else.
fn parts(node: &Node) -> Option<(i64, i32)> {
    let (mut seconds, mut nanos) = (None, None);
    for field in &node.children {
        let Value::Number(number) = &field.value else {
            return None;
        };
        match field.name.as_str() {
            "seconds" if seconds.is_none() => seconds = Some(number.parse().ok()?),
            "nanos" if nanos.is_none() => nanos = Some(number.parse().ok()?),
            _ => return None,
        }
    }
    Some((seconds.unwrap_or(0), nanos.unwrap_or(0)))
}

fn timestamp(seconds: i64, nanos: i32) -> Option<Node> {
    if !TIMESTAMP_RANGE.contains(&seconds) || !(0..1_000_000_000).contains(&nanos) {
        return None;
    }
    // Before 1970 the sub-second part still counts forward.
    let whole = Timestamp::from_second(seconds).ok()?;
    let exact = whole
        .checked_add(jiff::SignedDuration::from_nanos(i64::from(nanos)))
        .ok()?;
    Some(Node::text("", exact.to_string()).with_hint("Timestamp"))
}

fn duration(seconds: i64, nanos: i32) -> Option<Node> {
    let same_sign = seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0);
    if !DURATION_RANGE.contains(&seconds) || nanos.abs() >= 1_000_000_000 || !same_sign {
        return None;
    }
    let sign = if seconds < 0 || nanos < 0 { "-" } else { "" };
    let mut text = format!("{sign}{}", seconds.abs());
    if nanos != 0 {
        let fraction = format!("{:09}", nanos.abs());
        text.push('.');
        text.push_str(fraction.trim_end_matches('0'));
    }
    text.push('s');
    Some(Node::text("", text).with_hint("Duration"))
}

/// `google.protobuf.Value`: whichever of its fields is set.
fn any_json(node: &mut Node) -> Option<Node> {
    let kinds = [
        "null_value",
        "number_value",
        "string_value",
        "bool_value",
        "struct_value",
        "list_value",
    ];
    let mut field = only(node, &kinds, None)?;
    if field.name == "null_value" {
        field.value = Value::Null;
    }
    Some(field)
}

/// `google.protobuf.Any` of a message the schema knows: its fields behind an `@type`.
fn any(message: &MessageDescriptor, node: &Node, depth: usize, left: &mut usize) -> Option<Node> {
    let url = node
        .child("type_url")
        .filter(|_| node.children.len() <= 2)?;
    let Value::Text(type_url) = &url.value else {
        return None;
    };
    let name = type_url.rsplit('/').next()?;
    let inner = message.parent_pool().get_message_by_name(name)?;
    let (bytes, at) = match node.child("value") {
        None => (&[][..], 0),
        Some(Node {
            value: Value::Bytes(bytes),
            span: Some(span),
            ..
        }) => (bytes.as_slice(), span.end - bytes.len()),
        Some(_) => return None,
    };
    if depth >= super::wire::DEPTH_MAX {
        return None;
    }
    let (decoded, outcome) = typed::nested(&inner, bytes, at, depth + 1, left);
    outcome.ok()?;
    let mut kind = url.clone();
    "@type".clone_into(&mut kind.name);
    let mut children = vec![kind];
    // Types with a JSON form of their own stand under `value`.
    if matches!(decoded.value, Value::Object) && !inner.full_name().starts_with("google.protobuf.")
    {
        children.extend(decoded.children);
    } else {
        let mut value = decoded;
        "value".clone_into(&mut value.name);
        children.push(value);
    }
    Some(Node::object("", children).with_hint(format!("Any of {name}")))
}
