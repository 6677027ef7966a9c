//! Dumps of raw values: unions with every arm spelled out, keys as 32 numbers.
//!
//! They start closed, the arms that are null are not shown, and what a value says in the end
//! stands beside it.

use super::add;
use crate::body::{Look, Node, Value};
use crate::protocol::savetowebsocket::strkey;

/// Longest text of a value's reading, in characters.
const TEXT_MAX: usize = 60;

/// True for a member known to hold dumps that does hold one: an object, or objects, whose members
/// begin with capitals.
pub(super) fn is_dump(node: &Node) -> bool {
    DUMPS.contains(&node.name.as_str())
        && (is_struct(node)
            || (node.value == Value::Array && node.children.first().is_some_and(is_struct)))
}

/// Members that hold dumps, of events and of what is nested in them.
const DUMPS: [&str; 15] = [
    "Transaction",
    "arguments_raw",
    "data",
    "data_raw",
    "event",
    "key",
    "key_raw",
    "new_value_raw",
    "old_value_raw",
    "post_state",
    "pre_state",
    "topic",
    "topics",
    "topics_raw",
    "val",
];

fn is_struct(node: &Node) -> bool {
    let mut names = node.children.iter().map(|child| child.name.as_bytes());
    node.value == Value::Object
        && !node.children.is_empty()
        && names.all(|name| name.first().is_some_and(u8::is_ascii_uppercase))
}

/// The member that says the same for people.
fn twin(name: &str) -> Option<&'static str> {
    Some(match name {
        "topic" => "topic_decoded",
        "topics" => "topics_decoded",
        "data" => "data_decoded",
        "arguments_raw" => "arguments_decoded",
        "key" | "key_raw" => "key_decoded",
        "val" => "val_decoded",
        _ => return None,
    })
}

/// Closes a dump and makes what is in it readable.
pub(super) fn fold(node: &mut Node) {
    node.look = Look::Closed;
    let hint = match twin(&node.name) {
        Some(twin) => format!("raw; {twin} says it for people"),
        None => "raw".to_owned(),
    };
    add(node, &hint);
    inside(node);
}

fn inside(node: &mut Node) {
    match node.value {
        Value::Object => {
            if let Some(said) = value(node) {
                add(node, &said);
                node.look = Look::Closed;
            }
            hide_empty_arms(node);
            for child in &mut node.children {
                inside(child);
            }
        }
        Value::Array => {
            if let Some(key) = key_of(node) {
                add(node, &key);
                node.look = Look::Closed;
                return;
            }
            for child in &mut node.children {
                inside(child);
            }
        }
        _ => {}
    }
}

/// Hides arms that are null beside one that is not, or beside the union's type.
fn hide_empty_arms(node: &mut Node) {
    let is_null = |child: &Node| child.value == Value::Null;
    let empty = node.children.iter().filter(|child| is_null(child)).count();
    if empty == 0 || empty == node.children.len() {
        return;
    }
    for child in node.children.iter_mut().filter(|child| is_null(child)) {
        child.look = Look::Hidden;
    }
    let arms = if empty == 1 { "arm" } else { "arms" };
    add(node, &format!("{empty} empty {arms} not shown"));
}

/// The bytes of an array of 32 numbers.
fn bytes(node: &Node) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if node.value != Value::Array || node.children.len() != bytes.len() {
        return None;
    }
    for (byte, child) in bytes.iter_mut().zip(&node.children) {
        let Value::Number(digits) = &child.value else {
            return None;
        };
        *byte = digits.parse().ok()?;
    }
    Some(bytes)
}

/// What 32 numbers are the key of.
fn key_of(node: &Node) -> Option<String> {
    let bytes = bytes(node)?;
    Some(match node.name.as_str() {
        "Ed25519" => strkey::account(&bytes),
        "ContractId" => strkey::contract(&bytes),
        "LiquidityPoolId" => strkey::encode(strkey::Kind::Pool, &bytes)?,
        _ => crate::hex::encode(&bytes),
    })
}

/// What a raw value (a union of 20 arms beside `Type`) says: `symbol "transfer"`,
/// `i128 1255000000`, `account GAV5…`.
fn value(node: &Node) -> Option<String> {
    let [kind, ..] = &node.children[..] else {
        return None;
    };
    if kind.name != "Type" || node.children.len() < 20 {
        return None;
    }
    let arm = node.children[1..]
        .iter()
        .find(|arm| arm.value != Value::Null);
    let Some(arm) = arm else {
        return Some("void".to_owned());
    };
    let name = match arm.name.as_str() {
        "B" => "bool",
        "Sym" => "symbol",
        "Str" => "string",
        _ => "",
    };
    Some(match &arm.value {
        Value::Bool(flag) => format!("bool {flag}"),
        Value::Text(text) if name.is_empty() => {
            format!("{} {}", arm.name.to_lowercase(), cut(text))
        }
        Value::Text(text) => format!("{name} “{}”", cut(text)),
        Value::Number(digits) => format!("{} {digits}", arm.name.to_lowercase()),
        Value::Object => match arm.name.as_str() {
            "U128" | "I128" => format!("{} {}", arm.name.to_lowercase(), wide(arm)?),
            "Address" => address(arm)?,
            _ => return Some(arm.name.to_lowercase()),
        },
        Value::Array => format!("{} of {}", arm.name.to_lowercase(), arm.children.len()),
        Value::Null | Value::Bytes(_) | Value::Unread(_) => return None,
    })
}

/// The number in two halves.
fn wide(arm: &Node) -> Option<String> {
    let half = |name| match &arm.child(name)?.value {
        Value::Number(digits) => Some(digits.as_str()),
        _ => None,
    };
    let low: u64 = half("Lo")?.parse().ok()?;
    Some(if arm.name == "I128" {
        let high: i64 = half("Hi")?.parse().ok()?;
        (i128::from(high) << 64 | i128::from(low)).to_string()
    } else {
        let high: u64 = half("Hi")?.parse().ok()?;
        (u128::from(high) << 64 | u128::from(low)).to_string()
    })
}

fn address(arm: &Node) -> Option<String> {
    if let Some(key) = arm
        .child("AccountId")
        .and_then(|account| account.child("Ed25519"))
    {
        return Some(format!("account {}", strkey::account(&bytes(key)?)));
    }
    let contract = arm.child("ContractId").and_then(bytes)?;
    Some(format!("contract {}", strkey::contract(&contract)))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
