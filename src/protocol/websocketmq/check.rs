//! What is refused before it is sent, because the broker would ignore it or hang up.

use bytes::Bytes;

use super::outgoing::SIZE_MAX;
use crate::protocol::CommandError;
use crate::schema::gojson;

/// A topic must not be empty.
pub(super) fn topic_given(topic: &str, what: &str) -> Result<(), CommandError> {
    if topic.is_empty() {
        return Err(CommandError::Invalid(format!(
            "the {what} was not sent: it needs a topic, and the broker would ignore or refuse an empty one"
        )));
    }
    Ok(())
}

/// A payload must be one JSON value.
pub(super) fn payload_given(payload: Option<&Bytes>) -> Result<(), CommandError> {
    let Some(payload) = payload else {
        return Ok(());
    };
    gojson::Value::parse(payload).map(drop).map_err(|error| {
        CommandError::Invalid(format!(
            "the message was not sent: its payload is {error}, and the broker would close the connection over it"
        ))
    })
}

/// A message must not be larger than the broker takes.
pub(super) fn size(message: Vec<u8>) -> Result<Vec<u8>, CommandError> {
    if message.len() > SIZE_MAX {
        return Err(CommandError::Invalid(format!(
            "the message was not sent: it has {} bytes, and the broker closes with 1009 beyond {}",
            message.len(),
            SIZE_MAX
        )));
    }
    Ok(message)
}
