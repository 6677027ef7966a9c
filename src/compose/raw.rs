//! Frames exactly as given, in every system: `{"text":…}`, `{"hex":…}`, `{"base64":…}`,
//! `{"ping":…}`, `{"pong":…}`, `{"close":…,"reason":…}`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::Prepared;
use super::document::Field;
use super::error::ComposeError;
use crate::hex;
use crate::protocol::{Command, Outgoing, System};

const KINDS: [&str; 6] = ["text", "hex", "base64", "ping", "pong", "close"];

/// Most payload bytes of a control frame (RFC 6455 § 5.5).
const CONTROL_MAX: usize = 125;

/// The raw frame, if the document is one.
///
/// Other keys beside make it something else where a system's own messages may have such keys:
/// a generic system's `{"text":"hi","user":1}` is a message as it stands.
pub(super) fn prepare(whole: &Field<'_>, system: System) -> Result<Option<Prepared>, ComposeError> {
    let Some(kind) = KINDS
        .into_iter()
        .find(|kind| whole.node.child(kind).is_some())
    else {
        return Ok(None);
    };
    let known = if kind == "close" {
        &["close", "reason"][..]
    } else {
        &[kind][..]
    };
    let all_known = whole
        .children()
        .all(|member| known.contains(&member.node.name.as_str()));
    if system == System::Generic && (!all_known || !has_fitting_value(whole, kind)) {
        return Ok(None);
    }
    whole.keys(known, |_| None)?;
    let Some(value) = whole.member(kind) else {
        return Ok(None);
    };
    let frame = match kind {
        "text" => Outgoing::Text(Bytes::from(value.text()?.to_owned())),
        "hex" | "base64" => Outgoing::Binary(bytes(&value)?.into()),
        "ping" => Outgoing::Ping(control(&value)?),
        "pong" => Outgoing::Pong(control(&value)?),
        _ => close(&value, whole.member("reason"))?,
    };
    let label = match &frame {
        Outgoing::Text(text) => format!("text, {} bytes", text.len()),
        Outgoing::Binary(bytes) => format!("binary, {} bytes", bytes.len()),
        Outgoing::Call(call) => format!("{}, {} bytes", call.route.name(), call.body.len()),
        Outgoing::Ping(_) => "ping".to_owned(),
        Outgoing::Pong(_) => "pong".to_owned(),
        Outgoing::Close { code, .. } => format!("close {code}"),
    };
    let expects_reply = matches!(frame, Outgoing::Ping(_));
    Ok(Some(Prepared {
        expects_reply,
        ..Prepared::silent(Command::Raw(frame), label)
    }))
}

/// `{"close":true}` or `{"text":{…}}` can only be a generic system's own message.
fn has_fitting_value(whole: &Field<'_>, kind: &str) -> bool {
    let Some(value) = whole.member(kind) else {
        return false;
    };
    match kind {
        "close" => value.integer().is_ok(),
        _ => value.text().is_ok(),
    }
}

/// The bytes of a `hex` or `base64` member, by its name.
pub(super) fn bytes(value: &Field<'_>) -> Result<Vec<u8>, ComposeError> {
    let text = value.text()?;
    if value.node.name == "hex" {
        return hex::decode(text).map_err(|error| value.invalid(format!("is not hex: {error}")));
    }
    let packed: String = text.split_whitespace().collect();
    STANDARD
        .decode(packed)
        .map_err(|error| value.invalid(format!("is not padded standard base64: {error}")))
}

fn control(value: &Field<'_>) -> Result<Bytes, ComposeError> {
    let text = value.text()?;
    if text.len() > CONTROL_MAX {
        return Err(value.invalid(format!(
            "has {} bytes; a control frame takes at most {CONTROL_MAX}",
            text.len()
        )));
    }
    Ok(Bytes::from(text.to_owned()))
}

fn close(code: &Field<'_>, reason: Option<Field<'_>>) -> Result<Outgoing, ComposeError> {
    let number = code.integer()?;
    // RFC 6455 § 7.4: what may stand in a close frame.
    let may_be_sent = matches!(number, 1000..=1003 | 1007..=1014 | 3000..=4999);
    if !may_be_sent {
        return Err(code.invalid(format!(
            "is {number}, which may not stand in a close frame; use 1000, 1001 or 3000 to 4999"
        )));
    }
    let text = match &reason {
        Some(reason) => reason.text()?,
        None => "",
    };
    if let Some(reason) = reason.filter(|_| text.len() > CONTROL_MAX - 2) {
        return Err(reason.invalid(format!(
            "has {} bytes; a close frame has room for {}",
            text.len(),
            CONTROL_MAX - 2
        )));
    }
    Ok(Outgoing::Close {
        code: number as u16,
        reason: text.to_owned(),
    })
}
