//! Data to begin with: every field of a message, with a value of its type.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::body::{Node, Value};

use super::pretty;

/// Deepest message in a message that is spelt out.
const DEPTH: usize = 3;
/// Most values written; a message with more is to be written by hand.
const VALUES: usize = 400;

/// A JSON object with the message's fields in the order of their numbers; of fields that exclude
/// one another the first.
#[must_use]
pub fn of(message: &MessageDescriptor) -> String {
    pretty::json(&object(message, 0, &mut { VALUES }))
}

/// A value of a field to begin with, on one line.
#[must_use]
pub fn of_field(field: &FieldDescriptor) -> String {
    match member(field, DEPTH, &mut { VALUES }) {
        Some(node) => node.to_json(),
        None => "{}".to_owned(),
    }
}

fn object(message: &MessageDescriptor, depth: usize, left: &mut usize) -> Node {
    let mut fields: Vec<_> = message.fields().collect();
    fields.sort_by_key(FieldDescriptor::number);
    let mut chosen = Vec::new();
    let mut members = Vec::new();
    for field in fields {
        let oneof = field.containing_oneof().filter(|one| !one.is_synthetic());
        if let Some(oneof) = oneof {
            if chosen.contains(&oneof) {
                continue;
            }
            chosen.push(oneof);
        }
        if *left == 0 {
            break;
        }
        *left -= 1;
        members.extend(member(&field, depth, left));
    }
    Node::object("", members)
}

fn member(field: &FieldDescriptor, depth: usize, left: &mut usize) -> Option<Node> {
    let mut node = if field.is_map() {
        Node::object("", Vec::new())
    } else if field.is_list() {
        let element = match field.kind() {
            Kind::Message(message) => of_message(&message, depth, left),
            _ => None,
        };
        Node::array("", element.into_iter().collect())
    } else {
        value(&field.kind(), depth, left)?
    };
    field.name().clone_into(&mut node.name);
    Some(node)
}

fn value(kind: &Kind, depth: usize, left: &mut usize) -> Option<Node> {
    Some(match kind {
        Kind::Bool => Node::leaf("", Value::Bool(false)),
        Kind::String | Kind::Bytes => Node::text("", ""),
        Kind::Enum(kind) => {
            // The value for "not known" is rarely the one that is meant.
            let known = kind.values().find(|value| value.number() != 0);
            let value = known.unwrap_or_else(|| kind.default_value());
            Node::text("", value.name())
        }
        Kind::Message(message) => return of_message(message, depth, left),
        _ => Node::number("", 0),
    })
}

fn of_message(message: &MessageDescriptor, depth: usize, left: &mut usize) -> Option<Node> {
    let name = message.full_name();
    Some(
        match name.strip_prefix("google.protobuf.").unwrap_or_default() {
            "Timestamp" => Node::text("", "${now}"),
            "Duration" => Node::text("", "0s"),
            "FieldMask" | "StringValue" | "BytesValue" => Node::text("", ""),
            "BoolValue" => Node::leaf("", Value::Bool(false)),
            "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value"
            | "UInt32Value" => Node::number("", 0),
            "Struct" | "Empty" => Node::object("", Vec::new()),
            "ListValue" => Node::array("", Vec::new()),
            "Value" => Node::leaf("", Value::Null),
            // Nothing sensible to begin with.
            "Any" => return None,
            _ if depth >= DEPTH => return None,
            _ => object(message, depth + 1, left),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::{Context, parse};
    use crate::protocol::{Settings, System};
    use crate::schema::Schema;

    #[test]
    fn every_event_of_the_demo_can_be_sent_as_it_is_filled_in() {
        let schema = Schema::demo();
        assert!(!schema.rules().is_empty());
        for rule in schema.rules() {
            let kind = rule.written().event.as_deref().unwrap();
            let message = schema.message_for(kind).unwrap();
            let data = of(&message);
            let document = format!("{{\"events\":[{{\"type\":\"{kind}\",\"data\":{data}}}]}}");
            let mut context = Context::new(0, 1);
            let parsed = parse(
                &document,
                System::Raccoon,
                &Settings::default(),
                schema,
                &mut context,
            );
            assert!(parsed.is_ok(), "{data}\n{parsed:?}");
        }
    }

    #[test]
    fn fields_stand_in_order_with_values_of_their_types() {
        let message = Schema::demo().message("ClickEvent", "a test").unwrap();
        assert_eq!(
            of(&message),
            "{\n  \"button\": \"\",\n  \"at\": \"${now}\",\n  \
             \"visitor\": {\n    \"session\": \"\",\n    \"customer_id\": 0,\n    \
             \"country\": \"\"\n  },\n  \"device\": \"DEVICE_DESKTOP\",\n  \"position\": {\"x\": 0, \"y\": 0}\n}"
        );
    }

    #[test]
    fn messages_that_hold_themselves_end() {
        let pool = Schema::demo().pool();
        for message in pool.all_messages() {
            let text = of(&message);
            assert!(text.starts_with('{') && text.len() < 20_000, "{text}");
        }
    }
}
