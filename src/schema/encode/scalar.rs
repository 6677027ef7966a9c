//! Values that are no messages, as the protobuf JSON mapping spells them.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use prost_reflect::prost_types::EnumValueDescriptorProto;
use prost_reflect::{EnumDescriptor, Kind};
use serde_json::Value;

use super::{Place, kind_name};
use crate::nearest;
use crate::schema::error::Misfit;
use crate::schema::put;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Appends the content of a value that is no message.
pub(super) fn value(
    kind: &Kind,
    json: &Value,
    place: &Place<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    let expected = || place.expected(&kind_name(kind), json);
    match kind {
        Kind::String => match json {
            Value::String(text) => out.extend_from_slice(text.as_bytes()),
            _ => return Err(expected()),
        },
        Kind::Bytes => out.extend_from_slice(&bytes(json, place)?),
        Kind::Bool => match json {
            Value::Bool(flag) => out.push(u8::from(*flag)),
            _ => return Err(expected()),
        },
        Kind::Double => out.extend_from_slice(&float(json).ok_or_else(expected)?.to_le_bytes()),
        Kind::Float => {
            let wide = float(json).ok_or_else(expected)?;
            let value = wide as f32;
            if value.is_infinite() && wide.is_finite() {
                return Err(place.expected("float (the number is out of its range)", json));
            }
            out.extend_from_slice(&value.to_le_bytes());
        }
        Kind::Enum(kind) => put::varint(
            out,
            i64::from(number_of(kind, json, place)?).cast_unsigned(),
        ),
        _ => {
            let text = match json {
                Value::Number(number) => number.to_string(),
                Value::String(text) => text.clone(),
                _ => return Err(expected()),
            };
            integer(kind, &text, out).map_err(|why| {
                let name = kind_name(kind);
                place.expected(&format!("{name} ({why})"), json)
            })?;
        }
    }
    Ok(())
}

/// Appends the content of a map's key, which JSON can only spell as a member name.
pub(super) fn map_key(
    kind: &Kind,
    name: &str,
    place: &Place<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    let expected = |why: &str| {
        let kind = kind_name(kind);
        place.misfit(format!(
            "expected a key that is {kind}, found {name:?}{why}"
        ))
    };
    match (kind, name) {
        (Kind::String, _) => out.extend_from_slice(name.as_bytes()),
        (Kind::Bool, "true" | "false") => out.push(u8::from(name == "true")),
        (Kind::Bool, _) => return Err(expected("")),
        _ => integer(kind, name, out).map_err(|why| expected(&format!(" ({why})")))?,
    }
    Ok(())
}

/// Appends an integer kind; the error says why the text is none.
fn integer(kind: &Kind, text: &str, out: &mut Vec<u8>) -> Result<(), &'static str> {
    let number = whole(text).ok_or("a whole number")?;
    let out_of_range = "the number is out of its range";
    let signed = |bits: u32| {
        let limit = 1_i128 << (bits - 1);
        (-limit..limit).contains(&number).then_some(number as i64)
    };
    let unsigned = |bits: u32| {
        (0..1_i128 << bits)
            .contains(&number)
            .then_some(number as u64)
    };
    match kind {
        Kind::Int32 => put::varint(out, signed(32).ok_or(out_of_range)?.cast_unsigned()),
        Kind::Int64 => put::varint(out, signed(64).ok_or(out_of_range)?.cast_unsigned()),
        Kind::Uint32 => put::varint(out, unsigned(32).ok_or(out_of_range)?),
        Kind::Uint64 => put::varint(out, unsigned(64).ok_or(out_of_range)?),
        Kind::Sint32 => put::varint(out, zigzag(signed(32).ok_or(out_of_range)?)),
        Kind::Sint64 => put::varint(out, zigzag(signed(64).ok_or(out_of_range)?)),
        Kind::Fixed32 => {
            let value = unsigned(32).ok_or(out_of_range)? as u32;
            out.extend_from_slice(&value.to_le_bytes());
        }
        Kind::Sfixed32 => {
            let value = signed(32).ok_or(out_of_range)? as i32;
            out.extend_from_slice(&value.to_le_bytes());
        }
        Kind::Fixed64 => {
            out.extend_from_slice(&unsigned(64).ok_or(out_of_range)?.to_le_bytes());
        }
        Kind::Sfixed64 => out.extend_from_slice(&signed(64).ok_or(out_of_range)?.to_le_bytes()),
        _ => return Err("not an integer type"),
    }
    Ok(())
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

/// A whole number in JSON spelling; `1.0` and `1e3` are whole as well.
fn whole(text: &str) -> Option<i128> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let number: f64 = text.parse().ok()?;
    // Beyond 2^53 a float no longer says which whole number was meant.
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i128)
}

fn float(json: &Value) -> Option<f64> {
    let text = match json {
        Value::Number(number) => number.to_string(),
        Value::String(text) => match text.as_str() {
            "NaN" => return Some(f64::NAN),
            "Infinity" => return Some(f64::INFINITY),
            "-Infinity" => return Some(f64::NEG_INFINITY),
            _ => text.clone(),
        },
        _ => return None,
    };
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

fn bytes(json: &Value, place: &Place<'_>) -> Result<Vec<u8>, Misfit> {
    let expected = || place.expected("bytes (a base64 string)", json);
    let Value::String(text) = json else {
        return Err(expected());
    };
    STANDARD
        .decode(text)
        .or_else(|_| URL_SAFE.decode(text))
        .map_err(|_| expected())
}

fn number_of(kind: &EnumDescriptor, json: &Value, place: &Place<'_>) -> Result<i32, Misfit> {
    match json {
        Value::Number(number) => match whole(&number.to_string()).map(i32::try_from) {
            Some(Ok(number)) => Ok(number),
            _ => Err(place.expected(&format!("a number of {}", kind.full_name()), json)),
        },
        Value::String(name) => match kind.get_value_by_name(name) {
            Some(value) => Ok(value.number()),
            None => Err(unknown_value(kind, name, place)),
        },
        _ => Err(place.expected(&format!("a value of {}", kind.full_name()), json)),
    }
}

fn unknown_value(kind: &EnumDescriptor, name: &str, place: &Place<'_>) -> Misfit {
    let names = kind
        .enum_descriptor_proto()
        .value
        .iter()
        .map(EnumValueDescriptorProto::name);
    let advice = match nearest::one(name, names.clone()) {
        Some(near) => format!("the nearest is `{near}`"),
        None => format!("it has {}", names.take(12).collect::<Vec<_>>().join(", ")),
    };
    place.misfit(format!(
        "{} has no value {name:?}; {advice}",
        kind.full_name()
    ))
}
