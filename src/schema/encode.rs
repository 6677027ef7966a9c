//! JSON to protobuf by a descriptor, with errors that say where and what was expected.

mod scalar;
mod wellknown;

use std::fmt::Write as _;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value};

use super::error::Misfit;
use super::put;
use super::typed::{is_packable, wire_of};
use crate::nearest;

/// Deepest nesting written; what readers take.
const DEPTH_MAX: usize = super::wire::DEPTH_MAX;

/// Where in the JSON we are, as a chain on the stack.
#[derive(Clone, Copy)]
struct Place<'a> {
    outer: Option<&'a Place<'a>>,
    step: Step<'a>,
    depth: usize,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    const ROOT: Self = Self {
        outer: None,
        step: Step::Root,
        depth: 0,
    };

    fn member(&'a self, name: &'a str) -> Self {
        self.inside(Step::Member(name))
    }

    fn index(&'a self, index: usize) -> Self {
        self.inside(Step::Index(index))
    }

    fn inside(&'a self, step: Step<'a>) -> Self {
        Self {
            outer: Some(self),
            step,
            depth: self.depth + 1,
        }
    }

    fn path(&self) -> String {
        let mut path = self.outer.map(Place::path).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Member(name) if path.is_empty() => path.push_str(name),
            Step::Member(name) => {
                path.push('.');
                path.push_str(name);
            }
            // Writing to a string cannot fail.
            Step::Index(index) => drop(write!(path, "[{index}]")),
        }
        path
    }

    fn misfit(&self, what: impl Into<String>) -> Misfit {
        Misfit {
            path: self.path(),
            what: what.into(),
        }
    }

    fn expected(&self, expected: &str, found: &Value) -> Misfit {
        self.misfit(format!("expected {expected}, found {}", shown(found)))
    }
}

/// A value as an error message shows it: its kind, and itself if it is short.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) if text.chars().count() <= 40 => format!("the string {value}"),
        Value::String(text) => format!("a string of {} characters", text.chars().count()),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// Encodes `json` as `message`.
pub(super) fn message(message: &MessageDescriptor, json: &Value) -> Result<Vec<u8>, Misfit> {
    let mut out = Vec::new();
    body(message, json, &Place::ROOT, &mut out)?;
    Ok(out)
}

/// Appends the fields of a message, without a length in front.
fn body(
    message: &MessageDescriptor,
    json: &Value,
    place: &Place<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    if place.depth > DEPTH_MAX {
        return Err(place.misfit(format!("nested deeper than {DEPTH_MAX} levels")));
    }
    if wellknown::body(message, json, place, out)? {
        return Ok(());
    }
    let Value::Object(members) = json else {
        return Err(place.expected(&format!("an object ({})", message.full_name()), json));
    };
    members_of(message, members, place, out)
}

fn members_of(
    message: &MessageDescriptor,
    members: &Map<String, Value>,
    place: &Place<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    let mut fields: Vec<(FieldDescriptor, &str, &Value)> = Vec::with_capacity(members.len());
    for (name, value) in members {
        let field = find(message, name, place)?;
        let same = |(other, ..): &&(FieldDescriptor, &str, &Value)| {
            other.number() == field.number()
                || !value.is_null()
                    && field.containing_oneof().is_some()
                    && field.containing_oneof() == other.containing_oneof()
        };
        if let Some((_, other, _)) = fields.iter().find(same) {
            return Err(place.member(name).misfit(format!(
                "`{other}` is set as well, and only one of the two can be"
            )));
        }
        // `null` is how the mapping spells "not there".
        if !value.is_null() || wellknown::takes_null(&field) {
            fields.push((field, name, value));
        }
    }
    if let Some(missing) = message.fields().find(|field| {
        field.is_required()
            && !fields
                .iter()
                .any(|(given, ..)| given.number() == field.number())
    }) {
        return Err(place.misfit(format!(
            "the required field `{}` ({}) is missing",
            missing.name(),
            kind_name(&missing.kind())
        )));
    }
    fields.sort_by_key(|(field, ..)| field.number());
    for (field, name, value) in fields {
        self::field(&field, value, &place.member(name), out)?;
    }
    Ok(())
}

