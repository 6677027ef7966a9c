//! Google's well-known types in their own JSON forms.

use std::time::Duration;

use jiff::Timestamp;
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value};

use super::{Place, body as encode_body, members_of, value as encode_value};
use crate::schema::error::Misfit;
use crate::schema::put;

/// Appends the fields of a well-known type written in its own JSON form; `false` if `message` is
/// none, or is written as the object of its fields.
pub(super) fn body(
    message: &MessageDescriptor,
    json: &Value,
    place: &Place<'_>,
    out: &mut Vec<u8>,
) -> Result<bool, Misfit> {
    let Some(name) = message.full_name().strip_prefix("google.protobuf.") else {
        return Ok(false);
    };
    match (name, json) {
        ("Timestamp", Value::String(text)) => timestamp(text, json, place, out)?,
        ("Timestamp" | "Duration", Value::Object(_)) => return Ok(false),
        ("Timestamp", _) => return Err(place.expected(TIMESTAMP, json)),
        ("Duration", Value::String(text)) => duration(text, json, place, out)?,
        ("Duration", _) => return Err(place.expected(DURATION, json)),
        ("Value", _) => any_json(json, place, out)?,
        ("Struct", Value::Object(members)) => structure(members, place, out)?,
        ("ListValue", Value::Array(elements)) => list(elements, place, out)?,
        ("FieldMask", Value::String(paths)) => field_mask(paths, out),
        ("Any", Value::Object(members)) => return any(message, members, place, out),
        (
            "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value"
            | "UInt32Value" | "BoolValue" | "StringValue" | "BytesValue",
            json,
        ) if !json.is_object() => {
            if let Some(field) = message.get_field_by_name("value") {
                super::field(&field, json, place, out)?;
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// `null` is a value of its own for `google.protobuf.Value`, and absence for all others.
pub(super) fn takes_null(field: &FieldDescriptor) -> bool {
    !field.is_list()
        && !field.is_map()
        && matches!(field.kind(), Kind::Message(message)
            if message.full_name() == "google.protobuf.Value")
}

const TIMESTAMP: &str = "google.protobuf.Timestamp (a time such as 2026-01-31T12:00:00Z)";
const DURATION: &str = "google.protobuf.Duration (seconds such as 1.5s)";

fn timestamp(text: &str, json: &Value, place: &Place<'_>, out: &mut Vec<u8>) -> Result<(), Misfit> {
    let time: Timestamp = text.parse().map_err(|_| place.expected(TIMESTAMP, json))?;
    // The sub-second part of the type counts forward, also before 1970.
    let nanos = i64::from(time.subsec_nanosecond());
    let (seconds, nanos) = if nanos < 0 {
        (time.as_second() - 1, nanos + 1_000_000_000)
    } else {
        (time.as_second(), nanos)
    };
    seconds_and_nanos(seconds, nanos, out);
    Ok(())
}

fn duration(text: &str, json: &Value, place: &Place<'_>, out: &mut Vec<u8>) -> Result<(), Misfit> {
    let (seconds, nanos) = exact_seconds(text)
        .or_else(|| {
            // What people write elsewhere (`500ms`, `1m30s`) is clear enough.
            let span: Duration = crate::duration::parse(text).ok()?;
            let seconds = i64::try_from(span.as_secs()).ok()?;
            Some((seconds, i64::from(span.subsec_nanos())))
        })
        .ok_or_else(|| place.expected(DURATION, json))?;
    seconds_and_nanos(seconds, nanos, out);
    Ok(())
}

/// `-1.5s` as (-1, -500000000); `None` if it is spelled otherwise or has more than 9 decimals.
fn exact_seconds(text: &str) -> Option<(i64, i64)> {
    let digits = text.strip_suffix('s')?;
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, digits),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 9 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    let nanos: i64 = format!("{fraction:0<9}").parse().ok()?;
    Some((sign * seconds, sign * nanos))
}

fn seconds_and_nanos(seconds: i64, nanos: i64, out: &mut Vec<u8>) {
    if seconds != 0 {
        put::number(out, 1, seconds.cast_unsigned());
    }
    if nanos != 0 {
        put::number(out, 2, nanos.cast_unsigned());
    }
}

/// The fields of a `google.protobuf.Value`.
fn any_json(json: &Value, place: &Place<'_>, out: &mut Vec<u8>) -> Result<(), Misfit> {
    if place.depth > super::DEPTH_MAX {
        return Err(place.misfit("nested too deep"));
    }
    match json {
        Value::Null => put::number(out, 1, 0),
        Value::Number(_) => {
            put::tag(out, 2, 1);
            encode_value(&Kind::Double, json, place, out)?;
        }
        Value::String(text) => put::bytes(out, 3, text.as_bytes()),
        Value::Bool(flag) => put::number(out, 4, u64::from(*flag)),
        Value::Object(members) => {
            let mut inner = Vec::new();
            structure(members, place, &mut inner)?;
            put::bytes(out, 5, &inner);
        }
        Value::Array(elements) => {
            let mut inner = Vec::new();
            list(elements, place, &mut inner)?;
            put::bytes(out, 6, &inner);
        }
    }
    Ok(())
}

fn structure(
    members: &Map<String, Value>,
    place: &Place<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    for (name, member) in members {
        let mut value = Vec::new();
        any_json(member, &place.member(name), &mut value)?;
        let mut entry = Vec::new();
        put::bytes(&mut entry, 1, name.as_bytes());
        put::bytes(&mut entry, 2, &value);
        put::bytes(out, 1, &entry);
    }
    Ok(())
}

fn list(elements: &[Value], place: &Place<'_>, out: &mut Vec<u8>) -> Result<(), Misfit> {
    for (index, element) in elements.iter().enumerate() {
        let mut value = Vec::new();
        any_json(element, &place.index(index), &mut value)?;
        put::bytes(out, 1, &value);
    }
    Ok(())
}

/// `user.displayName,photo` as the repeated `user.display_name`, `photo`.
fn field_mask(paths: &str, out: &mut Vec<u8>) {
    for path in paths.split(',').filter(|path| !path.is_empty()) {
        let mut snake = String::new();
        for c in path.chars() {
            if c.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(c.to_ascii_lowercase());
        }
        put::bytes(out, 1, snake.as_bytes());
    }
}

/// An object with `@type`; `false` if it has none and is written as the object of its fields.
fn any(
    message: &MessageDescriptor,
    members: &Map<String, Value>,
    place: &Place<'_>,
    out: &mut Vec<u8>,
) -> Result<bool, Misfit> {
    let Some(kind) = members.get("@type") else {
        return Ok(false);
    };
    let Value::String(url) = kind else {
        return Err(place.member("@type").expected("a type name", kind));
    };
    let name = url.rsplit('/').next().unwrap_or(url);
    let Some(inner) = message.parent_pool().get_message_by_name(name) else {
        let place = place.member("@type");
        return Err(place.misfit(format!("no schema defines the message `{name}`")));
    };
    let mut value = Vec::new();
    if name.starts_with("google.protobuf.") {
        let json = members.get("value").unwrap_or(&Value::Null);
        encode_body(&inner, json, &place.member("value"), &mut value)?;
    } else {
        let mut rest = members.clone();
        rest.shift_remove("@type");
        members_of(&inner, &rest, &place.inside(super::Step::Root), &mut value)?;
    }
    put::bytes(out, 1, url.as_bytes());
    if !value.is_empty() {
        put::bytes(out, 2, &value);
    }
    Ok(true)
}