fn find(
    message: &MessageDescriptor,
    name: &str,
    place: &Place<'_>,
) -> Result<FieldDescriptor, Misfit> {
    if let Some(field) = message
        .get_field_by_name(name)
        .or_else(|| message.get_field_by_json_name(name))
    {
        return Ok(field);
    }
    let fields: Vec<_> = message.fields().collect();
    let names = fields.iter().map(FieldDescriptor::name);
    let advice = match nearest::one(name, names.clone()) {
        Some(near) => format!("the nearest is `{near}`"),
        None if fields.is_empty() => "it has no fields at all".to_owned(),
        None => {
            let names: Vec<_> = names.take(NAMES_SHOWN).collect();
            format!("it has {}", names.join(", "))
        }
    };
    // The outermost message is named by whoever reports this.
    let what = match place.step {
        Step::Root => format!("there is no such field; {advice}"),
        _ => format!("{} has no such field; {advice}", message.full_name()),
    };
    Err(place.member(name).misfit(what))
}

const NAMES_SHOWN: usize = 12;

fn field(
    field: &FieldDescriptor,
    json: &Value,
    place: &Place<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    let kind = field.kind();
    if let (true, Kind::Message(entry)) = (field.is_map(), &kind) {
        return map(field, entry, json, place, out);
    }
    if field.is_list() {
        return list(field, &kind, json, place, out);
    }
    let mut content = Vec::new();
    value(&kind, json, place, &mut content)?;
    if !field.supports_presence() && is_default(&kind, &content) {
        return Ok(());
    }
    put_field(field, &kind, &content, out);
    Ok(())
}

fn list(
    field: &FieldDescriptor,
    kind: &Kind,
    json: &Value,
    place: &Place<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    let Value::Array(elements) = json else {
        let expected = format!("an array (repeated {})", kind_name(kind));
        return Err(place.expected(&expected, json));
    };
    let is_packed = is_packed(field, kind);
    let mut packed = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        let place = place.index(index);
        let mut content = Vec::new();
        value(kind, element, &place, &mut content)?;
        if is_packed {
            packed.extend_from_slice(&content);
        } else {
            put_field(field, kind, &content, out);
        }
    }
    if !packed.is_empty() {
        put::bytes(out, field.number(), &packed);
    }
    Ok(())
}

/// The descriptor's own answer misses a `[packed = false]` of a file compiled just now.
fn is_packed(field: &FieldDescriptor, kind: &Kind) -> bool {
    let options = field.field_descriptor_proto().options.as_ref();
    let told = options.and_then(|options| options.packed);
    is_packable(kind) && told.unwrap_or_else(|| field.is_packed())
}

fn map(
    field: &FieldDescriptor,
    entry: &MessageDescriptor,
    json: &Value,
    place: &Place<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    let (key_field, value_field) = (entry.map_entry_key_field(), entry.map_entry_value_field());
    let Value::Object(members) = json else {
        let expected = format!(
            "an object (map from {} to {})",
            kind_name(&key_field.kind()),
            kind_name(&value_field.kind())
        );
        return Err(place.expected(&expected, json));
    };
    for (name, member) in members {
        let place = place.member(name);
        let mut content = Vec::new();
        let mut key = Vec::new();
        scalar::map_key(&key_field.kind(), name, &place, &mut key)?;
        put_field(&key_field, &key_field.kind(), &key, &mut content);
        let mut bytes = Vec::new();
        value(&value_field.kind(), member, &place, &mut bytes)?;
        put_field(&value_field, &value_field.kind(), &bytes, &mut content);
        put::bytes(out, field.number(), &content);
    }
    Ok(())
}

/// The content of one value, without tag and length.
fn value(kind: &Kind, json: &Value, place: &Place<'_>, out: &mut Vec<u8>) -> Result<(), Misfit> {
    match kind {
        Kind::Message(message) => body(message, json, place, out),
        _ => scalar::value(kind, json, place, out),
    }
}

fn put_field(field: &FieldDescriptor, kind: &Kind, content: &[u8], out: &mut Vec<u8>) {
    if field.is_group() {
        put::tag(out, field.number(), 3);
        out.extend_from_slice(content);
        put::tag(out, field.number(), 4);
    } else if is_packable(kind) {
        put::tag(out, field.number(), wire_of(kind).number());
        out.extend_from_slice(content);
    } else {
        put::bytes(out, field.number(), content);
    }
}

/// True if a reader takes the field for this when it is not there.
fn is_default(kind: &Kind, content: &[u8]) -> bool {
    match kind {
        Kind::Message(_) => false,
        Kind::String | Kind::Bytes => content.is_empty(),
        _ => content.iter().all(|byte| *byte == 0),
    }
}

/// The type as a `.proto` file spells it.
fn kind_name(kind: &Kind) -> String {
    // The `Debug` form of a kind is exactly that.
    format!("{kind:?}")
}
